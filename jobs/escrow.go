package jobs

import (
	"time"

	"github.com/riverqueue/river"
)

// Payout sends a payout's money through its provider and records the outcome.
type Payout struct {
	PayoutID string `json:"payout_id"`
}

// Kind implements river.JobArgs.
func (Payout) Kind() string { return "payout" }

// InsertOpts implements river.JobArgsWithInsertOpts. A provider that is down
// delays payouts and loses none: at PayoutMaxDelay between attempts the last one
// is months away.
func (Payout) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMoney, MaxAttempts: 10_000}
}

const (
	// PayoutTimeout bounds one run of Payout.
	PayoutTimeout = time.Minute
	// PayoutMaxDelay is the longest wait before a payout is tried again.
	PayoutMaxDelay = 10 * time.Minute
	// PayoutPostponed is how long a payout waits that its provider cannot pay yet:
	// providers make collected money available once a day or less often.
	PayoutPostponed = 4 * time.Hour
)

// HoldExpiring warns that a booking's escrow hold expires soon.
type HoldExpiring struct {
	BookingID string `json:"booking_id"`
}

// Kind implements river.JobArgs.
func (HoldExpiring) Kind() string { return "hold_expiring" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (HoldExpiring) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMoney, MaxAttempts: 25}
}

// LedgerVerify proves the ledger's sums and balances; it runs periodically.
type LedgerVerify struct{}

// Kind implements river.JobArgs.
func (LedgerVerify) Kind() string { return "ledger_verify" }

// InsertOpts implements river.JobArgsWithInsertOpts. The next period repeats a
// failed run, so it is not retried for long.
func (LedgerVerify) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMaintenance, MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: LedgerVerifyEvery}}
}

const (
	// HoldExpiringTimeout bounds one run of HoldExpiring.
	HoldExpiringTimeout = 30 * time.Second
	// LedgerVerifyTimeout bounds one run of LedgerVerify.
	LedgerVerifyTimeout = 5 * time.Minute
	// LedgerVerifyEvery is the period between two runs of LedgerVerify.
	LedgerVerifyEvery = 15 * time.Minute
)
