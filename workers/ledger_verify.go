package workers

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/jobs"
)

// LedgerVerify works jobs.LedgerVerify: it proves the ledger, keeps what it found
// for LedgerMetrics, and tells each account concerned. It repairs nothing. The
// proof's one snapshot can be minutes old when it ends, so it is recorded in a
// transaction of its own; run twice, that changes nothing.
type LedgerVerify struct {
	river.WorkerDefaults[jobs.LedgerVerify]
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Now      func() time.Time
	Log      *slog.Logger
}

// Timeout implements river.Worker.
func (w *LedgerVerify) Timeout(*river.Job[jobs.LedgerVerify]) time.Duration {
	return jobs.LedgerVerifyTimeout
}

// Work implements river.Worker.
func (w *LedgerVerify) Work(ctx context.Context, _ *river.Job[jobs.LedgerVerify]) error {
	at := w.Now()
	found, err := db.In(ctx, w.Pool, func(tx pgx.Tx) ([]escrow.Discrepancy, error) { return w.Dispatch.VerifyMoney(ctx, tx) })
	if err != nil {
		return err
	}
	for _, d := range found {
		w.Log.ErrorContext(ctx, "ledger discrepancy", "check", d.Check, "row", d.Row, "account", d.AccountID, "detail", d.Detail)
	}
	return db.WithTx(ctx, w.Pool, func(tx pgx.Tx) error { return escrow.RecordProof(ctx, tx, at, found) })
}

// LedgerMetrics says in every process what the last proof of the ledger found,
// whichever process ran it, and when: a proof that no longer ends shows by its age.
type LedgerMetrics struct {
	Pool db.Beginner
	Log  *slog.Logger
}

var (
	ledgerDiscrepancies = prometheus.NewDesc("humandispatch_ledger_discrepancies",
		"Rows that the last periodic proof of the ledger found wrong; `humandispatch admin ledger verify` names them.", nil, nil)
	ledgerProven = prometheus.NewDesc("humandispatch_ledger_proven_timestamp_seconds",
		"When the last periodic proof of the ledger that ended was begun.", nil, nil)
)

// Describe implements prometheus.Collector.
func (*LedgerMetrics) Describe(metrics chan<- *prometheus.Desc) {
	metrics <- ledgerDiscrepancies
	metrics <- ledgerProven
}

// Collect implements prometheus.Collector. Before the first proof, and while the
// database does not answer, there is nothing to say.
func (m *LedgerMetrics) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	proof, err := db.In(ctx, m.Pool, func(tx pgx.Tx) (escrow.Proof, error) { return escrow.LastProof(ctx, tx) })
	if err != nil {
		m.Log.WarnContext(ctx, "metrics of the ledger", "error", err)
		return
	}
	if proof.At.IsZero() {
		return
	}
	metrics <- prometheus.MustNewConstMetric(ledgerDiscrepancies, prometheus.GaugeValue, float64(proof.Discrepancies))
	metrics <- prometheus.MustNewConstMetric(ledgerProven, prometheus.GaugeValue, float64(proof.At.UnixMilli())/1000)
}
