package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// bank is a provider by name; what it would pay, tests record themselves.
type bank struct{ escrow.Builtin }

func (bank) Name() string { return "bank" }

// owed is a database with live bookings that were accepted.
type owed struct {
	t      *testing.T
	url    string
	pool   db.Beginner
	ledger *escrow.Ledger
}

func newOwed(t *testing.T) *owed {
	t.Helper()
	url := dbtest.URL(t)
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ledger, err := escrow.New(escrow.DefaultPolicy, bank{})
	if err != nil {
		t.Fatal(err)
	}
	return &owed{t: t, url: url, pool: pool, ledger: ledger}
}

func (o *owed) tx(fn func(tx pgx.Tx) error) {
	o.t.Helper()
	if err := db.WithTx(o.t.Context(), o.pool, fn); err != nil {
		o.t.Fatal(err)
	}
}

// failed makes a payout to a new talent, of 8.50 CAD, that the bank refused.
func (o *owed) failed() escrow.Payout {
	o.t.Helper()
	var p escrow.Payout
	o.tx(func(tx pgx.Tx) error {
		now, ctx := time.Now(), o.t.Context()
		account, talent, booking := db.NewID("acct", now), db.NewID("tal", now), db.NewID("bkg", now)
		if _, err := tx.Exec(ctx, `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', true, now())`, account); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Talent', $1 || '@example.com', now())`, talent, account); err != nil {
			return err
		}
		amount := escrow.Amount{Minor: 1000, Currency: "CAD"}
		if _, err := o.ledger.Fund(ctx, tx, now, account, amount, "1"); err != nil {
			return err
		}
		if _, err := o.ledger.Hold(ctx, tx, now, escrow.HoldRequest{AccountID: account, TalentID: talent, BookingID: booking, Amount: amount, ExpiresAt: now.Add(time.Hour)}); err != nil {
			return err
		}
		done, err := o.ledger.Release(ctx, tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
		if err != nil {
			return err
		}
		if p, err = escrow.GetPayout(ctx, tx, *done.PayoutID); err != nil {
			return err
		}
		p, err = o.ledger.RecordFailed(ctx, tx, now, p, "no destination")
		return err
	})
	return p
}

// jobs counts what works on the payout, the one that failed included.
func (o *owed) jobs(payoutID string) (n int) {
	o.t.Helper()
	o.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(o.t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'payout' AND args->>'payout_id' = $1`, payoutID).Scan(&n)
	})
	return n
}

// admin runs a command line that must succeed and returns what it said in all.
func (o *owed) admin(args ...string) string {
	o.t.Helper()
	status, out, errs := command(o.t, append(append([]string{"admin"}, args...), "--database-url", o.url)...)
	if status != 0 {
		o.t.Fatalf("%v ended with %d: %s", args, status, errs)
	}
	return out + errs
}

func TestAFailedPayoutIsRetriedOnce(t *testing.T) {
	t.Parallel()
	o := newOwed(t)
	one, another := o.failed(), o.failed()
	for range 2 { // the second time it is under way
		o.admin("payout", "retry", one.ID)
		if n := o.jobs(one.ID); n != 2 {
			t.Errorf("%d jobs of the payout, want the failed one and the new one", n)
		}
	}
	if said := o.admin("payout", "retry", one.ID); !strings.Contains(said, one.ID+" is initiated, not failed") {
		t.Errorf("said %q", said)
	}
	if n := o.jobs(another.ID); n != 1 {
		t.Errorf("%d jobs of a payout that was not named", n)
	}
	for _, want := range []string{another.ID + ": attempt 2 at paying 8.50 CAD", "0 failed payouts"} {
		if said := o.admin("payout", "retry", "--failed"); !strings.Contains(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
	if a, b := o.jobs(one.ID), o.jobs(another.ID); a != 2 || b != 2 {
		t.Errorf("%d and %d jobs, want 2 and 2", a, b)
	}
	for _, wrong := range [][]string{{"admin", "payout", "retry"}, {"admin", "payout", "retry", one.ID, "--failed"}} {
		if status, _, errs := command(t, append(wrong, "--database-url", o.url)...); status != 2 || !strings.Contains(errs, "--failed") {
			t.Errorf("%v: status %d, %s", wrong, status, errs)
		}
	}
	if status, _, errs := command(t, "admin", "payout", "retry", "pay_none", "--database-url", o.url); status != 1 || !strings.Contains(errs, "pay_none") {
		t.Errorf("status %d, %s", status, errs)
	}
}

// A payout that failed for want of a destination is paid once there is one.
func TestADestinationRetriesItsTalentsFailedPayouts(t *testing.T) {
	t.Parallel()
	o := newOwed(t)
	theirs, others := o.failed(), o.failed()
	if said := o.admin("destination", theirs.TalentID, "another", "acct_1"); !strings.Contains(said, "0 failed payouts") {
		t.Errorf("a destination of another provider: %q", said)
	}
	for _, want := range []string{theirs.ID + ": attempt 2", "0 failed payouts"} {
		if said := o.admin("destination", theirs.TalentID, "bank", "acct_1"); !strings.Contains(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
	if a, b := o.jobs(theirs.ID), o.jobs(others.ID); a != 2 || b != 1 {
		t.Errorf("%d and %d jobs, want 2 and 1", a, b)
	}
	o.tx(func(tx pgx.Tx) error {
		p, payment, err := o.ledger.PaymentOf(t.Context(), tx, theirs.ID)
		if p.Status != escrow.PayoutInitiated || payment.Destination != "acct_1" {
			t.Errorf("%+v, %+v", p, payment)
		}
		return err
	})
}

func TestAFundingIsTakenBackOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	id := answer(t, "admin", "account", "create", "Acme", "--live", "--database-url", url)["account_id"].(string)
	funded := answer(t, "admin", "fund", id, "249.50", "CAD", "--reference=wire 1", "--database-url", url)["transfer_id"].(string)
	for _, replayed := range []bool{false, true} {
		back := answer(t, "admin", "ledger", "reverse", funded, "--database-url", url)
		if back["available"] != 0.0 || back["amount"] != 249.5 || back["replayed"] != replayed {
			t.Errorf("answer %v, want nothing available and replayed %t", back, replayed)
		}
	}
	again := answer(t, "admin", "fund", id, "249.50", "CAD", "--reference=wire 1", "--database-url", url)
	if again["available"] != 0.0 {
		t.Errorf("the same reference credits again after it was taken back: %v", again)
	}
	if status, _, errs := command(t, "admin", "ledger", "reverse", "tr_none", "--database-url", url); status != 1 || !strings.Contains(errs, "tr_none") {
		t.Errorf("status %d, %s", status, errs)
	}
	if status, _, errs := command(t, "admin", "ledger", "verify", "--database-url", url); status != 0 {
		t.Errorf("status %d, %s", status, errs)
	}
}
