package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/jobs"
)

// PolicyScreen works jobs.PolicyScreen: it decides about a task by what needs
// the database and records decision and the end of the job in one transaction.
type PolicyScreen struct {
	river.WorkerDefaults[jobs.PolicyScreen]
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Now      func() time.Time
}

// Timeout implements river.Worker.
func (w *PolicyScreen) Timeout(*river.Job[jobs.PolicyScreen]) time.Duration {
	return jobs.PolicyScreenTimeout
}

// Work implements river.Worker.
func (w *PolicyScreen) Work(ctx context.Context, job *river.Job[jobs.PolicyScreen]) error {
	return outcome(db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		task, err := w.Dispatch.TaskToScreen(ctx, tx, job.Args.TaskID)
		if err != nil {
			return err
		}
		decision, err := w.Dispatch.Screener.Task(task.Body)
		if err != nil {
			return err
		}
		if err := w.Dispatch.RecordScreening(ctx, tx, w.Now(), task.ID, decision); err != nil {
			return err
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	}))
}
