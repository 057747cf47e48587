-- name: InsertAccount :exec
INSERT INTO accounts (id, name, livemode, acceptance_window_hours, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: Account :one
SELECT * FROM accounts WHERE id = $1;

-- name: Accounts :many
SELECT * FROM accounts ORDER BY id;

-- name: InsertKey :exec
INSERT INTO api_keys (id, account_id, name, hash, last4, scopes, requests_per_minute, money_per_minute, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: KeyByHash :one
SELECT k.id, k.account_id, k.scopes, k.requests_per_minute, k.money_per_minute, a.livemode
FROM api_keys k JOIN accounts a ON a.id = k.account_id
WHERE k.hash = $1 AND k.revoked_at IS NULL;

-- name: RevokeKey :execrows
UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL;
