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
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// adminLedger moves an operator's money. Nothing here divides a hold or calls a
// provider, which need the deployment's own settings.
func adminLedger() (*escrow.Ledger, error) {
	return escrow.New(escrow.DefaultPolicy, escrow.Builtin{})
}

type fundCmd struct {
	databaseFlags
	AccountID string `arg:"" name:"account" help:"The account's id, acct_…"`
	Amount    string `arg:"" help:"In major units, such as 3000 or 249.50."`
	Currency  string `arg:"" help:"ISO 4217 code, such as CAD."`
	Reference string `required:"" help:"What the money came with, such as the bank's transaction number. The same reference credits once, however often this runs."`
}

// Validate implements kong's validation.
func (c *fundCmd) Validate() error { return c.check() }

// Run credits the account.
func (c *fundCmd) Run(ctx context.Context, std streams) error {
	amount, err := escrow.ParseAmount(c.Amount, c.Currency)
	if err != nil {
		return err
	}
	ledger, err := adminLedger()
	if err != nil {
		return err
	}
	return transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		transfer, err := ledger.Fund(ctx, tx, now, c.AccountID, amount, c.Reference)
		if err != nil {
			return nil, err
		}
		available, err := escrow.Available(ctx, tx, c.AccountID, amount.Currency)
		return map[string]any{"transfer_id": transfer.ID, "amount": amount, "currency": amount.Currency, "replayed": transfer.Replayed, "available": available}, err
	})
}

type ledgerVerifyCmd struct {
	databaseFlags
}

// Validate implements kong's validation.
func (c *ledgerVerifyCmd) Validate() error { return c.check() }

// Run prints each discrepancy as one JSON object a line, and nothing on standard
// output when there is none.
func (c *ledgerVerifyCmd) Run(ctx context.Context, std streams) error {
	pool, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	found, err := db.In(ctx, pool, func(tx pgx.Tx) ([]escrow.Discrepancy, error) { return new(dispatch.Dispatch).VerifyMoney(ctx, tx) })
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(std.out)
	for _, d := range found {
		if err := encoder.Encode(d); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		_, _ = fmt.Fprintf(std.err, "the ledger does not add up: %d discrepancies\n", len(found))
		return exitStatus(1)
	}
	_, _ = fmt.Fprintln(std.err, "the ledger adds up")
	return nil
}

type ledgerReverseCmd struct {
	databaseFlags
	TransferID string `arg:"" name:"transfer" help:"The funding's ledger transfer, tr_…, as admin fund printed it."`
}

// Validate implements kong's validation.
func (c *ledgerReverseCmd) Validate() error { return c.check() }

// Run takes the funding back, once however often it runs.
func (c *ledgerReverseCmd) Run(ctx context.Context, std streams) error {
	ledger, err := adminLedger()
	if err != nil {
		return err
	}
	var reversal escrow.Transfer
	err = transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		if reversal, err = ledger.ReverseFunding(ctx, tx, now, c.TransferID); err != nil {
			return nil, err
		}
		available, err := escrow.Available(ctx, tx, reversal.AccountID, reversal.Amount.Currency)
		return map[string]any{
			"reversed": c.TransferID, "transfer_id": reversal.ID, "account_id": reversal.AccountID, "amount": reversal.Amount, "currency": reversal.Amount.Currency,
			"replayed": reversal.Replayed, "available": available,
		}, err
	})
	switch {
	case err != nil:
		return err
	case reversal.Replayed:
		_, _ = fmt.Fprintf(std.err, "%s was taken back before; nothing moved now\n", c.TransferID)
	default:
		_, _ = fmt.Fprintf(std.err, "took %s back from %s\n", reversal.Amount, reversal.AccountID)
	}
	return nil
}

type payoutRetryCmd struct {
	databaseFlags
	PayoutID string `arg:"" optional:"" name:"payout" help:"The payout's id, pay_…"`
	Failed   bool   `help:"Every failed payout of the deployment."`
}

// Validate implements kong's validation.
func (c *payoutRetryCmd) Validate() error {
	if (c.PayoutID == "") != c.Failed {
		return errors.New("admin payout retry: name one payout, pay_…, or give --failed for all that failed")
	}
	return c.check()
}

// Run starts a new attempt at each, which workers of the queue money make. A
// payout that is paid or under way is left alone.
func (c *payoutRetryCmd) Run(ctx context.Context, std streams) error {
	ledger, err := adminLedger()
	if err != nil {
		return err
	}
	var retried []escrow.Payout
	var other escrow.Payout // the one that was named and has not failed
	err = transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		if c.Failed {
			retried, err = ledger.RetryPayouts(ctx, tx, now, escrow.FailedPayouts{})
			return map[string]any{"retried": retried}, err
		}
		payout, err := ledger.RetryPayout(ctx, tx, now, c.PayoutID)
		switch {
		case fault.Is(err, fault.InvalidState):
			other, err = escrow.GetPayout(ctx, tx, c.PayoutID)
			return map[string]any{"retried": []escrow.Payout{}, "unchanged": other}, err
		case err != nil:
			return nil, err
		}
		retried = []escrow.Payout{payout}
		return map[string]any{"retried": retried}, nil
	})
	if err != nil {
		return err
	}
	if other.ID != "" {
		_, _ = fmt.Fprintf(std.err, "%s is %s, not failed: nothing to retry\n", other.ID, other.Status)
		return nil
	}
	sayRetried(std, retried)
	return nil
}

func sayRetried(std streams, payouts []escrow.Payout) {
	for _, p := range payouts {
		_, _ = fmt.Fprintf(std.err, "%s: attempt %d at paying %s to %s through %s\n", p.ID, p.Attempts, p.Amount, p.TalentID, p.Provider)
	}
	_, _ = fmt.Fprintf(std.err, "%d failed payouts will be tried again\n", len(payouts))
}

type destinationCmd struct {
	databaseFlags
	TalentID  string `arg:"" name:"talent" help:"The talent's id, tal_…"`
	Provider  string `arg:"" help:"The payment provider, such as stripe."`
	Reference string `arg:"" help:"The provider's name for where the money goes, such as a connected account acct_…"`
}

// Validate implements kong's validation.
func (c *destinationCmd) Validate() error { return c.check() }

// Run records the destination and, in the same transaction, starts a new attempt
// at every payout of the talent through this provider that had failed.
func (c *destinationCmd) Run(ctx context.Context, std streams) error {
	ledger, err := adminLedger()
	if err != nil {
		return err
	}
	var retried []escrow.Payout
	err = transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		if err := escrow.SetDestination(ctx, tx, now, c.TalentID, c.Provider, c.Reference); err != nil {
			return nil, err
		}
		retried, err = ledger.RetryPayouts(ctx, tx, now, escrow.FailedPayouts{TalentID: c.TalentID, Provider: c.Provider})
		return map[string]any{"talent_id": c.TalentID, "provider": c.Provider, "reference": c.Reference, "retried": retried}, err
	})
	if err == nil {
		sayRetried(std, retried)
	}
	return err
}
