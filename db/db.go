// Package db owns the connection pool, the one way to begin a transaction and
// the migrations. It knows no table of the domain.
package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects to Postgres and waits until it answers, at most 10 seconds.
// maxConns of 0 keeps pgx's default.
func Open(ctx context.Context, url string, maxConns int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	if maxConns > 0 {
		config.MaxConns = int32(maxConns)
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err = pool.Ping(ctx)
		if err == nil {
			return pool, nil
		}
		select {
		case <-ctx.Done():
			pool.Close()
			return nil, fmt.Errorf("database does not answer: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Beginner is a pool, a connection or, in tests, a transaction whose nested
// transactions are savepoints.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// WithTx runs fn in one transaction: committed when fn returns nil, rolled back
// otherwise, also on panic. Transactions begin here and nowhere else.
func WithTx(ctx context.Context, pool Beginner, fn func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, fn)
}

// In is WithTx for functions that return a value.
func In[T any](ctx context.Context, pool Beginner, fn func(tx pgx.Tx) (T, error)) (T, error) {
	var out T
	err := WithTx(ctx, pool, func(tx pgx.Tx) error {
		var err error
		out, err = fn(tx)
		return err
	})
	if err != nil {
		var zero T
		return zero, err
	}
	return out, nil
}

// Violates reports whether err is the violation of the named constraint or
// unique index.
func Violates(err error, constraint string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.ConstraintName == constraint
}

// Missing reports whether err says that a query found no row.
func Missing(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
