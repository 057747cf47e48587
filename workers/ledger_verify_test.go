package workers_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

func TestLedgerVerifyTellsEachDiscrepancyOnceAndKeepsItForTheMetrics(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t) // disabling the guards locks the table for everyone
	ledger, err := escrow.New(escrow.DefaultPolicy, nil)
	if err != nil {
		t.Fatal(err)
	}
	account, talent := db.NewID("acct", moneyNow), db.NewID("tal", moneyNow)
	do := func(fn func(tx pgx.Tx) error) {
		t.Helper()
		if err := db.WithTx(t.Context(), pool, fn); err != nil {
			t.Fatal(err)
		}
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		do(func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql, args...); return err })
	}
	exec(`INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', true, now())`, account)
	exec(`INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Talent', 't@example.com', now())`, talent, account)
	five := escrow.Amount{Minor: 5, Currency: "CAD"}
	fund := func(key string) {
		t.Helper()
		do(func(tx pgx.Tx) error {
			_, err := ledger.Fund(t.Context(), tx, moneyNow, account, five, key)
			return err
		})
	}
	fund("1")
	tamper := func(by int) {
		t.Helper()
		exec(`ALTER TABLE ledger_accounts DISABLE TRIGGER USER`)
		exec(`UPDATE ledger_accounts SET balance = balance + $1 WHERE kind = 'available'`, by)
		exec(`ALTER TABLE ledger_accounts ENABLE TRIGGER USER`)
	}

	// The metrics are those of another process than the one that proves.
	registry := prometheus.NewRegistry()
	registry.MustRegister(&workers.LedgerMetrics{Pool: pool, Log: slog.New(slog.DiscardHandler)})
	metrics := func() map[string]float64 {
		t.Helper()
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]float64{}
		for _, f := range families {
			values[f.GetName()] = f.Metric[0].Gauge.GetValue()
		}
		return values
	}
	if got := metrics(); len(got) != 0 {
		t.Errorf("before the first proof: %v", got)
	}

	clock := moneyNow
	tx, err := pool.Begin(t.Context()) // of the jobs
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	worker := rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{}, &workers.LedgerVerify{
		Pool: pool, Dispatch: &dispatch.Dispatch{Ledger: ledger}, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
	})
	run := func(step string, wantFound, wantEvents int) {
		t.Helper()
		clock = clock.Add(jobs.LedgerVerifyEvery)
		if _, err := worker.Work(t.Context(), t, tx, jobs.LedgerVerify{}, nil); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		got := metrics()
		if found, at := got["humandispatch_ledger_discrepancies"], got["humandispatch_ledger_proven_timestamp_seconds"]; int(found) != wantFound || int64(at) != clock.Unix() {
			t.Errorf("%s: the metrics say %v discrepancies at %v, want %d at %d", step, found, at, wantFound, clock.Unix())
		}
		var events int
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE account_id = $1 AND type = 'ledger.discrepancy'`, account).Scan(&events); err != nil {
			t.Fatal(err)
		}
		if events != wantEvents {
			t.Errorf("%s: %d events, want %d", step, events, wantEvents)
		}
	}
	run("sound", 0, 0)
	tamper(7)
	run("a balance is wrong", 2, 1) // the balance and its currency's sum; one account is concerned
	run("it still is", 2, 1)
	fund("2")
	run("it moved and still is", 2, 1)
	tamper(-7)
	run("it was repaired", 0, 1)
	tamper(7)
	run("it is wrong again", 2, 2)
	tamper(-7)
	do(func(tx pgx.Tx) error {
		_, err := ledger.Hold(t.Context(), tx, moneyNow, escrow.HoldRequest{AccountID: account, TalentID: talent, BookingID: "bkg_none", Amount: five, ExpiresAt: moneyNow.Add(time.Hour)})
		return err
	})
	run("a hold has no booking", 1, 3)

	// What a slower process saw before says nothing any more.
	do(func(tx pgx.Tx) error { return escrow.RecordProof(t.Context(), tx, clock.Add(-time.Minute), nil) })
	if got := metrics(); got["humandispatch_ledger_discrepancies"] != 1 {
		t.Errorf("after an earlier proof was recorded late: %v", got)
	}
}
