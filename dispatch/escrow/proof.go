package escrow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow/internal/escrowdb"
	"github.com/humandispatch/humandispatch/dispatch/event"
)

// Proof is what the last recorded proof of the ledger found.
type Proof struct {
	At            time.Time // the moment that it saw; zero when there was none yet
	Discrepancies int
}

// LastProof reads it.
func LastProof(ctx context.Context, tx pgx.Tx) (Proof, error) {
	row, err := escrowdb.New(tx).LastProof(ctx)
	if err != nil && !db.Missing(err) {
		return Proof{}, fmt.Errorf("last proof of the ledger: %w", err)
	}
	return Proof{At: row.ProvenAt, Discrepancies: int(row.Discrepancies)}, nil
}

// maxTold is how many discrepancies an event lists; its count tells them all.
const maxTold = 20

// RecordProof keeps what a proof found at the given moment, unless a later one is
// kept already, and appends ledger.discrepancy to the log of every account of
// which other rows are wrong than its log was told of last. Recording the same
// again tells nobody.
func RecordProof(ctx context.Context, tx pgx.Tx, at time.Time, found []Discrepancy) error {
	q := escrowdb.New(tx)
	if err := q.FirstProof(ctx, at); err != nil {
		return fmt.Errorf("record the proof: %w", err)
	}
	last, err := q.LockProof(ctx)
	if err != nil {
		return fmt.Errorf("record the proof: %w", err)
	}
	if last.ProvenAt.After(at) {
		return nil
	}
	before := map[string]string{}
	if err := json.Unmarshal(last.Told, &before); err != nil {
		return fmt.Errorf("record the proof: %w", err)
	}
	of, told := map[string][]Discrepancy{}, map[string]string{}
	for _, d := range found {
		if d.AccountID != "" {
			of[d.AccountID] = append(of[d.AccountID], d)
		}
	}
	for accountID, theirs := range of {
		told[accountID] = digest(theirs)
	}
	raw, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("record the proof: %w", err)
	}
	if err := q.SaveProof(ctx, escrowdb.SaveProofParams{ProvenAt: at, Discrepancies: int32(len(found)), Told: raw}); err != nil {
		return fmt.Errorf("record the proof: %w", err)
	}
	for _, accountID := range slices.Sorted(maps.Keys(of)) {
		if told[accountID] == before[accountID] {
			continue
		}
		if err := tell(ctx, tx, at, accountID, of[accountID]); err != nil {
			return err
		}
	}
	return nil
}

// digest names a set of wrong rows, whatever their order and however wrong they
// are: a wrong balance that moves is no news.
func digest(found []Discrepancy) string {
	rows := make([]string, len(found))
	for i, d := range found {
		rows[i] = d.Check + " " + d.Row
	}
	slices.Sort(rows)
	sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
	return hex.EncodeToString(sum[:])
}

func tell(ctx context.Context, tx pgx.Tx, now time.Time, accountID string, found []Discrepancy) error {
	livemode, err := escrowdb.New(tx).Livemode(ctx, accountID)
	if err != nil {
		return fmt.Errorf("account %s: %w", accountID, err)
	}
	_, err = event.Append(ctx, tx, now, event.New{
		AccountID: accountID, Livemode: livemode, Type: event.LedgerDiscrepancy,
		Object: map[string]any{"count": len(found), "discrepancies": found[:min(len(found), maxTold)]},
	})
	return err
}
