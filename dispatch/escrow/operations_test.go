package escrow_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

func release(t testing.TB, tx pgx.Tx, l *escrow.Ledger, booking string, accepted, total int) escrow.Settlement {
	t.Helper()
	s, err := l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: accepted, Total: total})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shares(s escrow.Settlement) string {
	return fmt.Sprintf("talent %s, fee %s, requester %s", s.ToTalent.Decimal(), s.Fee.Decimal(), s.ToRequester.Decimal())
}

func TestEveryEndingSharesTheHold(t *testing.T) {
	t.Parallel()
	type settle = func(*testing.T, pgx.Tx, *escrow.Ledger, string) (escrow.Settlement, error)
	part := func(accepted, total int) settle {
		return func(t *testing.T, tx pgx.Tx, l *escrow.Ledger, booking string) (escrow.Settlement, error) {
			return l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: accepted, Total: total})
		}
	}
	split := func(s escrow.Split) settle {
		return func(t *testing.T, tx pgx.Tx, l *escrow.Ledger, booking string) (escrow.Settlement, error) {
			if err := l.Freeze(t.Context(), tx, now, booking); err != nil && !fault.Is(err, fault.EscrowRequired) { // resolved before
				return escrow.Settlement{}, err
			}
			return l.Resolve(t.Context(), tx, now, booking, s)
		}
	}
	cancel := func(t *testing.T, tx pgx.Tx, l *escrow.Ledger, booking string) (escrow.Settlement, error) {
		return l.CancelAfterCheckIn(t.Context(), tx, now, booking)
	}
	refund := func(t *testing.T, tx pgx.Tx, l *escrow.Ledger, booking string) (escrow.Settlement, error) {
		return l.Refund(t.Context(), tx, now, booking)
	}
	for _, test := range []struct {
		name              string
		decimal, currency string
		settle            settle
		want              string
	}{
		{"all accepted", "3000", "CAD", part(30, 30), "talent 2550, fee 450, requester 0"},
		{"27 of 30 accepted", "3000", "CAD", part(27, 30), "talent 2295, fee 405, requester 300"},
		{"a third of a dollar", "1.00", "CAD", part(1, 3), "talent 0.28, fee 0.05, requester 0.67"},
		{"one cent", "0.01", "CAD", part(1, 1), "talent 0, fee 0.01, requester 0"},
		{"a third of a hundred yen", "100", "JPY", part(1, 3), "talent 28, fee 5, requester 67"},
		{"one yen", "1", "JPY", part(1, 1), "talent 0, fee 1, requester 0"},
		{"seven ninths of 12.345 dinar", "12.345", "KWD", part(7, 9), "talent 8.160, fee 1.441, requester 2.744"},
		{"one fils", "0.001", "KWD", part(1, 1), "talent 0, fee 0.001, requester 0"},
		{"refunded", "249.50", "CAD", refund, "talent 0, fee 0, requester 249.50"},
		{"cancelled after check-in", "249.50", "CAD", cancel, "talent 124.75, fee 0, requester 124.75"},
		{"an odd cent cancelled", "0.03", "CAD", cancel, "talent 0.01, fee 0, requester 0.02"},
		{"resolved for the talent", "10", "CAD", split(escrow.Split{TalentMinor: 1000}), "talent 10, fee 0, requester 0"},
		{"resolved for the requester", "10", "CAD", split(escrow.Split{RequesterMinor: 1000}), "talent 0, fee 0, requester 10"},
		{"resolved three ways", "10", "CAD", split(escrow.Split{TalentMinor: 1, RequesterMinor: 997, FeeMinor: 2}), "talent 0.01, fee 0.02, requester 9.97"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tx, l := dbtest.Tx(t), newLedger(t)
			s := people(t, tx, true)
			booking := held(t, tx, l, s, amount(t, test.decimal, test.currency))
			done, err := test.settle(t, tx, l, booking)
			if err != nil {
				t.Fatal(err)
			}
			if got := shares(done); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if (done.PayoutID != nil) != (done.ToTalent.Minor > 0) {
				t.Errorf("payout = %v", done.PayoutID)
			}
			if got, err := escrow.Available(t.Context(), tx, s.account, test.currency); err != nil || got != done.ToRequester {
				t.Errorf("available = %s, %v, want %s", got, err, done.ToRequester)
			}
			if _, err := escrow.GetHold(t.Context(), tx, booking); !fault.Is(err, fault.EscrowRequired) {
				t.Errorf("hold after its end: %v", err)
			}
			again, err := test.settle(t, tx, l, booking)
			if err != nil || !again.Replayed || shares(again) != test.want || again.Transfers[0] != done.Transfers[0] {
				t.Errorf("settled again = %+v, %v", again, err)
			}
			balanced(t, tx)
		})
	}
}

