-- +goose Up
-- Owner: dispatch/event. One log per account; the sequence row is locked by the
-- appending transaction until it commits.
CREATE TABLE event_sequences (
    account_id text PRIMARY KEY REFERENCES accounts,
    last       bigint NOT NULL
);

CREATE TABLE events (
    id         text PRIMARY KEY CHECK (id LIKE 'evt\_%'),
    account_id text NOT NULL REFERENCES accounts,
    sequence   bigint NOT NULL,
    type       text NOT NULL,
    livemode   boolean NOT NULL,
    object     jsonb NOT NULL,
    related    jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, sequence)
);

-- +goose Down
DROP TABLE events;
DROP TABLE event_sequences;
