-- name: InsertEndpoint :exec
INSERT INTO webhook_endpoints (id, account_id, url, types, description, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, @now, @now);

-- name: CountEndpoints :one
SELECT count(*) FROM webhook_endpoints WHERE account_id = $1 AND deleted_at IS NULL;

-- name: Endpoint :one
SELECT * FROM webhook_endpoints WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL;

-- name: EndpointForUpdate :one
SELECT * FROM webhook_endpoints WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE;

-- name: Endpoints :many
SELECT * FROM webhook_endpoints
WHERE account_id = @account_id AND deleted_at IS NULL AND (@starting_after::text = '' OR id < @starting_after::text)
ORDER BY id DESC LIMIT @count;

-- name: UpdateEndpoint :exec
UPDATE webhook_endpoints
SET url = $2, types = $3, description = $4, enabled = $5, disabled_reason = $6, consecutive_failures = $7,
    failing_since = $8, warned_at = $9, paused_until = $10, updated_at = $11
WHERE id = $1;

-- name: DeleteEndpoint :exec
UPDATE webhook_endpoints
SET deleted_at = @now::timestamptz, updated_at = @now, enabled = false, disabled_reason = coalesce(disabled_reason, 'account')
WHERE id = $1;

-- name: InsertSecret :exec
INSERT INTO webhook_secrets (endpoint_id, sealed) VALUES ($1, $2);

-- name: ExpireSecrets :exec
UPDATE webhook_secrets SET expires_at = @expires_at::timestamptz WHERE endpoint_id = $1 AND expires_at IS NULL;

-- name: DeleteExpiredSecrets :exec
DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND expires_at <= @now::timestamptz;

-- name: DeleteSecrets :exec
DELETE FROM webhook_secrets WHERE endpoint_id = $1;

-- name: CountSecrets :one
SELECT count(*) FROM webhook_secrets WHERE endpoint_id = $1;

-- name: PlanDeliveries :many
-- The id is a ULID with the event's time and a digest in place of randomness, so
-- that planning twice makes the same row. The account's backlog is counted no
-- further than it needs to be known. Commits without waiting for the disk, as
-- RecordAttempt does: plan and end of the job are lost together or not at all.
WITH relaxed AS (
    SELECT set_config('synchronous_commit', 'off', true)
), planned AS (
    INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, event_type, event_logged_at, next_attempt_at, created_at)
    SELECT 'whd_' || substr(@event_id, 5, 10) || upper(substr(md5(@event_id || w.id), 1, 16)), w.account_id, w.id, @event_id, @event_type, @event_logged_at, @now::timestamptz, @now
    FROM webhook_endpoints w
    WHERE w.account_id = @account_id AND w.enabled AND w.deleted_at IS NULL AND (@event_type = ANY (w.types) OR '*' = ANY (w.types))
      AND w.id <> @about::text
    ON CONFLICT ON CONSTRAINT webhook_deliveries_once DO NOTHING
    RETURNING id
), backlog AS MATERIALIZED (
    SELECT count(*) AS size FROM (
        SELECT FROM webhook_deliveries d WHERE d.account_id = @account_id AND d.status = 'pending' LIMIT 1000
    ) AS pending
)
SELECT planned.id, backlog.size FROM planned, backlog, relaxed;

-- name: PlanTest :one
INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, event_type, event_logged_at, next_attempt_at, created_at)
VALUES (@id, @account_id, @endpoint_id, @event_id, @event_type, @event_logged_at, @now::timestamptz, @now)
RETURNING *;

-- name: DueDelivery :one
SELECT d.id, d.status, d.tries, d.account_id, d.endpoint_id, d.event_id, d.event_logged_at,
       w.url, w.enabled, w.deleted_at, w.consecutive_failures, w.paused_until,
       ARRAY(SELECT s.sealed FROM webhook_secrets s
             WHERE s.endpoint_id = w.id AND (s.expires_at IS NULL OR s.expires_at > @now::timestamptz)
             ORDER BY s.id DESC)::bytea[] AS secrets
FROM webhook_deliveries d
JOIN webhook_endpoints w ON w.id = d.endpoint_id
WHERE d.id = @id;

