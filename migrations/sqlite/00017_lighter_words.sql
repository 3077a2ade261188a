-- +goose Up
-- Contacts have another index in the order of their last words.

DROP INDEX contacts_activity;

-- +goose Down
CREATE INDEX contacts_activity ON contacts (last_activity_at DESC, id DESC);
