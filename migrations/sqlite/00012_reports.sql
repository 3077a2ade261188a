-- +goose Up
-- What reports count is written with the change that it is of. A round is a conversation from its beginning, or from
-- being reopened, until it is resolved.

CREATE TABLE report_events (
    id              integer PRIMARY KEY AUTOINCREMENT,
    kind            text NOT NULL,               -- report.Kind
    conversation_id integer NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    inbox_id        integer NOT NULL,
    agent_id        integer,                      -- whose it is: who answered, who has the conversation
    team_id         integer,
    class           text NOT NULL DEFAULT '',    -- report.Class, of the round
    reason          text NOT NULL DEFAULT '',    -- of a handoff; of a resolution, who resolved
    millis          integer,                      -- how long it took
    business_millis integer,                      -- of that, within the inbox's hours; NULL where it has none
    started_at      datetime,                 -- what millis are counted from
    at              datetime NOT NULL
);
CREATE INDEX report_events_kind ON report_events (kind, at);
CREATE INDEX report_events_conversation ON report_events (conversation_id, id);

-- Messages by quarter of an hour, counted once, some time after they were said; reports add those after last_id.
CREATE TABLE report_messages (
    slot     integer NOT NULL,                    -- quarters of an hour since 1970
    inbox_id integer NOT NULL,
    agent_id integer NOT NULL,                    -- who said it; 0: no agent
    team_id  integer NOT NULL,                    -- of the conversation when it was counted; 0: none
    kind     text NOT NULL CHECK (kind IN ('incoming', 'outgoing', 'bot')),
    messages integer NOT NULL,
    PRIMARY KEY (slot, inbox_id, agent_id, team_id, kind)
);
CREATE TABLE report_progress (
    id      integer PRIMARY KEY CHECK (id = 1),
    last_id integer NOT NULL                      -- of the last message in report_messages
);
INSERT INTO report_progress (id, last_id) VALUES (1, 0);

ALTER TABLE conversations ADD COLUMN status_since datetime;
ALTER TABLE conversations ADD COLUMN opened_at datetime;      -- when it last came to people
ALTER TABLE conversations ADD COLUMN round_since datetime;
ALTER TABLE conversations ADD COLUMN round_class text NOT NULL DEFAULT '';
UPDATE conversations SET status_since = last_activity_at, round_since = created_at,
    opened_at = CASE WHEN status <> 'pending' THEN created_at END,
    round_class = CASE WHEN episode = 0 THEN 'person' WHEN status = 'pending' THEN 'bot' ELSE 'handed_off' END;

CREATE TABLE macros (
    id         integer PRIMARY KEY AUTOINCREMENT,
    name       text NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('personal', 'global')),
    actions    text NOT NULL,                   -- []router.MacroAction
    created_by integer NOT NULL REFERENCES agents (id),
    updated_by integer NOT NULL REFERENCES agents (id),
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);
CREATE INDEX macros_created_by ON macros (created_by);

CREATE TABLE custom_filters (
    id         integer PRIMARY KEY AUTOINCREMENT,
    agent_id   integer NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('conversation', 'contact', 'report')),
    query      text NOT NULL,
    created_at datetime NOT NULL,
    updated_at datetime NOT NULL
);
CREATE INDEX custom_filters_agent ON custom_filters (agent_id, kind);

CREATE TABLE attribute_definitions (
    id            integer PRIMARY KEY AUTOINCREMENT,
    model         text NOT NULL CHECK (model IN ('conversation_attribute', 'contact_attribute')),
    key           text NOT NULL,
    display_name  text NOT NULL,
    display_type  text NOT NULL CHECK (display_type IN ('text', 'number', 'currency', 'percent', 'link', 'date', 'list', 'checkbox')),
    description   text NOT NULL DEFAULT '',
    list_values   text NOT NULL,
    regex_pattern text NOT NULL DEFAULT '',
    regex_cue     text NOT NULL DEFAULT '',
    created_at    datetime NOT NULL,
    updated_at    datetime NOT NULL,
    UNIQUE (model, key)
);

-- +goose Down
DROP TABLE attribute_definitions;
DROP TABLE custom_filters;
DROP TABLE macros;
ALTER TABLE conversations DROP COLUMN round_class;
ALTER TABLE conversations DROP COLUMN round_since;
ALTER TABLE conversations DROP COLUMN opened_at;
ALTER TABLE conversations DROP COLUMN status_since;
DROP TABLE report_progress;
DROP TABLE report_messages;
DROP TABLE report_events;
