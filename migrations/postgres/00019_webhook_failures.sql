-- +goose Up
-- How often in a row a webhook did not take what it was told: one that failed twice with a quiet day, or a day of our
-- own absence, between is not given up.

ALTER TABLE webhooks ADD COLUMN failures integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE webhooks DROP COLUMN failures;
