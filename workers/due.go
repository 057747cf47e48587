package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/jobs"
)

// Due works jobs.Due: what a deadline causes, and the end of the job, in one
// transaction. A deadline that has been met or moved causes nothing.
type Due struct {
	river.WorkerDefaults[jobs.Due]
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Blob     blob.Store
	Now      func() time.Time
}

// Timeout implements river.Worker.
func (w *Due) Timeout(*river.Job[jobs.Due]) time.Duration { return jobs.DueTimeout }

// Work implements river.Worker.
func (w *Due) Work(ctx context.Context, job *river.Job[jobs.Due]) error {
	id := job.Args.SubjectID
	var effect func(tx pgx.Tx) error
	switch job.Args.Deadline {
	case jobs.QuoteRequestExpiry:
		effect = func(tx pgx.Tx) error { return w.Dispatch.ExpireQuoteRequest(ctx, tx, w.Now(), id) }
	case jobs.QuoteExpiry:
		effect = func(tx pgx.Tx) error { return w.Dispatch.ExpireQuote(ctx, tx, w.Now(), id) }
	case jobs.NoShow:
		effect = func(tx pgx.Tx) error { return w.Dispatch.MarkNoShow(ctx, tx, w.Now(), id) }
	case jobs.DisputeDeadline:
		effect = func(tx pgx.Tx) error { return w.Dispatch.ResolveOverdueDispute(ctx, tx, w.Now(), id) }
	case jobs.AutoAccept:
		observed, err := w.observe(ctx, id)
		if err != nil {
			return w.later(err)
		}
		effect = func(tx pgx.Tx) error { return w.Dispatch.AutoAccept(ctx, tx, w.Now(), id, observed) }
	default:
		return river.JobCancel(fmt.Errorf("this binary knows no deadline %q", job.Args.Deadline))
	}
	err := db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if err := effect(tx); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
	return w.later(err)
}

// later has a job that ran before its time run again at it.
func (w *Due) later(err error) error {
	var early dispatch.NotDueError
	if errors.As(err, &early) {
		return river.JobSnooze(max(early.At.Sub(w.Now()), time.Second))
	}
	return outcome(err)
}

// observe reads the files of a work order again before it accepts itself.
func (w *Due) observe(ctx context.Context, workOrderID string) (map[string]string, error) {
	files, err := db.In(ctx, w.Pool, func(tx pgx.Tx) ([]string, error) {
		due, err := w.Dispatch.AutoAcceptDue(ctx, tx, w.Now(), workOrderID)
		if err != nil || !due {
			return nil, err
		}
		return w.Dispatch.SubmittedFiles(ctx, tx, dispatch.Caller{}, workOrderID)
	})
	if err != nil {
		return nil, err
	}
	return blob.Sums(ctx, w.Blob, files)
}
