-- +goose Up
-- Owner: dispatch/account. An account lives in one world: live or test.
CREATE TABLE accounts (
    id                      text PRIMARY KEY CHECK (id LIKE 'acct\_%'),
    name                    text NOT NULL,
    livemode                boolean NOT NULL,
    acceptance_window_hours integer NOT NULL DEFAULT 72 CHECK (acceptance_window_hours BETWEEN 1 AND 720),
    created_at              timestamptz NOT NULL
);

CREATE TABLE api_keys (
    id                    text PRIMARY KEY CHECK (id LIKE 'key\_%'),
    account_id            text NOT NULL REFERENCES accounts,
    name                  text NOT NULL,
    hash                  bytea NOT NULL CHECK (octet_length(hash) = 32),
    last4                 text NOT NULL,
    scopes                text[] NOT NULL,
    requests_per_minute   integer CHECK (requests_per_minute > 0),
    money_per_minute      integer CHECK (money_per_minute > 0),
    created_at            timestamptz NOT NULL,
    revoked_at            timestamptz
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_account ON api_keys (account_id);

-- +goose Down
DROP TABLE api_keys;
DROP TABLE accounts;
