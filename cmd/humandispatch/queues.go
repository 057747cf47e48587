package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

type queuesCmd struct {
	List   queueListCmd   `cmd:"" default:"withargs" help:"What waits, runs and failed in each queue."`
	Pause  queuePauseCmd  `cmd:"" help:"Start no more jobs of a queue; running ones finish."`
	Resume queueResumeCmd `cmd:"" help:"Start jobs of a queue again."`
	Retry  queueRetryCmd  `cmd:"" help:"Run failed jobs again now, those that gave up and those that wait for their next attempt."`
}

// withRiver opens the database and a River client that works on nothing.
func withRiver(ctx context.Context, f databaseFlags, fn func(pool *pgxpool.Pool, client *river.Client[pgx.Tx]) error) error {
	pool, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return fn(pool, client)
}

type queueListCmd struct {
	databaseFlags
	JSON bool `name:"json" help:"One JSON object a line."`
}

// Validate implements kong's validation.
func (c *queueListCmd) Validate() error { return c.check() }

// queueState is one line of the list.
type queueState struct {
	Queue         string `json:"queue"`
	Paused        bool   `json:"paused"`
	Available     int64  `json:"available"` // could run now
	Running       int64  `json:"running"`
	Scheduled     int64  `json:"scheduled"`      // for later
	Retryable     int64  `json:"retryable"`      // failed, waits for its next attempt
	Discarded     int64  `json:"discarded"`      // failed for good
	OldestSeconds int64  `json:"oldest_seconds"` // how long the oldest available job has been due
}

// The counts are over River's own table: its client lists queues and jobs, but
// does not count them.
const countJobs = `
SELECT queue,
       count(*) FILTER (WHERE state IN ('available', 'pending')),
       count(*) FILTER (WHERE state = 'running'),
       count(*) FILTER (WHERE state = 'scheduled'),
       count(*) FILTER (WHERE state = 'retryable'),
       count(*) FILTER (WHERE state = 'discarded'),
       coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE state = 'available')), 0)::bigint
FROM river_job WHERE state NOT IN ('completed', 'cancelled') GROUP BY queue`

// Run prints a line for each queue, also for those without a job.
func (c *queueListCmd) Run(ctx context.Context, std streams) error {
	return withRiver(ctx, c.databaseFlags, func(pool *pgxpool.Pool, client *river.Client[pgx.Tx]) error {
		states := map[string]*queueState{}
		at := func(name string) *queueState {
			if states[name] == nil {
				states[name] = &queueState{Queue: name}
			}
			return states[name]
		}
		for _, name := range queueNames() {
			at(name)
		}
		rows, err := pool.Query(ctx, countJobs)
		if err != nil {
			return err
		}
		var s queueState
		_, err = pgx.ForEachRow(rows, []any{&s.Queue, &s.Available, &s.Running, &s.Scheduled, &s.Retryable, &s.Discarded, &s.OldestSeconds}, func() error {
			*at(s.Queue) = s
			return nil
		})
		if err != nil {
			return err
		}
		known, err := client.QueueList(ctx, river.NewQueueListParams().First(1000))
		if err != nil {
			return err
		}
		for _, q := range known.Queues {
			at(q.Name).Paused = q.PausedAt != nil
		}
		return c.print(std, states)
	})
}

func (c *queueListCmd) print(std streams, states map[string]*queueState) error {
	names := make([]string, 0, len(states))
	for name := range states {
		names = append(names, name)
	}
	slices.Sort(names)
	if c.JSON {
		encoder := json.NewEncoder(std.out)
		for _, name := range names {
			if err := encoder.Encode(states[name]); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "QUEUE\tAVAILABLE\tRUNNING\tSCHEDULED\tRETRYABLE\tDISCARDED\tOLDEST\t")
	for _, name := range names {
		s := states[name]
		paused := ""
		if s.Paused {
			paused = "paused"
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", name, s.Available, s.Running, s.Scheduled, s.Retryable, s.Discarded,
			time.Duration(s.OldestSeconds)*time.Second, paused)
	}
	return table.Flush()
}

// queueArg names one queue, or all of them.
type queueArg struct {
	databaseFlags
	Queue string `arg:"" help:"The queue's name, or all."`
}

// Validate implements kong's validation.
func (q queueArg) Validate() error {
	if q.Queue != "all" && !slices.Contains(queueNames(), q.Queue) {
		return fmt.Errorf("there is no queue %q, expected all, %s", q.Queue, strings.Join(queueNames(), ", "))
	}
	return q.check()
}

func (q queueArg) names() []string {
	if q.Queue == "all" {
		return queueNames()
	}
	return []string{q.Queue}
}

type queuePauseCmd struct{ queueArg }

// Run pauses, also for worker processes that are started later.
func (c *queuePauseCmd) Run(ctx context.Context, std streams) error {
	return c.each(ctx, std, "paused", (*river.Client[pgx.Tx]).QueuePause)
}

type queueResumeCmd struct{ queueArg }

// Run resumes.
func (c *queueResumeCmd) Run(ctx context.Context, std streams) error {
	return c.each(ctx, std, "resumed", (*river.Client[pgx.Tx]).QueueResume)
}

func (q queueArg) each(ctx context.Context, std streams, done string, do func(*river.Client[pgx.Tx], context.Context, string, *river.QueuePauseOpts) error) error {
	return withRiver(ctx, q.databaseFlags, func(pool *pgxpool.Pool, client *river.Client[pgx.Tx]) error {
		for _, name := range q.names() {
			// River makes a queue's row when a worker first works on it, and pauses only rows.
			if _, err := pool.Exec(ctx, `INSERT INTO river_queue (name, created_at, updated_at) VALUES ($1, now(), now()) ON CONFLICT (name) DO NOTHING`, name); err != nil {
				return err
			}
			if err := do(client, ctx, name, nil); err != nil {
				return fmt.Errorf("queue %s: %w", name, err)
			}
			fmt.Fprintln(std.out, name, done)
		}
		return nil
	})
}

type queueRetryCmd struct {
	queueArg
	Kinds []string `name:"kind" help:"Only jobs of these kinds, such as webhook_deliver."`
}

// Run retries page by page, so that any number of jobs takes little memory.
func (c *queueRetryCmd) Run(ctx context.Context, std streams) error {
	return withRiver(ctx, c.databaseFlags, func(_ *pgxpool.Pool, client *river.Client[pgx.Tx]) error {
		params := river.NewJobListParams().Queues(c.names()...).First(1000).OrderBy(river.JobListOrderByID, river.SortOrderAsc).
			States(rivertype.JobStateDiscarded, rivertype.JobStateRetryable)
		if len(c.Kinds) > 0 {
			params = params.Kinds(c.Kinds...)
		}
		retried := 0
		for {
			page, err := client.JobList(ctx, params)
			if err != nil {
				return err
			}
			for _, job := range page.Jobs {
				if _, err := client.JobRetry(ctx, job.ID); err != nil {
					return fmt.Errorf("after %d jobs, job %d (%s): %w", retried, job.ID, job.Kind, err)
				}
				retried++
			}
			if len(page.Jobs) < 1000 {
				break
			}
			params = params.After(page.LastCursor)
		}
		fmt.Fprintf(std.out, "%d jobs will run again\n", retried)
		return nil
	})
}
