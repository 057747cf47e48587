package event_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
)

// listen runs a listener for the test and waits until it hears.
func listen(t *testing.T, pool *pgxpool.Pool) *event.Listener {
	t.Helper()
	l := event.NewListener(pool)
	connected := l.Subscribe("any")
	defer connected.Close()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	await(t, connected)
	return l
}

func await(t *testing.T, s *event.Subscription) {
	t.Helper()
	select {
	case <-s.C:
	case <-time.After(20 * time.Second):
		t.Fatal("not woken")
	}
}

func notify(t *testing.T, pool *pgxpool.Pool, topic string) {
	t.Helper()
	if err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error { return event.Notify(t.Context(), tx, topic) }); err != nil {
		t.Fatal(err)
	}
}

func TestListenerWakesWhoWaitsForTheTopicAndNobodyElse(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	account := newAccount(t, pool)
	l := listen(t, pool)
	mine, again, other := l.Subscribe(event.Topic(account)), l.Subscribe(event.Topic(account)), l.Subscribe("qa:wo_1")
	closed := l.Subscribe(event.Topic(account))
	closed.Close()
	closed.Close()
	err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
		_, err := event.Append(t.Context(), tx, now, event.New{AccountID: account, Type: event.TaskCreated, Object: map[string]string{"id": "task_1"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, mine)
	await(t, again)
	if len(other.C) != 0 || len(closed.C) != 0 {
		t.Error("woken without news")
	}
	notify(t, pool, "qa:wo_1")
	await(t, other)
}

func TestNobodyIsWokenByWhatIsRolledBack(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	l := listen(t, pool)
	never, then := l.Subscribe("never"), l.Subscribe("then")
	refused := errors.New("refused")
	err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error {
		if err := event.Notify(t.Context(), tx, "never"); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	notify(t, pool, "then")
	await(t, then)
	if len(never.C) != 0 {
		t.Error("woken by a transaction that was rolled back")
	}
}

func TestListenerWakesAllAfterItsConnectionWasLost(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	l := listen(t, pool)
	for i := range 3 {
		s := l.Subscribe(fmt.Sprintf("topic %d", i))
		var ended int
		err := pool.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(&ended)
		if err != nil {
			t.Fatal(err)
		}
		if ended != 1 {
			t.Fatalf("%d listening connections, want 1", ended)
		}
		await(t, s) // nothing was sent: the reconnect wakes
		s.Close()
	}
	s := l.Subscribe("after")
	notify(t, pool, "after")
	await(t, s)
}

func TestThousandsOfWaitersShareOneConnection(t *testing.T) {
	t.Parallel()
	pool := dbtest.Database(t)
	l := listen(t, pool)
	const waiters = 3000
	subs := make([]*event.Subscription, waiters)
	for i := range subs {
		subs[i] = l.Subscribe(fmt.Sprintf("topic %d", i%10))
	}
	for i := range 10 {
		notify(t, pool, fmt.Sprintf("topic %d", i))
	}
	for _, s := range subs {
		await(t, s)
	}
	var connections int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(&connections); err != nil {
		t.Fatal(err)
	}
	if connections != 1 {
		t.Errorf("%d connections listen, want 1", connections)
	}
}
