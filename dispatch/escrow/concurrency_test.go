package escrow_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// committed runs fn in a transaction of its own that must commit.
func committed(t testing.TB, pool *pgxpool.Pool, fn func(tx pgx.Tx) error) {
	t.Helper()
	if err := db.WithTx(t.Context(), pool, fn); err != nil {
		t.Fatal(err)
	}
}

func proven(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	committed(t, pool, func(tx pgx.Tx) error {
		found, err := escrow.Verify(t.Context(), tx)
		for _, d := range found {
			t.Error(d)
		}
		return err
	})
}

// together runs the functions at once, each in a transaction of its own, and
// returns their errors.
func together(t testing.TB, pool *pgxpool.Pool, fns ...func(tx pgx.Tx) error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	start := make(chan struct{})
	var done sync.WaitGroup
	for i, fn := range fns {
		done.Go(func() {
			<-start
			errs[i] = db.WithTx(t.Context(), pool, fn)
		})
	}
	close(start)
	done.Wait()
	return errs
}

// Operators retry failed payouts, all of them and one by one, at the same time:
// each gets one new attempt.
func TestConcurrentRetriesMakeOneAttempt(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	var failed []escrow.Payout
	for range 4 {
		committed(t, pool, func(tx pgx.Tx) error {
			s := people(t, tx, true)
			for range 5 {
				done := release(t, tx, l, held(t, tx, l, s, amount(t, "10", "CAD")), 1, 1)
				p, err := escrow.GetPayout(t.Context(), tx, *done.PayoutID)
				if err != nil {
					return err
				}
				if p, err = l.RecordFailed(t.Context(), tx, now, p, "declined"); err != nil {
					return err
				}
				failed = append(failed, p)
			}
			return nil
		})
	}
	var retried atomic.Int64
	all := func(tx pgx.Tx) error {
		again, err := l.RetryPayouts(t.Context(), tx, now, escrow.FailedPayouts{})
		retried.Add(int64(len(again)))
		return err
	}
	theirs := func(tx pgx.Tx) error {
		again, err := l.RetryPayouts(t.Context(), tx, now, escrow.FailedPayouts{TalentID: failed[0].TalentID, Provider: failed[0].Provider})
		retried.Add(int64(len(again)))
		return err
	}
	one := func(tx pgx.Tx) error {
		_, err := l.RetryPayout(t.Context(), tx, now, failed[len(failed)-1].ID)
		if err == nil {
			retried.Add(1)
		}
		return err
	}
	for _, err := range together(t, pool, all, theirs, one, all, theirs, one) {
		if err != nil && !fault.Is(err, fault.InvalidState) {
			t.Error(err)
		}
	}
	if n := int(retried.Load()); n != len(failed) {
		t.Errorf("%d retries of %d payouts", n, len(failed))
	}
	committed(t, pool, func(tx pgx.Tx) error {
		if n := count(t, tx, `SELECT count(*) FROM payouts WHERE status = 'initiated' AND attempts = 2`); n != len(failed) {
			t.Errorf("%d of %d payouts have a second attempt", n, len(failed))
		}
		if n := count(t, tx, `SELECT count(*) FROM river_job WHERE kind = 'payout'`); n != 2*len(failed) {
			t.Errorf("%d jobs, want %d", n, 2*len(failed))
		}
		return nil
	})
	proven(t, pool)
}

func TestFiftyConcurrentReleasesHaveOneOutcome(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	var booking string
	committed(t, pool, func(tx pgx.Tx) error {
		booking = held(t, tx, l, people(t, tx, true), amount(t, "3000", "CAD"))
		return nil
	})
	settled := make([]escrow.Settlement, 50)
	fns := make([]func(tx pgx.Tx) error, len(settled))
	for i := range fns {
		fns[i] = func(tx pgx.Tx) (err error) {
			settled[i], err = l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 30, Total: 30})
			return err
		}
	}
	for _, err := range together(t, pool, fns...) {
		if err != nil {
			t.Error(err)
		}
	}
	first := 0
	for _, s := range settled {
		if !s.Replayed {
			first++
		}
		if s.Transfers[0] != settled[0].Transfers[0] || *s.PayoutID != *settled[0].PayoutID {
			t.Errorf("%+v differs from %+v", s, settled[0])
		}
	}
	if first != 1 {
		t.Errorf("%d releases moved money, want 1", first)
	}
	committed(t, pool, func(tx pgx.Tx) error {
		if n := count(t, tx, `SELECT count(*) FROM payouts`); n != 1 {
			t.Errorf("%d payouts", n)
		}
		if n := count(t, tx, `SELECT count(*) FROM river_job WHERE kind = 'payout'`); n != 1 {
			t.Errorf("%d payout jobs", n)
		}
		return nil
	})
	proven(t, pool)
}

