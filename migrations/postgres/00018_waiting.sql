-- +goose Up
-- Customers are told how many wait before them for a person.

CREATE INDEX conversations_waiting ON conversations (inbox_id, opened_at, id) WHERE status = 'open' AND assignee_id IS NULL AND waiting_since IS NOT NULL;

-- +goose Down
DROP INDEX conversations_waiting;
