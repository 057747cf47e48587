// Package dbtest gives tests a real Postgres: the server that
// HUMANDISPATCH_DATABASE_URL names, or a private one started for this test
// process. Tests fail, never skip, when there is none.
package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
)

type server struct {
	err      error
	url      func(database string) string
	template string // a migrated database that others are copied from
	shared   string // the database of Tx, once it was asked for
}

// start brings up the server, the template and the shared database once a process.
var start = sync.OnceValue(func() *server {
	ctx := context.Background()
	s := &server{template: "hd_test_template_" + suffix()}
	if given := os.Getenv("HUMANDISPATCH_DATABASE_URL"); given != "" {
		parsed, err := url.Parse(given)
		if err != nil {
			s.err = err
			return s
		}
		s.url = func(database string) string {
			u := *parsed
			u.Path = "/" + database
			return u.String()
		}
	} else {
		// Never stopped here: the server's supervisor ends it with this process.
		postgres, err := embedded.Start(ctx, embedded.Options{Unsafe: true})
		if err != nil {
			s.err = err
			return s
		}
		s.url = postgres.URL
	}
	s.err = s.prepare(ctx)
	return s
})

func (s *server) prepare(ctx context.Context) error {
	if err := s.exec(ctx, "CREATE DATABASE "+s.template); err != nil {
		return err
	}
	pool, err := db.Open(ctx, s.url(s.template), 4)
	if err != nil {
		return err
	}
	err = db.Migrate(ctx, pool, slog.New(slog.DiscardHandler))
	pool.Close()
	return err
}

func (s *server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// Copying a template needs nobody else connected to it, so copies queue here.
var copying sync.Mutex

func (s *server) copy(ctx context.Context) (string, error) {
	copying.Lock()
	defer copying.Unlock()
	name := "hd_test_" + suffix()
	return name, s.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+s.template)
}

func suffix() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// Main runs a package's tests and removes the databases made on a given server.
// Packages that only use a private server need no TestMain.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("HUMANDISPATCH_DATABASE_URL") != "" {
		s := start()
		for _, name := range []string{s.shared, s.template} {
			if name != "" {
				_ = s.exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			}
		}
	}
	return code
}

// URL creates an empty, migrated database of the test's own and returns its
// connection URL, for tests that start whole processes.
func URL(t testing.TB) string {
	t.Helper()
	s := start()
	if s.err != nil {
		t.Fatalf("dbtest: no Postgres to test against: %v", s.err)
	}
	name, err := s.copy(t.Context())
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		_ = s.exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return s.url(name)
}

// Database creates a migrated database of the test's own, for tests of locks,
// notifications or running workers. It costs about 50 ms; Tx costs nothing.
func Database(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), URL(t), 40)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// shared is the database whose transactions Tx hands out.
var shared = sync.OnceValues(func() (*pgxpool.Pool, error) {
	s := start()
	if s.err != nil {
		return nil, s.err
	}
	name, err := s.copy(context.Background())
	if err != nil {
		return nil, err
	}
	s.shared = name
	return db.Open(context.Background(), s.url(name), 40)
})

// Tx gives the test a transaction that is rolled back when it ends. Nested
// transactions are savepoints.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	pool, err := shared()
	if err != nil {
		t.Fatalf("dbtest: no Postgres to test against: %v", err)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}