func TestReleaseAgainstCancelHasOneOutcome(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	wins := map[escrow.HoldStatus]int{}
	for range 100 {
		var booking string
		committed(t, pool, func(tx pgx.Tx) error {
			booking = held(t, tx, l, people(t, tx, true), amount(t, "249.50", "CAD"))
			return nil
		})
		release := func(tx pgx.Tx) error {
			_, err := l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
			return err
		}
		cancel := func(tx pgx.Tx) error {
			_, err := l.CancelAfterCheckIn(t.Context(), tx, now, booking)
			return err
		}
		errs := together(t, pool, release, cancel, release, cancel)
		for _, err := range errs {
			if err != nil && !fault.Is(err, fault.EscrowRequired) {
				t.Fatal(err)
			}
		}
		if (errs[0] == nil) == (errs[1] == nil) || (errs[0] == nil) != (errs[2] == nil) || (errs[1] == nil) != (errs[3] == nil) {
			t.Fatalf("release %v and %v, cancel %v and %v", errs[0], errs[2], errs[1], errs[3])
		}
		committed(t, pool, func(tx pgx.Tx) error {
			h, err := escrow.FindHold(t.Context(), tx, booking)
			wins[h.Status]++
			return err
		})
	}
	t.Logf("of 100 rounds: %v", wins)
	proven(t, pool)
}

func TestConcurrentHoldsNeverOverdraw(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	var s stage
	committed(t, pool, func(tx pgx.Tx) error {
		s = people(t, tx, true)
		_, err := l.Fund(t.Context(), tx, now, s.account, amount(t, "100", "CAD"), "1")
		return err
	})
	var fns []func(tx pgx.Tx) error
	for i := range 40 { // twenty bookings, each asked for twice, and money for ten
		fns = append(fns, func(tx pgx.Tx) error {
			_, err := l.Hold(t.Context(), tx, now, holdRequest(s, fmt.Sprintf("bkg_%d", i/2), amount(t, "10", "CAD")))
			return err
		})
	}
	for _, err := range together(t, pool, fns...) {
		if err != nil && !fault.Is(err, fault.InsufficientFunds) {
			t.Error(err)
		}
	}
	committed(t, pool, func(tx pgx.Tx) error {
		if n := count(t, tx, `SELECT count(*) FROM escrow_holds`); n != 10 {
			t.Errorf("%d holds, want 10", n)
		}
		return nil
	})
	proven(t, pool)
}

// Operations on one hold, as porcupine sees them.
type (
	asked    struct{ op string }
	answered struct{ result string } // a status, "again " and a status, or a fault's code
)

// holdModel is the sequential specification of one hold.
var holdModel = porcupine.Model{
	Init: func() any { return "none" },
	Step: func(state, input, output any) (bool, any) {
		want, next := specified(state.(string), input.(asked).op)
		return want == output.(answered).result, next
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) },
}

var endings = map[string]struct{ from, to string }{
	"release": {"held", "released"}, "refund": {"held", "refunded"}, "cancel": {"held", "cancelled"}, "resolve": {"frozen", "resolved"},
}

func specified(state, op string) (result, next string) {
	live := state == "held" || state == "frozen"
	switch op {
	case "read":
		return state, state
	case "hold":
		if state == "none" {
			return "held", "held"
		}
		return state, state
	case "freeze":
		if live {
			return "frozen", "frozen"
		}
		return "ESCROW_REQUIRED", state
	default:
		switch end := endings[op]; {
		case state == end.from:
			return end.to, end.to
		case state == end.to:
			return "again " + end.to, state
		case live:
			return "INVALID_STATE", state
		default:
			return "ESCROW_REQUIRED", state
		}
	}
}

func TestOneHoldIsLinearizable(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	began := time.Now()
	for round := range 30 {
		var s stage
		booking := db.NewID("bkg", now)
		a := amount(t, "10", "CAD")
		committed(t, pool, func(tx pgx.Tx) error {
			s = people(t, tx, true)
			_, err := l.Fund(t.Context(), tx, now, s.account, a, "1")
			return err
		})
		run := func(op string) (string, error) {
			var result string
			err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
				var done escrow.Settlement
				var err error
				switch op {
				case "read", "hold":
					var h escrow.Hold
					if op == "read" {
						h, err = escrow.FindHold(t.Context(), tx, booking)
					} else {
						h, err = l.Hold(t.Context(), tx, now, holdRequest(s, booking, a))
					}
					result = string(h.Status)
					return err
				case "freeze":
					result = "frozen"
					return l.Freeze(t.Context(), tx, now, booking)
				case "release":
					done, err = l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
				case "refund":
					done, err = l.Refund(t.Context(), tx, now, booking)
				case "cancel":
					done, err = l.CancelAfterCheckIn(t.Context(), tx, now, booking)
				case "resolve":
					done, err = l.Resolve(t.Context(), tx, now, booking, escrow.Split{TalentMinor: 1000})
				}
				result = string(done.Status)
				if done.Replayed {
					result = "again " + result
				}
				return err
			})
			var f *fault.Error
			switch {
			case err == nil:
				return result, nil
			case errors.As(err, &f) && f.Code == fault.NotFound:
				return "none", nil
			case errors.As(err, &f):
				return string(f.Code), nil
			default:
				return "", err
			}
		}
		var lock sync.Mutex
		var history []porcupine.Operation
		var clients sync.WaitGroup
		for client := range 6 {
			random := rand.New(rand.NewPCG(uint64(round), uint64(client)))
			clients.Go(func() {
				for range 8 {
					op := []string{"hold", "hold", "read", "read", "freeze", "release", "refund", "cancel", "resolve"}[random.IntN(9)]
					call := time.Since(began)
					result, err := run(op)
					if err != nil {
						t.Errorf("%s: %v", op, err)
						return
					}
					lock.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: asked{op}, Call: int64(call), Output: answered{result}, Return: int64(time.Since(began))})
					lock.Unlock()
				}
			})
		}
		clients.Wait()
		if !porcupine.CheckOperations(holdModel, history) {
			t.Fatalf("round %d is not linearizable: %v", round, history)
		}
	}
	proven(t, pool)
}

