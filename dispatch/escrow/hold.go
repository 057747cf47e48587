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
	"github.com/humandispatch/humandispatch/jobs"
)

// HoldStatus is where a hold stands. Held and frozen holds are live; the others
// are final.
type HoldStatus string

// The states of a hold.
const (
	Held      HoldStatus = "held"
	Frozen    HoldStatus = "frozen"    // a dispute is open
	Released  HoldStatus = "released"  // work was accepted, in whole or in part
	Refunded  HoldStatus = "refunded"  // everything went back to the requester
	Cancelled HoldStatus = "cancelled" // shared by the cancellation rule
	Resolved  HoldStatus = "resolved"  // shared by a dispute's resolution
)

// Hold is the money of one booking. Its JSON is that of the API and of events.
type Hold struct {
	BookingID string     `json:"booking_id"`
	AccountID string     `json:"-"`
	TalentID  string     `json:"talent_id"`
	Livemode  bool       `json:"livemode"`
	Amount    Amount     `json:"amount"`
	Currency  string     `json:"currency"`
	Status    HoldStatus `json:"status"`
	ExpiresAt time.Time  `json:"expires_at"`
	CreatedAt time.Time  `json:"created_at"`
	SettledAt *time.Time `json:"settled_at"`
}

// Live reports whether the hold still keeps its money.
func (h Hold) Live() bool { return h.Status == Held || h.Status == Frozen }

// HoldRequest asks to hold an account's money for a booking.
type HoldRequest struct {
	AccountID string
	TalentID  string
	BookingID string
	Amount    Amount
	ExpiresAt time.Time // when the booking must have ended some way; warned of before
}

// HoldWarning is how long before its expiry a hold warns; one that lives shorter
// than twice that warns half way.
const HoldWarning = 24 * time.Hour

// Hold moves the amount from what the account can spend into the booking's
// escrow. The same booking again returns the original hold. Codes:
// INSUFFICIENT_FUNDS with details available, required and currency;
// INVALID_STATE when the booking holds another amount or talent, or when the
// talent could not be paid in the currency.
func (l *Ledger) Hold(ctx context.Context, tx pgx.Tx, now time.Time, r HoldRequest) (Hold, error) {
	if err := checkAmount(r.Amount); err != nil {
		return Hold{}, err
	}
	q := escrowdb.New(tx)
	available, err := q.AvailableAccount(ctx, escrowdb.AvailableAccountParams{AccountID: r.AccountID, Currency: r.Amount.Currency})
	if db.Missing(err) {
		return Hold{}, insufficient(0, r.Amount)
	}
	if err != nil {
		return Hold{}, fmt.Errorf("hold for %s: %w", r.BookingID, err)
	}
	if provider := l.ProviderFor(available.Livemode); provider.PayoutUnit(r.Amount.Currency) == 0 {
		return Hold{}, fault.New(fault.InvalidState, "Talent is paid through %s here, which pays nothing in %s; agree on another currency", provider.Name(), r.Amount.Currency)
	}
	moved, err := post(ctx, q, now, transfer{
		key: "hold:" + r.BookingID, kind: "hold", accountID: r.AccountID, bookingID: &r.BookingID, currency: r.Amount.Currency, livemode: available.Livemode,
		postings: []posting{{kindAvailable, r.AccountID, -r.Amount.Minor}, {kindEscrow, r.BookingID, r.Amount.Minor}},
	})
	var short *shortfall
	if errors.As(err, &short) {
		return Hold{}, insufficient(short.have, r.Amount)
	}
	if err != nil {
		return Hold{}, fmt.Errorf("hold for %s: %w", r.BookingID, err)
	}
	if moved.Replayed {
		return existingHold(ctx, q, r)
	}
	err = q.InsertHold(ctx, escrowdb.InsertHoldParams{
		BookingID: r.BookingID, AccountID: r.AccountID, TalentID: r.TalentID, Livemode: available.Livemode,
		Currency: r.Amount.Currency, Amount: r.Amount.Minor, ExpiresAt: r.ExpiresAt, CreatedAt: now,
	})
	if err != nil {
		return Hold{}, fmt.Errorf("hold for %s: %w", r.BookingID, err)
	}
	warnAt := r.ExpiresAt.Add(-max(0, min(HoldWarning, r.ExpiresAt.Sub(now)/2)))
	if err := jobs.InsertAt(ctx, tx, warnAt, jobs.HoldExpiring{BookingID: r.BookingID}); err != nil {
		return Hold{}, err
	}
	return Hold{
		BookingID: r.BookingID, AccountID: r.AccountID, TalentID: r.TalentID, Livemode: available.Livemode,
		Amount: r.Amount, Currency: r.Amount.Currency, Status: Held, ExpiresAt: r.ExpiresAt, CreatedAt: now,
	}, nil
}

