package workers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
)

// EventRetention prepares the event log's next weeks and forgets events, and the
// deliveries made of them, that are older than Keep.
type EventRetention struct {
	river.WorkerDefaults[jobs.EventRetention]
	Pool db.Beginner
	Now  func() time.Time
	Keep time.Duration // 0 means event.DefaultRetention
}

// Timeout implements river.Worker.
func (w *EventRetention) Timeout(*river.Job[jobs.EventRetention]) time.Duration {
	return jobs.EventRetentionTimeout
}

// Work implements river.Worker.
func (w *EventRetention) Work(ctx context.Context, _ *river.Job[jobs.EventRetention]) error {
	keep := w.Keep
	if keep == 0 {
		keep = event.DefaultRetention
	}
	now := w.Now()
	err := db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		_, err := event.Retain(ctx, tx, now, keep)
		return err
	})
	if err != nil {
		return err
	}
	const batch = 2000
	for {
		n, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (int, error) { return webhook.Forget(ctx, tx, now.Add(-keep), batch) })
		if err != nil || n < batch {
			return err
		}
	}
}
