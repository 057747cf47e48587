package workers_test

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"
	dto "github.com/prometheus/client_model/go"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

func TestLedgerVerifyRaisesMetricAndEventForATamperedBalance(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t) // disabling the guards locks the table for everyone
	ledger, err := escrow.New(escrow.DefaultPolicy, nil)
	if err != nil {
		t.Fatal(err)
	}
	account := db.NewID("acct", moneyNow)
	err = db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', true, now())`, account); err != nil {
			return err
		}
		_, err := ledger.Fund(t.Context(), tx, moneyNow, account, escrow.Amount{Minor: 5, Currency: "CAD"}, "1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	worker := rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{}, &workers.LedgerVerify{Pool: tx, Ledger: ledger, Now: moneyClock, Log: slog.New(slog.DiscardHandler)})
	run := func(wantFound, wantEvents int) {
		t.Helper()
		if _, err := worker.Work(t.Context(), t, tx, jobs.LedgerVerify{}, nil); err != nil {
			t.Fatal(err)
		}
		var metric dto.Metric
		if err := workers.LedgerDiscrepancies.Write(&metric); err != nil {
			t.Fatal(err)
		}
		if got := int(metric.Gauge.GetValue()); got != wantFound {
			t.Errorf("metric = %d, want %d", got, wantFound)
		}
		var events int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE account_id = $1 AND type = 'ledger.discrepancy'`, account).Scan(&events); err != nil {
			t.Fatal(err)
		}
		if events != wantEvents {
			t.Errorf("%d events, want %d", events, wantEvents)
		}
	}
	run(0, 0)
	for _, sql := range []string{
		`ALTER TABLE ledger_accounts DISABLE TRIGGER USER`,
		`UPDATE ledger_accounts SET balance = balance + 7 WHERE kind = 'available'`,
		`ALTER TABLE ledger_accounts ENABLE TRIGGER USER`,
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	run(2, 1) // the balance and its currency's sum; one account is concerned
}
