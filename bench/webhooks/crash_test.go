package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
)

// workerEnv, when set to a database URL, makes the test binary a worker process.
const workerEnv = "WEBHOOK_CRASH_WORKER"

func TestMain(m *testing.M) {
	if url := os.Getenv(workerEnv); url != "" {
		if err := beWorker(context.Background(), url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(dbtest.Main(m))
}

// crashTimeout stands for WebhookDeliverTimeout: how soon a killed run may be rescued.
const crashTimeout = time.Second

// beWorker works until it is killed or its parent is gone.
func beWorker(ctx context.Context, url string) error {
	pool, err := db.Open(ctx, url, 8)
	if err != nil {
		return err
	}
	_, err = startWorkers(ctx, pool, crashTimeout, func(c *river.Config) {
		// A leader that is killed every second would rescue nobody.
		c.LeaderElectionDisabled = true
		c.JobTimeout = crashTimeout
		c.RescueStuckJobsAfter = 2 * crashTimeout
		c.Queues["webhooks"] = river.QueueConfig{MaxWorkers: 8}
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// crew keeps worker processes alive and kills them.
type crew struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	procs []*exec.Cmd
	kills int
	limit int
}

func (c *crew) hire() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerEnv+"="+c.url)
	cmd.Stderr = os.Stderr
	// The worker ends with its standard input, so also when this process dies.
	if _, err := cmd.StdinPipe(); err != nil {
		c.t.Error(err)
		return
	}
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return
	}
	c.procs = append(c.procs, cmd)
}

// kill ends one of the crew with SIGKILL, whatever it is doing, and hires another.
func (c *crew) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kills == c.limit {
		return
	}
	c.kills++
	i := rand.IntN(len(c.procs))
	victim := c.procs[i]
	_ = victim.Process.Kill()
	_ = victim.Wait()
	c.procs = append(c.procs[:i], c.procs[i+1:]...)
	c.hire()
}

func (c *crew) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kills = c.limit
	for _, p := range c.procs {
		_ = p.Process.Kill()
		_ = p.Wait()
	}
}

// Workers are killed with -9 while they deliver: before the receiver has answered,
// while they record the answer, and at any time in between. Every event must
// arrive, and what arrives twice must carry the same id.
func TestEveryEventArrivesThoughWorkersAreKilled200Times(t *testing.T) {
	t.Parallel()
	const events, kills = 1000, 200
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	url := dbtest.URL(t)
	pool, err := db.Open(ctx, url, 20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)

	crew := &crew{t: t, url: url, limit: kills}
	var mu sync.Mutex
	seen := map[string]int{}
	complete := make(chan struct{})
	var requests atomic.Int64
	handler := receiver(func(id string) {
		mu.Lock()
		defer mu.Unlock()
		seen[id]++
		if len(seen) == events && seen[id] == 1 {
			close(complete)
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		if n%8 == 0 {
			crew.kill() // before it has its answer
		}
		handler.ServeHTTP(w, r)
		if n%8 == 4 {
			go crew.kill() // about when it records the answer
		}
	}))
	defer server.Close()

	accountID, err := register(ctx, pool, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	committed := map[string]bool{}
	for range events {
		id, err := commit(ctx, pool, accountID)
		if err != nil {
			t.Fatal(err)
		}
		committed[id] = true
	}
	crew.mu.Lock()
	crew.hire()
	crew.hire()
	crew.mu.Unlock()
	defer crew.dismiss()

	rescued := make(chan error, 1)
	go func() { rescued <- rescue(ctx, pool) }()
	// Kills go on until all are done, even when few requests are left to trigger them.
	for crew.count() < kills {
		before := crew.count()
		select {
		case <-time.After(300 * time.Millisecond):
			if crew.count() == before {
				crew.kill()
			}
		case err := <-rescued:
			t.Fatal(err)
		}
	}
	select {
	case <-complete:
	case err := <-rescued:
		t.Fatal(err)
	case <-time.After(2 * time.Minute):
	}
	mu.Lock()
	defer mu.Unlock()
	twice := 0
	for id, n := range seen {
		if !committed[id] {
			t.Errorf("%s was never committed", id)
		}
		if n > 1 {
			twice++
		}
	}
	if len(seen) != events {
		t.Errorf("%d of %d events arrived", len(seen), events)
	}
	t.Logf("%d kills, %d requests, %d events arrived, %d of them more than once", crew.count(), requests.Load(), len(seen), twice)
}

func (c *crew) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kills
}

// rescue is the leader of the deployment: it works no queue and frees the jobs of
// the dead. A leader rescues when it starts and every half minute, so this one
// starts again and again.
func rescue(ctx context.Context, pool *pgxpool.Pool) error {
	for {
		client, err := startWorkers(ctx, pool, crashTimeout, func(c *river.Config) {
			c.Queues = map[string]river.QueueConfig{"maintenance": {MaxWorkers: 1}}
			c.JobTimeout = crashTimeout
			c.RescueStuckJobsAfter = 2 * crashTimeout
		})
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return client.Stop(context.WithoutCancel(ctx))
		case <-time.After(2 * time.Second):
		}
		if err := client.Stop(ctx); err != nil {
			return err
		}
	}
}
