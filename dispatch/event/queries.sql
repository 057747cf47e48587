-- name: AppendEvent :one
-- The number, the row and the wake-up in one statement: the sequence is locked
-- from here until the transaction ends, and every round trip less counts.
WITH next AS (
    INSERT INTO event_sequences (account_id, last) VALUES (@account_id, 1)
    ON CONFLICT (account_id) DO UPDATE SET last = event_sequences.last + 1
    RETURNING last
)
INSERT INTO events (id, account_id, sequence, type, livemode, object, related, created_at)
SELECT @id, @account_id, next.last, @type, @livemode, @object, @related, @created_at FROM next
RETURNING sequence, pg_notify(@channel::text, @topic::text) IS NULL AS notified;

-- name: EventsAfter :many
SELECT id, sequence, type, livemode, object, related, created_at FROM events
WHERE account_id = @account_id AND sequence > @after::bigint
  AND (cardinality(@types::text[]) = 0 OR type = ANY (@types::text[]))
ORDER BY sequence LIMIT @count;

-- name: EventByID :one
SELECT id, sequence, type, livemode, object, related, created_at FROM events
WHERE id = $1 AND account_id = $2;

-- name: EventLoggedWithin :one
-- The bounds spare the planner all partitions but one or two.
SELECT id, account_id, sequence, type, livemode, object, related, created_at, logged_at FROM events
WHERE id = @id AND logged_at BETWEEN @low::timestamptz AND @high::timestamptz;

-- name: EventLogged :one
SELECT id, account_id, sequence, type, livemode, object, related, created_at, logged_at FROM events WHERE id = $1;

-- name: Notify :exec
SELECT pg_notify(@channel::text, @payload::text);

-- name: LimitLockWait :exec
SELECT set_config('lock_timeout', '2s', true);

-- name: CreatePartitions :exec
SELECT events_create_partitions(@at::timestamptz);

-- name: DropPartitions :one
SELECT events_drop_partitions(@before::timestamptz)::integer AS dropped;
