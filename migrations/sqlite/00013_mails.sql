-- +goose Up
-- Mails: each a row that says how far it came, so that none is sent twice; and those that a mailbox caught.

CREATE TABLE mails (
    id              integer PRIMARY KEY AUTOINCREMENT,
    kind            text NOT NULL CHECK (kind IN ('transcript', 'notification')),
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'skipped', 'failed', 'doubtful')),
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    inbox_id        integer NOT NULL,
    recipient       text NOT NULL DEFAULT '',   -- of a notification: known when it is sent
    reader          text NOT NULL DEFAULT '',   -- whoever reads the recipient's mails, for limits
    by_customer     boolean NOT NULL DEFAULT false,
    to_seq          integer NOT NULL DEFAULT 0,   -- of a transcript: the last message in it
    notification_id integer NOT NULL DEFAULT 0,
    created_at      datetime NOT NULL,
    updated_at      datetime NOT NULL
);
CREATE INDEX mails_conversation ON mails (conversation_id, created_at);
CREATE INDEX mails_reader ON mails (reader, created_at) WHERE kind = 'transcript';
CREATE INDEX mails_customers ON mails (inbox_id, created_at) WHERE by_customer;
CREATE INDEX mails_notification ON mails (notification_id, created_at) WHERE kind = 'notification';
CREATE INDEX mails_age ON mails (created_at);

CREATE TABLE caught_mails (
    id         integer PRIMARY KEY AUTOINCREMENT,
    message_id text NOT NULL UNIQUE,
    sender     text NOT NULL,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    text       text NOT NULL,
    html       text NOT NULL,
    created_at datetime NOT NULL
);

-- +goose Down
DROP TABLE caught_mails;
DROP TABLE mails;
