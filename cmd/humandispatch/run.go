package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/humandispatch/humandispatch/db"
)

type serveCmd struct {
	sharedFlags
	apiFlags
}

// Validate implements kong's validation.
func (c *serveCmd) Validate() error { return errors.Join(c.sharedFlags.check(), c.apiFlags.check()) }

// Run serves the API until ctx ends.
func (c *serveCmd) Run(ctx context.Context, std streams) error {
	return runApp(ctx, Settings{Shared: c.sharedFlags, API: &c.apiFlags, Log: c.logger(std)})
}

type workCmd struct {
	sharedFlags
	workerFlags
}

// Validate implements kong's validation.
func (c *workCmd) Validate() error { return errors.Join(c.sharedFlags.check(), c.workerFlags.check()) }

// Run works on jobs until ctx ends.
func (c *workCmd) Run(ctx context.Context, std streams) error {
	return runApp(ctx, Settings{Shared: c.sharedFlags, Workers: &c.workerFlags, Log: c.logger(std)})
}

func runApp(ctx context.Context, s Settings) error {
	app, err := NewApp(ctx, s)
	if err != nil {
		return err
	}
	defer app.Close()
	if url := app.URL(); url != "" {
		s.Log.Info("serving the API", "at", url)
	}
	if s.Workers != nil {
		s.Log.Info("working on jobs", "queues", s.Workers.queues())
	}
	return app.Run(ctx)
}

type migrateCmd struct {
	logFlags
	databaseFlags
}

// Validate implements kong's validation.
func (c *migrateCmd) Validate() error { return c.databaseFlags.check() }

// Run brings the schema to the newest version.
func (c *migrateCmd) Run(ctx context.Context, std streams) error {
	return c.migrate(ctx, c.logger(std))
}

func (f databaseFlags) migrate(ctx context.Context, log *slog.Logger) error {
	pool, err := db.Open(ctx, f.DatabaseURL, f.DatabaseConnections)
	if err != nil {
		return err
	}
	defer pool.Close()
	return db.Migrate(ctx, pool, log)
}
