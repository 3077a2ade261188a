-- +goose Up
-- Addresses of others that are told what happens, and what they have not been told yet.

CREATE TABLE webhooks (
    id            integer PRIMARY KEY AUTOINCREMENT,
    kind          text NOT NULL CHECK (kind IN ('account', 'channel', 'bot')),
    inbox_id      integer REFERENCES inboxes (id) ON DELETE CASCADE,    -- account: events of this inbox alone; channel: whose connector it is
    agent_bot_id  integer REFERENCES agent_bots (id) ON DELETE CASCADE, -- bot: whose address it is
    url           text NOT NULL,
    name          text NOT NULL DEFAULT '',
    subscriptions text NOT NULL DEFAULT '[]',                          -- account: events
    secret        text NOT NULL,                                       -- signs what is sent
    failing_since datetime,                                            -- nothing was taken since then
    last_error    text NOT NULL DEFAULT '',
    told_at       datetime,                                            -- administrators know that it fails
    disabled_at   datetime,
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL
);
CREATE UNIQUE INDEX webhooks_url ON webhooks (url) WHERE kind = 'account';
CREATE UNIQUE INDEX webhooks_channel ON webhooks (inbox_id) WHERE kind = 'channel';
CREATE UNIQUE INDEX webhooks_bot ON webhooks (agent_bot_id) WHERE kind = 'bot';

CREATE TABLE webhook_deliveries (            -- gone once it is taken; what is not goes after 30 days
    id              text PRIMARY KEY,        -- sent along: the same in every try
    webhook_id      integer NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event           text NOT NULL,
    payload         text NOT NULL,           -- as it was when it happened, and as it is signed
    conversation_id integer REFERENCES conversations (id) ON DELETE CASCADE,
    message_id      integer REFERENCES messages (id) ON DELETE CASCADE,
    seq             integer NOT NULL DEFAULT 0,
    version         integer NOT NULL DEFAULT 0,
    created_at      datetime NOT NULL
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id);
CREATE INDEX webhook_deliveries_conversation ON webhook_deliveries (conversation_id);
CREATE INDEX webhook_deliveries_message ON webhook_deliveries (message_id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (created_at);

-- +goose Down
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
