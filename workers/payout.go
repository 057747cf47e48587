package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
)

// Payout works jobs.Payout: it reads the payout, pays through its provider
// between transactions, and records the outcome, its event and the end of the
// job in one. Run twice, it pays once: the provider is given the same key, and
// the second record finds the first. Only after a definite no, which is recorded
// with the end of the job, does another job have another key.
type Payout struct {
	river.WorkerDefaults[jobs.Payout]
	Pool   db.Beginner
	Ledger *escrow.Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

// Timeout implements river.Worker.
func (w *Payout) Timeout(*river.Job[jobs.Payout]) time.Duration { return jobs.PayoutTimeout }

// NextRetry implements river.Worker: quickly at first, then at PayoutMaxDelay
// for as long as the provider is down, with a tenth of jitter.
func (w *Payout) NextRetry(job *river.Job[jobs.Payout]) time.Time {
	delay := jobs.PayoutMaxDelay
	if n := len(job.Errors) + 1; n < 5 {
		delay = time.Duration(n*n*n*n) * time.Second
	}
	return w.Now().Add(delay + rand.N(delay/10))
}

// Work implements river.Worker.
func (w *Payout) Work(ctx context.Context, job *river.Job[jobs.Payout]) error {
	type attempt struct {
		payout  escrow.Payout
		payment escrow.Payment
	}
	a, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (a attempt, err error) {
		a.payout, a.payment, err = w.Ledger.PaymentOf(ctx, tx, job.Args.PayoutID)
		return a, err
	})
	if fault.Is(err, fault.NotFound) {
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	if a.payout.Status != escrow.PayoutInitiated {
		return nil
	}
	provider, err := w.Ledger.ProviderNamed(a.payout.Provider)
	if err != nil {
		return err
	}
	a.payment.Repeated = job.Attempt > 1
	reference, refusal := provider.Pay(ctx, a.payment)
	notYet := errors.Is(refusal, escrow.ErrNotYet)
	if refusal != nil && !notYet && !errors.Is(refusal, escrow.ErrDeclined) {
		return fmt.Errorf("pay %s through %s: %w", a.payout.ID, a.payout.Provider, refusal)
	}
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error {
		var err error
		switch {
		case notYet:
			until := w.Now().Add(jobs.PayoutPostponed)
			w.Log.WarnContext(ctx, "payout postponed", "payout", a.payout.ID, "provider", a.payout.Provider, "attempt", a.payout.Attempts, "until", until, "reason", refusal)
			_, err = w.Ledger.Postpone(ctx, tx, a.payout, until)
		case refusal != nil:
			_, err = w.Ledger.RecordFailed(ctx, tx, w.Now(), a.payout, refusal.Error())
		default:
			_, err = w.Ledger.RecordPaid(ctx, tx, w.Now(), a.payout, reference)
		}
		if err != nil {
			return err
		}
		_, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}
