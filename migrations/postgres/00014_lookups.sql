-- +goose Up
-- Look-ups: contacts in the order of their last words and of their names and by telephone number, visitors by their
-- token alone, notifications by message and by the time at which they come back or may be forgotten.

CREATE INDEX contacts_last_activity ON contacts (coalesce(last_activity_at, created_at) DESC, id DESC);
DROP INDEX contacts_name;
CREATE INDEX contacts_name ON contacts (lower(name), id);
CREATE INDEX contacts_phone_number ON contacts (phone_number) WHERE phone_number <> '';
CREATE INDEX contact_inboxes_source ON contact_inboxes (source_id);
CREATE INDEX notifications_message ON notifications (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX notifications_snoozed ON notifications (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX notifications_read ON notifications (read_at) WHERE read_at IS NOT NULL;

-- +goose Down
DROP INDEX notifications_read;
DROP INDEX notifications_snoozed;
DROP INDEX notifications_message;
DROP INDEX contact_inboxes_source;
DROP INDEX contacts_phone_number;
DROP INDEX contacts_name;
CREATE INDEX contacts_name ON contacts (name, id);
DROP INDEX contacts_last_activity;
