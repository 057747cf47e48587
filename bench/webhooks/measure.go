package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

const (
	aloneFor   = 3 * time.Second
	burst      = 4000 // deliveries of a full-speed run, after a tenth as many to warm up
	writers    = 8
	halfFor    = 8 * time.Second
	runTimeout = 2 * time.Minute
)

// run measures and prints a table.
func run(ctx context.Context, out io.Writer) error {
	url, stop, err := server(ctx)
	if err != nil {
		return err
	}
	defer stop()
	pool, err := db.Open(ctx, url, 40)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	sink, err := newSink()
	if err != nil {
		return err
	}
	defer sink.close()

	raw, err := rawRate(ctx, sink)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-56s %7.0f requests/s\n", fmt.Sprintf("the HTTP client alone, %d at once", slots), raw)
	client, err := startWorkers(ctx, pool, 0, nil)
	if err != nil {
		return err
	}
	for _, shape := range []struct{ accounts, endpoints int }{{1, 1}, {1, 64}, {writers, 1}} {
		if err := measure(ctx, out, pool, sink, shape.accounts, shape.endpoints, raw); err != nil {
			return errors.Join(err, client.Stop(ctx))
		}
	}
	if err := client.Stop(ctx); err != nil {
		return err
	}
	for _, accounts := range []int{1, writers} {
		rate, err := commitRate(ctx, pool, accounts)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-56s %7.0f events/s\n", fmt.Sprintf("committing alone, %s, %s", count(writers, "writer"), count(accounts, "account")), rate)
	}
	return nil
}

// server is the given Postgres, or a private one with all its safety on.
func server(ctx context.Context) (string, func(), error) {
	if url := os.Getenv("HUMANDISPATCH_DATABASE_URL"); url != "" {
		return url, func() {}, nil
	}
	postgres, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		return "", nil, err
	}
	const name = "webhooks"
	if err := postgres.CreateDatabase(ctx, name); err != nil {
		return "", nil, errors.Join(err, postgres.Stop())
	}
	return postgres.URL(name), func() { _ = postgres.Stop() }, nil
}

// sink is the receiver of all endpoints, on this machine.
type sink struct {
	server *http.Server
	url    string

	mu       sync.Mutex
	received func(eventID string, at time.Time)
}

func newSink() (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + listener.Addr().String()}
	s.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: receiver(func(id string) {
		at := time.Now()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.received != nil {
			s.received(id, at)
		}
	})}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