func TestAHoldEndsOnlyOnce(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	booking := held(t, tx, l, s, amount(t, "3000", "CAD"))
	release(t, tx, l, booking, 27, 30)
	before := count(t, tx, `SELECT count(*) FROM ledger_postings`)
	_, err := l.Refund(t.Context(), tx, now, booking)
	wantFault(t, err, fault.EscrowRequired)
	_, err = l.CancelAfterCheckIn(t.Context(), tx, now, booking)
	wantFault(t, err, fault.EscrowRequired)
	_, err = l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 300000})
	wantFault(t, err, fault.EscrowRequired)
	wantFault(t, l.Freeze(t.Context(), tx, now, booking), fault.EscrowRequired)
	_, err = l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 30, Total: 30})
	wantFault(t, err, fault.InvalidState)
	if again := release(t, tx, l, booking, 27, 30); !again.Replayed {
		t.Error("the same release was no replay")
	}
	if after := count(t, tx, `SELECT count(*) FROM ledger_postings`); after != before {
		t.Errorf("%d postings became %d", before, after)
	}
	balanced(t, tx)
}

func TestFrozenMoneyWaitsForTheResolution(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	booking := held(t, tx, l, people(t, tx, true), amount(t, "10", "CAD"))
	_, err := l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 1000})
	wantFault(t, err, fault.InvalidState)
	for range 2 {
		if err := l.Freeze(t.Context(), tx, now, booking); err != nil {
			t.Fatal(err)
		}
	}
	_, err = l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
	wantFault(t, err, fault.InvalidState)
	_, err = l.Refund(t.Context(), tx, now, booking)
	wantFault(t, err, fault.InvalidState)
	if preview, err := l.PreviewRelease(t.Context(), tx, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1}); err != nil || preview.ToTalent.Minor != 850 {
		t.Errorf("preview of a frozen hold = %+v, %v", preview, err)
	}
	for _, wrong := range []escrow.Split{{TalentMinor: 999}, {TalentMinor: 1001}, {TalentMinor: 1500, RequesterMinor: -500}, {}} {
		_, err = l.Resolve(t.Context(), tx, now, booking, wrong)
		wantFault(t, err, fault.SchemaValidationFailed)
	}
	first, err := l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 400, RequesterMinor: 600})
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 400, RequesterMinor: 600})
	if err != nil || !again.Replayed || *again.PayoutID != *first.PayoutID {
		t.Errorf("repeated resolution = %+v, %v", again, err)
	}
	_, err = l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 600, RequesterMinor: 400})
	wantFault(t, err, fault.InvalidState)
	balanced(t, tx)
}

func TestPreviewsTellWhatHappensAndWriteNothing(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	booking := held(t, tx, l, s, amount(t, "249.50", "CAD"))
	before := count(t, tx, `SELECT count(*) FROM ledger_postings`)
	for _, test := range []struct {
		checkedIn bool
		want      string
	}{{false, "talent 0, fee 0, requester 249.50"}, {true, "talent 124.75, fee 0, requester 124.75"}} {
		if got, err := l.PreviewCancel(t.Context(), tx, booking, test.checkedIn); err != nil || shares(got) != test.want {
			t.Errorf("checked in %t: %s, %v", test.checkedIn, shares(got), err)
		}
	}
	r := escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 2}
	preview, err := l.PreviewRelease(t.Context(), tx, r)
	if err != nil {
		t.Fatal(err)
	}
	if after := count(t, tx, `SELECT count(*) FROM ledger_postings`); after != before {
		t.Errorf("%d postings became %d", before, after)
	}
	if done := release(t, tx, l, booking, 1, 2); shares(done) != shares(preview) {
		t.Errorf("preview %s, outcome %s", shares(preview), shares(done))
	}
	_, err = l.PreviewCancel(t.Context(), tx, booking, false)
	wantFault(t, err, fault.EscrowRequired)
	_, err = l.PreviewRelease(t.Context(), tx, escrow.ReleaseRequest{BookingID: "bkg_none", Accepted: 1, Total: 1})
	wantFault(t, err, fault.EscrowRequired)
	for _, wrong := range [][2]int{{0, 1}, {2, 1}, {-1, 1}, {1, 0}, {1, 1_000_001}} {
		_, err = l.PreviewRelease(t.Context(), tx, escrow.ReleaseRequest{BookingID: booking, Accepted: wrong[0], Total: wrong[1]})
		wantFault(t, err, fault.SchemaValidationFailed)
	}
}