func insufficient(available int64, required Amount) error {
	have := Amount{available, required.Currency}
	return fault.New(fault.InsufficientFunds, "The booking needs %s and the account has %s available; fund the account with at least %s more", required, have, Amount{required.Minor - available, required.Currency}).
		With("available", have).With("required", required).With("currency", required.Currency)
}

// existingHold is the hold of a repeated request.
func existingHold(ctx context.Context, q *escrowdb.Queries, r HoldRequest) (Hold, error) {
	row, err := q.Hold(ctx, r.BookingID)
	if err != nil {
		return Hold{}, fmt.Errorf("hold of %s: %w", r.BookingID, err)
	}
	h := holdOf(row)
	if h.AccountID != r.AccountID || h.TalentID != r.TalentID || h.Amount != r.Amount {
		return Hold{}, fault.New(fault.InvalidState, "The booking %s holds %s already; a booking has one hold", r.BookingID, h.Amount)
	}
	return h, nil
}

func holdOf(row escrowdb.EscrowHold) Hold {
	return Hold{
		BookingID: row.BookingID, AccountID: row.AccountID, TalentID: row.TalentID, Livemode: row.Livemode,
		Amount: Amount{row.Amount, row.Currency}, Currency: row.Currency, Status: HoldStatus(row.Status), ExpiresAt: row.ExpiresAt, CreatedAt: row.CreatedAt, SettledAt: row.SettledAt,
	}
}

// GetHold returns the booking's live hold. Code: ESCROW_REQUIRED when it has none.
func GetHold(ctx context.Context, tx pgx.Tx, bookingID string) (Hold, error) {
	h, err := FindHold(ctx, tx, bookingID)
	if fault.Is(err, fault.NotFound) {
		return Hold{}, required(bookingID)
	}
	if err == nil && !h.Live() {
		return Hold{}, required(bookingID).With("hold_status", h.Status)
	}
	return h, err
}

// FindHold returns the booking's hold, live or settled. Code: NOT_FOUND.
func FindHold(ctx context.Context, tx pgx.Tx, bookingID string) (Hold, error) {
	row, err := escrowdb.New(tx).Hold(ctx, bookingID)
	if db.Missing(err) {
		return Hold{}, fault.New(fault.NotFound, "The booking %s has no escrow hold", bookingID)
	}
	if err != nil {
		return Hold{}, fmt.Errorf("hold of %s: %w", bookingID, err)
	}
	return holdOf(row), nil
}

func required(bookingID string) *fault.Error {
	return fault.New(fault.EscrowRequired, "The booking %s has no live escrow hold; this needs one", bookingID)
}

// Freeze keeps a held amount where it is until Resolve. Repeating it changes
// nothing. Code: ESCROW_REQUIRED.
func (l *Ledger) Freeze(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string) error {
	q := escrowdb.New(tx)
	row, err := q.LockHold(ctx, bookingID)
	if db.Missing(err) {
		return required(bookingID)
	}
	if err != nil {
		return fmt.Errorf("freeze %s: %w", bookingID, err)
	}
	h := holdOf(row)
	switch {
	case h.Status == Frozen:
		return nil
	case !h.Live():
		return required(bookingID).With("hold_status", h.Status)
	}
	if err := q.FreezeHold(ctx, bookingID); err != nil {
		return fmt.Errorf("freeze %s: %w", bookingID, err)
	}
	return nil
}

// WarnExpiring appends escrow.hold_expiring when the booking's hold is still
// live; a settled hold, or none, needs no warning.
func (l *Ledger) WarnExpiring(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string) error {
	h, err := GetHold(ctx, tx, bookingID)
	if fault.Is(err, fault.EscrowRequired) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = event.Append(ctx, tx, now, event.New{
		AccountID: h.AccountID, Livemode: h.Livemode, Type: event.EscrowHoldExpiring, Object: h,
		Related: map[string]string{"booking_id": h.BookingID, "talent_id": h.TalentID},
	})
	return err
}
