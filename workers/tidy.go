package workers

import (
	"context"
	"errors"
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
		// An upload straight to S3 tells nobody: what is there is kept.
		sum, size, err := blob.Sum(ctx, w.Blob, id)
		if err == nil {
			err = db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error { return w.Dispatch.FileStored(ctx, tx, w.Now(), id, size, sum) })
			if err != nil {
				return err
			}
			continue
		}
		if !errors.Is(err, blob.ErrNotExist) {
			return err
		}
		forgotten, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (bool, error) { return w.Dispatch.ForgetFile(ctx, tx, id) })
		if err != nil {
			return err
		}
		// Content that arrived since it was looked for belongs to nobody now.
		if forgotten {
			if err := w.Blob.Delete(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}
