package escrow

import (
	"context"
	"errors"
)

// Provider moves real money outside the ledger. Its calls go over a network, so
// they are made between transactions. A call repeated with the same key has its
// effect once and returns the first answer.
type Provider interface {
	// Name is how the ledger calls the provider's side of the world.
	Name() string
	// Pay sends a payout to a talent. An error that wraps ErrDeclined is
	// definite: no money moved and none will. After any other error the outcome is
	// unknown, and the call must be repeated with the same key.
	Pay(ctx context.Context, p Payment) (reference string, err error)
}

// Payment is one attempt at a payout.
type Payment struct {
	Key         string // stable for this attempt: a repeat of it pays nothing twice
	PayoutID    string
	Amount      Amount
	Destination string // where the provider sends this talent's money; empty when nobody said
	Repeated    bool   // the same key may have been sent before
}

// ErrDeclined marks a provider's definite no.
var ErrDeclined = errors.New("declined by the payment provider")

// Builtin is the provider of deployments that settle money outside HumanDispatch
// and of all test accounts: every payment succeeds at once.
type Builtin struct{}

// Name implements Provider.
func (Builtin) Name() string { return "ledger" }

// Pay implements Provider.
func (Builtin) Pay(_ context.Context, p Payment) (string, error) { return p.Key, nil }
