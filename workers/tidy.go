package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/jobs"
)

// Tidy works jobs.Tidy: it removes what has run out.
type Tidy struct {
	river.WorkerDefaults[jobs.Tidy]
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Blob     blob.Store
	Now      func() time.Time
	// PurgeKeys removes idempotency keys that have expired.
	PurgeKeys func(ctx context.Context, tx pgx.Tx, now time.Time) (int64, error)
}

// tidyBatch is how many uploads that never came are forgotten in one run.
const tidyBatch = 1000

// Timeout implements river.Worker.
func (w *Tidy) Timeout(*river.Job[jobs.Tidy]) time.Duration { return jobs.TidyTimeout }

// Work implements river.Worker.
func (w *Tidy) Work(ctx context.Context, _ *river.Job[jobs.Tidy]) error {
	if _, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (int64, error) { return w.PurgeKeys(ctx, tx, w.Now()) }); err != nil {
		return err
	}
	expired, err := db.In(ctx, w.Pool, func(tx pgx.Tx) ([]string, error) { return w.Dispatch.ExpiredFiles(ctx, tx, w.Now(), tidyBatch) })
	if err != nil {
		return err
	}
	for _, id := range expired {
		// The row goes first: what then is left in the store belongs to nobody,
		// while a row without content could still be submitted.
		forgotten, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (bool, error) { return w.Dispatch.ForgetFile(ctx, tx, id) })
		if err == nil && forgotten {
			err = w.Blob.Delete(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
