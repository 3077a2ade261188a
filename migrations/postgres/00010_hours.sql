-- +goose Up
-- What the router owes a conversation that nobody writes in, and what it has said while closed.

ALTER TABLE conversations ADD COLUMN resolve_at timestamptz;     -- resolved by itself then, unless somebody writes
ALTER TABLE conversations ADD COLUMN closed_told_at timestamptz; -- when the customer was last told that nobody is there

-- +goose Down
ALTER TABLE conversations DROP COLUMN closed_told_at;
ALTER TABLE conversations DROP COLUMN resolve_at;
