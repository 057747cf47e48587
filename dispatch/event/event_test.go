package event_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var now = time.Date(2026, 4, 22, 10, 0, 0, 123456789, time.UTC)

// newAccount inserts an account with an id of its own.
func newAccount(t *testing.T, pool db.Beginner) string {
	t.Helper()
	id := db.NewID("acct", now)
	err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'A', false, $2)`, id, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func appendEvent(t *testing.T, tx pgx.Tx, n event.New) event.Event {
	t.Helper()
	e, err := event.Append(t.Context(), tx, now, n)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Every event that can be logged is one that an endpoint can ask for.
func TestOnlyTypesThatCanBeSubscribedToAreAppended(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	account := newAccount(t, tx)
	if _, err := event.Append(t.Context(), tx, now, event.New{AccountID: account, Type: "task.exploded", Object: map[string]string{"id": "task_1"}}); err == nil {
		t.Error("an event that nobody can subscribe to was logged")
	}
	for _, name := range []string{"escrow.hold_expiring", "ledger.discrepancy"} { // the log warns of money by these
		if wrong := event.CheckTypes("events", []string{name}); len(wrong) != 0 {
			t.Errorf("%+v", wrong)
		}
		appendEvent(t, tx, event.New{AccountID: account, Type: event.Type(name), Object: map[string]string{"id": "x"}})
	}
}

func TestAppendNumbersEventsOfAnAccountFromOne(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	a, b := newAccount(t, tx), newAccount(t, tx)
	for want := int64(1); want <= 3; want++ {
		for _, account := range []string{a, b} {
			e := appendEvent(t, tx, event.New{AccountID: account, Type: event.TaskCreated, Object: map[string]string{"id": "task_1"}})
			if e.Sequence != want {
				t.Errorf("sequence = %d, want %d", e.Sequence, want)
			}
		}
	}
}

func TestReadingGivesBackExactlyWhatWasAppended(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	account := newAccount(t, tx)
	object := struct {
		Zebra string      `json:"zebra"`
		Price json.Number `json:"price"`
		Note  string      `json:"note"`
	}{"first", "249.50", "a \u0000 b <c>"}
	appended := appendEvent(t, tx, event.New{AccountID: account, Livemode: true, Type: event.QuoteReceived, Object: object, Related: map[string]string{"task_id": "task_1"}})
	got, err := event.Get(t.Context(), tx, account, appended.ID)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(appended)
	if read, _ := json.Marshal(got); string(read) != string(want) {
		t.Errorf("read %s\nwant %s", read, want)
	}
	if !strings.Contains(string(want), `"object":{"zebra":"first","price":249.50,`) {
		t.Errorf("the object's own order and digits are lost: %s", want)
	}
}

func TestGetHidesOtherAccountsEvents(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	a, b := newAccount(t, tx), newAccount(t, tx)
	e := appendEvent(t, tx, event.New{AccountID: a, Type: event.TaskCreated, Object: map[string]string{"id": "task_1"}})
	if _, err := event.Get(t.Context(), tx, b, e.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("err = %v, want NOT_FOUND", err)
	}
	if got, _, err := event.List(t.Context(), tx, b, 0, nil, 10); err != nil || len(got) != 0 {
		t.Errorf("another account reads %v, %v", got, err)
	}
}

func TestListPagesAndFiltersByType(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	account := newAccount(t, tx)
	for i := range 5 {
		typ := event.TaskCreated
		if i%2 == 1 {
			typ = event.QACompleted
		}
		appendEvent(t, tx, event.New{AccountID: account, Type: typ, Object: map[string]int{"n": i}})
	}
	for _, test := range []struct {
		after int64
		types []string
		limit int
		want  []int64
		more  bool
	}{
		{0, nil, 10, []int64{1, 2, 3, 4, 5}, false},
		{0, nil, 5, []int64{1, 2, 3, 4, 5}, false},
		{0, nil, 4, []int64{1, 2, 3, 4}, true},
		{3, nil, 10, []int64{4, 5}, false},
		{5, nil, 10, nil, false},
		{0, []string{"qa.completed"}, 1, []int64{2}, true},
		{2, []string{"qa.completed", "payout.paid"}, 10, []int64{4}, false},
	} {
		got, more, err := event.List(t.Context(), tx, account, test.after, test.types, test.limit)
		if err != nil {
			t.Fatal(err)
		}
		var sequences []int64
		for _, e := range got {
			sequences = append(sequences, e.Sequence)
		}
		if fmt.Sprint(sequences) != fmt.Sprint(test.want) || more != test.more {
			t.Errorf("after %d, types %v, limit %d: %v, %t; want %v, %t", test.after, test.types, test.limit, sequences, more, test.want, test.more)
		}
	}
	_, _, err := event.List(t.Context(), tx, account, 0, []string{"task.created", "task.invented"}, 10)
	if !fault.Is(err, fault.SchemaValidationFailed) {
		t.Errorf("unknown type: %v, want SCHEMA_VALIDATION_FAILED", err)
	}
}

func TestEventStaysUnderItsSizeLimit(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	account := newAccount(t, tx)
	related := map[string]string{"task_id": db.NewID("task", now)}
	for size := 17_000; size <= 60_000; size += 250 {
		object := map[string]string{"id": "wo_1", "brief": strings.Repeat("x", size)}
		e := appendEvent(t, tx, event.New{AccountID: account, Type: event.QACompleted, Object: object, Related: related})
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if len(body) >= 20_480 || len(body) > event.MaxSize {
			t.Fatalf("an object of %d bytes makes an event of %d", size, len(body))
		}
		if truncated := string(e.Data.Object) == `{"id":"wo_1","truncated":true}`; truncated && size < 19_000 || !truncated && size >= event.MaxSize {
			t.Errorf("object of %d bytes: truncated %t: %.80s", size, truncated, e.Data.Object)
		}
	}
	_, err := event.Append(t.Context(), tx, now, event.New{AccountID: account, Type: event.QACompleted, Object: strings.Repeat("x", 30_000)})
	if err == nil {
		t.Error("a large object without an id was appended")
	}
}

func TestSequenceHasNoGapsAndReadersMissNothingUnder32Writers(t *testing.T) {
	t.Parallel()
	const writers, each, readers = 32, 40, 3
	pool := dbtest.Database(t)
	account := newAccount(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				failed := fmt.Errorf("rolled back on purpose")
				err := db.WithTx(ctx, pool, func(tx pgx.Tx) error {
					if _, err := event.Append(ctx, tx, now, event.New{AccountID: account, Type: event.TaskCreated, Object: map[string]int{"writer": w, "n": i}}); err != nil {
						return err
					}
					if i%8 == 7 { // a number that is rolled back must be given to another
						return failed
					}
					return nil
				})
				if err != nil && err != failed { //nolint:errorlint // it is returned as it is
					t.Error(err)
				}
			}
		})
	}
	const committed = writers * (each - each/8)
	read := make([]int, readers)
	var reading sync.WaitGroup
	for r := range readers {
		reading.Go(func() {
			last := int64(0)
			for last < committed && ctx.Err() == nil {
				events, err := db.In(ctx, pool, func(tx pgx.Tx) ([]event.Event, error) {
					events, _, err := event.List(ctx, tx, account, last, nil, 7+r*50)
					return events, err
				})
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range events {
					if e.Sequence != last+1 {
						t.Errorf("reader %d saw %d after %d", r, e.Sequence, last)
						return
					}
					last = e.Sequence
					read[r]++
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		cancel()
	}
	reading.Wait()
	for r, n := range read {
		if n != committed {
			t.Errorf("reader %d saw %d events, want %d", r, n, committed)
		}
	}
}