func TestFundingIsOnceAKey(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s, other := people(t, tx, true), people(t, tx, true)
	first, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "10", "CAD"), "k")
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "10", "CAD"), "k")
	if err != nil || again.ID != first.ID || !again.Replayed {
		t.Errorf("repeat = %+v, %v", again, err)
	}
	_, err = l.Fund(t.Context(), tx, now, s.account, amount(t, "11", "CAD"), "k")
	wantFault(t, err, fault.ConflictIdempotency)
	_, err = l.Fund(t.Context(), tx, now, s.account, amount(t, "10", "USD"), "k")
	wantFault(t, err, fault.ConflictIdempotency)
	if _, err := l.Fund(t.Context(), tx, now, other.account, amount(t, "11", "CAD"), "k"); err != nil {
		t.Errorf("another account's key: %v", err)
	}
	_, err = l.Fund(t.Context(), tx, now, "acct_none", amount(t, "1", "CAD"), "k")
	wantFault(t, err, fault.NotFound)
	balanced(t, tx)
}

func TestHoldIsOnceABooking(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	booking := held(t, tx, l, s, amount(t, "10", "CAD")) // nothing is left
	again, err := l.Hold(t.Context(), tx, now, holdRequest(s, booking, amount(t, "10", "CAD")))
	if err != nil || again.Status != escrow.Held {
		t.Errorf("repeat = %+v, %v", again, err)
	}
	_, err = l.Hold(t.Context(), tx, now, holdRequest(s, booking, amount(t, "9", "CAD")))
	wantFault(t, err, fault.InvalidState)
	_, err = l.Hold(t.Context(), tx, now, holdRequest(s, "bkg_other", amount(t, "0.01", "CAD")))
	wantFault(t, err, fault.InsufficientFunds)
	_, err = l.Hold(t.Context(), tx, now, holdRequest(s, "bkg_other", amount(t, "1", "USD")))
	wantFault(t, err, fault.InsufficientFunds)
	balances, err := escrow.Balances(t.Context(), tx, s.account)
	if err != nil || len(balances) != 1 || balances[0].Available.Minor != 0 || balances[0].InEscrow.Minor != 1000 {
		t.Errorf("balances = %+v, %v", balances, err)
	}
	at := count(t, tx, `SELECT extract(epoch FROM scheduled_at - $1::timestamptz)::int FROM river_job WHERE kind = 'hold_expiring' AND args->>'booking_id' = $2`, now, booking)
	if want := int((29 * 24 * time.Hour).Seconds()); at != want {
		t.Errorf("warns after %d s, want %d", at, want)
	}
}

func TestFundingIsTakenBackOnlyWhileItIsThere(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	funding, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "10", "CAD"), "k")
	if err != nil {
		t.Fatal(err)
	}
	booking := db.NewID("bkg", now)
	if _, err := l.Hold(t.Context(), tx, now, holdRequest(s, booking, amount(t, "1", "CAD"))); err != nil {
		t.Fatal(err)
	}
	_, err = l.ReverseFunding(t.Context(), tx, now, funding.ID)
	wantFault(t, err, fault.InsufficientFunds)
	if _, err := l.Refund(t.Context(), tx, now, booking); err != nil {
		t.Fatal(err)
	}
	first, err := l.ReverseFunding(t.Context(), tx, now, funding.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.ReverseFunding(t.Context(), tx, now, funding.ID)
	if err != nil || again.ID != first.ID || !again.Replayed {
		t.Errorf("repeat = %+v, %v", again, err)
	}
	_, err = l.ReverseFunding(t.Context(), tx, now, first.ID)
	wantFault(t, err, fault.InvalidState)
	_, err = l.ReverseFunding(t.Context(), tx, now, "tr_none")
	wantFault(t, err, fault.NotFound)
	balanced(t, tx)
}

