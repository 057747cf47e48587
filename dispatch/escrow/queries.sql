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
-- The page's first transfer is said of its table alone, and in one comparison,
-- for the index to begin there: every transfer's id sorts before tr_z.
SELECT p.id, p.transfer_id, t.kind AS transfer_kind, t.booking_id, a.kind AS account_kind, a.owner, p.amount, p.currency, t.created_at
FROM ledger_transfers t
JOIN ledger_postings p ON p.transfer_id = t.id
JOIN ledger_accounts a ON a.id = p.account_id
WHERE t.account_id = sqlc.arg(account_id)
  AND t.id <= coalesce(sqlc.narg(before_transfer)::text, 'tr_z')
  AND (sqlc.narg(before_transfer)::text IS NULL OR (t.id, p.id) < (sqlc.narg(before_transfer)::text, sqlc.narg(before_entry)::text))
ORDER BY t.id DESC, p.id DESC
LIMIT sqlc.arg(count);

-- name: EntryTransfer :one
SELECT p.transfer_id FROM ledger_postings p JOIN ledger_transfers t ON t.id = p.transfer_id
WHERE p.id = sqlc.arg(id) AND t.account_id = sqlc.arg(account_id);

-- name: InsertHold :exec
INSERT INTO escrow_holds (booking_id, account_id, talent_id, livemode, currency, amount, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

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

-- name: LockFailedPayouts :many
-- In the order in which the accounts' logs are locked after.
SELECT * FROM payouts
WHERE status = 'failed' AND talent_id = coalesce(sqlc.narg(talent_id)::text, talent_id) AND provider = coalesce(sqlc.narg(provider)::text, provider)
ORDER BY account_id, id
FOR NO KEY UPDATE;

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

-- name: Discrepancies :many
-- Everything that must hold and does not, in one statement and so one snapshot.
SELECT 'transfer.balanced' AS "check", t.id AS row_id, t.account_id::text AS account_id,
    format('%s postings sum to %s, expected at least 2 that sum to 0', count(p.id), coalesce(sum(p.amount), 0)) AS detail
FROM ledger_transfers t LEFT JOIN ledger_postings p ON p.transfer_id = t.id
GROUP BY t.id HAVING count(p.id) < 2 OR coalesce(sum(p.amount), 0) <> 0
UNION ALL
SELECT 'account.balance', format('%s %s %s #%s', a.kind, a.owner, a.currency, a.id), coalesce(a.account_id, ''),
    format('balance is %s, its postings sum to %s', a.balance, coalesce(p.total, 0))
FROM ledger_accounts a LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_postings GROUP BY account_id) p ON p.account_id = a.id
WHERE a.balance <> coalesce(p.total, 0)
UNION ALL
SELECT 'account.not_negative', format('%s %s %s #%s', a.kind, a.owner, a.currency, a.id), coalesce(a.account_id, ''), format('balance is %s', a.balance)
FROM ledger_accounts a WHERE a.balance < 0 AND a.kind <> 'world'
UNION ALL
SELECT 'currency.sum', a.currency, '', format('all %s balances of livemode %s sum to %s, expected 0', a.currency, a.livemode, sum(a.balance))
FROM ledger_accounts a GROUP BY a.currency, a.livemode HAVING sum(a.balance) <> 0
UNION ALL
SELECT 'hold.money', h.booking_id, h.account_id,
    format('the hold is %s over %s, its escrow account has %s', h.status, h.amount, coalesce(a.balance, 0))
FROM escrow_holds h
LEFT JOIN ledger_accounts a ON a.kind = 'escrow' AND a.owner = h.booking_id AND a.currency = h.currency AND a.livemode = h.livemode
WHERE coalesce(a.balance, 0) <> CASE WHEN h.settled_at IS NULL THEN h.amount ELSE 0 END
UNION ALL
SELECT 'escrow.hold', a.owner, coalesce(a.account_id, ''), format('escrow of %s %s belongs to no hold', a.balance, a.currency)
FROM ledger_accounts a
WHERE a.kind = 'escrow' AND a.balance <> 0
  AND NOT EXISTS (SELECT FROM escrow_holds h WHERE h.booking_id = a.owner AND h.currency = a.currency AND h.livemode = a.livemode)
UNION ALL
SELECT 'hold.outcome', h.booking_id, h.account_id,
    format('the hold is %s and has %s transfers in and %s out', h.status, count(t.id) FILTER (WHERE t.key = 'hold:' || h.booking_id), count(t.id) FILTER (WHERE t.key = 'settle:' || h.booking_id))
