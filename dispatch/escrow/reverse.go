package escrow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// ReverseFunding takes a funding back, such as one entered by mistake or charged
// back by the bank. Repeating it returns the original reversal. Codes:
// NOT_FOUND; INVALID_STATE when the transfer is no funding; INSUFFICIENT_FUNDS
// when the account has spent or holds the money.
func (l *Ledger) ReverseFunding(ctx context.Context, tx pgx.Tx, now time.Time, transferID string) (Transfer, error) {
	q := escrowdb.New(tx)
	row, err := q.Transfer(ctx, transferID)
	if db.Missing(err) {
		return Transfer{}, fault.New(fault.NotFound, "There is no ledger transfer %s", transferID)
	}
	if err != nil {
		return Transfer{}, fmt.Errorf("reverse %s: %w", transferID, err)
	}
	if row.Kind != "fund" {
		return Transfer{}, fault.New(fault.InvalidState, "The transfer %s is a %s; only a funding can be taken back (a payout is reversed by its provider's reference, a hold ends by acceptance, cancellation or a dispute)", transferID, row.Kind)
	}
	done, err := reverse(ctx, q, now, row)
	var short *shortfall
	if errors.As(err, &short) {
		have, need := Amount{short.have, row.Currency}, Amount{short.need, row.Currency}
		return Transfer{}, fault.New(fault.InsufficientFunds, "The funding was %s and the account has %s available", need, have).
			With("available", have).With("required", need).With("currency", row.Currency)
	}
	if err != nil {
		return Transfer{}, fmt.Errorf("reverse %s: %w", transferID, err)
	}
	return done, nil
}

// ReversePayout records that a paid payout came back: the money is payable
// again, the payout has failed and can be retried, and payout.failed is
// appended. The provider's reference names the attempt, so that a late or
// repeated notice never touches a newer one. Codes: NOT_FOUND when no payout
// carries the reference, INVALID_STATE unless it was paid.
func (l *Ledger) ReversePayout(ctx context.Context, tx pgx.Tx, now time.Time, provider, reference, reason string) (Payout, error) {
	q := escrowdb.New(tx)
	found, err := q.PayoutByReference(ctx, escrowdb.PayoutByReferenceParams{Provider: provider, Reference: reference})
	if err != nil {
		return Payout{}, payoutError("with the reference "+reference+" of "+provider, err)
	}
	p, err := lockPayout(ctx, q, found.ID)
	switch {
	case err != nil:
		return Payout{}, err
	case p.Reference != reference:
		return Payout{}, payoutError("with the reference "+reference+" of "+provider, pgx.ErrNoRows)
	case p.Status == PayoutFailed:
		return p, nil
	case p.Status != PayoutPaid:
		return Payout{}, fault.New(fault.InvalidState, "The payout %s is %s; only a paid payout can be reversed", p.ID, p.Status)
	}
	row, err := q.TransferByKey(ctx, p.key())
	if err != nil {
		return Payout{}, fmt.Errorf("reverse %s: %w", p.ID, err)
	}
	if _, err := reverse(ctx, q, now, row); err != nil {
		return Payout{}, fmt.Errorf("reverse %s: %w", p.ID, err)
	}
	p.Status, p.PaidAt, p.FailureReason = PayoutFailed, nil, "reversed: "+reason
	return p, savePayout(ctx, tx, now, p, event.PayoutFailed)
}

// reverse posts a transfer's opposite, once.
func reverse(ctx context.Context, q *escrowdb.Queries, now time.Time, row escrowdb.LedgerTransfer) (Transfer, error) {
	original, err := q.TransferPostings(ctx, row.ID)
	if err != nil {
		return Transfer{}, err
	}
	t := transfer{key: "reverse:" + row.ID, kind: "reversal", accountID: row.AccountID, bookingID: row.BookingID, currency: row.Currency, livemode: row.Livemode}
	for _, p := range original {
		t.postings = append(t.postings, posting{p.Kind, p.Owner, -p.Amount})
	}
	return post(ctx, q, now, t)
}
