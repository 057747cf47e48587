package escrow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Provider moves real money outside the ledger. Its calls go over a network, so
// they are made between transactions. A call repeated with the same key has its
// effect once and returns the first answer.
type Provider interface {
	// Name is how the ledger calls the provider's side of the world.
	Name() string
	// Collect asks the provider for money from a requester.
	Collect(ctx context.Context, c Collection) (Collected, error)
	// Pay sends a payout to a talent. An error that wraps ErrDeclined or ErrNotYet
	// is definite: no money moved under this key and none will. After any other
	// error the outcome is unknown, and the call must be repeated with the same key.
	Pay(ctx context.Context, p Payment) (reference string, err error)
	// PayoutUnit is what the amount of a payout must be a multiple of, in minor
	// units of the currency; 0 when the provider pays nothing in it.
	PayoutUnit(currency string) int64
	// Notice reads a webhook of the provider after verifying its signature.
	// Code: UNAUTHENTICATED when that does not hold.
	Notice(body []byte, signature string) (Notice, error)
}

// ErrDeclined marks a provider's definite no.
var ErrDeclined = errors.New("declined by the payment provider")

// ErrNotYet marks a definite no to an attempt that only time stands in the way
// of, such as money that was collected and is not available yet. The next attempt
// needs a key of its own: a provider may repeat its answer to the old one.
var ErrNotYet = errors.New("the payment provider cannot pay yet")

// Collection asks for money that will fund an account.
type Collection struct {
	Key       string // stable for this funding
	AccountID string
	Amount    Amount
}

// Collected is a provider's answer to a Collection.
type Collected struct {
	Reference    string
	Done         bool   // the money is there: call FundFrom with Reference as the key
	ClientSecret string // when it is not: what the requester's browser completes the payment with; a Notice follows
}

// Payment is one attempt at a payout.
type Payment struct {
	Key         string // stable for this attempt: a repeat of it pays nothing twice
	PayoutID    string
	Amount      Amount
	Destination string // where the provider sends this talent's money; empty when nobody said
	Repeated    bool   // the same key may have been sent before
}

// NoticeKind is what a provider says has happened.
type NoticeKind string

// What providers notify of. Everything else is of no concern to the ledger.
const (
	NoticeIgnored        NoticeKind = ""
	NoticeFunded         NoticeKind = "funded"
	NoticePayoutReversed NoticeKind = "payout_reversed"
)

// Notice is a verified message of a provider.
type Notice struct {
	Kind      NoticeKind
	Reference string // the provider's id of the funding or payout
	AccountID string // of a funding
	Amount    Amount // of a funding
	Reason    string
}

// Apply records what a provider's notice says. Notices come more than once and
// in any order; each has its effect once. Codes: those of FundFrom and
// ReversePayout; INVALID_STATE when live money is to fund a test account.
func (l *Ledger) Apply(ctx context.Context, tx pgx.Tx, now time.Time, provider string, n Notice) error {
	switch n.Kind {
	case NoticeIgnored:
		return nil
	case NoticeFunded:
		livemode, err := escrowdb.New(tx).Livemode(ctx, n.AccountID)
		if err == nil && !livemode {
			return fault.New(fault.InvalidState, "%s collected %s for the test account %s: live money funds live accounts only; refund it there", provider, n.Amount, n.AccountID)
		}
		_, err = l.FundFrom(ctx, tx, now, provider, n.AccountID, n.Amount, n.Reference)
		return err
	case NoticePayoutReversed:
		_, err := l.ReversePayout(ctx, tx, now, provider, n.Reference, n.Reason)
		return err
	default:
		return fmt.Errorf("unknown notice %q of %s", n.Kind, provider)
	}
}

// Builtin is the provider of deployments that settle money outside HumanDispatch
// and of all test accounts: every collection and payment succeeds at once.
type Builtin struct{}

// Name implements Provider.
func (Builtin) Name() string { return "ledger" }

// Collect implements Provider.
func (Builtin) Collect(_ context.Context, c Collection) (Collected, error) {
	return Collected{Reference: c.Key, Done: true}, nil
}

// Pay implements Provider.
func (Builtin) Pay(_ context.Context, p Payment) (string, error) { return p.Key, nil }

// PayoutUnit implements Provider: every amount can be settled outside.
func (Builtin) PayoutUnit(string) int64 { return 1 }

// Notice implements Provider: nobody speaks for the built-in one.
func (Builtin) Notice([]byte, string) (Notice, error) {
	return Notice{}, fault.New(fault.Unauthenticated, "The built-in payment provider sends no webhooks")
}
