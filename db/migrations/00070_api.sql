-- +goose Up
-- Owner: api. The first answer given under an Idempotency-Key, written in the
-- transaction of its effect. A row without a status belongs to a transaction
-- that has not answered yet and is never seen by others.
CREATE TABLE idempotency_keys (
    caller_id    text NOT NULL, -- an account or a talent
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    status       integer CHECK (status BETWEEN 200 AND 499),
    body         bytea NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;
