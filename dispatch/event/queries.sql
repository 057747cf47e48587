-- name: NextSequence :one
INSERT INTO event_sequences (account_id, last) VALUES ($1, 1)
ON CONFLICT (account_id) DO UPDATE SET last = event_sequences.last + 1
RETURNING last;

-- name: InsertEvent :exec
INSERT INTO events (id, account_id, sequence, type, livemode, object, related, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
