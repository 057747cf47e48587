package event

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/event/internal/eventdb"
)

const (
	// DefaultRetention is how long events are kept when the deployment says nothing.
	DefaultRetention = 90 * 24 * time.Hour
	// MinRetention leaves webhooks the time that their ten attempts take.
	MinRetention = 7 * 24 * time.Hour
)

// Retain makes the partitions of the coming weeks and drops those whose every
// event is older than keep; so an event lives up to a week longer. It returns how
// many weeks it dropped. Appending waits for it, a moment; should readers keep it
// waiting for over two seconds it fails, to be tried again later.
func Retain(ctx context.Context, tx pgx.Tx, now time.Time, keep time.Duration) (int, error) {
	if keep < MinRetention {
		return 0, fmt.Errorf("event retention: %s, expected at least %s", keep, MinRetention)
	}
	q := eventdb.New(tx)
	if err := q.LimitLockWait(ctx); err != nil {
		return 0, fmt.Errorf("event retention: %w", err)
	}
	if err := q.CreatePartitions(ctx, now); err != nil {
		return 0, fmt.Errorf("event retention: %w", err)
	}
	dropped, err := q.DropPartitions(ctx, now.Add(-keep))
	if err != nil {
		return 0, fmt.Errorf("event retention: %w", err)
	}
	return int(dropped), nil
}
