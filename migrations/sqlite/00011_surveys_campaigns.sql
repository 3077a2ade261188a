-- +goose Up
-- What customers think of a conversation that was resolved, and messages that greet visitors before they write.

CREATE TABLE surveys (                       -- one for each question that was asked
    id              integer PRIMARY KEY AUTOINCREMENT,
    message_id      integer NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE, -- the question
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    inbox_id        integer NOT NULL REFERENCES inboxes (id),
    agent_id        integer REFERENCES agents (id), -- who had the conversation when it was asked
    team_id         integer REFERENCES teams (id) ON DELETE SET NULL,
    rating          integer CHECK (rating BETWEEN 1 AND 5), -- NULL: not answered
    feedback        text NOT NULL DEFAULT '',
    asked_at        datetime NOT NULL,
    answered_at     datetime,             -- first
    updated_at      datetime NOT NULL,
    CONSTRAINT answered_with_a_rating CHECK ((rating IS NULL) = (answered_at IS NULL))
);
CREATE INDEX surveys_conversation ON surveys (conversation_id, id DESC);
CREATE INDEX surveys_asked ON surveys (asked_at);
CREATE INDEX surveys_answered ON surveys (answered_at DESC, id DESC) WHERE answered_at IS NOT NULL;

CREATE TABLE campaigns (
    id            integer PRIMARY KEY AUTOINCREMENT,
    inbox_id      integer NOT NULL REFERENCES inboxes (id),
    origin        text NOT NULL CHECK (origin IN ('file', 'api')),
    title         text NOT NULL,
    message       text NOT NULL,
    url           text NOT NULL,             -- a pattern of the pages that it is shown on
    after_seconds integer NOT NULL CHECK (after_seconds BETWEEN 0 AND 86400), -- on the page
    hours_only    boolean NOT NULL DEFAULT false,
    sender_id     integer REFERENCES agents (id),
    sender_email  text NOT NULL DEFAULT '',  -- of a person whom the configuration names; the bot sends where both are missing
    enabled       boolean NOT NULL DEFAULT true,
    removed_at    datetime,               -- gone, but its conversations still name it
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL
);
CREATE INDEX campaigns_inbox ON campaigns (inbox_id, id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX campaigns_declared ON campaigns (inbox_id, title) WHERE origin = 'file';

CREATE TABLE campaign_visitors (             -- who was shown a campaign
    campaign_id      integer NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    contact_inbox_id integer NOT NULL REFERENCES contact_inboxes (id) ON DELETE CASCADE,
    seen_at          datetime NOT NULL,
    PRIMARY KEY (campaign_id, contact_inbox_id)
);
CREATE INDEX campaign_visitors_visitor ON campaign_visitors (contact_inbox_id);

ALTER TABLE conversations ADD COLUMN campaign_id integer REFERENCES campaigns (id); -- that it answers
CREATE INDEX conversations_campaign ON conversations (campaign_id) WHERE campaign_id IS NOT NULL;

-- +goose Down
DROP INDEX conversations_campaign;
ALTER TABLE conversations DROP COLUMN campaign_id;
DROP TABLE campaign_visitors;
DROP TABLE campaigns;
DROP TABLE surveys;
