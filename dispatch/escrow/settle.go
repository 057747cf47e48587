package escrow

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
)

// Settlement is what a hold ended in, or would end in. The three amounts sum to
// the hold.
type Settlement struct {
	BookingID   string     `json:"booking_id"`
	Currency    string     `json:"currency"`
	Status      HoldStatus `json:"hold_status"`
	ToTalent    Amount     `json:"to_talent"`
	Fee         Amount     `json:"platform_fee"`
	ToRequester Amount     `json:"to_requester"`
	PayoutID    *string    `json:"payout_id"` // nil when nothing goes to the talent, and in previews
	Transfers   []string   `json:"transfers"` // ledger transfers; empty in previews
	Replayed    bool       `json:"-"`         // the hold had ended so before and nothing moved now
}

// ReleaseRequest accepts a booking's work: Accepted of Total deliverables.
type ReleaseRequest struct {
	BookingID string
	Accepted  int // 1 to Total
	Total     int // 1 to 1,000,000
}

// Split divides a disputed hold; the three parts sum to it exactly.
type Split struct {
	TalentMinor    int64
	RequesterMinor int64
	FeeMinor       int64
}

// shares is how a hold divides, in minor units.
type shares struct{ talent, fee, requester int64 }

// release shares an amount at acceptance. The accepted part is rounded down to
// the currency's unit and the rest goes back to the requester; of the accepted
// part the talent's share is rounded down to what can be paid out, a multiple of
// unit, and the rest is the fee.
func (p Policy) release(amount int64, accepted, total int, unit int64) shares {
	gross := amount * int64(accepted) / int64(total)
	talent := gross * int64(10_000-p.FeeBasisPoints) / 10_000
	talent -= talent % unit
	return shares{talent: talent, fee: gross - talent, requester: amount - gross}
}

// cancel shares an amount at a cancellation after check-in: the talent's share
// is rounded down to a multiple of unit and there is no fee.
func (p Policy) cancel(amount, unit int64) shares {
	talent := amount * int64(p.CancellationBasisPoints) / 10_000
	talent -= talent % unit
	return shares{talent: talent, requester: amount - talent}
}

// Release ends a hold by acceptance: the talent's share becomes payable and its
// payout is enqueued, the fee is the platform's, the rest returns to the
// requester. Repeating it returns the original settlement. Codes:
// ESCROW_REQUIRED; INVALID_STATE while a dispute is open, or when another part
// was accepted before.
func (l *Ledger) Release(ctx context.Context, tx pgx.Tx, now time.Time, r ReleaseRequest) (Settlement, error) {
	if err := r.check(); err != nil {
		return Settlement{}, err
	}
	accepted, total := int32(r.Accepted), int32(r.Total)
	return l.settle(ctx, tx, now, r.BookingID, ending{
		status: Released, from: Held, kind: "release", accepted: &accepted, total: &total,
		divide: func(amount, unit int64) (shares, error) {
			return l.policy.release(amount, r.Accepted, r.Total, unit), nil
		},
	})
}

// Refund ends a hold by returning all of it to the requester. Repeating it
// returns the original settlement. Codes: ESCROW_REQUIRED, INVALID_STATE.
func (l *Ledger) Refund(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string) (Settlement, error) {
	return l.settle(ctx, tx, now, bookingID, ending{
		status: Refunded, from: Held, kind: "refund",
		divide: func(amount, _ int64) (shares, error) { return shares{requester: amount}, nil },
	})
}

// CancelAfterCheckIn ends a hold by the deployment's cancellation share.
// Repeating it returns the original settlement. Codes: ESCROW_REQUIRED,
// INVALID_STATE.
func (l *Ledger) CancelAfterCheckIn(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string) (Settlement, error) {
	return l.settle(ctx, tx, now, bookingID, ending{
		status: Cancelled, from: Held, kind: "cancellation",
		divide: func(amount, unit int64) (shares, error) { return l.policy.cancel(amount, unit), nil },
	})
}

// Resolve ends a frozen hold by a dispute's resolution. Repeating it with the
// same split returns the original settlement. Codes: ESCROW_REQUIRED;
// INVALID_STATE when the hold is not frozen or was resolved otherwise;
// SCHEMA_VALIDATION_FAILED when the split does not sum to the hold, or its talent's
// part cannot be paid out.
func (l *Ledger) Resolve(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string, split Split) (Settlement, error) {
	return l.settle(ctx, tx, now, bookingID, ending{
		status: Resolved, from: Frozen, kind: "resolution", split: &split,
		divide: func(amount, unit int64) (shares, error) { return split.divide(amount, unit) },
	})
}

