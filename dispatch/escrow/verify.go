package escrow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
)

// Discrepancy is something about money that must hold and does not.
type Discrepancy struct {
	Check     string `json:"check"`                // what must hold, such as account.balance
	Row       string `json:"row"`                  // which row, by id or by what names it
	AccountID string `json:"account_id,omitempty"` // whose it is, when it is one account's
	Detail    string `json:"detail"`
}

func (d Discrepancy) String() string { return d.Check + " " + d.Row + ": " + d.Detail }

// Verify proves in one snapshot that every transfer balances, that every balance
// is the sum of its postings and not below zero, that each currency sums to
// zero, and that holds and payouts say what the ledger says. It repairs nothing.
func Verify(ctx context.Context, tx pgx.Tx) ([]Discrepancy, error) {
	rows, err := escrowdb.New(tx).Discrepancies(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify the ledger: %w", err)
	}
	found := make([]Discrepancy, len(rows))
	for i, r := range rows {
		found[i] = Discrepancy{Check: r.Check, Row: r.RowID, AccountID: r.AccountID, Detail: r.Detail}
	}
	return found, nil
}

// BookingState is what VerifyBookings must know of a booking.
type BookingState struct {
	ID   string
	Live bool // its work can still be accepted, refunded or disputed, so its money must be held
}

// VerifyBookings proves that every booking has a hold that is live when the
// booking is and settled when it is not, and that no hold lacks a booking. To
// compare one moment, read the bookings in the same REPEATABLE READ transaction.
func VerifyBookings(ctx context.Context, tx pgx.Tx, bookings []BookingState) ([]Discrepancy, error) {
	rows, err := escrowdb.New(tx).HoldStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify holds: %w", err)
	}
	holds := make(map[string]escrowdb.HoldStatesRow, len(rows))
	for _, r := range rows {
		holds[r.BookingID] = r
	}
	var found []Discrepancy
	for _, b := range bookings {
		h, ok := holds[b.ID]
		delete(holds, b.ID)
		switch live := (Hold{Status: HoldStatus(h.Status)}).Live(); {
		case !ok:
			found = append(found, Discrepancy{Check: "booking.hold", Row: b.ID, Detail: "the booking has no hold"})
		case b.Live != live:
			found = append(found, Discrepancy{Check: "booking.hold", Row: b.ID, AccountID: h.AccountID, Detail: fmt.Sprintf("the booking is live: %t, its hold is %s", b.Live, h.Status)})
		}
	}
	for id, h := range holds {
		found = append(found, Discrepancy{Check: "hold.booking", Row: id, AccountID: h.AccountID, Detail: "the hold belongs to no booking"})
	}
	slices.SortFunc(found, func(a, b Discrepancy) int { return strings.Compare(a.Row, b.Row) })
	return found, nil
}
