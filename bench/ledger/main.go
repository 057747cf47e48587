// Command ledger measures how many holds and releases a second the escrow
// ledger does, and what pgbench does with the same statements on the same
// server: the difference is what Go costs.
//
//	go run ./bench/ledger [-seconds 10] [-clients 16]
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

//go:embed hold_release.sql
var script string

func main() {
	seconds := flag.Int("seconds", 10, "how long each side runs")
	clients := flag.Int("clients", 16, "how many clients work at once, each for its own account")
	flag.Parse()
	if err := run(context.Background(), *clients, time.Duration(*seconds)*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "bench/ledger:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, clients int, duration time.Duration) error {
	server, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	if err := server.CreateDatabase(ctx, "bench"); err != nil {
		return err
	}
	pool, err := db.Open(ctx, server.URL("bench"), clients+4)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	ledger, err := escrow.New(escrow.DefaultPolicy, nil)
	if err != nil {
		return err
	}
	people, err := prepare(ctx, pool, ledger, clients)
	if err != nil {
		return err
	}
	fmt.Printf("%d clients, %s a side, a private Postgres with fsync on; a round is a hold and its release, each committed\n", clients, duration)

	ours, err := measure(ctx, pool, ledger, people, duration)
	if err != nil {
		return err
	}
	found, err := db.In(ctx, pool, func(tx pgx.Tx) ([]escrow.Discrepancy, error) { return escrow.Verify(ctx, tx) })
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("the ledger does not add up: %v", found)
	}
	fmt.Printf("humandispatch  %6.0f holds/s + %6.0f releases/s   round p50 %s, p99 %s\n", ours.rate, ours.rate, ours.quantile(0.50), ours.quantile(0.99))
	theirs, err := pgbench(ctx, server.URL("bench"), clients, duration)
	if err != nil {
		return err
	}
	fmt.Printf("pgbench        %6.0f holds/s + %6.0f releases/s   the same statements, prepared\n", theirs, theirs)
	fmt.Printf("ratio          %6.2f\n", ours.rate/theirs)
	return nil
}

// person is the requester and the talent of one client.
type person struct{ account, talent string }

// prepare gives client n the account acct_bench_n and the talent tal_bench_n, by
// which pgbench finds them too.
func prepare(ctx context.Context, pool *pgxpool.Pool, ledger *escrow.Ledger, clients int) ([]person, error) {
	people := make([]person, clients)
	return people, db.WithTx(ctx, pool, func(tx pgx.Tx) error {
		for i := range people {
			people[i] = person{fmt.Sprintf("acct_bench_%d", i), fmt.Sprintf("tal_bench_%d", i)}
			if _, err := tx.Exec(ctx, `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Bench', true, now())`, people[i].account); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Bench', $1, now())`, people[i].talent, people[i].account); err != nil {
				return err
			}
			if _, err := ledger.Fund(ctx, tx, time.Now(), people[i].account, escrow.Amount{Minor: escrow.MaxMinor, Currency: "CAD"}, "bench"); err != nil {
				return err
			}
		}
		return nil
	})
}

type result struct {
	rate   float64 // rounds a second
	rounds []time.Duration
}

func (r result) quantile(q float64) time.Duration {
	return r.rounds[int(q*float64(len(r.rounds)-1))].Round(10 * time.Microsecond)
}

// measure runs rounds of a hold and its release through the ledger.
func measure(ctx context.Context, pool *pgxpool.Pool, ledger *escrow.Ledger, people []person, duration time.Duration) (result, error) {
	var lock sync.Mutex
	var all result
	var failed error
	began := time.Now()
	var clients sync.WaitGroup
	for _, p := range people {
		clients.Go(func() {
			var rounds []time.Duration
			var err error
			for time.Since(began) < duration && err == nil {
				start := time.Now()
				err = round(ctx, pool, ledger, p)
				rounds = append(rounds, time.Since(start))
			}
			lock.Lock()
			defer lock.Unlock()
			all.rounds = append(all.rounds, rounds...)
			if err != nil {
				failed = err
			}
		})
	}
	clients.Wait()
	all.rate = float64(len(all.rounds)) / time.Since(began).Seconds()
	slices.Sort(all.rounds)
	return all, failed
}

func round(ctx context.Context, pool *pgxpool.Pool, ledger *escrow.Ledger, p person) error {
	now := time.Now()
	booking := db.NewID("bkg", now)
	err := db.WithTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := ledger.Hold(ctx, tx, now, escrow.HoldRequest{
			AccountID: p.account, TalentID: p.talent, BookingID: booking,
			Amount: escrow.Amount{Minor: 100, Currency: "CAD"}, ExpiresAt: now.Add(30 * 24 * time.Hour),
		})
		return err
	})
	if err != nil {
		return err
	}
	return db.WithTx(ctx, pool, func(tx pgx.Tx) error {
		_, err := ledger.Release(ctx, tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 9, Total: 10})
		return err
	})
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench runs the script and returns rounds a second.
func pgbench(ctx context.Context, url string, clients int, duration time.Duration) (float64, error) {
	binary, err := exec.LookPath("pgbench")
	if err != nil {
		out, err := exec.Command("pg_config", "--bindir").Output()
		if err != nil {
			return 0, fmt.Errorf("pgbench is not on PATH and pg_config does not say where it is: install Postgres' client tools")
		}
		binary = filepath.Join(strings.TrimSpace(string(out)), "pgbench")
	}
	file := filepath.Join(os.TempDir(), fmt.Sprintf("hd-hold-release-%d.sql", os.Getpid()))
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(file) }()
	cmd := exec.CommandContext(ctx, binary, "-n", "-M", "prepared", "-f", file, "-c", fmt.Sprint(clients), "-j", "2", "-T", fmt.Sprint(int(duration.Seconds())), url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	found := tps.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench gave no rate:\n%s", out)
	}
	var rate float64
	_, err = fmt.Sscan(string(found[1]), &rate)
	return rate, err
}
