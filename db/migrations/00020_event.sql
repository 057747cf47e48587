-- +goose Up
-- Owner: dispatch/event. One log per account; the sequence row is locked by the
-- appending transaction until it commits.
CREATE TABLE event_sequences (
    account_id text PRIMARY KEY REFERENCES accounts,
    last       bigint NOT NULL
);

-- Partitioned by the week an event was written, so that forgetting old events is
-- a DROP. logged_at is the database's own clock, read while the sequence row is
-- locked: unlike created_at (which a test clock may move) it grows with the
-- sequence, so dropping a week always removes the beginning of a log.
-- object is json, not jsonb: it is delivered as it was written.
CREATE TABLE events (
    id         text NOT NULL CHECK (id LIKE 'evt\_%'),
    account_id text NOT NULL REFERENCES accounts,
    sequence   bigint NOT NULL,
    type       text NOT NULL,
    livemode   boolean NOT NULL,
    object     json NOT NULL,
    related    json NOT NULL,
    created_at timestamptz NOT NULL,
    logged_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id, logged_at),
    UNIQUE (account_id, sequence, logged_at)
) PARTITION BY RANGE (logged_at);

-- Catches what no week covers, so that an event can be written even when no
-- worker has made a partition for months.
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- Creates the partitions of the week that holds the given moment and of the next
-- twelve, and moves rows into them that had to go to the default partition.
-- +goose StatementBegin
CREATE FUNCTION events_create_partitions(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    week date := date_trunc('week', at AT TIME ZONE 'UTC')::date;
    name text;
    low  timestamptz;
    high timestamptz;
BEGIN
    FOR i IN 0..12 LOOP
        name := 'events_' || to_char(week, 'YYYYMMDD');
        low  := week::timestamp AT TIME ZONE 'UTC';
        high := (week + 7)::timestamp AT TIME ZONE 'UTC';
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
            EXECUTE format('WITH moved AS (DELETE FROM events_default WHERE logged_at >= %L AND logged_at < %L RETURNING *) INSERT INTO %I SELECT * FROM moved', low, high, name);
            EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
        END IF;
        week := week + 7;
    END LOOP;
END $$;
-- +goose StatementEnd

-- Drops the weeks that ended before the given moment and returns how many.
-- +goose StatementBegin
CREATE FUNCTION events_drop_partitions(before timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    partition text;
    dropped   integer := 0;
BEGIN
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'events'::regclass AND c.relname ~ '^events_[0-9]{8}$'
          AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 7)::timestamp AT TIME ZONE 'UTC' <= before
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM events_default WHERE logged_at < before;
    RETURN dropped;
END $$;
-- +goose StatementEnd

SELECT events_create_partitions(now());

-- +goose Down
DROP TABLE events;
DROP FUNCTION events_drop_partitions;
DROP FUNCTION events_create_partitions;
DROP TABLE event_sequences;
