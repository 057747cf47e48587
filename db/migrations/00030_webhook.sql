-- +goose Up
-- Owner: dispatch/webhook.
CREATE TABLE webhook_endpoints (
    id                   text PRIMARY KEY CHECK (id LIKE 'whe\_%'),
    account_id           text NOT NULL REFERENCES accounts,
    url                  text NOT NULL,
    types                text[] NOT NULL CHECK (cardinality(types) > 0),
    description          text NOT NULL DEFAULT '',
    enabled              boolean NOT NULL DEFAULT true,
    disabled_reason      text CHECK (disabled_reason IN ('account', 'gone', 'failing')),
    consecutive_failures integer NOT NULL DEFAULT 0,
    failing_since        timestamptz,
    warned_at            timestamptz,
    paused_until         timestamptz,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    deleted_at           timestamptz,
    CHECK (enabled = (disabled_reason IS NULL))
);
CREATE INDEX webhook_endpoints_account ON webhook_endpoints (account_id, id) WHERE deleted_at IS NULL;

-- A secret without expires_at is the current one; rotation gives the others 24 h.
CREATE TABLE webhook_secrets (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id text NOT NULL REFERENCES webhook_endpoints,
    sealed      bytea NOT NULL,
    expires_at  timestamptz
);
CREATE INDEX webhook_secrets_endpoint ON webhook_secrets (endpoint_id);

-- One row for each endpoint that wants an event. attempts counts all attempts
-- ever; tries those since it was planned or last replayed.
CREATE TABLE webhook_deliveries (
    id              text PRIMARY KEY CHECK (id LIKE 'whd\_%'),
    account_id      text NOT NULL,
    endpoint_id     text NOT NULL REFERENCES webhook_endpoints,
    event_id        text NOT NULL,
    event_type      text NOT NULL,
    event_logged_at timestamptz NOT NULL,
    status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts        integer NOT NULL DEFAULT 0,
    tries           integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    created_at      timestamptz NOT NULL,
    completed_at    timestamptz,
    CONSTRAINT webhook_deliveries_once UNIQUE (event_id, endpoint_id)
);
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, created_at) WHERE status = 'failed';
CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (account_id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_logged ON webhook_deliveries USING brin (event_logged_at);

CREATE TABLE webhook_attempts (
    delivery_id  text NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    number       integer NOT NULL,
    at           timestamptz NOT NULL,
    latency_ms   integer NOT NULL,
    status_code  integer,
    error        text,
    response     text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, number)
);

-- +goose Down
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_secrets;
DROP TABLE webhook_endpoints;
