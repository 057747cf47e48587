-- name: ClaimKey :execrows
-- Waits for a transaction that holds the same key. One row when the key was
-- free or its record is too old to count; none when there is a record.
INSERT INTO idempotency_keys AS k (caller_id, key, request_hash, created_at)
VALUES (@caller_id, @key, @request_hash, @created_at)
ON CONFLICT (caller_id, key) DO UPDATE
SET request_hash = excluded.request_hash, status = NULL, body = '', sealed = NULL, created_at = excluded.created_at
WHERE k.created_at <= @expired::timestamptz;

-- name: Recorded :one
-- Only records of a binary before sealed have status and body in clear.
SELECT request_hash, status, body, sealed FROM idempotency_keys
WHERE caller_id = @caller_id AND key = @key AND created_at > @expired::timestamptz;

-- name: RecordAnswer :exec
UPDATE idempotency_keys SET status = NULL, body = '', sealed = @sealed
WHERE caller_id = @caller_id AND key = @key;

-- name: PurgeKeys :execrows
DELETE FROM idempotency_keys WHERE created_at <= @expired;

-- name: ReleaseKey :exec
DELETE FROM idempotency_keys WHERE caller_id = @caller_id AND key = @key;
