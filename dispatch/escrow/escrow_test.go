package escrow_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var now = time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)

// stage is a requester and a talent of their own in one world.
type stage struct {
	account, talent string
}

// people makes a stage in a transaction.
func people(t testing.TB, tx pgx.Tx, livemode bool) stage {
	t.Helper()
	s := stage{account: db.NewID("acct", now), talent: db.NewID("tal", now)}
	exec(t, tx, `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', $2, $3)`, s.account, livemode, now)
	exec(t, tx, `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, $2, $3, 'Talent', $1 || '@example.com', $4)`, s.talent, livemode, s.account, now)
	return s
}

func exec(t testing.TB, tx pgx.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func newLedger(t testing.TB) *escrow.Ledger {
	t.Helper()
	l, err := escrow.New(escrow.DefaultPolicy, escrow.Builtin{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func amount(t testing.TB, decimal, currency string) escrow.Amount {
	t.Helper()
	a, err := escrow.ParseAmount(decimal, currency)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// held funds the account and holds an amount for a new booking.
func held(t testing.TB, tx pgx.Tx, l *escrow.Ledger, s stage, a escrow.Amount) string {
	t.Helper()
	booking := db.NewID("bkg", now)
	if _, err := l.Fund(t.Context(), tx, now, s.account, a, "for "+booking); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Hold(t.Context(), tx, now, holdRequest(s, booking, a)); err != nil {
		t.Fatal(err)
	}
	return booking
}

func holdRequest(s stage, booking string, a escrow.Amount) escrow.HoldRequest {
	return escrow.HoldRequest{AccountID: s.account, TalentID: s.talent, BookingID: booking, Amount: a, ExpiresAt: now.Add(30 * 24 * time.Hour)}
}

// balanced fires the deferred constraints and proves the ledger.
func balanced(t testing.TB, tx pgx.Tx) {
	t.Helper()
	exec(t, tx, `SET CONSTRAINTS ALL IMMEDIATE`)
	found, err := escrow.Verify(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		t.Error(d)
	}
}

func count(t testing.TB, tx pgx.Tx, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := tx.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantFault(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("error = %v, want %s", err, code)
	}
}

func TestAcceptedWorkPaysTalentAndFee(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	booking := held(t, tx, l, s, amount(t, "3000", "CAD"))
	done, err := l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 30, Total: 30})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(done.ToTalent, done.Fee, done.ToRequester); got != "2550 CAD 450 CAD 0 CAD" {
		t.Errorf("shares = %s", got)
	}
	p, err := escrow.GetPayout(t.Context(), tx, *done.PayoutID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Amount != done.ToTalent || p.Status != escrow.PayoutInitiated {
		t.Errorf("payout = %+v", p)
	}
	if p, err = l.RecordPaid(t.Context(), tx, now, p, "ref"); err != nil || p.Status != escrow.PayoutPaid {
		t.Fatalf("payout = %+v, %v", p, err)
	}
	again, err := l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 30, Total: 30})
	if err != nil || !again.Replayed || *again.PayoutID != *done.PayoutID || again.Transfers[0] != done.Transfers[0] {
		t.Errorf("repeated release = %+v, %v", again, err)
	}
	entries, err := escrow.Entries(t.Context(), tx, s.account, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, e := range entries {
		sum += e.Amount.Minor
	}
	if len(entries) != 9 || sum != 0 {
		t.Errorf("%d entries sum to %d, want 9 and 0", len(entries), sum)
	}
	balanced(t, tx)
}

func TestHoldBeyondAvailableSaysBoth(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	if _, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "10", "CAD"), "1"); err != nil {
		t.Fatal(err)
	}
	_, err := l.Hold(t.Context(), tx, now, holdRequest(s, "bkg_1", amount(t, "10.01", "CAD")))
	wantFault(t, err, fault.InsufficientFunds)
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	details := f.Details
	if fmt.Sprint(details["available"], details["required"]) != "10 CAD 10.01 CAD" {
		t.Errorf("details = %v", details)
	}
}
