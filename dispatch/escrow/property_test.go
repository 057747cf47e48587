package escrow_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// world is what the random operations act on, and a model of what must come of
// them: only sums and endings, computed apart from the code under test.
type world struct {
	t        *testing.T
	tx       pgx.Tx
	ledger   *escrow.Ledger
	people   []stage
	funded   map[stage]map[string]int64 // came in, less what was taken back
	holds    map[string]*modelHold
	bookings []string
	fundings []escrow.Transfer
	paidOut  map[string]int64 // by currency
	n        int
}

type modelHold struct {
	by       stage
	amount   escrow.Amount
	status   escrow.HoldStatus
	toTalent int64
	fee      int64
	back     int64
	payout   *string
}

var currencies = []string{"CAD", "JPY", "KWD"}

// TestMoneyIsConserved runs random operations in random order, each of which may
// be refused, and after every one compares balances with the model and proves
// the ledger: conservation per currency, no negative balance, one ending a hold.
func TestMoneyIsConserved(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	rapid.Check(t, func(rt *rapid.T) {
		sp, err := tx.Begin(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = sp.Rollback(t.Context()) }()
		policy := escrow.Policy{FeeBasisPoints: rapid.SampledFrom([]int{0, 1, 1500, 9999, 10_000}).Draw(rt, "fee"), CancellationBasisPoints: rapid.SampledFrom([]int{0, 3333, 5000, 10_000}).Draw(rt, "share")}
		l, err := escrow.New(policy, otherBank{})
		if err != nil {
			rt.Fatal(err)
		}
		w := &world{t: t, tx: sp, ledger: l, funded: map[stage]map[string]int64{}, holds: map[string]*modelHold{}, paidOut: map[string]int64{}}
		for i := range 3 {
			s := people(t, sp, i > 0)
			w.people = append(w.people, s)
			w.funded[s] = map[string]int64{}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"fund": w.fund, "hold": w.hold, "release": w.release, "refund": w.refund, "cancel": w.cancel, "freeze": w.freeze,
			"resolve": w.resolve, "payout": w.payout, "take a funding back": w.takeBack, "": w.check,
		})
	})
}

// try runs an operation in a savepoint, as a caller's transaction would: a
// refusal leaves nothing. It reports whether the operation was done; any error
// that is no fault fails the test.
func (w *world) try(rt *rapid.T, op func(tx pgx.Tx) error) bool {
	err := db.WithTx(w.t.Context(), w.tx, op)
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		rt.Fatal(err)
	}
	return err == nil
}

func (w *world) fund(rt *rapid.T) {
	s := rapid.SampledFrom(w.people).Draw(rt, "who")
	a := w.amount(rt)
	w.n++
	key := fmt.Sprint(w.n)
	for range rapid.IntRange(1, 2).Draw(rt, "times") { // once, and maybe again
		if !w.try(rt, func(tx pgx.Tx) error {
			f, err := w.ledger.Fund(w.t.Context(), tx, now, s.account, a, key)
			if err == nil && !f.Replayed {
				w.funded[s][a.Currency] += a.Minor
				w.fundings = append(w.fundings, f)
			}
			return err
		}) {
			rt.Fatal("funding refused")
		}
	}
}

func (w *world) amount(rt *rapid.T) escrow.Amount {
	return escrow.Amount{Minor: rapid.Int64Range(1, 1000).Draw(rt, "minor"), Currency: rapid.SampledFrom(currencies).Draw(rt, "currency")}
}

func (w *world) hold(rt *rapid.T) {
	s := rapid.SampledFrom(w.people).Draw(rt, "who")
	a := w.amount(rt)
	booking := db.NewID("bkg", now)
	available := w.available(s, a.Currency)
	done := w.try(rt, func(tx pgx.Tx) error {
		_, err := w.ledger.Hold(w.t.Context(), tx, now, holdRequest(s, booking, a))
		return err
	})
	if done != (a.Minor <= available) {
		rt.Fatalf("hold of %s with %d available: done %t", a, available, done)
	}
	if done {
		w.holds[booking] = &modelHold{by: s, amount: a, status: escrow.Held}
		w.bookings = append(w.bookings, booking)
	}
}

