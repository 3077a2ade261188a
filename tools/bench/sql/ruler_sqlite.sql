-- The tables of ruler_postgres.sql, as SQLite writes them.
CREATE TABLE conversations(
  id integer PRIMARY KEY, inbox_id integer NOT NULL DEFAULT 1, contact_id integer NOT NULL DEFAULT 1,
  assignee_id integer, status integer NOT NULL DEFAULT 0, unread integer NOT NULL DEFAULT 0,
  custom text NOT NULL DEFAULT '{}', last_activity_at text NOT NULL, created_at text NOT NULL, updated_at text NOT NULL);
CREATE INDEX conversations_list ON conversations(status, last_activity_at DESC, id DESC);
CREATE TABLE messages(
  id integer PRIMARY KEY, conversation_id integer NOT NULL, sender integer NOT NULL, sender_id integer,
  content text NOT NULL, content_attributes text NOT NULL DEFAULT '{}', created_at text NOT NULL, updated_at text NOT NULL);
CREATE INDEX messages_conv ON messages(conversation_id, id);
CREATE TABLE outbox(id integer PRIMARY KEY, kind text NOT NULL, conversation_id integer NOT NULL,
  payload text NOT NULL, state integer NOT NULL DEFAULT 0, attempt integer NOT NULL DEFAULT 0,
  run_at text NOT NULL, created_at text NOT NULL);
CREATE INDEX outbox_due ON outbox(state, run_at, id);
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO conversations(contact_id, last_activity_at, created_at, updated_at)
  SELECT i, datetime('now', -i || ' seconds'), datetime('now'), datetime('now') FROM n;
