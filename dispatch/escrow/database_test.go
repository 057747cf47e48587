package escrow_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
)

// TestDatabaseRefuses tries to break the ledger with plain SQL, past all code.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
		s := people(t, tx, true)
		release(t, tx, l, held(t, tx, l, s, amount(t, "30", "CAD")), 1, 1)
		held(t, tx, l, s, amount(t, "10", "CAD"))
		held(t, tx, l, s, amount(t, "30", "JPY"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ sql, constraint string }{
		"a transfer without postings": {
			`INSERT INTO ledger_transfers (id, key, kind, account_id, currency, livemode, created_at)
			 SELECT 'tr_' || gen_random_uuid(), gen_random_uuid(), 'fund', account_id, currency, livemode, now() FROM ledger_transfers LIMIT 1`,
			"ledger_transfers_balanced"},
		"a transfer that does not sum to zero": {
			`WITH t AS (INSERT INTO ledger_transfers (id, key, kind, account_id, currency, livemode, created_at)
				SELECT 'tr_' || gen_random_uuid(), gen_random_uuid(), 'fund', account_id, currency, livemode, now() FROM ledger_transfers LIMIT 1 RETURNING *)
			 INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, t.currency, t.livemode, CASE a.kind WHEN 'world' THEN -5 ELSE 6 END
			 FROM t, ledger_accounts a WHERE a.kind IN ('available', 'world') AND a.currency = t.currency AND a.livemode = t.livemode`,
			"ledger_transfers_balanced"},
		"another posting on an old transfer": {
			`INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, t.currency, t.livemode, 1 FROM ledger_transfers t, ledger_accounts a WHERE t.kind = 'fund' AND a.kind = 'escrow' LIMIT 1`,
			"ledger_transfers_balanced"},
		"a posting in another currency than its account": {
			`INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, t.currency, t.livemode, 1 FROM ledger_transfers t, ledger_accounts a WHERE a.currency = 'JPY' AND t.currency = 'CAD' LIMIT 1`,
			"ledger_postings_account"},
		"a posting in another currency than its transfer": {
			`INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, a.currency, a.livemode, 1 FROM ledger_transfers t, ledger_accounts a WHERE a.currency = 'JPY' AND t.currency = 'CAD' LIMIT 1`,
			"ledger_postings_transfer"},
		"test money in a live account": {
			`INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, t.currency, false, 1 FROM ledger_transfers t, ledger_accounts a WHERE a.currency = t.currency AND t.kind = 'fund' AND a.kind = 'escrow' LIMIT 1`,
			"ledger_postings_transfer"},
		"a negative balance": {
			`WITH t AS (INSERT INTO ledger_transfers (id, key, kind, account_id, currency, livemode, created_at)
				SELECT 'tr_' || gen_random_uuid(), gen_random_uuid(), 'fund', account_id, currency, livemode, now() FROM ledger_transfers WHERE currency = 'CAD' LIMIT 1 RETURNING *)
			 INSERT INTO ledger_postings (id, transfer_id, account_id, currency, livemode, amount)
			 SELECT 'ent_' || gen_random_uuid(), t.id, a.id, t.currency, t.livemode, CASE a.kind WHEN 'world' THEN 1000000 ELSE -1000000 END
			 FROM t, ledger_accounts a WHERE a.kind IN ('available', 'world') AND a.currency = 'CAD'`,
			"ledger_accounts_not_negative"},
		"a key used twice": {
			`INSERT INTO ledger_transfers (id, key, kind, account_id, currency, livemode, created_at)
			 SELECT 'tr_' || gen_random_uuid(), key, kind, account_id, currency, livemode, now() FROM ledger_transfers LIMIT 1`,
			"ledger_transfers_key"},
		"a changed posting":           {`UPDATE ledger_postings SET amount = amount + 1`, "ledger_immutable"},
		"a deleted posting":           {`DELETE FROM ledger_postings`, "ledger_immutable"},
		"truncated postings":          {`TRUNCATE ledger_postings`, "ledger_immutable"},
		"truncated everything":        {`TRUNCATE ledger_accounts CASCADE`, "ledger_immutable"},
		"a changed transfer":          {`UPDATE ledger_transfers SET created_at = now()`, "ledger_immutable"},
		"a deleted transfer":          {`DELETE FROM ledger_transfers`, "ledger_immutable"},
		"a deleted ledger account":    {`DELETE FROM ledger_accounts`, "ledger_immutable"},
		"a balance set by hand":       {`UPDATE ledger_accounts SET balance = balance + 1`, "ledger_accounts_guard"},
		"an account become the world": {`UPDATE ledger_accounts SET kind = 'world'`, "ledger_accounts_guard"},
		"an account born with money":  {`INSERT INTO ledger_accounts (kind, owner, currency, livemode, balance) VALUES ('world', 'nobody', 'CAD', true, 5)`, "ledger_accounts_guard"},
		"a posting of nothing":        {`INSERT INTO ledger_postings SELECT 'ent_0', transfer_id, account_id, currency, livemode, 0 FROM ledger_postings LIMIT 1`, "ledger_postings_amount_check"},
		"a deleted hold":              {`DELETE FROM escrow_holds`, "escrow_holds_final"},
		"a hold of another amount":    {`UPDATE escrow_holds SET amount = amount + 1`, "escrow_holds_final"},
		"a settled hold reopened":     {`UPDATE escrow_holds SET status = 'held', settled_at = NULL, transfer_id = NULL, to_talent = 0, fee = 0 WHERE status = 'released'`, "escrow_holds_final"},
		"a hold ended without shares": {`UPDATE escrow_holds SET status = 'refunded', settled_at = now(), transfer_id = (SELECT min(id) FROM ledger_transfers) WHERE status = 'held'`, "escrow_holds_settled"},
		"a payout in another currency": {
			`INSERT INTO payouts (id, account_id, talent_id, booking_id, livemode, currency, amount, status, provider, created_at)
			 SELECT 'pay_x', account_id, talent_id, booking_id, livemode, 'JPY', 1, 'initiated', 'ledger', now() FROM escrow_holds WHERE status = 'held' AND currency = 'CAD'`,
			"payouts_booking_id_account_id_talent_id_currency_livemode_fkey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), test.sql)
				return err
			})
			if !db.Violates(err, test.constraint) {
				t.Errorf("error = %v, want a violation of %s", err, test.constraint)
			}
		})
	}
}