// available is the model's balance.
func (w *world) available(s stage, currency string) int64 {
	sum := w.funded[s][currency]
	for _, h := range w.holds {
		if h.by == s && h.amount.Currency == currency {
			sum += h.back - h.amount.Minor
		}
	}
	return sum
}

func (w *world) booking(rt *rapid.T) (string, *modelHold) {
	if len(w.bookings) == 0 {
		rt.Skip("no bookings yet")
	}
	id := rapid.SampledFrom(w.bookings).Draw(rt, "booking")
	return id, w.holds[id]
}

// end runs one ending and checks that it was done exactly when the hold allowed it.
func (w *world) end(rt *rapid.T, from, to escrow.HoldStatus, op func(tx pgx.Tx, booking string) (escrow.Settlement, error)) {
	booking, h := w.booking(rt)
	var s escrow.Settlement
	done := w.try(rt, func(tx pgx.Tx) (err error) {
		s, err = op(tx, booking)
		return err
	})
	switch {
	case done && s.Replayed:
		if h.status != to || s.ToTalent.Minor != h.toTalent || s.Fee.Minor != h.fee || s.ToRequester.Minor != h.back {
			rt.Fatalf("replay %+v of %+v", s, h)
		}
	case done:
		if h.status != from {
			rt.Fatalf("a %s hold became %s", h.status, to)
		}
		h.status, h.toTalent, h.fee, h.back, h.payout = to, s.ToTalent.Minor, s.Fee.Minor, s.ToRequester.Minor, s.PayoutID
		if h.by != w.people[0] && h.toTalent%(otherBank{}).PayoutUnit(h.amount.Currency) != 0 { // the first one's money is play money
			rt.Fatalf("%+v cannot be paid out", s)
		}
		if h.toTalent+h.fee+h.back != h.amount.Minor {
			rt.Fatalf("%+v does not sum to the hold", s)
		}
	}
}

func (w *world) release(rt *rapid.T) {
	total := rapid.IntRange(1, 30).Draw(rt, "total")
	accepted := rapid.IntRange(1, total).Draw(rt, "accepted")
	w.end(rt, escrow.Held, escrow.Released, func(tx pgx.Tx, booking string) (escrow.Settlement, error) {
		return w.ledger.Release(w.t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: accepted, Total: total})
	})
}

func (w *world) refund(rt *rapid.T) {
	w.end(rt, escrow.Held, escrow.Refunded, func(tx pgx.Tx, booking string) (escrow.Settlement, error) {
		return w.ledger.Refund(w.t.Context(), tx, now, booking)
	})
}

func (w *world) cancel(rt *rapid.T) {
	w.end(rt, escrow.Held, escrow.Cancelled, func(tx pgx.Tx, booking string) (escrow.Settlement, error) {
		return w.ledger.CancelAfterCheckIn(w.t.Context(), tx, now, booking)
	})
}

func (w *world) freeze(rt *rapid.T) {
	booking, h := w.booking(rt)
	live := h.status == escrow.Held || h.status == escrow.Frozen
	if done := w.try(rt, func(tx pgx.Tx) error { return w.ledger.Freeze(w.t.Context(), tx, now, booking) }); done != live {
		rt.Fatalf("freezing a %s hold: %t", h.status, done)
	}
	if live {
		h.status = escrow.Frozen
	}
}

func (w *world) resolve(rt *rapid.T) {
	talent := rapid.Int64Range(0, 1000).Draw(rt, "talent")
	fee := rapid.Int64Range(0, 100).Draw(rt, "fee")
	w.end(rt, escrow.Frozen, escrow.Resolved, func(tx pgx.Tx, booking string) (escrow.Settlement, error) {
		return w.ledger.Resolve(w.t.Context(), tx, now, booking, escrow.Split{TalentMinor: talent, FeeMinor: fee, RequesterMinor: w.holds[booking].amount.Minor - talent - fee})
	})
}

