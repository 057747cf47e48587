package event_test

import (
	"os"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func TestAppendNumbersEventsOfAnAccountFromOne(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	now := time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)
	if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ('acct_1', 'A', false, $1)`, now); err != nil {
		t.Fatal(err)
	}
	for want := int64(1); want <= 3; want++ {
		e, err := event.Append(t.Context(), tx, now, event.New{AccountID: "acct_1", Type: event.TaskCreated, Object: map[string]string{"id": "task_1"}})
		if err != nil {
			t.Fatal(err)
		}
		if e.Sequence != want {
			t.Errorf("sequence = %d, want %d", e.Sequence, want)
		}
	}
}
