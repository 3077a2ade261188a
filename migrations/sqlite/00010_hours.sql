-- +goose Up
-- What the router owes a conversation that nobody writes in, and what it has said while closed.

ALTER TABLE conversations ADD COLUMN resolve_at datetime;     -- resolved by itself then, unless somebody writes
ALTER TABLE conversations ADD COLUMN closed_told_at datetime; -- when the customer was last told that nobody is there

-- +goose Down
ALTER TABLE conversations DROP COLUMN closed_told_at;
ALTER TABLE conversations DROP COLUMN resolve_at;