func TestReversedPayoutIsPayableAgain(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	done := release(t, tx, l, held(t, tx, l, people(t, tx, true), amount(t, "100", "CAD")), 1, 1)
	pay := func() escrow.Payout {
		t.Helper()
		p, send, err := l.PaymentOf(t.Context(), tx, *done.PayoutID)
		if err != nil {
			t.Fatal(err)
		}
		if p, err = l.RecordPaid(t.Context(), tx, now, p, send.Key); err != nil {
			t.Fatal(err)
		}
		return p
	}
	paid := pay()
	_, err := l.RetryPayout(t.Context(), tx, now, paid.ID)
	wantFault(t, err, fault.InvalidState)
	for range 2 {
		back, err := l.ReversePayout(t.Context(), tx, now, paid.Provider, paid.Reference, "account closed")
		if err != nil || back.Status != escrow.PayoutFailed || back.FailureReason != "reversed: account closed" {
			t.Fatalf("reversed = %+v, %v", back, err)
		}
	}
	balanced(t, tx)
	if _, err := l.RetryPayout(t.Context(), tx, now, paid.ID); err != nil {
		t.Fatal(err)
	}
	// While the second attempt is under way, an outcome of the first changes nothing.
	if p, err := l.RecordFailed(t.Context(), tx, now, paid, "late"); err != nil || p.Status != escrow.PayoutInitiated {
		t.Errorf("late outcome made it %+v, %v", p, err)
	}
	second := pay()
	if second.Attempts != 2 || second.Reference == paid.Reference {
		t.Errorf("second attempt = %+v", second)
	}
	// A late notice about the first attempt leaves the second alone.
	_, err = l.ReversePayout(t.Context(), tx, now, paid.Provider, paid.Reference, "late")
	wantFault(t, err, fault.NotFound)
	// So does a late outcome of the first.
	if p, err := l.RecordFailed(t.Context(), tx, now, paid, "late"); err != nil || p.Status != escrow.PayoutPaid {
		t.Errorf("late outcome made it %+v, %v", p, err)
	}
	balanced(t, tx)
}

func TestTestMoneyStaysInItsWorld(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	l, err := escrow.New(escrow.DefaultPolicy, otherBank{})
	if err != nil {
		t.Fatal(err)
	}
	for livemode, provider := range map[bool]string{true: "bank", false: "ledger"} {
		s := people(t, tx, livemode)
		done := release(t, tx, l, held(t, tx, l, s, amount(t, "10", "CAD")), 1, 1)
		p, err := escrow.GetPayout(t.Context(), tx, *done.PayoutID)
		if err != nil || p.Livemode != livemode || p.Provider != provider {
			t.Errorf("payout = %+v, %v", p, err)
		}
		if n := count(t, tx, `SELECT count(*) FROM ledger_postings p JOIN ledger_transfers t ON t.id = p.transfer_id WHERE t.account_id = $1 AND p.livemode <> $2`, s.account, livemode); n != 0 {
			t.Errorf("%d postings of the other world", n)
		}
	}
	balanced(t, tx)
}

type otherBank struct{ escrow.Builtin }

func (otherBank) Name() string { return "bank" }

// PayoutUnit is Stripe's for these currencies.
func (otherBank) PayoutUnit(currency string) int64 {
	switch currency {
	case "UGX":
		return 0
	case "KWD":
		return 10
	default:
		return 1
	}
}

// A share that the provider cannot pay would be owed for ever.
func TestSharesAreWhatTheProviderCanPay(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	l, err := escrow.New(escrow.DefaultPolicy, otherBank{})
	if err != nil {
		t.Fatal(err)
	}
	live, test := people(t, tx, true), people(t, tx, false)
	kwd := amount(t, "1.010", "KWD")

	booking := held(t, tx, l, live, kwd)
	preview, err := l.PreviewRelease(t.Context(), tx, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
	if want := "talent 0.850, fee 0.160, requester 0"; err != nil || shares(preview) != want {
		t.Errorf("preview: %s, %v, want %s", shares(preview), err, want)
	}
	if done := release(t, tx, l, booking, 1, 1); shares(done) != shares(preview) {
		t.Errorf("%s, its preview %s", shares(done), shares(preview))
	}
	if done := release(t, tx, l, held(t, tx, l, test, kwd), 1, 1); done.ToTalent.Minor != 858 {
		t.Errorf("play money, which nobody pays out: %s", shares(done))
	}

	cancelled, err := l.CancelAfterCheckIn(t.Context(), tx, now, held(t, tx, l, live, kwd))
	if want := "talent 0.500, fee 0, requester 0.510"; err != nil || shares(cancelled) != want {
		t.Errorf("cancelled: %s, %v, want %s", shares(cancelled), err, want)
	}

	booking = held(t, tx, l, live, kwd)
	if err := l.Freeze(t.Context(), tx, now, booking); err != nil {
		t.Fatal(err)
	}
	_, err = l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 505, RequesterMinor: 505})
	wantFault(t, err, fault.SchemaValidationFailed)
	if _, err := l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 500, RequesterMinor: 505, FeeMinor: 5}); err != nil {
		t.Error(err)
	}

	ugx := amount(t, "100", "UGX")
	if _, err := l.Fund(t.Context(), tx, now, live.account, ugx, "ugx"); err != nil {
		t.Fatal(err)
	}
	_, err = l.Hold(t.Context(), tx, now, holdRequest(live, db.NewID("bkg", now), ugx))
	wantFault(t, err, fault.InvalidState)
	balanced(t, tx)
}

