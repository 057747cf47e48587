// Package escrow owns money: a double-entry ledger in Postgres, the hold of each
// booking, what it ends in, and payouts. It knows bookings, accounts and talent
// by their ids only and decides nothing about them. It never begins or commits
// a transaction and never talks to a network inside one.
package escrow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Policy is what a deployment charges, in basis points (1/100 of a percent).
type Policy struct {
	FeeBasisPoints          int // the platform's part of accepted work
	CancellationBasisPoints int // the talent's part of a booking cancelled after check-in
}

// DefaultPolicy is 15 % fee and 50 % cancellation share.
var DefaultPolicy = Policy{FeeBasisPoints: 1500, CancellationBasisPoints: 5000}

// Ledger moves money by a policy and pays out through a provider. Its methods
// take the caller's transaction, which must be READ COMMITTED and roll back
// when a method returns an error. They lock the hold first and then ledger
// accounts in id order: take locks on bookings before, and append events after.
type Ledger struct {
	policy   Policy
	provider Provider
}

// New makes a ledger whose live payouts go through provider; those of test
// accounts always go through the built-in one. The error is for the operator.
func New(policy Policy, provider Provider) (*Ledger, error) {
	if policy.FeeBasisPoints < 0 || policy.FeeBasisPoints > 10_000 {
		return nil, fmt.Errorf("the platform fee is %d basis points, expected 0 to 10000", policy.FeeBasisPoints)
	}
	if policy.CancellationBasisPoints < 0 || policy.CancellationBasisPoints > 10_000 {
		return nil, fmt.Errorf("the cancellation share is %d basis points, expected 0 to 10000", policy.CancellationBasisPoints)
	}
	return &Ledger{policy: policy, provider: provider}, nil
}

// The kinds of ledger accounts.
const (
	kindAvailable = "available"      // what a requester can spend; owner: account
	kindEscrow    = "escrow"         // what a booking holds; owner: booking
	kindPayable   = "talent_payable" // what a talent is owed; owner: talent
	kindFee       = "platform_fee"   // what the platform earned; owner: the account that paid it
	kindWorld     = "world"          // what came in (negative) and went out; owner: provider
)

// Transfer is money that moved once, under its business key.
type Transfer struct {
	ID        string
	Kind      string // fund, hold, release, refund, cancellation, resolution, payout or reversal
	AccountID string
	Amount    Amount
	CreatedAt time.Time
	Replayed  bool // the key was used before: this is the original transfer and nothing moved now
}

// Fund adds money that reached the deployment to what the account can spend:
// an operator's funding, or a test account's own. The key names the deposit;
// the same key again returns the original transfer. Codes: NOT_FOUND,
// CONFLICT_IDEMPOTENCY when the key was used for another amount.
func (l *Ledger) Fund(ctx context.Context, tx pgx.Tx, now time.Time, accountID string, amount Amount, key string) (Transfer, error) {
	return l.FundFrom(ctx, tx, now, Builtin{}.Name(), accountID, amount, key)
}

// FundFrom is Fund for money that a payment provider collected.
func (l *Ledger) FundFrom(ctx context.Context, tx pgx.Tx, now time.Time, provider, accountID string, amount Amount, key string) (Transfer, error) {
	if err := checkAmount(amount); err != nil {
		return Transfer{}, err
	}
	q := escrowdb.New(tx)
	livemode, err := q.Livemode(ctx, accountID)
	if db.Missing(err) {
		return Transfer{}, fault.New(fault.NotFound, "There is no account %s", accountID)
	}
	if err != nil {
		return Transfer{}, fmt.Errorf("fund %s: %w", accountID, err)
	}
	t := transfer{
		key: "fund:" + provider + ":" + accountID + ":" + key, kind: "fund", accountID: accountID, currency: amount.Currency, livemode: livemode,
		postings: []posting{{kindWorld, provider, -amount.Minor}, {kindAvailable, accountID, amount.Minor}},
	}
	done, err := post(ctx, q, now, t)
	if err != nil {
		return Transfer{}, fmt.Errorf("fund %s: %w", accountID, err)
	}
	if done.Amount != amount {
		return Transfer{}, fault.New(fault.ConflictIdempotency, "This key funded the account with %s before; use another key for %s", done.Amount, amount)
	}
	return done, nil
}

