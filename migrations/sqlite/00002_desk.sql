-- +goose Up
-- The daily work of a desk: who people are, what they write beside the talk, what they are told.

ALTER TABLE agents ADD COLUMN display_name text NOT NULL DEFAULT '';
ALTER TABLE agents ADD COLUMN password_hash text NOT NULL DEFAULT '';    -- argon2id; empty: no password, tokens only
ALTER TABLE agents ADD COLUMN time_zone text NOT NULL DEFAULT '';        -- IANA name; empty: the inbox's
ALTER TABLE agents ADD COLUMN auto_offline boolean NOT NULL DEFAULT true;
ALTER TABLE agents ADD COLUMN seen_at datetime;                       -- last sign of life
ALTER TABLE agents ADD COLUMN removed_at datetime;                    -- gone, but their messages keep a name
ALTER TABLE agents ADD COLUMN email_flags text NOT NULL DEFAULT '["conversation_assignment"]';
ALTER TABLE agents ADD COLUMN push_flags text NOT NULL DEFAULT '["conversation_assignment"]';

CREATE TABLE sessions (
    hash       text PRIMARY KEY,             -- SHA-256 of the cookie, hexadecimal
    agent_id   integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at datetime NOT NULL,
    expires_at datetime NOT NULL
);
CREATE INDEX sessions_agent ON sessions (agent_id);

CREATE TABLE agent_bots (
    id           integer PRIMARY KEY AUTOINCREMENT,
    name         text NOT NULL,
    description  text NOT NULL DEFAULT '',
    outgoing_url text NOT NULL DEFAULT '',
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL
);

CREATE TABLE bot_tokens (
    hash         text PRIMARY KEY,           -- SHA-256 of the token, hexadecimal
    agent_bot_id integer NOT NULL REFERENCES agent_bots (id) ON DELETE CASCADE,
    created_at   datetime NOT NULL
);

ALTER TABLE inboxes ADD COLUMN agent_bot_id integer REFERENCES agent_bots (id);

ALTER TABLE inbox_members ADD COLUMN last_assigned_at datetime;       -- by the router; least recent first

ALTER TABLE teams ADD COLUMN allow_auto_assign boolean NOT NULL DEFAULT true;

CREATE TABLE team_members (
    team_id  integer NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    agent_id integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_members_agent ON team_members (agent_id);

CREATE INDEX conversations_unassigned ON conversations (inbox_id, id) WHERE status = 'open' AND assignee_id IS NULL;

CREATE TABLE labels (
    id              integer PRIMARY KEY AUTOINCREMENT,
    title           text NOT NULL UNIQUE,
    description     text NOT NULL DEFAULT '',
    color           text NOT NULL DEFAULT '#1f93ff',
    show_on_sidebar boolean NOT NULL DEFAULT true,
    created_at      datetime NOT NULL,
    updated_at      datetime NOT NULL
);

CREATE TABLE canned_responses (
    id         integer PRIMARY KEY AUTOINCREMENT,
    short_code text NOT NULL UNIQUE,
    content    text NOT NULL,
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);

CREATE TABLE attachments (
    id              integer PRIMARY KEY AUTOINCREMENT,
    message_id      integer NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    file_type       text NOT NULL CHECK (file_type IN ('image', 'audio', 'video', 'file')),
    content_type    text NOT NULL,           -- sniffed, never what the sender says
    file_name       text NOT NULL,
    file_size       integer NOT NULL,
    storage_key     text NOT NULL UNIQUE,    -- unguessable; where the file lies
    created_at      datetime NOT NULL
);
CREATE INDEX attachments_message ON attachments (message_id);
CREATE INDEX attachments_conversation ON attachments (conversation_id, id);

CREATE TABLE deleted_messages (              -- what a tombstone hides, for administrators
    message_id         integer PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    content            text NOT NULL,
    content_type       text NOT NULL,
    content_attributes text NOT NULL,
    deleted_by         integer NOT NULL,      -- agent
    deleted_at         datetime NOT NULL
);

CREATE TABLE drafts (
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent_id        integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    content         text NOT NULL,
    updated_at      datetime NOT NULL,
    PRIMARY KEY (conversation_id, agent_id)
);

CREATE TABLE participants (                  -- agents who follow a conversation
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent_id        integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at      datetime NOT NULL,
    PRIMARY KEY (conversation_id, agent_id)
);
CREATE INDEX participants_agent ON participants (agent_id, conversation_id);

CREATE TABLE mentions (
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent_id        integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    mentioned_at    datetime NOT NULL,
    PRIMARY KEY (conversation_id, agent_id)
);
CREATE INDEX mentions_agent ON mentions (agent_id, mentioned_at DESC);

CREATE TABLE notifications (
    id              integer PRIMARY KEY AUTOINCREMENT,
    agent_id        integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    kind            text NOT NULL,
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    message_id      integer REFERENCES messages (id) ON DELETE CASCADE,
    actor_type      text NOT NULL DEFAULT '',
    actor_id        integer NOT NULL DEFAULT 0,
    read_at         datetime,
    snoozed_until   datetime,
    created_at      datetime NOT NULL,
    updated_at      datetime NOT NULL
);
CREATE INDEX notifications_agent ON notifications (agent_id, created_at DESC, id DESC);
CREATE INDEX notifications_unread ON notifications (agent_id) WHERE read_at IS NULL;
CREATE INDEX notifications_conversation ON notifications (conversation_id);

CREATE TABLE contact_labels (
    contact_id integer NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    label      text NOT NULL,
    PRIMARY KEY (contact_id, label)
);
CREATE INDEX contact_labels_label ON contact_labels (label, contact_id);

CREATE TABLE contact_notes (
    id         integer PRIMARY KEY AUTOINCREMENT,
    contact_id integer NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    agent_id   integer NOT NULL,
    content    text NOT NULL,
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);
CREATE INDEX contact_notes_contact ON contact_notes (contact_id, id DESC);
CREATE INDEX contacts_activity ON contacts (last_activity_at DESC, id DESC);
CREATE INDEX contacts_name ON contacts (name, id);

-- +goose Down
DROP INDEX contacts_name;
DROP INDEX contacts_activity;
DROP TABLE contact_notes;
DROP TABLE contact_labels;
DROP TABLE notifications;
DROP TABLE mentions;
DROP TABLE participants;
DROP TABLE drafts;
DROP TABLE deleted_messages;
DROP TABLE attachments;
DROP TABLE canned_responses;
DROP TABLE labels;
DROP INDEX conversations_unassigned;
DROP TABLE team_members;
ALTER TABLE teams DROP COLUMN allow_auto_assign;
ALTER TABLE inbox_members DROP COLUMN last_assigned_at;
ALTER TABLE inboxes DROP COLUMN agent_bot_id;
DROP TABLE bot_tokens;
DROP TABLE agent_bots;
DROP TABLE sessions;
ALTER TABLE agents DROP COLUMN push_flags;
ALTER TABLE agents DROP COLUMN email_flags;
ALTER TABLE agents DROP COLUMN removed_at;
ALTER TABLE agents DROP COLUMN seen_at;
ALTER TABLE agents DROP COLUMN auto_offline;
ALTER TABLE agents DROP COLUMN time_zone;
ALTER TABLE agents DROP COLUMN password_hash;
ALTER TABLE agents DROP COLUMN display_name;