// A deep page begins in the index where the page before ended.
func TestADeepPageOfEntriesReadsOnlyItself(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, true)
	for i := range 200 {
		if _, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "1", "CAD"), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := escrow.Entries(t.Context(), tx, s.account, 500, "")
	if err != nil || len(all) != 400 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	// The tables are small and other tests write them: with these, what the planner
	// chooses is what it chooses for large ones.
	for _, other := range []string{"seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort"} {
		exec(t, tx, `SET LOCAL enable_`+other+` = off`)
	}
	read := func() int {
		t.Helper()
		return count(t, tx, `SELECT sum(idx_tup_fetch)::int FROM pg_stat_xact_user_tables WHERE relname IN ('ledger_transfers', 'ledger_postings')`)
	}
	before := read()
	for range 8 { // past the runs that plan for their own arguments
		page, err := escrow.Entries(t.Context(), tx, s.account, 4, all[len(all)-5].ID)
		if err != nil || !reflect.DeepEqual(page, all[len(all)-4:]) {
			t.Fatalf("%+v, %v", page, err)
		}
	}
	if got := (read() - before) / 8; got > 30 {
		t.Errorf("the last page read %d rows of transfers and postings, the whole is 600", got)
	}
}

func TestEntriesAndPayoutsArePagedAndTheirOwners(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s, stranger := people(t, tx, true), people(t, tx, true)
	var payouts []string
	for range 5 {
		done := release(t, tx, l, held(t, tx, l, s, amount(t, "10", "CAD")), 1, 1)
		payouts = append([]string{*done.PayoutID}, payouts...)
	}
	strange := release(t, tx, l, held(t, tx, l, stranger, amount(t, "10", "CAD")), 1, 1)
	all, err := escrow.Entries(t.Context(), tx, s.account, 100, "")
	if err != nil || len(all) != 5*7 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	var paged []escrow.Entry
	for after := ""; ; {
		page, err := escrow.Entries(t.Context(), tx, s.account, 4, after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		after = page[len(page)-1].ID
	}
	if !reflect.DeepEqual(paged, all) {
		t.Errorf("pages differ from the whole:\n%+v\n%+v", paged, all)
	}
	_, err = escrow.Entries(t.Context(), tx, stranger.account, 4, all[0].ID)
	wantFault(t, err, fault.NotFound)
	for _, of := range []escrow.PayoutsOf{{AccountID: s.account}, {TalentID: s.talent}} {
		first, err := escrow.ListPayouts(t.Context(), tx, of, 3, "")
		if err != nil {
			t.Fatal(err)
		}
		rest, err := escrow.ListPayouts(t.Context(), tx, of, 3, first[len(first)-1].ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range append(first, rest...) {
			got = append(got, p.ID)
		}
		if fmt.Sprint(got) != fmt.Sprint(payouts) {
			t.Errorf("%+v: %v, want %v", of, got, payouts)
		}
	}
	if mine, err := escrow.ListPayouts(t.Context(), tx, escrow.PayoutsOf{AccountID: stranger.account}, 3, ""); err != nil || len(mine) != 1 || mine[0].ID != *strange.PayoutID {
		t.Errorf("stranger's = %+v, %v", mine, err)
	}
}

func TestLiveMoneyFundsNoTestAccount(t *testing.T) {
	t.Parallel()
	tx, l := dbtest.Tx(t), newLedger(t)
	s := people(t, tx, false)
	notice := escrow.Notice{Kind: escrow.NoticeFunded, Reference: "pi_1", AccountID: s.account, Amount: amount(t, "1", "CAD")}
	wantFault(t, l.Apply(t.Context(), tx, now, "bank", notice), fault.InvalidState)
	notice.AccountID = "acct_none"
	wantFault(t, l.Apply(t.Context(), tx, now, "bank", notice), fault.NotFound)
	if err := l.Apply(t.Context(), tx, now, "bank", escrow.Notice{}); err != nil {
		t.Errorf("a notice of no concern: %v", err)
	}
	if err := l.Apply(t.Context(), tx, now, "bank", escrow.Notice{Kind: "new"}); err == nil {
		t.Error("an unknown notice was applied")
	}
}