func (s *sink) onReceived(fn func(eventID string, at time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = fn
}

// rawRate posts bodies of an event's size, as many at once as there are slots.
func rawRate(ctx context.Context, s *sink) (float64, error) {
	client := webhook.NewClient(gate)
	body := bytes.Repeat([]byte("x"), 1100)
	ctx, cancel := context.WithTimeout(ctx, aloneFor)
	defer cancel()
	var count atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range slots {
		wg.Go(func() {
			for ctx.Err() == nil {
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
				if err != nil {
					return
				}
				res, err := client.Do(req)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				count.Add(1)
			}
		})
	}
	wg.Wait()
	if count.Load() == 0 {
		return 0, errors.New("the receiver cannot be reached")
	}
	return float64(count.Load()) / time.Since(began).Seconds(), nil
}

// measure runs at full speed, then at half of it, and prints both.
func measure(ctx context.Context, out io.Writer, pool *pgxpool.Pool, s *sink, accounts, endpoints int, raw float64) error {
	urls := make([]string, endpoints)
	for i := range urls {
		urls[i] = fmt.Sprintf("%s/%d", s.url, i)
	}
	ids, err := registerAll(ctx, pool, accounts, urls...)
	if err != nil {
		return err
	}
	events := max(burst/endpoints, 1)
	if _, err := deliverAll(ctx, pool, s, ids, events/10+1, endpoints, 0); err != nil {
		return err
	}
	began := time.Now()
	if _, err := deliverAll(ctx, pool, s, ids, events, endpoints, 0); err != nil {
		return err
	}
	rate := float64(events) / time.Since(began).Seconds()
	name := count(accounts, "account") + " of " + count(endpoints, "endpoint")
	fmt.Fprintf(out, "%-56s %7.0f events/s, %.0f deliveries/s (%.0f %% of the client alone)\n",
		name+", commit to 2xx", rate, rate*float64(endpoints), 100*rate*float64(endpoints)/raw)

	half := max(int(rate/2*halfFor.Seconds()), 20)
	latencies, err := deliverAll(ctx, pool, s, ids, half, endpoints, rate/2)
	if err != nil {
		return err
	}
	slices.Sort(latencies)
	at := func(q float64) time.Duration {
		return latencies[int(q*float64(len(latencies)-1))].Round(100 * time.Microsecond)
	}
	fmt.Fprintf(out, "%-56s p50 %s, p99 %s (%d deliveries)\n", fmt.Sprintf("  at half load, %.0f events/s", rate/2), at(0.5), at(0.99), len(latencies))
	return nil
}

// count writes a number and its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func registerAll(ctx context.Context, pool *pgxpool.Pool, accounts int, urls ...string) ([]string, error) {
	ids := make([]string, accounts)
	for i := range ids {
		var err error
		if ids[i], err = register(ctx, pool, urls...); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// commitRate is how fast events are committed while nobody delivers them.
func commitRate(ctx context.Context, pool *pgxpool.Pool, accounts int) (float64, error) {
	ids, err := registerAll(ctx, pool, accounts)
	if err != nil {
		return 0, err
	}
	var committed atomic.Int64
	began := time.Now()
	enough, cancel := context.WithTimeout(ctx, aloneFor)
	defer cancel()
	err = commitAll(enough, pool, ids, math.MaxInt32, 0, func(string, time.Time) { committed.Add(1) })
	if enough.Err() == nil || committed.Load() == 0 {
		return 0, err
	}
	return float64(committed.Load()) / time.Since(began).Seconds(), nil
}

// commitAll commits events, taking the accounts in turn, at a rate or (0) as fast
// as the writers can.
func commitAll(ctx context.Context, pool *pgxpool.Pool, accounts []string, events int, rate float64, committed func(id string, at time.Time)) error {
	began := time.Now()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range writers {
		group.Go(func() error {
			for {
				n := int(next.Add(1) - 1)
				if n >= events {
					return nil
				}
				if rate > 0 {
					due := began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
					select {
					case <-time.After(time.Until(due)):
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				id, err := commit(ctx, pool, accounts[n%len(accounts)])
				if err != nil {
					return err
				}
				committed(id, time.Now())
			}
		})
	}
	return group.Wait()
}

// deliverAll commits events and waits until every endpoint of their account has
// received each. It returns the time from commit to receipt of every delivery.
func deliverAll(ctx context.Context, pool *pgxpool.Pool, s *sink, accounts []string, events, endpoints int, rate float64) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	var mu sync.Mutex
	committed := map[string]time.Time{}
	arrived := map[string][]time.Time{}
	total, want := 0, events*endpoints
	done := make(chan struct{})
	s.onReceived(func(id string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		arrived[id] = append(arrived[id], at)
		if total++; total == want {
			close(done)
		}
	})
	defer s.onReceived(nil)
	err := commitAll(ctx, pool, accounts, events, rate, func(id string, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		committed[id] = at
	})
	if err != nil {
		return nil, err
	}
	select {
	case <-done:
	case <-ctx.Done():
		return nil, fmt.Errorf("only %d of %d deliveries arrived within %s", total, want, runTimeout)
	}
	mu.Lock()
	defer mu.Unlock()
	latencies := make([]time.Duration, 0, want)
	for id, times := range arrived {
		for _, at := range times {
			// A delivery may be faster than the return of its commit.
			latencies = append(latencies, max(at.Sub(committed[id]), 0))
		}
	}
	return latencies, nil
}
