package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/jobs"
)

// Screening decides about tasks by everything there is: rules, budget, the
// account's other tasks and, when one is configured, a moderation service.
type Screening struct {
	Pool      db.Beginner
	Dispatch  *dispatch.Dispatch
	Moderator policy.Moderator // nil: none
	Now       func() time.Time
}

// screen decides about one task; then runs in the transaction that records it.
// The moderation service is asked between transactions.
func (s *Screening) screen(ctx context.Context, taskID string, then func(tx pgx.Tx) error) error {
	task, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (dispatch.ScreenedTask, error) { return s.Dispatch.TaskToScreen(ctx, tx, taskID) })
	if err != nil {
		return err
	}
	screener := s.Dispatch.Screener
	decision, err := screener.Task(task.Body)
	if err != nil {
		return err
	}
	decision = decision.Merge(screener.Budget(task.Body)).Merge(screener.Moderated(ctx, s.Moderator, task.Body))
	return db.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		velocity, err := screener.Velocity(ctx, tx, task.CreatedAt, task.AccountID, task.ID, policy.Fingerprint(task.Body), policy.DefaultLimits)
		if err != nil {
			return err
		}
		if err := s.Dispatch.RecordScreening(ctx, tx, s.Now(), task.ID, decision.Merge(velocity)); err != nil {
			return err
		}
		return then(tx)
	})
}

// PolicyScreen works jobs.PolicyScreen: decision and the end of the job are
// recorded in one transaction.
type PolicyScreen struct {
	river.WorkerDefaults[jobs.PolicyScreen]
	*Screening
}

// Timeout implements river.Worker.
func (w *PolicyScreen) Timeout(*river.Job[jobs.PolicyScreen]) time.Duration {
	return jobs.PolicyScreenTimeout
}

// Work implements river.Worker.
func (w *PolicyScreen) Work(ctx context.Context, job *river.Job[jobs.PolicyScreen]) error {
	return outcome(w.screen(ctx, job.Args.TaskID, func(tx pgx.Tx) error {
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	}))
}
