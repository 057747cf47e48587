package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/jobs"
)

// Rescreen works jobs.Rescreen: it screens the next open tasks again and
// inserts the job for those that follow. Each task's decision commits by itself
// and repeating it changes nothing, so an interrupted run starts its part again.
type Rescreen struct {
	river.WorkerDefaults[jobs.Rescreen]
	*Screening
}

const (
	rescreenBatch    = 100              // tasks that one run looks at, at most
	rescreenPatience = 90 * time.Second // and for so long, within the job's timeout
)

// Timeout implements river.Worker.
func (w *Rescreen) Timeout(*river.Job[jobs.Rescreen]) time.Duration { return jobs.RescreenTimeout }

// Work implements river.Worker.
func (w *Rescreen) Work(ctx context.Context, job *river.Job[jobs.Rescreen]) error {
	next := job.Args
	ids, err := db.In(ctx, w.Pool, func(tx pgx.Tx) ([]string, error) {
		return w.Dispatch.OpenTaskIDs(ctx, tx, next.After, rescreenBatch)
	})
	if err != nil {
		return err
	}
	deadline := w.Now().Add(rescreenPatience)
	for _, id := range ids {
		if w.Now().After(deadline) { // a slow moderation service: the next job goes on from here
			return w.goOn(ctx, job, next, true)
		}
		if err := w.screen(ctx, id, func(pgx.Tx) error { return nil }); err != nil {
			return err
		}
		next.After, next.Done = id, next.Done+1
	}
	return w.goOn(ctx, job, next, len(ids) == rescreenBatch)
}

// goOn ends this job and, when there is more to do, inserts the next one.
func (w *Rescreen) goOn(ctx context.Context, job *river.Job[jobs.Rescreen], next jobs.Rescreen, more bool) error {
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if more {
			if err := jobs.Insert(ctx, tx, next); err != nil {
				return err
			}
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
