-- +goose Up
-- The rules of package router stand here once more, so that no other writer can break them.

CREATE TABLE flows (
    hash       text PRIMARY KEY,             -- SHA-256 of source, hexadecimal
    name       text NOT NULL,
    source     text NOT NULL,                -- YAML, format of package bot/flow
    created_at datetime NOT NULL
);

CREATE TABLE inboxes (
    id         integer PRIMARY KEY AUTOINCREMENT,
    identifier text NOT NULL UNIQUE,         -- in public addresses
    name       text NOT NULL,
    channel    text NOT NULL CHECK (channel IN ('web_widget', 'api')),
    origin     text NOT NULL CHECK (origin IN ('file', 'api')),
    settings   text NOT NULL,               -- router.InboxSettings
    flow_hash  text REFERENCES flows (hash), -- NULL: no bot
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);

CREATE TABLE agents (
    id           integer PRIMARY KEY AUTOINCREMENT,
    name         text NOT NULL,
    email        text NOT NULL UNIQUE,
    role         text NOT NULL CHECK (role IN ('agent', 'administrator')),
    availability text NOT NULL DEFAULT 'online' CHECK (availability IN ('online', 'busy', 'offline')),
    created_at   datetime NOT NULL,
    updated_at   datetime NOT NULL
);

CREATE TABLE access_tokens (
    hash       text PRIMARY KEY,             -- SHA-256 of the token, hexadecimal
    agent_id   integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at datetime NOT NULL
);
CREATE INDEX access_tokens_agent ON access_tokens (agent_id);

CREATE TABLE inbox_members (
    inbox_id integer NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    agent_id integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    PRIMARY KEY (inbox_id, agent_id)
);
CREATE INDEX inbox_members_agent ON inbox_members (agent_id);

CREATE TABLE teams (
    id          integer PRIMARY KEY AUTOINCREMENT,
    name        text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    created_at  datetime NOT NULL
);

CREATE TABLE contacts (
    id                    integer PRIMARY KEY AUTOINCREMENT,
    name                  text NOT NULL DEFAULT '',
    email                 text NOT NULL DEFAULT '',
    phone_number          text NOT NULL DEFAULT '',
    identifier            text UNIQUE,       -- the business's own id of the customer
    blocked               boolean NOT NULL DEFAULT false,
    custom_attributes     text NOT NULL,
    additional_attributes text NOT NULL,
    last_activity_at      datetime,
    created_at            datetime NOT NULL,
    updated_at            datetime NOT NULL
);
CREATE INDEX contacts_email ON contacts (email) WHERE email <> '';

CREATE TABLE contact_inboxes (
    id           integer PRIMARY KEY AUTOINCREMENT,
    contact_id   integer NOT NULL REFERENCES contacts (id),
    inbox_id     integer NOT NULL REFERENCES inboxes (id),
    source_id    text NOT NULL,              -- the visitor's token
    pubsub_token text NOT NULL UNIQUE,
    created_at   datetime NOT NULL,
    UNIQUE (inbox_id, source_id)
);
CREATE INDEX contact_inboxes_contact ON contact_inboxes (contact_id);

