package workers

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
)

// LedgerDiscrepancies is the alert metric of LedgerVerify: how many rows of the
// ledger did not add up at its last run. Anything above zero wants a person.
var LedgerDiscrepancies = prometheus.NewGauge(prometheus.GaugeOpts{
	Name: "humandispatch_ledger_discrepancies",
	Help: "Rows that the last periodic proof of the ledger found wrong; `humandispatch admin ledger verify` names them.",
})

// LedgerVerify works jobs.LedgerVerify: it proves the ledger, sets
// LedgerDiscrepancies, and tells each account concerned. It repairs nothing.
type LedgerVerify struct {
	river.WorkerDefaults[jobs.LedgerVerify]
	Pool   db.Beginner
	Ledger *escrow.Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

// Timeout implements river.Worker.
func (w *LedgerVerify) Timeout(*river.Job[jobs.LedgerVerify]) time.Duration {
	return jobs.LedgerVerifyTimeout
}

// Work implements river.Worker.
func (w *LedgerVerify) Work(ctx context.Context, job *river.Job[jobs.LedgerVerify]) error {
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		found, err := w.Ledger.VerifyAndTell(ctx, tx, w.Now())
		if err != nil {
			return err
		}
		LedgerDiscrepancies.Set(float64(len(found)))
		for _, d := range found {
			w.Log.ErrorContext(ctx, "ledger discrepancy", "check", d.Check, "row", d.Row, "account", d.AccountID, "detail", d.Detail)
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
