package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
)

// WebhookReplay replays what failed in a time range, batch by batch: each batch
// is its own transaction, and a run that is killed goes on where it stopped.
type WebhookReplay struct {
	river.WorkerDefaults[jobs.WebhookReplay]
	Pool  db.Beginner
	Now   func() time.Time
	Batch int // deliveries in a transaction; 0 means 500
}

// Timeout implements river.Worker.
func (w *WebhookReplay) Timeout(*river.Job[jobs.WebhookReplay]) time.Duration {
	return jobs.WebhookReplayTimeout
}

// Work implements river.Worker.
func (w *WebhookReplay) Work(ctx context.Context, job *river.Job[jobs.WebhookReplay]) error {
	batch := w.Batch
	if batch == 0 {
		batch = 500
	}
	for {
		n, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (int, error) {
			return webhook.ReplayBatch(ctx, tx, w.Now(), job.Args, batch)
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