// PreviewRelease tells what Release would do and writes nothing; of a frozen
// hold, what it would have done, as an overdue dispute is divided. Code:
// ESCROW_REQUIRED.
func (l *Ledger) PreviewRelease(ctx context.Context, tx pgx.Tx, r ReleaseRequest) (Settlement, error) {
	if err := r.check(); err != nil {
		return Settlement{}, err
	}
	return l.preview(ctx, tx, r.BookingID, Released, func(amount, unit int64) shares { return l.policy.release(amount, r.Accepted, r.Total, unit) })
}

// PreviewCancel tells what Refund, or after check-in CancelAfterCheckIn, would
// do and writes nothing. Code: ESCROW_REQUIRED.
func (l *Ledger) PreviewCancel(ctx context.Context, tx pgx.Tx, bookingID string, checkedIn bool) (Settlement, error) {
	if !checkedIn {
		return l.preview(ctx, tx, bookingID, Refunded, func(amount, _ int64) shares { return shares{requester: amount} })
	}
	return l.preview(ctx, tx, bookingID, Cancelled, l.policy.cancel)
}

func (l *Ledger) preview(ctx context.Context, tx pgx.Tx, bookingID string, status HoldStatus, divide func(amount, unit int64) shares) (Settlement, error) {
	h, err := GetHold(ctx, tx, bookingID)
	if err != nil {
		return Settlement{}, err
	}
	return settlementOf(h, status, divide(h.Amount.Minor, l.payoutUnit(h))), nil
}

// ending is one way for a hold to end.
type ending struct {
	status          HoldStatus
	from            HoldStatus
	kind            string
	accepted, total *int32
	split           *Split
	divide          func(amount, unit int64) (shares, error)
}

// settle ends a hold. All endings of a booking share one transfer key, so the
// database refuses a second one whatever the code does.
func (l *Ledger) settle(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string, end ending) (Settlement, error) {
	q := escrowdb.New(tx)
	row, err := q.LockHold(ctx, bookingID)
	if db.Missing(err) {
		return Settlement{}, required(bookingID)
	}
	if err != nil {
		return Settlement{}, fmt.Errorf("%s of %s: %w", end.kind, bookingID, err)
	}
	h := holdOf(row)
	if h.Status == end.status {
		return repeat(ctx, q, row, end)
	}
	if !h.Live() {
		return Settlement{}, required(bookingID).With("hold_status", h.Status)
	}
	if h.Status != end.from {
		return Settlement{}, notFrom(h, end.from)
	}
	parts, err := end.divide(h.Amount.Minor, l.payoutUnit(h))
	if err != nil {
		return Settlement{}, err
	}
	done, err := post(ctx, q, now, transfer{
		key: "settle:" + bookingID, kind: end.kind, accountID: h.AccountID, bookingID: &bookingID, currency: row.Currency, livemode: h.Livemode,
		postings: []posting{
			{kindEscrow, bookingID, -h.Amount.Minor},
			{kindPayable, h.TalentID, parts.talent},
			{kindFee, h.AccountID, parts.fee},
			{kindAvailable, h.AccountID, parts.requester},
		},
	})
	if err == nil && done.Replayed {
		err = fmt.Errorf("its money left by %s already although the hold is %s: run `humandispatch admin ledger verify`", done.ID, h.Status)
	}
	if err != nil {
		return Settlement{}, fmt.Errorf("%s of %s: %w", end.kind, bookingID, err)
	}
	err = q.SettleHold(ctx, escrowdb.SettleHoldParams{
		BookingID: bookingID, Status: string(end.status), SettledAt: &now, TransferID: &done.ID, Accepted: end.accepted, Total: end.total,
		ToTalent: parts.talent, Fee: parts.fee, ToRequester: parts.requester,
	})
	if err != nil {
		return Settlement{}, fmt.Errorf("%s of %s: %w", end.kind, bookingID, err)
	}
	s := settlementOf(h, end.status, parts)
	s.Transfers = []string{done.ID}
	if parts.talent > 0 {
		id, err := l.initiate(ctx, tx, now, h, parts.talent)
		if err != nil {
			return Settlement{}, fmt.Errorf("%s of %s: %w", end.kind, bookingID, err)
		}
		s.PayoutID = &id
	}
	return s, nil
}

// payoutUnit is what the talent's share of a hold must be a multiple of, so that
// its payout can be paid. Where a provider that came later pays nothing in the
// currency there is no right one: the payout will say so.
func (l *Ledger) payoutUnit(h Hold) int64 {
	return max(1, l.ProviderFor(h.Livemode).PayoutUnit(h.Currency))
}

