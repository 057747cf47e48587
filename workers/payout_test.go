package workers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"
	"github.com/riverqueue/river/rivertype"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/workers"
)

func TestMain(m *testing.M) {
	media.ChildMain()
	qaWorkerMain()
	os.Exit(dbtest.Main(m))
}

var moneyNow = time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)

func moneyClock() time.Time { return moneyNow }

// provider answers what the test wants and remembers what it was asked.
type provider struct {
	escrow.Builtin
	answer error
	asked  []escrow.Payment
}

func (*provider) Name() string { return "bank" }

func (p *provider) Pay(_ context.Context, payment escrow.Payment) (string, error) {
	p.asked = append(p.asked, payment)
	return "bank_" + payment.Key, p.answer
}

// payouts is one released booking and everything that works on its payout.
type payouts struct {
	tx       pgx.Tx
	ledger   *escrow.Ledger
	bank     *provider
	account  string
	booking  string
	payoutID string
	worker   *rivertest.Worker[jobs.Payout, pgx.Tx]
}

func releasedBooking(t *testing.T) *payouts {
	t.Helper()
	p := &payouts{tx: dbtest.Tx(t), bank: &provider{}, account: db.NewID("acct", moneyNow), booking: db.NewID("bkg", moneyNow)}
	var err error
	if p.ledger, err = escrow.New(escrow.DefaultPolicy, p.bank); err != nil {
		t.Fatal(err)
	}
	talent := db.NewID("tal", moneyNow)
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO accounts (id, name, livemode, created_at) VALUES ('%s', 'Requester', true, now())`, p.account),
		fmt.Sprintf(`INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ('%s', true, '%s', 'Talent', '%s@example.com', now())`, talent, p.account, talent),
	} {
		if _, err := p.tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	amount := escrow.Amount{Minor: 300000, Currency: "CAD"}
	if _, err := p.ledger.Fund(t.Context(), p.tx, moneyNow, p.account, amount, "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ledger.Hold(t.Context(), p.tx, moneyNow, escrow.HoldRequest{AccountID: p.account, TalentID: talent, BookingID: p.booking, Amount: amount, ExpiresAt: moneyNow.Add(100 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	done, err := p.ledger.Release(t.Context(), p.tx, moneyNow, escrow.ReleaseRequest{BookingID: p.booking, Accepted: 1, Total: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.payoutID = *done.PayoutID
	p.worker = rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{}, &workers.Payout{Pool: p.tx, Ledger: p.ledger, Now: moneyClock, Log: slog.New(slog.DiscardHandler)})
	return p
}

// work runs the payout's job once and returns the payout.
func (p *payouts) work(t *testing.T) (*rivertest.WorkResult, escrow.Payout, error) {
	t.Helper()
	result, workErr := p.worker.Work(t.Context(), t, p.tx, jobs.Payout{PayoutID: p.payoutID}, nil)
	payout, err := escrow.GetPayout(t.Context(), p.tx, p.payoutID)
	if err != nil {
		t.Fatal(err)
	}
	return result, payout, workErr
}

func (p *payouts) events(t *testing.T, kind string) int {
	t.Helper()
	var n int
	if err := p.tx.QueryRow(t.Context(), `SELECT count(*) FROM events WHERE account_id = $1 AND type = $2`, p.account, kind).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (p *payouts) addsUp(t *testing.T) {
	t.Helper()
	found, err := escrow.Verify(t.Context(), p.tx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		t.Error(d)
	}
}

func TestPayoutIsPaidOnceHoweverOftenItsJobRuns(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	for range 3 {
		result, payout, err := p.work(t)
		if err != nil || result.Job.State != rivertype.JobStateCompleted {
			t.Fatalf("job = %+v, %v", result, err)
		}
		if payout.Status != escrow.PayoutPaid || payout.Reference != "bank_"+p.bank.asked[0].Key {
			t.Errorf("payout = %+v", payout)
		}
	}
	if len(p.bank.asked) != 1 || p.events(t, "payout.paid") != 1 {
		t.Errorf("asked %d times, %d events, want 1 and 1", len(p.bank.asked), p.events(t, "payout.paid"))
	}
	p.addsUp(t)
}

func TestProviderDownDelaysThePayoutUnderOneKey(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	p.bank.answer = errors.New("connection refused")
	for range 2 {
		if result, payout, err := p.work(t); err == nil || payout.Status != escrow.PayoutInitiated {
			t.Fatalf("job = %+v, payout = %+v", result, payout)
		}
	}
	p.bank.answer = nil
	if _, payout, err := p.work(t); err != nil || payout.Status != escrow.PayoutPaid {
		t.Fatalf("payout = %+v, %v", payout, err)
	}
	for _, payment := range p.bank.asked {
		if payment.Key != p.bank.asked[0].Key {
			t.Errorf("key %s after %s", payment.Key, p.bank.asked[0].Key)
		}
	}
	p.addsUp(t)
}

func TestDeclinedPayoutFailsAndIsRetriedUnderANewKey(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	p.bank.answer = fmt.Errorf("%w: the account is closed", escrow.ErrDeclined)
	_, payout, err := p.work(t)
	if err != nil || payout.Status != escrow.PayoutFailed || payout.FailureReason == "" {
		t.Fatalf("payout = %+v, %v", payout, err)
	}
	if p.events(t, "payout.failed") != 1 {
		t.Error("no payout.failed event")
	}
	p.addsUp(t)
	if _, err := p.ledger.RetryPayout(t.Context(), p.tx, moneyNow, p.payoutID); err != nil {
		t.Fatal(err)
	}
	p.bank.answer = nil
	if _, payout, err = p.work(t); err != nil || payout.Status != escrow.PayoutPaid || payout.Attempts != 2 {
		t.Fatalf("payout = %+v, %v", payout, err)
	}
	if p.bank.asked[0].Key == p.bank.asked[1].Key {
		t.Error("the retry used the declined attempt's key")
	}
	p.addsUp(t)
}

// Stripe makes what cards paid available after days: until then payouts wait,
// and each attempt has a key of its own because Stripe repeats its answers.
func TestPayoutWaitsForTheProvidersBalance(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	waiting := func() (n int, due time.Time) {
		t.Helper()
		err := p.tx.QueryRow(t.Context(), `SELECT count(*), coalesce(max(scheduled_at), 'epoch') FROM river_job WHERE kind = 'payout' AND state = 'scheduled' AND args->>'payout_id' = $1`, p.payoutID).Scan(&n, &due)
		if err != nil {
			t.Fatal(err)
		}
		return n, due
	}
	p.bank.answer = fmt.Errorf("%w: insufficient available funds", escrow.ErrNotYet)
	for attempt := 1; attempt <= 3; attempt++ {
		result, payout, err := p.work(t)
		if err != nil || result.Job.State != rivertype.JobStateCompleted || payout.Status != escrow.PayoutInitiated || payout.Attempts != attempt+1 {
			t.Fatalf("job = %+v, payout = %+v, %v", result, payout, err)
		}
		if n, due := waiting(); n != attempt || !due.Equal(moneyNow.Add(jobs.PayoutPostponed)) {
			t.Fatalf("%d jobs, the last of them due at %s", n, due)
		}
	}
	// An attempt that ended says nothing about the one that runs.
	first, err := escrow.GetPayout(t.Context(), p.tx, p.payoutID)
	if err != nil {
		t.Fatal(err)
	}
	first.Attempts = 1
	if _, err := p.ledger.Postpone(t.Context(), p.tx, first, moneyNow); err != nil {
		t.Fatal(err)
	}
	if n, _ := waiting(); n != 3 {
		t.Errorf("a late outcome of the first attempt made a job: %d", n)
	}
	p.bank.answer = nil
	if _, payout, err := p.work(t); err != nil || payout.Status != escrow.PayoutPaid || payout.Attempts != 4 {
		t.Fatalf("payout = %+v, %v", payout, err)
	}
	for range 3 { // the other jobs, had they not been the same one run by hand
		if _, _, err := p.work(t); err != nil {
			t.Fatal(err)
		}
	}
	keys := map[string]bool{}
	for _, asked := range p.bank.asked {
		keys[asked.Key] = true
	}
	if len(p.bank.asked) != 4 || len(keys) != 4 {
		t.Errorf("the bank was asked %d times under %d keys, want 4 and 4", len(p.bank.asked), len(keys))
	}
	if n := p.events(t, "payout.failed"); n != 0 {
		t.Errorf("%d payouts failed", n)
	}
	p.addsUp(t)
}

func TestPayoutOfNothingIsCancelled(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	result, err := p.worker.Work(t.Context(), t, p.tx, jobs.Payout{PayoutID: "pay_none"}, nil)
	if err != nil || result.Job.State != rivertype.JobStateCancelled {
		t.Errorf("job = %+v, %v", result, err)
	}
}

func TestHoldWarnsOnlyWhileItIsLive(t *testing.T) {
	t.Parallel()
	p := releasedBooking(t)
	worker := rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{}, &workers.HoldExpiring{Pool: p.tx, Ledger: p.ledger, Now: moneyClock})
	if _, err := worker.Work(t.Context(), t, p.tx, jobs.HoldExpiring{BookingID: p.booking}, nil); err != nil {
		t.Fatal(err)
	}
	if n := p.events(t, string(event.EscrowHoldExpiring)); n != 0 {
		t.Errorf("%d warnings of a settled hold", n)
	}
	live := db.NewID("bkg", moneyNow)
	amount := escrow.Amount{Minor: 100, Currency: "CAD"}
	if _, err := p.ledger.Fund(t.Context(), p.tx, moneyNow, p.account, amount, "2"); err != nil {
		t.Fatal(err)
	}
	settled, err := escrow.FindHold(t.Context(), p.tx, p.booking)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.ledger.Hold(t.Context(), p.tx, moneyNow, escrow.HoldRequest{AccountID: p.account, TalentID: settled.TalentID, BookingID: live, Amount: amount, ExpiresAt: moneyNow.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.Work(t.Context(), t, p.tx, jobs.HoldExpiring{BookingID: live}, nil); err != nil {
		t.Fatal(err)
	}
	if n := p.events(t, string(event.EscrowHoldExpiring)); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
}

func TestPayoutIsTriedSoonAndThenSteadily(t *testing.T) {
	t.Parallel()
	w := &workers.Payout{Now: moneyClock}
	job := &river.Job[jobs.Payout]{JobRow: &rivertype.JobRow{}}
	for _, want := range []time.Duration{time.Second, 16 * time.Second, 81 * time.Second, 256 * time.Second, jobs.PayoutMaxDelay, jobs.PayoutMaxDelay} {
		if got := w.NextRetry(job).Sub(moneyNow); got < want || got > want+want/10 {
			t.Errorf("after %d errors: %s, want %s and at most a tenth more", len(job.Errors), got, want)
		}
		job.Errors = append(job.Errors, rivertype.AttemptError{})
	}
}
