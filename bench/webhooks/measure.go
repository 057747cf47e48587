package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

const (
	rawFor     = 3 * time.Second
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
	fmt.Fprintf(out, "%-44s %8.0f requests/s\n", fmt.Sprintf("the HTTP client alone, %d at once", slots), raw)

	client, err := startWorkers(ctx, pool, 0, nil)
	if err != nil {
		return err
	}
	defer func() { _ = client.Stop(context.WithoutCancel(ctx)) }()
	for _, endpoints := range []int{1, 64} {
		if err := measure(ctx, out, pool, sink, endpoints, raw); err != nil {
			return err
		}
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
	ctx, cancel := context.WithTimeout(ctx, rawFor)
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
func measure(ctx context.Context, out io.Writer, pool *pgxpool.Pool, s *sink, endpoints int, raw float64) error {
	urls := make([]string, endpoints)
	for i := range urls {
		urls[i] = fmt.Sprintf("%s/%d", s.url, i)
	}
	accountID, err := register(ctx, pool, urls...)
	if err != nil {
		return err
	}
	events := max(burst/endpoints, 1)
	if _, err := deliverAll(ctx, pool, s, accountID, events/10+1, endpoints, 0); err != nil {
		return err
	}
	began := time.Now()
	if _, err := deliverAll(ctx, pool, s, accountID, events, endpoints, 0); err != nil {
		return err
	}
	rate := float64(events) / time.Since(began).Seconds()
	name := fmt.Sprintf("%d endpoint", endpoints)
	if endpoints > 1 {
		name += "s"
	}
	fmt.Fprintf(out, "%-44s %8.0f events/s, %.0f deliveries/s (%.0f %% of the client alone)\n",
		name+": commit to 2xx", rate, rate*float64(endpoints), 100*rate*float64(endpoints)/raw)

	half := max(int(rate/2*halfFor.Seconds()), 20)
	latencies, err := deliverAll(ctx, pool, s, accountID, half, endpoints, rate/2)
	if err != nil {
		return err
	}
	slices.Sort(latencies)
	at := func(q float64) time.Duration { return latencies[int(q*float64(len(latencies)-1))] }
	fmt.Fprintf(out, "%-44s p50 %s, p99 %s (%d deliveries)\n", name+fmt.Sprintf(": at half load, %.0f events/s", rate/2),
		at(0.5).Round(100*time.Microsecond), at(0.99).Round(100*time.Microsecond), len(latencies))
	return nil
}

// deliverAll commits events, at a rate or (0) as fast as the writers can, and waits
// until every endpoint has received each. It returns the time from commit to
// receipt of every delivery.
func deliverAll(ctx context.Context, pool *pgxpool.Pool, s *sink, accountID string, events, endpoints int, rate float64) ([]time.Duration, error) {
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

	began := time.Now()
	var next atomic.Int64
	failed := make(chan error, writers)
	for range writers {
		go func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(events) {
					return
				}
				if rate > 0 {
					due := began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
					select {
					case <-time.After(time.Until(due)):
					case <-ctx.Done():
						return
					}
				}
				id, err := commit(ctx, pool, accountID)
				if err != nil {
					failed <- err
					return
				}
				at := time.Now()
				mu.Lock()
				committed[id] = at
				mu.Unlock()
			}
		}()
	}
	select {
	case <-done:
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("only %d of %d deliveries arrived within %s", total, want, runTimeout)
	}
	mu.Lock()
	defer mu.Unlock()
	latencies := make([]time.Duration, 0, want)
	for id, times := range arrived {
		for _, at := range times {
			// Deliveries may be faster than the return of the commit.
			took := time.Duration(0)
			if since, ok := committed[id]; ok {
				took = max(at.Sub(since), 0)
			}
			latencies = append(latencies, took)
		}
	}
	return latencies, nil
}
