-- +goose Up
-- Each customer's word costs less. That a message's inbox is there is said by its conversation already, and saying it
-- again locked the inbox's row for every word. Contacts have another index in the order of their last words.

ALTER TABLE messages DROP CONSTRAINT messages_inbox_id_fkey;
DROP INDEX contacts_activity;

-- +goose Down
CREATE INDEX contacts_activity ON contacts (last_activity_at DESC, id DESC);
ALTER TABLE messages ADD CONSTRAINT messages_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES inboxes (id);
