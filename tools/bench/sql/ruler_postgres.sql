-- The smallest tables that an inbound message needs, with 10,000 conversations.
CREATE TABLE conversations(
  id bigserial PRIMARY KEY, inbox_id bigint NOT NULL DEFAULT 1, contact_id bigint NOT NULL DEFAULT 1,
  assignee_id bigint, status smallint NOT NULL DEFAULT 0, unread int NOT NULL DEFAULT 0,
  custom jsonb NOT NULL DEFAULT '{}', last_activity_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX conversations_list ON conversations(status, last_activity_at DESC, id DESC);
CREATE TABLE messages(
  id bigserial PRIMARY KEY, conversation_id bigint NOT NULL, sender smallint NOT NULL, sender_id bigint,
  content text NOT NULL, content_attributes jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX messages_conv ON messages(conversation_id, id);
CREATE TABLE outbox(id bigserial PRIMARY KEY, kind text NOT NULL, conversation_id bigint NOT NULL,
  payload jsonb NOT NULL, state smallint NOT NULL DEFAULT 0, attempt smallint NOT NULL DEFAULT 0,
  run_at timestamptz NOT NULL DEFAULT now(), created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX outbox_due ON outbox(state, run_at, id);
INSERT INTO conversations(contact_id, last_activity_at) SELECT g, now() - g * interval '1 second' FROM generate_series(1,10000) g;
ANALYZE;