CREATE TABLE conversations (
    id               integer PRIMARY KEY AUTOINCREMENT,
    uuid             text NOT NULL UNIQUE,
    inbox_id         integer NOT NULL REFERENCES inboxes (id),
    contact_id       integer NOT NULL REFERENCES contacts (id),
    contact_inbox_id integer NOT NULL REFERENCES contact_inboxes (id),

    status      text NOT NULL CHECK (status IN ('pending', 'open', 'snoozed', 'resolved')),
    assignee_id integer REFERENCES agents (id),
    team_id     integer REFERENCES teams (id),
    priority    text CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    version     integer NOT NULL DEFAULT 1,   -- grows with status, assignee, team, labels, priority

    seq          integer NOT NULL DEFAULT 0,  -- of the last message
    customer_seq integer NOT NULL DEFAULT 0,  -- of the customer's last word
    human_seq    integer NOT NULL DEFAULT 0,  -- of the last public word of a person
    bot_seq      integer NOT NULL DEFAULT 0,  -- up to here the bot has answered or handed over

    due_at          datetime,             -- when the router must next look here
    lease_until     datetime,             -- somebody is looking, at the latest until then
    turn            integer NOT NULL DEFAULT 0,
    tries           integer NOT NULL DEFAULT 0,
    episode         integer NOT NULL DEFAULT 0,
    entry           text NOT NULL DEFAULT '' CHECK (entry IN ('', 'started', 'reopened', 'given_back')),
    reply_due_at    datetime,             -- the bot answers then, unless more words come
    reply_latest_at datetime,             -- but not later than this
    idle_at         datetime,             -- the bot has waited long enough
    snoozed_until   datetime,             -- NULL while snoozed: until the next reply

    flow_hash text REFERENCES flows (hash),  -- the flow that this episode began with
    memory    text,                         -- the bot's own, opaque to the router
    handoff   text,                         -- the brief of the last handoff

    unread                 integer NOT NULL DEFAULT 0,
    last_word_seq          integer NOT NULL DEFAULT 0, -- of the last message that is no activity
    waiting_since          datetime,
    first_reply_created_at datetime,
    contact_last_seen_at   datetime,
    agent_last_seen_at     datetime,
    assignee_last_seen_at  datetime,
    custom_attributes      text NOT NULL,
    additional_attributes  text NOT NULL,
    last_activity_at       datetime NOT NULL,
    created_at             datetime NOT NULL,
    updated_at             datetime NOT NULL,

    CONSTRAINT bot_holds_alone CHECK (status <> 'pending' OR assignee_id IS NULL),
    CONSTRAINT only_bots_lease CHECK (status = 'pending' OR lease_until IS NULL),
    CONSTRAINT only_snoozed_wake CHECK (status = 'snoozed' OR snoozed_until IS NULL),
    CONSTRAINT seqs_in_order CHECK (customer_seq <= seq AND human_seq <= seq AND bot_seq <= seq AND last_word_seq <= seq),
    CONSTRAINT nobody_waits_unseen CHECK (status <> 'pending' OR customer_seq <= bot_seq OR due_at IS NOT NULL),
    CONSTRAINT sleepers_wake CHECK (snoozed_until IS NULL OR due_at IS NOT NULL)
);
CREATE INDEX conversations_due ON conversations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX conversations_list ON conversations (status, last_activity_at DESC, id DESC);
CREATE INDEX conversations_inbox ON conversations (inbox_id, status, last_activity_at DESC, id DESC);
CREATE INDEX conversations_assignee ON conversations (assignee_id, status, last_activity_at DESC, id DESC) WHERE assignee_id IS NOT NULL;
CREATE INDEX conversations_contact ON conversations (contact_id, id DESC);
CREATE INDEX conversations_visitor ON conversations (contact_inbox_id, id DESC);

CREATE TABLE conversation_labels (
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    label           text NOT NULL,
    PRIMARY KEY (conversation_id, label)
);
CREATE INDEX conversation_labels_label ON conversation_labels (label, conversation_id);

CREATE TABLE messages (
    id                 integer PRIMARY KEY AUTOINCREMENT,
    conversation_id    integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    inbox_id           integer NOT NULL REFERENCES inboxes (id),
    seq                integer NOT NULL,
    message_type       integer NOT NULL CHECK (message_type BETWEEN 0 AND 3), -- incoming, outgoing, activity, template
    content            text NOT NULL,
    content_type       text NOT NULL,
    content_attributes text NOT NULL,
    private            boolean NOT NULL DEFAULT false,
    status             integer NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3), -- sent, delivered, read, failed
    sender_type        text NOT NULL CHECK (sender_type IN ('contact', 'agent', 'bot', 'system')),
    sender_id          integer NOT NULL DEFAULT 0,
    echo_id            text,                 -- the sender's own name for it: sent twice, stored once
    source_id          text,                 -- a connector's name for it
    body_hash          text,                 -- of what was sent under echo_id or source_id
    episode            integer,              -- of a bot's message
    turn               integer,
    created_at         datetime NOT NULL,
    updated_at         datetime NOT NULL,
    UNIQUE (conversation_id, seq),
    CONSTRAINT bots_speak_in_turn CHECK (sender_type <> 'bot' OR (episode IS NOT NULL AND turn IS NOT NULL))
);
CREATE UNIQUE INDEX messages_echo ON messages (conversation_id, sender_type, sender_id, echo_id) WHERE echo_id IS NOT NULL;
CREATE UNIQUE INDEX messages_source ON messages (inbox_id, source_id) WHERE source_id IS NOT NULL;

CREATE TABLE bot_turns (
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    turn            integer NOT NULL,
    episode         integer NOT NULL,
    try             integer NOT NULL,
    cause           text NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('answered', 'handed_off', 'resolved', 'superseded', 'lost')),
    reason          text NOT NULL DEFAULT '',
    from_seq        integer NOT NULL,         -- the words it was asked: after this
    to_seq          integer NOT NULL,         -- up to this
    calls           text NOT NULL,          -- router.Call, no words
    claimed_at      datetime NOT NULL,
    settled_at      datetime NOT NULL,
    PRIMARY KEY (conversation_id, turn)
);

-- +goose Down
DROP TABLE bot_turns;
DROP TABLE messages;
DROP TABLE conversation_labels;
DROP TABLE conversations;
DROP TABLE contact_inboxes;
DROP TABLE contacts;
DROP TABLE teams;
DROP TABLE inbox_members;
DROP TABLE access_tokens;
DROP TABLE agents;
DROP TABLE inboxes;
DROP TABLE flows;
