package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
)

// HoldExpiring works jobs.HoldExpiring: it warns of a hold that is still live.
type HoldExpiring struct {
	river.WorkerDefaults[jobs.HoldExpiring]
	Pool   db.Beginner
	Ledger *escrow.Ledger
	Now    func() time.Time
}

// Timeout implements river.Worker.
func (w *HoldExpiring) Timeout(*river.Job[jobs.HoldExpiring]) time.Duration {
	return jobs.HoldExpiringTimeout
}

// Work implements river.Worker.
func (w *HoldExpiring) Work(ctx context.Context, job *river.Job[jobs.HoldExpiring]) error {
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if err := w.Ledger.WarnExpiring(ctx, tx, w.Now(), job.Args.BookingID); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
