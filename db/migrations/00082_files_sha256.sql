-- +goose Up
-- Finds the files whose bytes were submitted before.
CREATE INDEX files_sha256 ON files (sha256) WHERE sha256 IS NOT NULL;

-- +goose Down
DROP INDEX files_sha256;
