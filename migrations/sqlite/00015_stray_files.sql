-- +goose Up
-- Files that no message may have: written down before they are stored, taken off together with the message that has
-- them, and put back when it goes. What still stands here a day later is removed.

CREATE TABLE stray_files (
    storage_key text PRIMARY KEY,
    created_at  datetime NOT NULL
);
CREATE INDEX stray_files_age ON stray_files (created_at);

-- +goose Down
DROP TABLE stray_files;