-- name: RecordAttempt :execrows
-- Commits without waiting for the disk: should the database's machine lose power
-- in the next moment, the attempt and the end of its job are lost together, and
-- the delivery is repeated under the same id.
WITH relaxed AS (
    SELECT set_config('synchronous_commit', 'off', true)
), d AS (
    UPDATE webhook_deliveries
    SET attempts = attempts + 1, tries = tries + 1, status = @status, next_attempt_at = sqlc.narg(next_attempt_at), completed_at = @completed_at
    WHERE id = @id AND status = 'pending'
    RETURNING id, attempts
)
INSERT INTO webhook_attempts (delivery_id, number, at, latency_ms, status_code, error, response)
SELECT d.id, d.attempts, @at::timestamptz, @latency_ms::integer, @status_code, @error, @response::text FROM d, relaxed;

-- name: CommitToDisk :exec
SELECT set_config('synchronous_commit', 'on', true);

-- name: AbandonDelivery :exec
UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, completed_at = @now::timestamptz
WHERE id = @id AND status = 'pending';

-- name: EndpointSucceeded :exec
UPDATE webhook_endpoints
SET consecutive_failures = 0, failing_since = NULL, warned_at = NULL, paused_until = NULL
WHERE id = $1 AND consecutive_failures > 0;

-- name: EndpointFailed :one
-- After a quiet time a new run of failures begins. The previous binary does not
-- write last_failed_at: without it, the run's beginning stands in.
UPDATE webhook_endpoints
SET consecutive_failures = CASE WHEN greatest(last_failed_at, failing_since) < @quiet::timestamptz THEN 1 ELSE consecutive_failures + 1 END,
    failing_since = CASE WHEN greatest(last_failed_at, failing_since) < @quiet THEN @now::timestamptz ELSE coalesce(failing_since, @now) END,
    warned_at = CASE WHEN greatest(last_failed_at, failing_since) < @quiet THEN NULL ELSE warned_at END,
    paused_until = CASE WHEN greatest(last_failed_at, failing_since) < @quiet THEN NULL ELSE paused_until END,
    last_failed_at = @now::timestamptz
WHERE id = @id
RETURNING *;

-- name: PauseEndpoint :exec
UPDATE webhook_endpoints SET paused_until = greatest(paused_until, @paused_until::timestamptz) WHERE id = @id;

-- name: ClaimProbe :execrows
-- One of all that wait for a paused endpoint tries it; the others wait on.
UPDATE webhook_endpoints SET paused_until = @paused_until::timestamptz
WHERE id = @id AND paused_until <= @now::timestamptz;

-- name: WarnEndpoint :exec
UPDATE webhook_endpoints SET warned_at = @now::timestamptz WHERE id = @id;

-- name: DisableEndpoint :execrows
UPDATE webhook_endpoints SET enabled = false, disabled_reason = @reason::text, updated_at = @now::timestamptz
WHERE id = @id AND enabled;

-- name: Deliveries :many
SELECT * FROM webhook_deliveries
WHERE endpoint_id = @endpoint_id
  AND (@status::text = '' OR status = @status::text)
  AND (@starting_after::text = '' OR id < @starting_after::text)
ORDER BY id DESC LIMIT @count;

-- name: Attempts :many
SELECT * FROM webhook_attempts WHERE delivery_id = ANY (@delivery_ids::text[]) ORDER BY delivery_id, number;

-- name: DeliveryForUpdate :one
SELECT * FROM webhook_deliveries WHERE id = $1 AND endpoint_id = $2 FOR UPDATE;

-- name: CountFailed :one
SELECT count(*) FROM webhook_deliveries
WHERE endpoint_id = @endpoint_id AND status = 'failed' AND created_at >= @since::timestamptz AND created_at < @until::timestamptz;

-- name: ReplayFailed :many
UPDATE webhook_deliveries SET status = 'pending', tries = 0, next_attempt_at = @now::timestamptz, completed_at = NULL
WHERE id IN (
    SELECT f.id FROM webhook_deliveries f
    WHERE f.endpoint_id = @endpoint_id AND f.status = 'failed' AND f.created_at >= @since::timestamptz AND f.created_at < @until::timestamptz
      AND f.completed_at <= @requested::timestamptz
    ORDER BY f.created_at LIMIT @count FOR UPDATE SKIP LOCKED
)
RETURNING id;

-- name: ReplayDelivery :one
UPDATE webhook_deliveries SET status = 'pending', tries = 0, next_attempt_at = @now::timestamptz, completed_at = NULL
WHERE id = @id RETURNING *;

-- name: DeleteOldDeliveries :execrows
DELETE FROM webhook_deliveries WHERE id IN (
    SELECT o.id FROM webhook_deliveries o WHERE o.event_logged_at < @before::timestamptz LIMIT @count
);
