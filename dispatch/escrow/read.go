package escrow

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Balance is an account's money in one currency.
type Balance struct {
	Currency  string `json:"currency"`
	Available Amount `json:"available"`
	InEscrow  Amount `json:"in_escrow"`
}

// Available is what an account can spend in a currency now, without a lock.
func Available(ctx context.Context, tx pgx.Tx, accountID, currency string) (Amount, error) {
	row, err := escrowdb.New(tx).AvailableAccount(ctx, escrowdb.AvailableAccountParams{AccountID: accountID, Currency: currency})
	if err != nil && !db.Missing(err) {
		return Amount{}, fmt.Errorf("balance of %s: %w", accountID, err)
	}
	return Amount{row.Balance, currency}, nil
}

// Balances lists an account's money by currency, in the order of their codes.
func Balances(ctx context.Context, tx pgx.Tx, accountID string) ([]Balance, error) {
	rows, err := escrowdb.New(tx).Balances(ctx, accountID)
	if err != nil {
		return nil, fmt.Errorf("balances of %s: %w", accountID, err)
	}
	balances := make([]Balance, len(rows))
	for i, r := range rows {
		balances[i] = Balance{Currency: r.Currency, Available: Amount{r.Available, r.Currency}, InEscrow: Amount{r.InEscrow, r.Currency}}
	}
	return balances, nil
}

// Entry is one posting of a transfer that concerns an account. All entries of an
// account sum to zero per currency.
type Entry struct {
	ID         string    `json:"id"`
	TransferID string    `json:"transfer_id"`
	Kind       string    `json:"kind"`    // of the transfer: fund, hold, release, refund, cancellation, resolution, payout or reversal
	Account    string    `json:"account"` // available, escrow, talent_payable, platform_fee or world
	Owner      string    `json:"owner"`   // of that account: an account's, booking's or talent's id, or a provider's name
	BookingID  *string   `json:"booking_id"`
	Amount     Amount    `json:"amount"` // negative: taken from Account
	Currency   string    `json:"currency"`
	CreatedAt  time.Time `json:"created_at"`
}

// Entries lists the entries of an account's transfers, newest first, after the
// entry startingAfter unless it is empty. Code: NOT_FOUND when that is none of
// the account's.
func Entries(ctx context.Context, tx pgx.Tx, accountID string, limit int, startingAfter string) ([]Entry, error) {
	q := escrowdb.New(tx)
	params := escrowdb.EntriesParams{AccountID: accountID, Count: int32(limit)}
	if startingAfter != "" {
		transferID, err := q.EntryTransfer(ctx, escrowdb.EntryTransferParams{ID: startingAfter, AccountID: accountID})
		if db.Missing(err) {
			return nil, fault.New(fault.NotFound, "There is no ledger entry %s to start after", startingAfter)
		}
		if err != nil {
			return nil, fmt.Errorf("entries of %s: %w", accountID, err)
		}
		params.BeforeTransfer, params.BeforeEntry = &transferID, &startingAfter
	}
	rows, err := q.Entries(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", accountID, err)
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = entryOf(r)
	}
	return entries, nil
}

// BookingEntries lists every entry of a booking's money, oldest first.
func BookingEntries(ctx context.Context, tx pgx.Tx, bookingID string) ([]Entry, error) {
	rows, err := escrowdb.New(tx).BookingEntries(ctx, &bookingID)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", bookingID, err)
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = entryOf(escrowdb.EntriesRow(r))
	}
	return entries, nil
}

func entryOf(r escrowdb.EntriesRow) Entry {
	return Entry{
		ID: r.ID, TransferID: r.TransferID, Kind: r.TransferKind, Account: r.AccountKind, Owner: r.Owner, BookingID: r.BookingID,
		Amount: Amount{r.Amount, r.Currency}, Currency: r.Currency, CreatedAt: r.CreatedAt,
	}
}

// GetPayout returns a payout, or NOT_FOUND. The caller checks whose it is.
func GetPayout(ctx context.Context, tx pgx.Tx, id string) (Payout, error) {
	row, err := escrowdb.New(tx).Payout(ctx, id)
	if err != nil {
		return Payout{}, payoutError(id, err)
	}
	return payoutOf(row), nil
}

// PayoutsOf says whose payouts to list: exactly one of the two is set.
type PayoutsOf struct {
	AccountID string
	TalentID  string
}

// ListPayouts lists payouts, newest first, with ids below startingAfter unless
// it is empty.
func ListPayouts(ctx context.Context, tx pgx.Tx, of PayoutsOf, limit int, startingAfter string) ([]Payout, error) {
	var before *string
	if startingAfter != "" {
		before = &startingAfter
	}
	q := escrowdb.New(tx)
	var rows []escrowdb.Payout
	var err error
	if of.TalentID != "" {
		rows, err = q.PayoutsOfTalent(ctx, escrowdb.PayoutsOfTalentParams{TalentID: of.TalentID, Before: before, Count: int32(limit)})
	} else {
		rows, err = q.PayoutsOfAccount(ctx, escrowdb.PayoutsOfAccountParams{AccountID: of.AccountID, Before: before, Count: int32(limit)})
	}
	if err != nil {
		return nil, fmt.Errorf("list payouts: %w", err)
	}
	payouts := make([]Payout, len(rows))
	for i, r := range rows {
		payouts[i] = payoutOf(r)
	}
	return payouts, nil
}
