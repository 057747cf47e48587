-- What escrow.Hold and escrow.Release send, for pgbench. Keep it beside
-- dispatch/escrow/queries.sql.
\set n random(1, 9000000000000000000)
BEGIN;
SELECT livemode, balance FROM ledger_accounts WHERE kind = 'available' AND owner = 'acct_bench_' || :client_id::text AND currency = 'CAD';
INSERT INTO ledger_accounts (kind, owner, account_id, currency, livemode)
SELECT n.kind, n.owner, CASE WHEN n.kind IN ('talent_payable', 'world') THEN NULL ELSE 'acct_bench_' || :client_id::text END, 'CAD', true
FROM (SELECT unnest(ARRAY['available', 'escrow']) AS kind, unnest(ARRAY['acct_bench_' || :client_id::text, 'bkg_' || :n::text]) AS owner) n
WHERE NOT EXISTS (
    SELECT FROM ledger_accounts a
    WHERE a.kind = n.kind AND a.owner = n.owner AND a.currency = 'CAD' AND a.livemode)
ORDER BY n.kind, n.owner
ON CONFLICT DO NOTHING;
WITH locked AS (
    SELECT id, kind, owner, balance FROM ledger_accounts
    WHERE currency = 'CAD' AND livemode = true
      AND (kind, owner) IN (SELECT unnest(ARRAY['available', 'escrow']), unnest(ARRAY['acct_bench_' || :client_id::text, 'bkg_' || :n::text]))
    ORDER BY id FOR NO KEY UPDATE)
SELECT max(id) FILTER (WHERE kind = 'available') AS available, max(id) FILTER (WHERE kind = 'escrow') AS escrow FROM locked \gset
WITH t AS (
    INSERT INTO ledger_transfers (id, key, kind, account_id, booking_id, currency, livemode, created_at)
    VALUES ('tr_h' || :n::text, 'hold:' || 'bkg_' || :n::text, 'hold', 'acct_bench_' || :client_id::text, 'bkg_' || :n::text, 'CAD', true, now())
    ON CONFLICT (key) DO NOTHING
    RETURNING id, currency, livemode
)
INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
SELECT unnest(ARRAY['ent_h1' || :n::text, 'ent_h2' || :n::text]), t.id, unnest(ARRAY[:available::bigint, :escrow::bigint]), t.currency, t.livemode, unnest(ARRAY[-100::bigint, 100::bigint])
FROM t;
INSERT INTO escrow_holds (booking_id, account_id, talent_id, livemode, currency, amount, expires_at, created_at)
VALUES ('bkg_' || :n::text, 'acct_bench_' || :client_id::text, 'tal_bench_' || :client_id::text, true, 'CAD', 100, now() + interval '30 days', now());
INSERT INTO river_job (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
VALUES (jsonb_build_object('booking_id', 'bkg_' || :n::text), 'hold_expiring', 25, '{}', 1, 'money', now() + interval '29 days', 'scheduled', '{}');
COMMIT;
BEGIN;
SELECT * FROM escrow_holds WHERE booking_id = 'bkg_' || :n::text FOR NO KEY UPDATE;
INSERT INTO ledger_accounts (kind, owner, account_id, currency, livemode)
SELECT n.kind, n.owner, CASE WHEN n.kind IN ('talent_payable', 'world') THEN NULL ELSE 'acct_bench_' || :client_id::text END, 'CAD', true
FROM (SELECT unnest(ARRAY['escrow', 'talent_payable', 'platform_fee', 'available']) AS kind,
    unnest(ARRAY['bkg_' || :n::text, 'tal_bench_' || :client_id::text, 'acct_bench_' || :client_id::text, 'acct_bench_' || :client_id::text]) AS owner) n
WHERE NOT EXISTS (
    SELECT FROM ledger_accounts a
    WHERE a.kind = n.kind AND a.owner = n.owner AND a.currency = 'CAD' AND a.livemode)
ORDER BY n.kind, n.owner
ON CONFLICT DO NOTHING;
WITH locked AS (
    SELECT id, kind, owner, balance FROM ledger_accounts
    WHERE currency = 'CAD' AND livemode = true
      AND (kind, owner) IN (SELECT unnest(ARRAY['escrow', 'talent_payable', 'platform_fee', 'available']),
          unnest(ARRAY['bkg_' || :n::text, 'tal_bench_' || :client_id::text, 'acct_bench_' || :client_id::text, 'acct_bench_' || :client_id::text]))
    ORDER BY id FOR NO KEY UPDATE)
SELECT max(id) FILTER (WHERE kind = 'available') AS available, max(id) FILTER (WHERE kind = 'escrow') AS escrow,
    max(id) FILTER (WHERE kind = 'talent_payable') AS payable, max(id) FILTER (WHERE kind = 'platform_fee') AS fee FROM locked \gset
WITH t AS (
    INSERT INTO ledger_transfers (id, key, kind, account_id, booking_id, currency, livemode, created_at)
    VALUES ('tr_s' || :n::text, 'settle:' || 'bkg_' || :n::text, 'release', 'acct_bench_' || :client_id::text, 'bkg_' || :n::text, 'CAD', true, now())
    ON CONFLICT (key) DO NOTHING
    RETURNING id, currency, livemode
)
INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
SELECT unnest(ARRAY['ent_s1' || :n::text, 'ent_s2' || :n::text, 'ent_s3' || :n::text, 'ent_s4' || :n::text]), t.id,
    unnest(ARRAY[:escrow::bigint, :payable::bigint, :fee::bigint, :available::bigint]), t.currency, t.livemode, unnest(ARRAY[-100::bigint, 76::bigint, 14::bigint, 10::bigint])
FROM t;
UPDATE escrow_holds
SET status = 'released', settled_at = now(), transfer_id = 'tr_s' || :n::text, accepted = 9, total = 10, to_talent = 76, fee = 14, to_requester = 10
WHERE booking_id = 'bkg_' || :n::text;
INSERT INTO payouts (id, account_id, talent_id, booking_id, livemode, currency, amount, status, provider, created_at)
VALUES ('pay_' || :n::text, 'acct_bench_' || :client_id::text, 'tal_bench_' || :client_id::text, 'bkg_' || :n::text, true, 'CAD', 76, 'initiated', 'ledger', now());
INSERT INTO river_job (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
VALUES (jsonb_build_object('payout_id', 'pay_' || :n::text), 'payout', 10000, '{}', 1, 'money', now(), 'available', '{}');
COMMIT;
