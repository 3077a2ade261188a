-- +goose Up
-- A team's index tells who has its conversations, as an inbox's does.

DROP INDEX conversations_team;
CREATE INDEX conversations_team ON conversations (team_id, status, last_activity_at DESC, id DESC, assignee_id) WHERE team_id IS NOT NULL;

-- +goose Down
DROP INDEX conversations_team;
CREATE INDEX conversations_team ON conversations (team_id, status, last_activity_at DESC, id DESC) WHERE team_id IS NOT NULL;
