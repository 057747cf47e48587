package escrow

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
)

// PayoutStatus is where a payout stands.
type PayoutStatus string

// The states of a payout. A failed one can be retried: its money is payable.
const (
	PayoutInitiated PayoutStatus = "initiated"
	PayoutPaid      PayoutStatus = "paid"
	PayoutFailed    PayoutStatus = "failed"
)

// Payout is the way of a talent's share out of the platform. Its JSON is that of
// the API and of payout events.
type Payout struct {
	ID            string       `json:"id"`
	AccountID     string       `json:"-"` // the requester whose booking it pays
	TalentID      string       `json:"talent_id"`
	BookingID     string       `json:"booking_id"`
	Livemode      bool         `json:"livemode"`
	Amount        Amount       `json:"amount"`
	Currency      string       `json:"currency"`
	Status        PayoutStatus `json:"status"`
	Provider      string       `json:"provider"`
	Attempts      int          `json:"attempts"`
	FailureReason string       `json:"failure_reason,omitempty"`
	Reference     string       `json:"provider_reference,omitempty"`
	CreatedAt     time.Time    `json:"created_at"`
	PaidAt        *time.Time   `json:"paid_at"`
}

// key is stable for one attempt: a failed payout that is retried and a payout
// that is postponed are new attempts, a repeated job is not.
func (p Payout) key() string { return fmt.Sprintf("payout:%s:%d", p.ID, p.Attempts) }

// ProviderFor is the provider of payouts in one world: test money never leaves
// the ledger.
func (l *Ledger) ProviderFor(livemode bool) Provider {
	if livemode && l.provider != nil {
		return l.provider
	}
	return Builtin{}
}

