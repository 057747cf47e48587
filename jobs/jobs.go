// Package jobs holds the arguments of every River job and the queues they run
// in. Arguments carry ids, never data that can go stale. Each kind's queue,
// timeout, retry schedule and unique key are written beside its arguments; it
// knows nothing of what the workers do with them.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// The queues. An operator sizes each on its own.
const (
	QueuePolicy      = "policy"
	QueueMediaQA     = "media_qa"
	QueueWebhooks    = "webhooks"
	QueueMoney       = "money"
	QueueMail        = "mail"
	QueueMaintenance = "maintenance"
)

// DefaultWorkers is how many jobs of each queue one worker process runs at once
// when nothing else is said. It also lists all queues.
var DefaultWorkers = map[string]int{
	QueuePolicy:      4,
	QueueMediaQA:     2,
	QueueWebhooks:    64,
	QueueMoney:       8,
	QueueMail:        4,
	QueueMaintenance: 2,
}

// Queues lists the names of all queues, sorted.
func Queues() []string { return slices.Sorted(maps.Keys(DefaultWorkers)) }

// inserter is a client that can only insert, in the caller's transaction.
var inserter = sync.OnceValues(func() (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(nil), &river.Config{
		Logger:        slog.New(slog.DiscardHandler), // errors are returned
		FetchCooldown: river.FetchCooldownMin,        // it also spaces the notices that wake workers, 100 ms unless set
	})
})

// Insert adds jobs to the transaction that causes them: they run when it
// commits and never when it does not.
func Insert(ctx context.Context, tx pgx.Tx, args ...river.JobArgs) error {
	params := make([]river.InsertManyParams, len(args))
	for i, a := range args {
		params[i] = river.InsertManyParams{Args: a}
	}
	return insert(ctx, tx, params)
}

// InsertOnce adds a job unless one with the same unique key is under way.
func InsertOnce(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
	client, err := inserter()
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := client.InsertTx(ctx, tx, args, nil); err != nil {
		return fmt.Errorf("jobs: insert: %w", err)
	}
	return nil
}

// InsertAt adds a job that runs at the given time.
func InsertAt(ctx context.Context, tx pgx.Tx, at time.Time, args river.JobArgs) error {
	return insert(ctx, tx, []river.InsertManyParams{{Args: args, InsertOpts: &river.InsertOpts{ScheduledAt: at}}})
}

func insert(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) error {
	client, err := inserter()
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if _, err := client.InsertManyFastTx(ctx, tx, params); err != nil {
		return fmt.Errorf("jobs: insert: %w", err)
	}
	return nil
}