type posting struct {
	kind, owner string
	amount      int64
}

type transfer struct {
	key, kind, accountID string
	bookingID            *string
	currency             string
	livemode             bool
	postings             []posting // zeros are left out
}

// shortfall says that an account cannot give what a transfer takes from it.
type shortfall struct {
	kind, owner string
	have, need  int64
}

func (s *shortfall) Error() string {
	return fmt.Sprintf("ledger account %s of %s holds %d minor units, %d are needed", s.kind, s.owner, s.have, s.need)
}

// post writes a transfer unless its key was used before, in which case it
// returns the original. The amount returned is what the transfer moves in all.
func post(ctx context.Context, q *escrowdb.Queries, now time.Time, t transfer) (Transfer, error) {
	var kinds, owners []string
	for _, p := range t.postings {
		if p.amount != 0 {
			kinds, owners = append(kinds, p.kind), append(owners, p.owner)
		}
	}
	err := q.EnsureAccounts(ctx, escrowdb.EnsureAccountsParams{AccountID: t.accountID, Currency: t.currency, Livemode: t.livemode, Kinds: kinds, Owners: owners})
	if err != nil {
		return Transfer{}, err
	}
	locked, err := q.LockAccounts(ctx, escrowdb.LockAccountsParams{Currency: t.currency, Livemode: t.livemode, Kinds: kinds, Owners: owners})
	if err != nil {
		return Transfer{}, err
	}
	done := Transfer{ID: db.NewID("tr", now), Kind: t.kind, AccountID: t.accountID, Amount: Amount{Currency: t.currency}, CreatedAt: now}
	params := escrowdb.PostParams{ID: done.ID, Key: t.key, Kind: t.kind, AccountID: t.accountID, BookingID: t.bookingID, Currency: t.currency, Livemode: t.livemode, CreatedAt: now}
	var short *shortfall
	for _, p := range t.postings {
		if p.amount == 0 {
			continue
		}
		id, balance, ok := find(locked, p)
		if !ok {
			return Transfer{}, fmt.Errorf("ledger account %s of %s is missing", p.kind, p.owner)
		}
		if p.kind != kindWorld && balance+p.amount < 0 {
			short = &shortfall{p.kind, p.owner, balance, -p.amount}
		}
		if p.amount > 0 {
			done.Amount.Minor += p.amount
		}
		params.EntryIds = append(params.EntryIds, db.NewID("ent", now))
		params.LedgerAccounts = append(params.LedgerAccounts, id)
		params.Amounts = append(params.Amounts, p.amount)
	}
	if short != nil {
		// A repeat of a transfer that was possible then is no shortfall now.
		if original, err := replay(ctx, q, t.key); !errors.Is(err, pgx.ErrNoRows) {
			return original, err
		}
		return Transfer{}, short
	}
	written, err := q.Post(ctx, params)
	if err != nil {
		return Transfer{}, err
	}
	if written == 0 {
		return replay(ctx, q, t.key)
	}
	return done, nil
}

func find(accounts []escrowdb.LockAccountsRow, p posting) (id, balance int64, ok bool) {
	for _, a := range accounts {
		if a.Kind == p.kind && a.Owner == p.owner {
			return a.ID, a.Balance, true
		}
	}
	return 0, 0, false
}

// replay reads the transfer of a key.
func replay(ctx context.Context, q *escrowdb.Queries, key string) (Transfer, error) {
	row, err := q.TransferByKey(ctx, key)
	if err != nil {
		return Transfer{}, err
	}
	postings, err := q.TransferPostings(ctx, row.ID)
	if err != nil {
		return Transfer{}, err
	}
	t := Transfer{ID: row.ID, Kind: row.Kind, AccountID: row.AccountID, Amount: Amount{Currency: row.Currency}, CreatedAt: row.CreatedAt, Replayed: true}
	for _, p := range postings {
		t.Amount.Minor += max(p.Amount, 0)
	}
	return t, nil
}

func checkAmount(a Amount) error {
	if err := CheckCurrency(a.Currency); err != nil {
		return err
	}
	if a.Minor <= 0 || a.Minor > MaxMinor {
		return fmt.Errorf("amount of %d minor units, expected 1 to %d", a.Minor, int64(MaxMinor))
	}
	return nil
}