// payout pays, declines, postpones, retries or takes back a payout, whichever its state allows.
func (w *world) payout(rt *rapid.T) {
	_, h := w.booking(rt)
	if h.payout == nil {
		rt.Skip("no payout")
	}
	before, send, err := w.ledger.PaymentOf(w.t.Context(), w.tx, *h.payout)
	if err != nil {
		rt.Fatal(err)
	}
	step := rapid.SampledFrom([]string{"pay", "decline", "wait", "retry", "reverse"}).Draw(rt, "step")
	w.try(rt, func(tx pgx.Tx) (err error) {
		switch step {
		case "pay":
			_, err = w.ledger.RecordPaid(w.t.Context(), tx, now, before, send.Key)
		case "decline":
			_, err = w.ledger.RecordFailed(w.t.Context(), tx, now, before, "declined")
		case "wait":
			_, err = w.ledger.Postpone(w.t.Context(), tx, before, now.Add(time.Hour))
		case "retry":
			_, err = w.ledger.RetryPayout(w.t.Context(), tx, now, before.ID)
		case "reverse":
			_, err = w.ledger.ReversePayout(w.t.Context(), tx, now, before.Provider, before.Reference, "returned")
		}
		return err
	})
	after, err := escrow.GetPayout(w.t.Context(), w.tx, before.ID)
	if err != nil {
		rt.Fatal(err)
	}
	if was, is := before.Status == escrow.PayoutPaid, after.Status == escrow.PayoutPaid; was != is {
		if is {
			w.paidOut[before.Currency] += before.Amount.Minor
		} else {
			w.paidOut[before.Currency] -= before.Amount.Minor
		}
	}
}

func (w *world) takeBack(rt *rapid.T) {
	if len(w.fundings) == 0 {
		rt.Skip("nothing was funded")
	}
	f := rapid.SampledFrom(w.fundings).Draw(rt, "funding")
	w.try(rt, func(tx pgx.Tx) error {
		back, err := w.ledger.ReverseFunding(w.t.Context(), tx, now, f.ID)
		if err == nil && !back.Replayed {
			for _, s := range w.people {
				if s.account == f.AccountID {
					w.funded[s][f.Amount.Currency] -= f.Amount.Minor
				}
			}
		}
		return err
	})
}

// check compares the database with the model.
func (w *world) check(rt *rapid.T) {
	for _, s := range w.people {
		for _, c := range currencies {
			got, err := escrow.Available(w.t.Context(), w.tx, s.account, c)
			if err != nil {
				rt.Fatal(err)
			}
			if want := w.available(s, c); got.Minor != want || want < 0 {
				rt.Fatalf("available %s, want %d", got, want)
			}
		}
	}
	for _, c := range currencies {
		// What came in is held, available, payable, earned or paid out.
		var in, kept int64
		for _, s := range w.people {
			in += w.funded[s][c]
			kept += w.available(s, c)
		}
		for _, h := range w.holds {
			if h.amount.Currency == c {
				kept += h.amount.Minor - h.back
			}
		}
		if in != kept {
			rt.Fatalf("%d %s came in, %d are accounted for", in, c, kept)
		}
	}
	if _, err := w.tx.Exec(w.t.Context(), `SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED`); err != nil {
		rt.Fatal(err)
	}
	found, err := escrow.Verify(w.t.Context(), w.tx)
	if err != nil || len(found) > 0 {
		rt.Fatal(found, err)
	}
	var out int64
	for _, paid := range w.paidOut {
		out += paid
	}
	if got := count(w.t, w.tx, `SELECT coalesce(sum(amount), 0)::bigint FROM payouts WHERE status = 'paid' AND account_id = ANY($1)`, w.accounts()); int64(got) != out {
		rt.Fatalf("%d paid out, want %d", got, out)
	}
}

func (w *world) accounts() []string {
	var ids []string
	for _, s := range w.people {
		ids = append(ids, s.account)
	}
	return ids
}