FROM escrow_holds h LEFT JOIN ledger_transfers t ON t.booking_id = h.booking_id AND t.kind NOT IN ('payout', 'reversal')
GROUP BY h.booking_id
HAVING count(t.id) FILTER (WHERE t.key = 'hold:' || h.booking_id) <> 1
    OR count(t.id) <> CASE WHEN h.settled_at IS NULL THEN 1 ELSE 2 END
    OR (h.settled_at IS NOT NULL AND count(t.id) FILTER (WHERE t.key = 'settle:' || h.booking_id AND t.id = h.transfer_id) <> 1)
UNION ALL
SELECT 'hold.shares', h.booking_id, h.account_id,
    format('the hold says %s to talent, %s fee, %s back; its transfer says %s, %s, %s', h.to_talent, h.fee, h.to_requester, s.talent, s.fee, s.requester)
FROM escrow_holds h
JOIN (
    SELECT p.transfer_id,
        coalesce(sum(p.amount) FILTER (WHERE a.kind = 'talent_payable'), 0) AS talent,
        coalesce(sum(p.amount) FILTER (WHERE a.kind = 'platform_fee'), 0) AS fee,
        coalesce(sum(p.amount) FILTER (WHERE a.kind = 'available'), 0) AS requester
    FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
    GROUP BY p.transfer_id) s ON s.transfer_id = h.transfer_id
WHERE (h.to_talent, h.fee, h.to_requester) <> (s.talent, s.fee, s.requester)
UNION ALL
SELECT 'hold.payout', h.booking_id, h.account_id, format('the talent was awarded %s, the payout is over %s', h.to_talent, coalesce(o.amount, 0))
FROM escrow_holds h LEFT JOIN payouts o ON o.booking_id = h.booking_id
WHERE coalesce(o.amount, 0) <> h.to_talent
UNION ALL
SELECT 'payout.money', o.id, o.account_id, format('the payout over %s is %s, %s went out', o.amount, o.status, coalesce(s.out, 0))
FROM payouts o
LEFT JOIN (
    SELECT t.booking_id, -sum(p.amount) AS out
    FROM ledger_transfers t JOIN ledger_postings p ON p.transfer_id = t.id JOIN ledger_accounts a ON a.id = p.account_id
    WHERE t.kind IN ('payout', 'reversal') AND t.booking_id IS NOT NULL AND a.kind = 'talent_payable'
    GROUP BY t.booking_id) s ON s.booking_id = o.booking_id
WHERE coalesce(s.out, 0) <> CASE WHEN o.status = 'paid' THEN o.amount ELSE 0 END
UNION ALL
SELECT 'talent.payable', format('%s %s', a.owner, a.currency), '', format('%s is payable, the open payouts sum to %s', a.balance, coalesce(sum(o.amount), 0))
FROM ledger_accounts a
LEFT JOIN payouts o ON o.talent_id = a.owner AND o.currency = a.currency AND o.livemode = a.livemode AND o.status <> 'paid'
WHERE a.kind = 'talent_payable'
GROUP BY a.id HAVING a.balance <> coalesce(sum(o.amount), 0)
ORDER BY 1, 2;

-- name: LockProof :one
SELECT * FROM ledger_proofs FOR UPDATE;

-- name: FirstProof :exec
-- The row that LockProof locks, as if nothing had been found before.
INSERT INTO ledger_proofs (proven_at, discrepancies, told) VALUES ($1, 0, '{}') ON CONFLICT DO NOTHING;

-- name: SaveProof :exec
UPDATE ledger_proofs SET proven_at = $1, discrepancies = $2, told = $3;

-- name: LastProof :one
SELECT proven_at, discrepancies FROM ledger_proofs;

-- name: HoldStates :many
SELECT booking_id, account_id, status FROM escrow_holds ORDER BY booking_id;

-- name: BookingEntries :many
SELECT p.id, p.transfer_id, t.kind AS transfer_kind, t.booking_id, a.kind AS account_kind, a.owner, p.amount, p.currency, t.created_at
FROM ledger_transfers t
JOIN ledger_postings p ON p.transfer_id = t.id
JOIN ledger_accounts a ON a.id = p.account_id
WHERE t.booking_id = sqlc.arg(booking_id)
ORDER BY t.id, p.id;