// ProviderNamed is the configured provider of this name: a payout stays with the
// one it was initiated for, also when the deployment has changed providers.
func (l *Ledger) ProviderNamed(name string) (Provider, error) {
	for _, p := range []Provider{Builtin{}, l.provider} {
		if p != nil && p.Name() == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("payment provider %q is not configured here; configure it, or let a process that has it work this queue", name)
}

// PaymentOf reads what must be sent to the payout's provider. Code: NOT_FOUND.
func (l *Ledger) PaymentOf(ctx context.Context, tx pgx.Tx, payoutID string) (Payout, Payment, error) {
	p, err := GetPayout(ctx, tx, payoutID)
	if err != nil {
		return Payout{}, Payment{}, err
	}
	destination, err := escrowdb.New(tx).Destination(ctx, escrowdb.DestinationParams{TalentID: p.TalentID, Provider: p.Provider})
	if err != nil && !db.Missing(err) {
		return Payout{}, Payment{}, fmt.Errorf("destination of %s: %w", payoutID, err)
	}
	return p, Payment{Key: p.key(), PayoutID: p.ID, Amount: p.Amount, Destination: destination}, nil
}

// RecordPaid records that the provider paid this attempt: the money leaves what
// the talent is owed, and payout.paid is appended. An outcome that came before
// stands. Code: NOT_FOUND.
func (l *Ledger) RecordPaid(ctx context.Context, tx pgx.Tx, now time.Time, attempt Payout, reference string) (Payout, error) {
	return l.record(ctx, tx, now, attempt, func(q *escrowdb.Queries, p *Payout) error {
		_, err := post(ctx, q, now, transfer{
			key: p.key(), kind: "payout", accountID: p.AccountID, bookingID: &p.BookingID, currency: p.Currency, livemode: p.Livemode,
			postings: []posting{{kindPayable, p.TalentID, -p.Amount.Minor}, {kindWorld, p.Provider, p.Amount.Minor}},
		})
		p.Status, p.Reference, p.PaidAt = PayoutPaid, reference, &now
		return err
	}, event.PayoutPaid)
}

// RecordFailed records that the provider refused this attempt for good: the
// money stays payable, and payout.failed is appended. An outcome that came
// before stands. Code: NOT_FOUND.
func (l *Ledger) RecordFailed(ctx context.Context, tx pgx.Tx, now time.Time, attempt Payout, reason string) (Payout, error) {
	if reason == "" {
		reason = "the provider gave no reason"
	}
	return l.record(ctx, tx, now, attempt, func(_ *escrowdb.Queries, p *Payout) error {
		p.Status, p.FailureReason = PayoutFailed, reason
		return nil
	}, event.PayoutFailed)
}

// lockAttempt locks the payout and reports whether it still waits for the outcome of
// this attempt.
func lockAttempt(ctx context.Context, q *escrowdb.Queries, attempt Payout) (p Payout, waiting bool, err error) {
	p, err = lockPayout(ctx, q, attempt.ID)
	return p, err == nil && p.Status == PayoutInitiated && p.Attempts == attempt.Attempts, err
}

func (l *Ledger) record(ctx context.Context, tx pgx.Tx, now time.Time, attempt Payout, apply func(*escrowdb.Queries, *Payout) error, outcome event.Type) (Payout, error) {
	q := escrowdb.New(tx)
	p, waiting, err := lockAttempt(ctx, q, attempt)
	if err != nil || !waiting {
		return p, err
	}
	if err := apply(q, &p); err != nil {
		return Payout{}, fmt.Errorf("payout %s: %w", p.ID, err)
	}
	return p, savePayout(ctx, tx, now, p, outcome)
}

// Postpone records that the provider could not pay this attempt yet: the payout
// stays initiated, and a new attempt under a new key is due at the given time. An
// outcome that came before stands. Code: NOT_FOUND.
func (l *Ledger) Postpone(ctx context.Context, tx pgx.Tx, attempt Payout, until time.Time) (Payout, error) {
	q := escrowdb.New(tx)
	p, waiting, err := lockAttempt(ctx, q, attempt)
	if err != nil || !waiting {
		return p, err
	}
	p.Attempts++
	if err := updatePayout(ctx, q, p); err != nil {
		return Payout{}, err
	}
	return p, jobs.InsertAt(ctx, tx, until, jobs.Payout{PayoutID: p.ID})
}

// RetryPayout starts a new attempt at a failed payout. Codes: NOT_FOUND,
// INVALID_STATE unless it has failed.
func (l *Ledger) RetryPayout(ctx context.Context, tx pgx.Tx, now time.Time, payoutID string) (Payout, error) {
	p, err := lockPayout(ctx, escrowdb.New(tx), payoutID)
	if err != nil {
		return Payout{}, err
	}
	if p.Status != PayoutFailed {
		return Payout{}, fault.New(fault.InvalidState, "The payout %s is %s; only a failed payout can be retried", p.ID, p.Status)
	}
	return retry(ctx, tx, now, p)
}

// FailedPayouts says which failed payouts to retry; an empty field means any.
type FailedPayouts struct {
	TalentID string
	Provider string
}

// RetryPayouts starts a new attempt at every failed payout that is meant, and
// returns them. Repeating it finds none until one fails again.
func (l *Ledger) RetryPayouts(ctx context.Context, tx pgx.Tx, now time.Time, of FailedPayouts) ([]Payout, error) {
	some := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	rows, err := escrowdb.New(tx).LockFailedPayouts(ctx, escrowdb.LockFailedPayoutsParams{TalentID: some(of.TalentID), Provider: some(of.Provider)})
	if err != nil {
		return nil, fmt.Errorf("failed payouts: %w", err)
	}
	retried := make([]Payout, len(rows))
	for i, row := range rows {
		if retried[i], err = retry(ctx, tx, now, payoutOf(row)); err != nil {
			return nil, err
		}
	}
	return retried, nil
}

// retry starts a new attempt at a failed payout, which the caller has locked.
// Its failure was definite, so the new key pays nothing a second time.
func retry(ctx context.Context, tx pgx.Tx, now time.Time, p Payout) (Payout, error) {
	p.Status, p.FailureReason, p.Reference = PayoutInitiated, "", ""
	p.Attempts++
	if err := savePayout(ctx, tx, now, p, event.PayoutInitiated); err != nil {
		return Payout{}, err
	}
	return p, jobs.Insert(ctx, tx, jobs.Payout{PayoutID: p.ID})
}

func lockPayout(ctx context.Context, q *escrowdb.Queries, id string) (Payout, error) {
	row, err := q.LockPayout(ctx, id)
	if err != nil {
		return Payout{}, payoutError(id, err)
	}
	return payoutOf(row), nil
}

func updatePayout(ctx context.Context, q *escrowdb.Queries, p Payout) error {
	err := q.UpdatePayout(ctx, escrowdb.UpdatePayoutParams{
		ID: p.ID, Status: string(p.Status), Attempts: int32(p.Attempts), FailureReason: p.FailureReason, Reference: p.Reference, PaidAt: p.PaidAt,
	})
	if err != nil {
		return fmt.Errorf("payout %s: %w", p.ID, err)
	}
	return nil
}

func savePayout(ctx context.Context, tx pgx.Tx, now time.Time, p Payout, happened event.Type) error {
	if err := updatePayout(ctx, escrowdb.New(tx), p); err != nil {
		return err
	}
	_, err := event.Append(ctx, tx, now, event.New{
		AccountID: p.AccountID, Livemode: p.Livemode, Type: happened, Object: p,
		Related: map[string]string{"payout_id": p.ID, "booking_id": p.BookingID, "talent_id": p.TalentID},
	})
	return err
}

// SetDestination says where a provider sends a talent's money, such as the id
// of a Stripe connected account.
func SetDestination(ctx context.Context, tx pgx.Tx, now time.Time, talentID, provider, reference string) error {
	err := escrowdb.New(tx).SetDestination(ctx, escrowdb.SetDestinationParams{TalentID: talentID, Provider: provider, Reference: reference, UpdatedAt: now})
	if err != nil {
		return fmt.Errorf("payout destination of %s: %w", talentID, err)
	}
	return nil
}

func payoutError(id string, err error) error {
	if db.Missing(err) {
		return fault.New(fault.NotFound, "There is no payout %s", id)
	}
	return fmt.Errorf("payout %s: %w", id, err)
}

func payoutOf(row escrowdb.Payout) Payout {
	return Payout{
		ID: row.ID, AccountID: row.AccountID, TalentID: row.TalentID, BookingID: row.BookingID, Livemode: row.Livemode,
		Amount: Amount{row.Amount, row.Currency}, Currency: row.Currency, Status: PayoutStatus(row.Status), Provider: row.Provider,
		Attempts: int(row.Attempts), FailureReason: row.FailureReason, Reference: row.Reference, CreatedAt: row.CreatedAt, PaidAt: row.PaidAt,
	}
}
