package workers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
)

// WebhookDeliver sends a delivery: short read, request, record.
type WebhookDeliver struct {
	river.WorkerDefaults[jobs.WebhookDeliver]
	Pool interface {
		db.Beginner
		webhook.Reader
	}
	Client *http.Client // webhook.NewClient
	Sealer *webhook.Sealer
	Lanes  *webhook.Lanes // shared by all deliveries of this process
	Now    func() time.Time

	recent webhook.Recent
}

// Timeout implements river.Worker.
func (w *WebhookDeliver) Timeout(*river.Job[jobs.WebhookDeliver]) time.Duration {
	return jobs.WebhookDeliverTimeout
}

// NextRetry implements river.Worker: the documented schedule after a recorded
// attempt, soon after a run that did not come as far.
func (w *WebhookDeliver) NextRetry(job *river.Job[jobs.WebhookDeliver]) time.Time {
	if at := job.Args.NextAttempt; !at.IsZero() {
		return at
	}
	return w.Now().Add(jobs.WebhookDeliverAgain(job.Attempt))
}

// Work implements river.Worker.
func (w *WebhookDeliver) Work(ctx context.Context, job *river.Job[jobs.WebhookDeliver]) error {
	err := w.attempt(ctx, job)
	var snooze *river.JobSnoozeError
	if err == nil || errors.As(err, &snooze) || job.Attempt < job.MaxAttempts {
		return err
	}
	// River discards the job now. A delivery that nobody will try again must not
	// say that it waits: failed, it can be replayed. The run's own time may be up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error { return webhook.Abandon(ctx, tx, w.Now(), job.Args.DeliveryID) }))
}

func (w *WebhookDeliver) attempt(ctx context.Context, job *river.Job[jobs.WebhookDeliver]) error {
	now := w.Now()
	due, err := webhook.Load(ctx, w.Pool, now, job.Args.DeliveryID, w.Sealer, &w.recent)
	if fault.Is(err, fault.NotFound) {
		return nil // forgotten
	}
	if err != nil {
		return err
	}
	if !due.Pending {
		return nil // a run that was killed after it recorded
	}
	if !due.Open {
		return w.complete(ctx, job, func(tx pgx.Tx) error { return webhook.Abandon(ctx, tx, now, due.ID) })
	}
	if rest, err := w.rest(ctx, now, due); err != nil {
		return err
	} else if rest > 0 {
		return river.JobSnooze(rest)
	}
	leave, wait := w.Lanes.Enter(ctx, due.AccountID, due.EndpointID)
	if leave == nil {
		return river.JobSnooze(wait)
	}
	defer leave() // after the attempt is recorded: the next one sees what became of this one
	attempt, err := webhook.Send(ctx, w.Client, w.Now(), due)
	if err != nil {
		return err
	}
	// The pause before the next attempt begins when this one has ended, which may
	// be 15 seconds after it began.
	return w.record(ctx, job, w.Now(), due, attempt)
}

// rest returns how long the delivery must wait because its endpoint's circuit
// breaker is open.
func (w *WebhookDeliver) rest(ctx context.Context, now time.Time, due webhook.Due) (time.Duration, error) {
	if due.Paused == nil {
		return 0, nil
	}
	if rest := webhook.Rest(now, due); rest > 0 {
		return rest, nil
	}
	mine, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (bool, error) { return webhook.Probe(ctx, tx, now, due) })
	if err != nil || mine {
		return 0, err
	}
	return webhook.ProbeRest(), nil
}

// errNotReceived tells River that there is to be another attempt.
var errNotReceived = errors.New("not received")

func (w *WebhookDeliver) record(ctx context.Context, job *river.Job[jobs.WebhookDeliver], now time.Time, due webhook.Due, attempt webhook.Attempt) error {
	var next time.Time
	err := db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		var err error
		if next, err = webhook.Record(ctx, tx, now, due, attempt); err != nil || !next.IsZero() {
			return err
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
	if err != nil || next.IsZero() {
		return err
	}
	job.Args.NextAttempt = next
	if attempt.Error != "" {
		return fmt.Errorf("%w: %s", errNotReceived, attempt.Error)
	}
	return fmt.Errorf("%w: answered %d", errNotReceived, attempt.StatusCode)
}

func (w *WebhookDeliver) complete(ctx context.Context, job *river.Job[jobs.WebhookDeliver], fn func(tx pgx.Tx) error) error {
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
