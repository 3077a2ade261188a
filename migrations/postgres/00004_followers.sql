-- +goose Up
-- Who is told of a message is known from the conversation's row, and told once until they have looked.

ALTER TABLE conversations ADD COLUMN followers integer NOT NULL DEFAULT 0; -- participants beside the assignee

CREATE UNIQUE INDEX notifications_one_unread ON notifications (conversation_id, agent_id, kind) WHERE read_at IS NULL;
DROP INDEX notifications_agent;
CREATE INDEX notifications_agent ON notifications (agent_id, updated_at DESC, id DESC);

-- +goose Down
DROP INDEX notifications_agent;
CREATE INDEX notifications_agent ON notifications (agent_id, created_at DESC, id DESC);
DROP INDEX notifications_one_unread;
ALTER TABLE conversations DROP COLUMN followers;
