package event_test

import (
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func partitions(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func retain(t *testing.T, pool *pgxpool.Pool, at time.Time, keep time.Duration) int {
	t.Helper()
	dropped, err := db.In(t.Context(), pool, func(tx pgx.Tx) (int, error) { return event.Retain(t.Context(), tx, at, keep) })
	if err != nil {
		t.Fatal(err)
	}
	return dropped
}

// logAt appends an event and moves it to the time it is to have been logged at.
func logAt(t *testing.T, pool *pgxpool.Pool, account string, at time.Time) int64 {
	t.Helper()
	e, err := db.In(t.Context(), pool, func(tx pgx.Tx) (event.Event, error) {
		e, err := event.Append(t.Context(), tx, now, event.New{AccountID: account, Type: event.TaskCreated, Object: map[string]string{"id": "task_1"}})
		if err != nil {
			return e, err
		}
		_, err = tx.Exec(t.Context(), `UPDATE events SET logged_at = $2 WHERE id = $1`, e.ID, at)
		return e, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.Sequence
}

func TestRetentionDropsTheBeginningOfTheLogByWholeWeeks(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	account := newAccount(t, pool)
	var start time.Time
	if err := pool.QueryRow(t.Context(), `SELECT date_trunc('week', now())`).Scan(&start); err != nil {
		t.Fatal(err)
	}
	const week = 7 * 24 * time.Hour
	retain(t, pool, start.Add(9*week), event.DefaultRetention) // partitions for weeks 0 to 21
	for i := range 15 {
		logAt(t, pool, account, start.Add(time.Duration(i)*week+time.Hour))
	}
	before := partitions(t, pool)

	// At the end of week 13, 90 days reach back to within week 1: only week 0 is old enough.
	if dropped := retain(t, pool, start.Add(14*week), event.DefaultRetention); dropped != 1 {
		t.Errorf("%d weeks dropped, want 1", dropped)
	}
	if n := partitions(t, pool); n != before-1+5 { // five new weeks ahead
		t.Errorf("%d partitions, want %d", n, before+4)
	}
	events, err := db.In(t.Context(), pool, func(tx pgx.Tx) ([]event.Event, error) {
		events, _, err := event.List(t.Context(), tx, account, 0, nil, 100)
		return events, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		if e.Sequence != int64(i)+2 {
			t.Fatalf("event %d has sequence %d, want %d: a gap", i, e.Sequence, i+2)
		}
	}
	if len(events) != 14 {
		t.Errorf("%d events left, want 14", len(events))
	}
	if next := logAt(t, pool, account, start.Add(14*week)); next != 16 {
		t.Errorf("next sequence = %d, want 16: numbers must go on", next)
	}
	if dropped := retain(t, pool, start.Add(14*week), event.DefaultRetention); dropped != 0 {
		t.Errorf("the second run dropped %d", dropped)
	}
}

func TestEventsWrittenWithoutAPartitionMoveIntoItLater(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	account := newAccount(t, pool)
	far := time.Now().AddDate(1, 0, 0)
	logAt(t, pool, account, far)
	retain(t, pool, far, 10*365*24*time.Hour)
	var left, all int
	if err := pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM events_default), (SELECT count(*) FROM events)`).Scan(&left, &all); err != nil {
		t.Fatal(err)
	}
	if left != 0 || all != 1 {
		t.Errorf("%d of %d events are still in the default partition", left, all)
	}
	retain(t, pool, far.AddDate(0, 4, 0), event.DefaultRetention)
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM events`).Scan(&all); err != nil {
		t.Fatal(err)
	}
	if all != 0 {
		t.Error("it was not forgotten with its week")
	}
}

func TestRetentionShorterThanADeliverysAttemptsIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := event.Retain(t.Context(), dbtest.Tx(t), now, 24*time.Hour); err == nil {
		t.Error("a retention of one day was accepted")
	}
}
