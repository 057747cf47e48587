package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// payout is the real worker with a shorter timeout and quicker retries, so that
// what a killed process left is taken up within the soak.
type payout struct{ *workers.Payout }

func (payout) Timeout(*river.Job[jobs.Payout]) time.Duration { return 5 * time.Second }

func (payout) NextRetry(*river.Job[jobs.Payout]) time.Time { return time.Now().Add(time.Second) }

// work is a worker process: it works the money queue until its parent is gone.
func work(ctx context.Context, _ options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	pool, err := db.Open(ctx, os.Getenv("SOAK_URL"), 12)
	if err != nil {
		return nil // Postgres has been down for long; the parent says so
	}
	defer pool.Close()
	ledger, err := escrow.New(escrow.DefaultPolicy, remoteBank{os.Getenv("SOAK_BANK")})
	if err != nil {
		return err
	}
	registered := river.NewWorkers()
	river.AddWorker(registered, payout{&workers.Payout{Pool: pool, Ledger: ledger, Now: time.Now, Log: slog.New(slog.DiscardHandler)}})
	river.AddWorker(registered, &workers.HoldExpiring{Pool: pool, Ledger: ledger, Now: time.Now})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:               map[string]river.QueueConfig{jobs.QueueMoney: {MaxWorkers: 4}},
		Workers:              registered,
		FetchCooldown:        10 * time.Millisecond,
		JobTimeout:           5 * time.Second,
		RescueStuckJobsAfter: 6 * time.Second,
		Logger:               slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	for client.Start(ctx) != nil && pause(ctx, 200*time.Millisecond) { // while Postgres recovers
	}
	<-ctx.Done()
	return nil
}
