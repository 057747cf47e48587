package event

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/dispatch/event/internal/eventdb"
)

// channel is the one Postgres channel; its payloads are topics.
const channel = "humandispatch_topics"

// Topic is what to subscribe to for an account's events.
func Topic(accountID string) string { return "events:" + accountID }

// Notify wakes everyone who waits for the topic, in all processes, once tx commits.
// A topic is at most 200 bytes.
func Notify(ctx context.Context, tx pgx.Tx, topic string) error {
	if err := eventdb.New(tx).Notify(ctx, eventdb.NotifyParams{Channel: channel, Payload: topic}); err != nil {
		return fmt.Errorf("notify %s: %w", topic, err)
	}
	return nil
}

// Listener lets any number of callers wait for topics over one database connection.
type Listener struct {
	pool *pgxpool.Pool

	mu   sync.Mutex
	subs map[string]map[*Subscription]struct{} // by topic
}

// Subscription receives on C when its topic may have news. One value stands for
// any number of notifications: read again everything that is waited for.
type Subscription struct {
	C <-chan struct{}

	c        chan struct{}
	topic    string
	listener *Listener
}

// NewListener makes a listener that waits once Run runs.
func NewListener(pool *pgxpool.Pool) *Listener {
	return &Listener{pool: pool, subs: map[string]map[*Subscription]struct{}{}}
}

// Subscribe begins to collect wake-ups for a topic. Subscribe first, then read,
// then wait, then read again: nothing committed after the first read is missed.
func (l *Listener) Subscribe(topic string) *Subscription {
	c := make(chan struct{}, 1)
	s := &Subscription{C: c, c: c, topic: topic, listener: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.subs[topic] == nil {
		l.subs[topic] = map[*Subscription]struct{}{}
	}
	l.subs[topic][s] = struct{}{}
	return s
}

// Close ends the subscription. A second Close is harmless.
func (s *Subscription) Close() {
	l := s.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.subs[s.topic], s)
	if len(l.subs[s.topic]) == 0 {
		delete(l.subs, s.topic)
	}
}

// Run listens until ctx ends, reconnecting by itself, and returns ctx's error.
// After each connect it wakes all: what happened in between was not heard.
func (l *Listener) Run(ctx context.Context) error {
	const shortest, longest = 50 * time.Millisecond, 5 * time.Second
	pause := shortest
	for {
		if l.listen(ctx) {
			pause = shortest
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause = min(2*pause, longest)
		}
	}
}

// listen holds one connection until it fails and reports whether it ever worked.
func (l *Listener) listen(ctx context.Context) bool {
	// Its own connection, not the pool's: waiters must never starve transactions.
	conn, err := pgx.ConnectConfig(ctx, l.pool.Config().ConnConfig)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return false
	}
	l.wakeAll()
	for {
		// A connection that died silently is noticed by a ping after half a minute of quiet.
		quiet, cancel := context.WithTimeout(ctx, 30*time.Second)
		n, err := conn.WaitForNotification(quiet)
		cancel()
		switch {
		case err == nil:
			l.wake(n.Payload)
		case ctx.Err() != nil || conn.IsClosed():
			return true
		default:
			if err := l.ping(ctx, conn); err != nil {
				return true
			}
		}
	}
}

func (l *Listener) ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return conn.Ping(ctx)
}

func (l *Listener) wake(topic string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.subs[topic] {
		s.signal()
	}
}

func (l *Listener) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, subs := range l.subs {
		for s := range subs {
			s.signal()
		}
	}
}

func (s *Subscription) signal() {
	select {
	case s.c <- struct{}{}:
	default: // already signalled
	}
}