// initiate makes the payout of a settled hold and enqueues it.
func (l *Ledger) initiate(ctx context.Context, tx pgx.Tx, now time.Time, h Hold, minor int64) (string, error) {
	id := db.NewID("pay", now)
	err := escrowdb.New(tx).InsertPayout(ctx, escrowdb.InsertPayoutParams{
		ID: id, AccountID: h.AccountID, TalentID: h.TalentID, BookingID: h.BookingID, Livemode: h.Livemode,
		Currency: h.Amount.Currency, Amount: minor, Provider: l.ProviderFor(h.Livemode).Name(), CreatedAt: now,
	})
	if err != nil {
		return "", err
	}
	return id, jobs.Insert(ctx, tx, jobs.Payout{PayoutID: id})
}

// repeat answers an ending that happened before, if it was the same.
func repeat(ctx context.Context, q *escrowdb.Queries, row escrowdb.EscrowHold, end ending) (Settlement, error) {
	if end.total != nil && (*row.Accepted != *end.accepted || *row.Total != *end.total) {
		return Settlement{}, fault.New(fault.InvalidState, "The booking %s was released for %d of %d deliverables already", row.BookingID, *row.Accepted, *row.Total)
	}
	if end.split != nil && *end.split != (Split{TalentMinor: row.ToTalent, FeeMinor: row.Fee, RequesterMinor: row.ToRequester}) {
		return Settlement{}, fault.New(fault.InvalidState, "The dispute about %s was resolved with another split already", row.BookingID)
	}
	return settled(ctx, q, row)
}

// settled reads the settlement of a hold that has ended.
func settled(ctx context.Context, q *escrowdb.Queries, row escrowdb.EscrowHold) (Settlement, error) {
	s := settlementOf(holdOf(row), HoldStatus(row.Status), shares{talent: row.ToTalent, fee: row.Fee, requester: row.ToRequester})
	s.Transfers, s.Replayed = []string{*row.TransferID}, true
	if row.ToTalent > 0 {
		payout, err := q.PayoutOfBooking(ctx, row.BookingID)
		if err != nil {
			return Settlement{}, fmt.Errorf("payout of %s: %w", row.BookingID, err)
		}
		s.PayoutID = &payout.ID
	}
	return s, nil
}

func settlementOf(h Hold, status HoldStatus, s shares) Settlement {
	c := h.Amount.Currency
	return Settlement{
		BookingID: h.BookingID, Currency: c, Status: status,
		ToTalent: Amount{s.talent, c}, Fee: Amount{s.fee, c}, ToRequester: Amount{s.requester, c}, Transfers: []string{},
	}
}

func notFrom(h Hold, want HoldStatus) error {
	hint := "a dispute is open: it ends by the dispute's resolution"
	if want == Frozen {
		hint = "no dispute is open"
	}
	return fault.New(fault.InvalidState, "The hold of %s is %s: %s", h.BookingID, h.Status, hint).With("hold_status", h.Status)
}

func (r ReleaseRequest) check() error {
	if r.Total < 1 || r.Total > 1_000_000 || r.Accepted < 1 || r.Accepted > r.Total {
		return fault.Invalid("The work was not accepted", fault.Field{
			Path: "deliverables", Found: fmt.Sprintf("%d of %d deliverables", r.Accepted, r.Total), Expected: "at least one accepted deliverable, and no more than were delivered",
			Fix: "List the deliverables you accept, request changes, or open a dispute to accept none"})
	}
	return nil
}

func (s Split) divide(amount, unit int64) (shares, error) {
	sum := int64(0)
	for _, part := range []int64{s.TalentMinor, s.RequesterMinor, s.FeeMinor} {
		if part < 0 || part > amount {
			sum = -1
			break
		}
		sum += part
	}
	if sum != amount {
		return shares{}, fault.Invalid("The dispute was not resolved", fault.Field{
			Path: "split", Found: fmt.Sprintf("parts of %d, %d and %d minor units", s.TalentMinor, s.RequesterMinor, s.FeeMinor),
			Expected: fmt.Sprintf("parts of zero or more that sum to the hold, %d minor units", amount), Fix: "Divide exactly what is held"})
	}
	if s.TalentMinor%unit != 0 {
		return shares{}, fault.Invalid("The dispute was not resolved", fault.Field{
			Path: "to_talent", Found: fmt.Sprintf("%d minor units", s.TalentMinor), Expected: fmt.Sprintf("a multiple of %d minor units, the least that the payment provider pays", unit),
			Fix: "Round it; what neither side gets is the platform's fee"})
	}
	return shares{talent: s.TalentMinor, fee: s.FeeMinor, requester: s.RequesterMinor}, nil
}
