-- +goose Up
-- Status and body of an answer, encrypted by the deployment's key. Such a row has
-- no status in clear: a binary that does not know the column answers an error
-- and does nothing again.
ALTER TABLE idempotency_keys ADD COLUMN sealed bytea;

-- +goose Down
ALTER TABLE idempotency_keys DROP COLUMN sealed;
