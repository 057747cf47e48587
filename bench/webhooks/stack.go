package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// gate lets webhooks reach the receiver, which listens on this machine.
var gate = &webhook.Gate{AllowLoopback: true}

const slots = 64 // deliveries at once

func newSealer() (*webhook.Sealer, error) {
	return webhook.NewSealer([]byte(strings.Repeat("k", 32)))
}

// startWorkers runs the webhook workers as a worker process does. adjust may change
// River's configuration and the deliverer's timeout.
func startWorkers(ctx context.Context, pool *pgxpool.Pool, timeout time.Duration, adjust func(*river.Config)) (*river.Client[pgx.Tx], error) {
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	registry := river.NewWorkers()
	river.AddWorker(registry, &workers.WebhookPlan{Pool: pool, Now: time.Now})
	river.AddWorker(registry, &deliver{timeout: timeout, WebhookDeliver: &workers.WebhookDeliver{
		Pool: pool, Client: webhook.NewClient(gate), Sealer: sealer, Lanes: webhook.NewLanes(slots), Now: time.Now,
	}})
	config := &river.Config{
		Queues:               map[string]river.QueueConfig{jobs.QueueWebhooks: {MaxWorkers: slots}},
		Workers:              registry,
		Logger:               slog.New(slog.DiscardHandler),
		FetchCooldown:        5 * time.Millisecond,
		JobTimeout:           time.Minute,
		RescueStuckJobsAfter: 2 * time.Minute,
	}
	if adjust != nil {
		adjust(config)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, err
	}
	return client, client.Start(ctx)
}

// deliver is the worker with a timeout that fits how long the program runs.
type deliver struct {
	*workers.WebhookDeliver
	timeout time.Duration
}

func (d *deliver) Timeout(job *river.Job[jobs.WebhookDeliver]) time.Duration {
	if d.timeout > 0 {
		return d.timeout
	}
	return d.WebhookDeliver.Timeout(job)
}

// register creates an account with endpoints at the given URLs.
func register(ctx context.Context, pool *pgxpool.Pool, urls ...string) (string, error) {
	sealer, err := newSealer()
	if err != nil {
		return "", err
	}
	return db.In(ctx, pool, func(tx pgx.Tx) (string, error) {
		a, err := account.Create(ctx, tx, time.Now(), "Webhook benchmark", true, 72*time.Hour)
		if err != nil {
			return "", err
		}
		for _, url := range urls {
			if _, _, err := webhook.Create(ctx, tx, time.Now(), a.ID, webhook.NewEndpoint{URL: url, Types: []string{"*"}}, gate, sealer); err != nil {
				return "", err
			}
		}
		return a.ID, nil
	})
}

// commit appends one event of ordinary size in a transaction of its own.
func commit(ctx context.Context, pool *pgxpool.Pool, accountID string) (string, error) {
	e, err := db.In(ctx, pool, func(tx pgx.Tx) (event.Event, error) {
		return event.Append(ctx, tx, time.Now(), event.New{
			AccountID: accountID, Livemode: true, Type: event.QACompleted, Related: map[string]string{"task_id": "task_01J9ZK3V5QW8X7Y6T5R4E3W2Q1"},
			Object: map[string]any{"id": "wo_01J9ZK3V5QW8X7Y6T5R4E3W2Q1", "state": "qa_passed", "revision": 1, "summary": strings.Repeat("All checks passed. ", 40)},
		})
	})
	return e.ID, err
}

// receiver counts what it receives and tells on a function what arrived.
func receiver(received func(eventID string)) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		received(r.Header.Get(webhook.HeaderID))
	})
}
