-- name: Livemode :one
-- The world of an account, which its owner never changes.
SELECT livemode FROM accounts WHERE id = $1;

-- name: EnsureAccounts :exec
-- Missing accounts are created empty before anything is locked, so that they
-- lock like the others.
INSERT INTO ledger_accounts (kind, owner, account_id, currency, livemode)
SELECT n.kind, n.owner, CASE WHEN n.kind IN ('talent_payable', 'world') THEN NULL ELSE sqlc.arg(account_id)::text END, sqlc.arg(currency)::text, sqlc.arg(livemode)::boolean
FROM (SELECT unnest(sqlc.arg(kinds)::text[]) AS kind, unnest(sqlc.arg(owners)::text[]) AS owner) n
WHERE NOT EXISTS (
    SELECT FROM ledger_accounts a
    WHERE a.kind = n.kind AND a.owner = n.owner AND a.currency = sqlc.arg(currency)::text AND a.livemode = sqlc.arg(livemode)::boolean)
ORDER BY n.kind, n.owner
ON CONFLICT DO NOTHING;

-- name: LockAccounts :many
SELECT id, kind, owner, balance FROM ledger_accounts
WHERE currency = sqlc.arg(currency) AND livemode = sqlc.arg(livemode)
  AND (kind, owner) IN (SELECT unnest(sqlc.arg(kinds)::text[]), unnest(sqlc.arg(owners)::text[]))
ORDER BY id
FOR NO KEY UPDATE;

-- name: Post :execrows
-- Zero rows: the key was used before, and nothing is written.
WITH t AS (
    INSERT INTO ledger_transfers (id, key, kind, account_id, booking_id, currency, livemode, created_at)
    VALUES (sqlc.arg(id), sqlc.arg(key), sqlc.arg(kind), sqlc.arg(account_id), sqlc.narg(booking_id), sqlc.arg(currency), sqlc.arg(livemode), sqlc.arg(created_at))
    ON CONFLICT (key) DO NOTHING
    RETURNING id, currency, livemode
)
INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
SELECT unnest(sqlc.arg(entry_ids)::text[]), t.id, unnest(sqlc.arg(ledger_accounts)::bigint[]), t.currency, t.livemode, unnest(sqlc.arg(amounts)::bigint[])
FROM t;

-- name: TransferByKey :one
SELECT * FROM ledger_transfers WHERE key = $1;

-- name: Transfer :one
SELECT * FROM ledger_transfers WHERE id = $1;

-- name: TransferPostings :many
SELECT p.id, a.kind, a.owner, p.amount
FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
WHERE p.transfer_id = $1
ORDER BY p.id;

-- name: AvailableAccount :one
SELECT livemode, balance FROM ledger_accounts WHERE kind = 'available' AND owner = sqlc.arg(account_id)::text AND currency = sqlc.arg(currency);

-- name: Balances :many
SELECT currency,
    coalesce(sum(balance) FILTER (WHERE kind = 'available'), 0)::bigint AS available,
    coalesce(sum(balance) FILTER (WHERE kind = 'escrow'), 0)::bigint AS in_escrow
FROM ledger_accounts
WHERE account_id = sqlc.arg(account_id)::text AND kind IN ('available', 'escrow')
GROUP BY currency
ORDER BY currency;

-- name: Entries :many
SELECT p.id, p.transfer_id, t.kind AS transfer_kind, t.booking_id, a.kind AS account_kind, a.owner, p.amount, p.currency, t.created_at
FROM ledger_transfers t
JOIN ledger_postings p ON p.transfer_id = t.id
JOIN ledger_accounts a ON a.id = p.account_id
WHERE t.account_id = sqlc.arg(account_id)
  AND (sqlc.narg(before_transfer)::text IS NULL OR (t.id, p.id) < (sqlc.narg(before_transfer)::text, sqlc.narg(before_entry)::text))
ORDER BY t.id DESC, p.id DESC
LIMIT sqlc.arg(count);

-- name: EntryTransfer :one
SELECT p.transfer_id FROM ledger_postings p JOIN ledger_transfers t ON t.id = p.transfer_id
WHERE p.id = sqlc.arg(id) AND t.account_id = sqlc.arg(account_id);

-- name: InsertHold :execrows
INSERT INTO escrow_holds (booking_id, account_id, talent_id, livemode, currency, amount, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (booking_id) DO NOTHING;

-- name: Hold :one
SELECT * FROM escrow_holds WHERE booking_id = $1;

-- name: LockHold :one
SELECT * FROM escrow_holds WHERE booking_id = $1 FOR NO KEY UPDATE;

-- name: FreezeHold :exec
UPDATE escrow_holds SET status = 'frozen' WHERE booking_id = $1;

-- name: SettleHold :exec
UPDATE escrow_holds
SET status = $2, settled_at = $3, transfer_id = $4, accepted = $5, total = $6, to_talent = $7, fee = $8, to_requester = $9
WHERE booking_id = $1;

-- name: InsertPayout :exec
INSERT INTO payouts (id, account_id, talent_id, booking_id, livemode, currency, amount, status, provider, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'initiated', $8, $9);

-- name: Payout :one
SELECT * FROM payouts WHERE id = $1;

-- name: LockPayout :one
SELECT * FROM payouts WHERE id = $1 FOR NO KEY UPDATE;

-- name: PayoutOfBooking :one
SELECT * FROM payouts WHERE booking_id = $1;

-- name: PayoutByReference :one
SELECT * FROM payouts WHERE provider = $1 AND reference = $2 AND reference <> '' ORDER BY id LIMIT 1;

-- name: PayoutsOfAccount :many
SELECT * FROM payouts WHERE account_id = sqlc.arg(account_id) AND (sqlc.narg(before)::text IS NULL OR id < sqlc.narg(before)::text) ORDER BY id DESC LIMIT sqlc.arg(count);

-- name: PayoutsOfTalent :many
SELECT * FROM payouts WHERE talent_id = sqlc.arg(talent_id) AND (sqlc.narg(before)::text IS NULL OR id < sqlc.narg(before)::text) ORDER BY id DESC LIMIT sqlc.arg(count);

-- name: UpdatePayout :exec
UPDATE payouts SET status = $2, attempts = $3, failure_reason = $4, reference = $5, paid_at = $6 WHERE id = $1;

-- name: Destination :one
SELECT reference FROM payout_destinations WHERE talent_id = $1 AND provider = $2;

-- name: SetDestination :exec
INSERT INTO payout_destinations (talent_id, provider, reference, updated_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (talent_id, provider) DO UPDATE SET reference = excluded.reference, updated_at = excluded.updated_at;
