package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type devCmd struct {
	sharedFlags
	apiFlags
	workerFlags
	Dir string `env:"HUMANDISPATCH_DEV_DIR" default:".dev" placeholder:"DIR" help:"Folder that keeps database, files, mail and keys between runs."`
}

// Validate implements kong's validation. What dev brings itself is not asked for.
func (c *devCmd) Validate() error {
	if c.FilesDir == "" && c.S3Endpoint == "" {
		c.FilesDir = filepath.Join(c.Dir, "files")
	}
	if c.MailDir == "" {
		c.MailDir = filepath.Join(c.Dir, "mail")
	}
	c.WebhooksLoopback = true
	return errors.Join(c.checkGiven(), c.fileFlags.check(), c.checkRun(), c.apiFlags.check(), c.workerFlags.check())
}

// Run brings everything up with nothing configured and serves until ctx ends.
func (c *devCmd) Run(ctx context.Context, std streams) (err error) {
	log := c.logger(std)
	if err := makeDirs(c.Dir); err != nil {
		return err
	}
	database := "the database given"
	if c.DatabaseURL == "" {
		dir, err := postgresDir(c.Dir)
		if err != nil {
			return err
		}
		postgres, err := embedded.Start(ctx, embedded.Options{DataDir: dir})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, postgres.Stop()) }()
		if err := postgres.CreateDatabase(ctx, "humandispatch"); err != nil {
			return err
		}
		c.DatabaseURL = postgres.URL("humandispatch")
		database = "a private Postgres in " + dir + "\n            " + c.DatabaseURL
	}
	if len(c.SecretKey) == 0 {
		if c.SecretKey, err = keptSecret(filepath.Join(c.Dir, "secret")); err != nil {
			return err
		}
	}
	if err := c.migrate(ctx, log); err != nil {
		return err
	}
	app, err := NewApp(ctx, Settings{Shared: c.sharedFlags, API: &c.apiFlags, Workers: &c.workerFlags, Log: log})
	if err != nil {
		return err
	}
	defer app.Close()
	secret, err := devKey(ctx, app.pool, filepath.Join(c.Dir, "test_key"), time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, `
HumanDispatch is running. Stop it with Ctrl-C.

  API       %[1]s
  OpenAPI   %[1]s/openapi.json
  test key  %[2]s   (no real money; every scope)
  database  %[3]s
  mail      %[4]s   (invitations, as files)

  curl -s %[1]s/v1/templates -H 'Authorization: Bearer %[2]s'

`, app.URL(), secret, database, c.MailDir)
	return app.Run(ctx)
}

// postgresDir is where dev's private database lives: in dir, or, when this is
// root and other users may not enter dir, in a folder of its own that is always
// the same for dir. Postgres refuses to run as root.
func postgresDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil || os.Geteuid() != 0 {
		return filepath.Join(dir, "pg"), err
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return "", err
		}
		if info.Mode()&0o001 == 0 {
			sum := sha256.Sum256([]byte(dir))
			return filepath.Join("/var/tmp", "humandispatch-dev-"+hex.EncodeToString(sum[:6])), nil
		}
		if parent == filepath.Dir(parent) {
			// The folder itself holds secrets in files of their own; Postgres must get past it.
			return filepath.Join(dir, "pg"), os.Chmod(dir, 0o711)
		}
	}
}

// keptSecret reads the deployment's secret from a file, made when there is none.
func keptSecret(path string) (secretKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		random := make([]byte, secretKeyBytes)
		_, _ = rand.Read(random) // never fails
		return random, os.WriteFile(path, []byte(hex.EncodeToString(random)+"\n"), 0o600)
	}
	if err != nil {
		return nil, err
	}
	var key secretKey
	if err := key.UnmarshalText([]byte(strings.TrimSpace(string(text)))); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// devKey returns the secret of a key of a test account, kept in a file. A new
// account and key are made when there is none or the database no longer knows it.
func devKey(ctx context.Context, pool *pgxpool.Pool, path string, now time.Time) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	kept := strings.TrimSpace(string(text))
	return db.In(ctx, pool, func(tx pgx.Tx) (string, error) {
		if kept != "" {
			_, err := account.Authenticate(ctx, tx, kept)
			if err == nil || !fault.Is(err, fault.Unauthenticated) {
				return kept, err
			}
		}
		a, err := account.Create(ctx, tx, now, "dev", false, account.DefaultAcceptanceWindow)
		if err != nil {
			return "", err
		}
		_, secret, err := account.CreateKey(ctx, tx, now, account.NewKey{AccountID: a.ID, Name: "dev", Scopes: account.AllScopes()})
		if err != nil {
			return "", err
		}
		return secret, os.WriteFile(path, []byte(secret+"\n"), 0o600)
	})
}
