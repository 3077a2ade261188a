-- +goose Up
-- What was made under an Idempotency-Key, so that the same request again makes nothing more.

CREATE TABLE idempotency_keys (
    actor_type text NOT NULL CHECK (actor_type IN ('agent', 'bot')),
    actor_id   integer NOT NULL,
    kind       text NOT NULL,                -- what was to be made: 'contact', 'conversation'…
    key        text NOT NULL,
    body_hash  text NOT NULL,                -- of what was sent
    made_id    integer NOT NULL DEFAULT 0,
    created_at datetime NOT NULL,
    PRIMARY KEY (actor_type, actor_id, kind, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Nobody wrote it until now; the conversation's is near enough for those that were.
UPDATE contacts SET last_activity_at = (SELECT max(c.last_activity_at) FROM conversations c WHERE c.contact_id = contacts.id)
    WHERE last_activity_at IS NULL;

-- +goose Down
DROP TABLE idempotency_keys;
