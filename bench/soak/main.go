// Command soak moves money at random while everything it depends on is killed:
// 32 clients fund, hold, release, refund, cancel, dispute and repeat; Postgres
// is stopped as `-m immediate` does and restarted; worker processes that pay out
// through an unreliable bank are killed with -9. At the end the ledger must
// prove itself, and everything that was acknowledged must be there exactly once.
//
//	go run ./bench/soak [-seconds 60] [-clients 32] [-workers 3] [-restarts 5]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

type options struct {
	duration                   time.Duration
	clients, workers, restarts int
	seed                       uint64
}

func main() {
	var o options
	seconds := flag.Int("seconds", 60, "how long money moves; paying out what is left follows")
	flag.IntVar(&o.clients, "clients", 32, "how many clients work at once")
	flag.IntVar(&o.workers, "workers", 3, "how many worker processes pay out")
	flag.IntVar(&o.restarts, "restarts", 5, "how often Postgres is crashed and restarted")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of what the clients do")
	worker := flag.Bool("worker", false, "be a worker process (started by the soak itself)")
	flag.Parse()
	o.duration = time.Duration(*seconds) * time.Second
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := soak
	if *worker {
		run = work
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soak(ctx context.Context, o options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server, err := embedded.Start(ctx, embedded.Options{}) // fsync on: a crash must lose nothing
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	if err := server.CreateDatabase(ctx, "soak"); err != nil {
		return err
	}
	url := server.URL("soak")
	pool, err := db.Open(ctx, url, o.clients+4)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	bank, err := openBank()
	if err != nil {
		return err
	}
	defer bank.close()
	ledger, err := escrow.New(escrow.DefaultPolicy, remoteBank{bank.url})
	if err != nil {
		return err
	}
	fmt.Printf("seed %d: %d clients and %d workers for %s, %d crashes of Postgres\n", o.seed, o.clients, o.workers, o.duration, o.restarts)

	clients := make([]*client, o.clients)
	for i := range clients {
		if clients[i], err = newClient(ctx, pool, ledger, o.seed, i); err != nil {
			return err
		}
	}
	crew := &crew{url: url, bank: bank.url}
	defer crew.dismiss()
	if err := crew.hire(o.workers); err != nil {
		return err
	}

	// Money moves, and things die, until the last crash is a while ago.
	moving, over := context.WithCancel(ctx)
	defer over()
	errs := make(chan error, o.clients+3)
	var running sync.WaitGroup
	for _, c := range clients {
		running.Go(func() { errs <- c.run(moving, ctx) })
	}
	restarts := 0
	running.Go(func() {
		defer over()
		for pause(moving, o.duration/time.Duration(o.restarts+1)) && restarts < o.restarts {
			if err := server.Crash(ctx); err != nil {
				errs <- err
				return
			}
			restarts++
			fmt.Printf("%s  Postgres crashed and recovered (%d)\n", time.Now().Format(time.TimeOnly), restarts)
		}
	})
	running.Go(func() {
		for pause(moving, 700*time.Millisecond) {
			if err := crew.kill(); err != nil {
				errs <- err
				over()
				return
			}
		}
	})
	// An operator retries what the bank declined, to the very end.
	operating, dismissed := context.WithCancel(ctx)
	var operator sync.WaitGroup
	operator.Go(func() { errs <- retryDeclined(operating, pool, ledger) })
	running.Wait()

	// Then everybody lives, and what is owed gets paid.
	fmt.Printf("%s  paying out what is left\n", time.Now().Format(time.TimeOnly))
	err = settled(ctx, pool)
	dismissed()
	operator.Wait()
	close(errs)
	for e := range errs {
		err = errors.Join(err, e)
	}
	if err != nil {
		return err
	}
	return report(ctx, pool, bank, clients, restarts, crew.killed)
}

// pause waits, and reports whether there is still time.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// retryDeclined starts a new attempt at every failed payout until ctx ends.
func retryDeclined(ctx context.Context, pool *pgxpool.Pool, ledger *escrow.Ledger) error {
	for pause(ctx, 500*time.Millisecond) {
		_ = db.WithTx(ctx, pool, func(tx pgx.Tx) error { // when Postgres is down, the next turn finds them
			_, err := ledger.RetryPayouts(ctx, tx, time.Now(), escrow.FailedPayouts{})
			return err
		})
	}
	return nil
}

// settled waits until every payout is paid. A killed worker's job runs again
// when River's rescuer finds it, which takes a minute or two.
func settled(ctx context.Context, pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		var open int
		if err := pool.QueryRow(ctx, `SELECT count(*) FROM payouts WHERE status <> 'paid'`).Scan(&open); err == nil && open == 0 {
			return nil
		}
		if !pause(ctx, 500*time.Millisecond) {
			return fmt.Errorf("%d payouts were not paid within 5 minutes: a payout was lost", open)
		}
	}
}

// crew is the worker processes.
type crew struct {
	url, bank string
	members   []*exec.Cmd
	killed    int
}

func (c *crew) hire(n int) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for range n {
		cmd := exec.Command(program, "-worker")
		cmd.Env = append(os.Environ(), "SOAK_URL="+c.url, "SOAK_BANK="+c.bank)
		cmd.Stderr = os.Stderr
		if _, err := cmd.StdinPipe(); err != nil { // closed by our death, which ends it
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		c.members = append(c.members, cmd)
	}
	return nil
}

// kill ends the longest-serving worker with -9 and hires another.
func (c *crew) kill() error {
	m := c.members[0]
	c.members = c.members[1:]
	if err := m.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = m.Wait()
	c.killed++
	return c.hire(1)
}

func (c *crew) dismiss() {
	for _, m := range c.members {
		_ = m.Process.Kill()
		_ = m.Wait()
	}
}
