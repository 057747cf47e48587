package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
)

// WebhookPlan plans the deliveries of an event.
type WebhookPlan struct {
	river.WorkerDefaults[jobs.WebhookPlan]
	Pool db.Beginner
	Now  func() time.Time
}

// Timeout implements river.Worker.
func (w *WebhookPlan) Timeout(*river.Job[jobs.WebhookPlan]) time.Duration {
	return jobs.WebhookPlanTimeout
}

// Work implements river.Worker.
func (w *WebhookPlan) Work(ctx context.Context, job *river.Job[jobs.WebhookPlan]) error {
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if err := webhook.Plan(ctx, tx, w.Now(), job.Args.EventID); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
