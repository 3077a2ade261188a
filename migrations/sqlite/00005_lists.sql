-- +goose Up
-- Lists: what nobody has is found as quickly as what somebody has, a team's conversations have an index, and an
-- inbox's index tells who has them.

DROP INDEX conversations_assignee;
CREATE INDEX conversations_assignee ON conversations (assignee_id, status, last_activity_at DESC, id DESC);
DROP INDEX conversations_unassigned;             -- the index above finds them
DROP INDEX conversations_inbox;
CREATE INDEX conversations_inbox ON conversations (inbox_id, status, last_activity_at DESC, id DESC, assignee_id);
CREATE INDEX conversations_team ON conversations (team_id, status, last_activity_at DESC, id DESC) WHERE team_id IS NOT NULL;

-- +goose Down
DROP INDEX conversations_team;
DROP INDEX conversations_inbox;
CREATE INDEX conversations_inbox ON conversations (inbox_id, status, last_activity_at DESC, id DESC);
CREATE INDEX conversations_unassigned ON conversations (inbox_id, id) WHERE status = 'open' AND assignee_id IS NULL;
DROP INDEX conversations_assignee;
CREATE INDEX conversations_assignee ON conversations (assignee_id, status, last_activity_at DESC, id DESC) WHERE assignee_id IS NOT NULL;
