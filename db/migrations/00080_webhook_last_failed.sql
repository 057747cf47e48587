-- +goose Up
-- When an attempt last failed, to tell a run of failures from two that lie apart.
ALTER TABLE webhook_endpoints ADD COLUMN last_failed_at timestamptz;

-- +goose Down
ALTER TABLE webhook_endpoints DROP COLUMN last_failed_at;