// TestReplayedOperationsPostNothing captures 1,000 operations that moved money
// and runs them all again, in another order and eight at a time.
func TestReplayedOperationsPostNothing(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	type captured struct {
		run   func(tx pgx.Tx) (string, error) // the answer that a repeat must give again
		first string
	}
	var operations []captured
	do := func(tx pgx.Tx, run func(tx pgx.Tx) (string, error)) {
		t.Helper()
		first, err := run(tx)
		if err != nil {
			t.Fatal(err)
		}
		operations = append(operations, captured{run, first})
	}
	settlement := func(s escrow.Settlement, err error) (string, error) {
		if err != nil {
			return "", err
		}
		payout := "none"
		if s.PayoutID != nil {
			payout = *s.PayoutID
		}
		return shares(s) + s.Transfers[0] + payout, nil
	}
	for i := range 250 {
		committed(t, pool, func(tx pgx.Tx) error {
			s, a, booking := people(t, tx, true), escrow.Amount{Minor: int64(i) + 1, Currency: currencies[i%3]}, db.NewID("bkg", now)
			do(tx, func(tx pgx.Tx) (string, error) {
				f, err := l.Fund(t.Context(), tx, now, s.account, a, "1")
				return f.ID, err
			})
			do(tx, func(tx pgx.Tx) (string, error) {
				h, err := l.Hold(t.Context(), tx, now, holdRequest(s, booking, a))
				return h.BookingID + h.Amount.String(), err
			})
			switch i % 4 {
			case 0:
				do(tx, func(tx pgx.Tx) (string, error) { return settlement(l.Refund(t.Context(), tx, now, booking)) })
			case 1:
				do(tx, func(tx pgx.Tx) (string, error) {
					return settlement(l.CancelAfterCheckIn(t.Context(), tx, now, booking))
				})
			default:
				do(tx, func(tx pgx.Tx) (string, error) {
					return settlement(l.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 2, Total: 3}))
				})
			}
			payouts, err := escrow.ListPayouts(t.Context(), tx, escrow.PayoutsOf{AccountID: s.account}, 1, "")
			if err != nil || len(payouts) == 0 {
				// No payout: take the money out the other way.
				do(tx, func(tx pgx.Tx) (string, error) {
					f, err := l.Fund(t.Context(), tx, now, s.account, a, "2")
					return f.ID, err
				})
				return err
			}
			p, send, err := l.PaymentOf(t.Context(), tx, payouts[0].ID)
			if err != nil {
				return err
			}
			do(tx, func(tx pgx.Tx) (string, error) {
				paid, err := l.RecordPaid(t.Context(), tx, now, p, send.Key)
				return paid.Reference + string(paid.Status), err
			})
			return nil
		})
	}
	if len(operations) != 1000 {
		t.Fatalf("%d operations captured", len(operations))
	}
	snapshot := func() string {
		var s string
		committed(t, pool, func(tx pgx.Tx) error {
			s = fmt.Sprint(count(t, tx, `SELECT count(*) FROM ledger_transfers`), count(t, tx, `SELECT count(*) FROM ledger_postings`), count(t, tx, `SELECT count(*) FROM payouts`),
				count(t, tx, `SELECT count(*) FROM events`), count(t, tx, `SELECT count(*) FROM river_job`))
			return nil
		})
		return s
	}
	before := snapshot()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(operations), func(i, j int) { operations[i], operations[j] = operations[j], operations[i] })
	work := make(chan captured)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for op := range work {
				again, err := db.In(t.Context(), pool, op.run)
				if err != nil || again != op.first {
					t.Errorf("repeat = %q, %v, want %q", again, err, op.first)
				}
			}
		})
	}
	for _, op := range operations {
		work <- op
	}
	close(work)
	workers.Wait()
	if after := snapshot(); after != before {
		t.Errorf("transfers, postings, payouts, events, jobs: %s became %s", before, after)
	}
	proven(t, pool)
}
