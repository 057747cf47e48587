package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/jobs"
)

// adminCmd holds what an operator does to the deployment's own rows. Each command
// is one transaction and answers with one JSON object.
type adminCmd struct {
	Account struct {
		Create accountCreateCmd `cmd:"" help:"Make an account."`
	} `cmd:"" help:"Accounts."`
	Key struct {
		Create keyCreateCmd `cmd:"" help:"Make an API key; its secret is shown once."`
		Revoke keyRevokeCmd `cmd:"" help:"End an API key at once."`
	} `cmd:"" help:"API keys."`
	Ledger struct {
		Verify  ledgerVerifyCmd  `cmd:"" help:"Prove that all money adds up: status 1, with the rows named, when it does not."`
		Reverse ledgerReverseCmd `cmd:"" help:"Take a funding back, such as one entered by mistake or charged back."`
	} `cmd:"" help:"The ledger."`
	Payout struct {
		Retry payoutRetryCmd `cmd:"" help:"Try failed payouts again."`
	} `cmd:"" help:"Payouts."`
	Destination destinationCmd `cmd:"" help:"Say where a payment provider sends a talent's payouts, and try those again that failed."`
	Talent      struct {
		Token talentTokenCmd `cmd:"" help:"End a talent's tokens at once and make a new one, which is shown once."`
	} `cmd:"" help:"Talent."`
	Rescreen rescreenCmd `cmd:"" help:"Screen every open task again with the rules of the running workers."`
	Fund     fundCmd     `cmd:"" help:"Credit an account with money that was received outside."`
}

// transact opens the database, runs fn in one transaction and prints what it returns.
func transact[T any](ctx context.Context, f databaseFlags, std streams, fn func(tx pgx.Tx, now time.Time) (T, error)) error {
	pool, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	out, err := db.In(ctx, pool, func(tx pgx.Tx) (T, error) { return fn(tx, time.Now()) })
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(std.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

type accountCreateCmd struct {
	databaseFlags
	Name             string        `arg:"" help:"Who it is, 1 to 200 characters."`
	Live             bool          `help:"A live account, whose money is real. A test account unless set."`
	AcceptanceWindow time.Duration `default:"72h" help:"How long work that passed QA waits before it accepts itself, in whole hours up to 720h."`
}

// Validate implements kong's validation.
func (c *accountCreateCmd) Validate() error {
	if w := c.AcceptanceWindow; w < time.Hour || w > 720*time.Hour || w%time.Hour != 0 {
		return errors.New("--acceptance-window: expected whole hours from 1h to 720h")
	}
	return c.check()
}

// Run makes the account.
func (c *accountCreateCmd) Run(ctx context.Context, std streams) error {
	return transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		a, err := account.Create(ctx, tx, now, c.Name, c.Live, c.AcceptanceWindow)
		return map[string]any{"account_id": a.ID, "name": a.Name, "livemode": a.Livemode}, err
	})
}

type keyCreateCmd struct {
	databaseFlags
	AccountID         string   `arg:"" name:"account" help:"The account's id, acct_…"`
	Name              string   `default:"key" help:"A name for people."`
	Scopes            []string `help:"Scopes such as tasks:write,money:read; :write includes :read. Everything but reviews and ops unless set; all for every scope."`
	RequestsPerMinute int      `help:"Rate limit of this key; the deployment's unless set."`
	MoneyPerMinute    int      `help:"The same for requests that move money."`
}

// Validate implements kong's validation.
func (c *keyCreateCmd) Validate() error {
	if c.RequestsPerMinute < 0 || c.MoneyPerMinute < 0 {
		return errors.New("--requests-per-minute, --money-per-minute: expected at least 1, or leave them out")
	}
	return c.check()
}

// Run makes the key.
func (c *keyCreateCmd) Run(ctx context.Context, std streams) error {
	scopes := c.Scopes
	switch {
	case len(scopes) == 0:
		scopes = account.AgentScopes()
	case len(scopes) == 1 && scopes[0] == "all":
		scopes = account.AllScopes()
	}
	return transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		key, secret, err := account.CreateKey(ctx, tx, now, account.NewKey{
			AccountID: c.AccountID, Name: c.Name, Scopes: scopes, RequestsPerMinute: c.RequestsPerMinute, MoneyPerMinute: c.MoneyPerMinute,
		})
		return map[string]any{"key_id": key.ID, "secret": secret, "livemode": key.Livemode, "scopes": key.Scopes}, err
	})
}

type keyRevokeCmd struct {
	databaseFlags
	KeyID string `arg:"" name:"key" help:"The key's id, key_…"`
}

// Validate implements kong's validation.
func (c *keyRevokeCmd) Validate() error { return c.check() }

// Run ends the key.
func (c *keyRevokeCmd) Run(ctx context.Context, std streams) error {
	return transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		return map[string]any{"key_id": c.KeyID, "revoked_at": now.UTC().Format(time.RFC3339)}, account.RevokeKey(ctx, tx, now, c.KeyID)
	})
}

type rescreenCmd struct {
	databaseFlags
	NoWait bool `help:"Only enqueue; do not follow the progress."`
}

// Validate implements kong's validation.
func (c *rescreenCmd) Validate() error { return c.check() }

// Run enqueues the job, which workers of the queue policy do, and follows it.
func (c *rescreenCmd) Run(ctx context.Context, std streams) error {
	pool, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	job, err := db.In(ctx, pool, func(tx pgx.Tx) (jobs.Rescreen, error) {
		total, err := new(dispatch.Dispatch).CountOpenTasks(ctx, tx)
		job := jobs.Rescreen{ID: db.NewID("scr", time.Now()), Total: total}
		if err != nil {
			return job, err
		}
		return job, jobs.Insert(ctx, tx, job)
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.err, "rescreening %d open tasks\n", job.Total)
	for reported := -1; !c.NoWait; {
		progress, err := db.In(ctx, pool, func(tx pgx.Tx) (jobs.Progress, error) { return jobs.RescreenProgress(ctx, tx, job.ID) })
		if err != nil {
			return err
		}
		switch {
		case progress.Ended:
			_, _ = fmt.Fprintln(std.err, "done")
			return nil
		case progress.Failed != "":
			return fmt.Errorf("the rescreening was given up after %d tasks: %s", progress.Done, progress.Failed)
		case progress.Done != reported:
			reported = progress.Done
			_, _ = fmt.Fprintf(std.err, "%d of %d\n", progress.Done, job.Total)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no longer following: the workers go on by themselves: %w", ctx.Err())
		case <-time.After(500 * time.Millisecond):
		}
	}
	return nil
}
