// Package workers does what jobs ask for: one River worker a file, each safe to
// run twice. It reads, works between transactions, and records result, event
// and the end of the job in one. It knows no HTTP request.
package workers

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/workers/mail"
)

// Tools is what workers work with.
type Tools struct {
	Pool      *pgxpool.Pool
	Dispatch  *dispatch.Dispatch
	Blob      blob.Store
	Prober    *media.Prober
	Mail      mail.Sender
	Webhooks  *http.Client // webhook.NewClient
	Sealer    *webhook.Sealer
	PublicURL string
	Moderator policy.Moderator // nil: none
	Log       *slog.Logger
	Now       func() time.Time
	// EventRetention is how long events are kept; 0 means the default.
	EventRetention time.Duration
	// PurgeKeys removes the API's idempotency keys that have expired.
	PurgeKeys func(ctx context.Context, tx pgx.Tx, now time.Time) (int64, error)
	// DrainTimeout is how long running jobs may go on after a stop.
	DrainTimeout time.Duration
}

// Register makes every worker known to River.
func Register(t Tools, queues map[string]int) *river.Workers {
	wall := t.Now
	t.Now = func() time.Time { return wall().UTC().Truncate(time.Microsecond) } // what Postgres keeps
	w := river.NewWorkers()
	reader := &Reader{Pool: t.Pool, Dispatch: t.Dispatch, Blob: t.Blob, Prober: t.Prober, Parallel: 4}
	river.AddWorker(w, &MediaQA{Reader: reader, Now: t.Now})
	river.AddWorker(w, &ReadFiles{Reader: reader})
	screening := &Screening{Pool: t.Pool, Dispatch: t.Dispatch, Moderator: t.Moderator, Now: t.Now}
	river.AddWorker(w, &PolicyScreen{Screening: screening})
	river.AddWorker(w, &Rescreen{Screening: screening})
	river.AddWorker(w, &InviteTalent{Pool: t.Pool, Dispatch: t.Dispatch, Mail: t.Mail, PublicURL: t.PublicURL})
	river.AddWorker(w, &Due{Pool: t.Pool, Dispatch: t.Dispatch, Blob: t.Blob, Now: t.Now})
	river.AddWorker(w, &Tidy{Pool: t.Pool, Dispatch: t.Dispatch, Blob: t.Blob, Now: t.Now, PurgeKeys: t.PurgeKeys})
	river.AddWorker(w, &Payout{Pool: t.Pool, Ledger: t.Dispatch.Ledger, Now: t.Now, Log: t.Log})
	river.AddWorker(w, &HoldExpiring{Pool: t.Pool, Ledger: t.Dispatch.Ledger, Now: t.Now})
	river.AddWorker(w, &LedgerVerify{Pool: t.Pool, Dispatch: t.Dispatch, Now: t.Now, Log: t.Log})
	river.AddWorker(w, &WebhookPlan{Pool: t.Pool, Now: t.Now})
	river.AddWorker(w, &WebhookDeliver{Pool: t.Pool, Client: t.Webhooks, Sealer: t.Sealer, Lanes: webhook.NewLanes(queues[jobs.QueueWebhooks]), Now: t.Now})
	river.AddWorker(w, &WebhookReplay{Pool: t.Pool, Now: t.Now})
	river.AddWorker(w, &EventRetention{Pool: t.Pool, Now: t.Now, Keep: t.EventRetention})
	return w
}

// NewClient makes the River client that works the given queues with so many
// jobs at once each. The default fetch cooldown of 100 ms would cap a queue at
// ten times its workers a second. A killed worker's job is rescued when its
// kind's timeout, and at least a minute, has passed since it began.
func NewClient(t Tools, queues map[string]int) (*river.Client[pgx.Tx], error) {
	config := &river.Config{
		Queues:               map[string]river.QueueConfig{},
		Workers:              Register(t, queues),
		FetchCooldown:        5 * time.Millisecond,
		FetchPollInterval:    time.Second,
		JobTimeout:           30 * time.Second,
		RescueStuckJobsAfter: time.Minute,
		SoftStopTimeout:      t.DrainTimeout,
		Logger:               t.Log,
		PeriodicJobs: []*river.PeriodicJob{
			periodic(jobs.LedgerVerifyEvery, jobs.LedgerVerify{}),
			periodic(jobs.EventRetentionEvery, jobs.EventRetention{}),
			periodic(10*time.Minute, jobs.Tidy{}),
		},
		ErrorHandler: &report{t.Log},
	}
	for name, workers := range queues {
		if _, known := jobs.DefaultWorkers[name]; !known {
			return nil, fmt.Errorf("there is no queue %q; the queues are %v", name, jobs.Queues())
		}
		config.Queues[name] = river.QueueConfig{MaxWorkers: workers}
	}
	client, err := river.NewClient(riverpgxv5.New(t.Pool), config)
	if err != nil {
		return nil, fmt.Errorf("workers: %w", err)
	}
	return client, nil
}

func periodic(every time.Duration, args river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(every), func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}

// report logs what went wrong with a job; River decides what becomes of it.
type report struct{ log *slog.Logger }

func (r *report) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.log.WarnContext(ctx, "job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

func (r *report) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	r.log.ErrorContext(ctx, "job panicked", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "panic", value, "trace", trace)
	return nil
}
