package webhook

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Lanes share a process's delivery slots out, so that a slow or dead endpoint
// holds up nobody else: an endpoint gets a quarter of them at most, an account
// half. A delivery that finds its lane full waits a moment if the lane is moving
// fast enough; otherwise it is told to come back when its turn is likely to be.
type Lanes struct {
	endpointSlots, accountSlots int

	mu    sync.Mutex
	lanes map[string]*lane
}

type lane struct {
	slots, busy int
	queue       []chan struct{} // who waits, first come first; closed to hand a slot over
	latency     time.Duration   // of recent requests, smoothed
	progress    time.Time       // when a slot was last taken from idle or given back
	turn        time.Time       // when the last of those sent away is to come back
}

const (
	patience       = 250 * time.Millisecond // a delivery holds a worker slot while it waits
	guessedLatency = 100 * time.Millisecond // of an endpoint that was not tried lately
	shortestWait   = 200 * time.Millisecond
	longestWait    = time.Minute
)

// NewLanes makes lanes for a process that works so many jobs of the queue at once.
func NewLanes(slots int) *Lanes {
	return &Lanes{endpointSlots: max(1, slots/4), accountSlots: max(1, slots/2), lanes: map[string]*lane{}}
}

// Enter takes a slot of the endpoint and one of its account. Call leave when the
// request is over. A nil leave says to come back after wait.
func (l *Lanes) Enter(ctx context.Context, accountID, endpointID string) (leave func(), wait time.Duration) {
	if wait := l.enter(ctx, endpointID, l.endpointSlots); wait > 0 {
		return nil, wait
	}
	if wait := l.enter(ctx, accountID, l.accountSlots); wait > 0 {
		l.leave(endpointID, 0)
		return nil, wait
	}
	began := time.Now()
	return func() {
		took := time.Since(began)
		l.leave(accountID, took)
		l.leave(endpointID, took)
	}, 0
}

// enter returns 0 when a slot was taken.
func (l *Lanes) enter(ctx context.Context, key string, slots int) time.Duration {
	l.mu.Lock()
	n := l.lanes[key]
	if n == nil {
		n = &lane{slots: slots, latency: guessedLatency}
		l.lanes[key] = n
	}
	now := time.Now()
	if n.busy < n.slots {
		if n.busy == 0 {
			n.progress = now
		}
		n.busy++
		l.mu.Unlock()
		return 0
	}
	if len(n.queue) >= n.room(now) {
		defer l.mu.Unlock()
		return n.sendAway(now)
	}
	handed := make(chan struct{})
	n.queue = append(n.queue, handed)
	l.mu.Unlock()

	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-handed:
		return 0
	case <-timer.C:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, c := range n.queue {
		if c == handed {
			n.queue = append(n.queue[:i], n.queue[i+1:]...)
			return n.sendAway(time.Now())
		}
	}
	return 0 // handed over at the last moment
}

// pace is the time after which the lane's next slot is likely to be free.
func (n *lane) pace(now time.Time) time.Duration {
	// A lane in which nothing moves is slower than what is known of it.
	return max(n.latency, now.Sub(n.progress)) / time.Duration(n.slots)
}

// room is how many may wait: as many as are likely to get their turn in time.
func (n *lane) room(now time.Time) int {
	if now.Sub(n.progress) > patience {
		return 0
	}
	return int(patience / max(n.pace(now), time.Microsecond))
}

func (n *lane) sendAway(now time.Time) time.Duration {
	if n.turn.Before(now) {
		n.turn = now
	}
	n.turn = n.turn.Add(n.pace(now))
	if limit := now.Add(longestWait); n.turn.After(limit) {
		n.turn = limit
	}
	return max(n.turn.Sub(now), shortestWait) + rand.N(shortestWait)
}

func (l *Lanes) leave(key string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.lanes[key]
	if took > 0 {
		n.latency = (7*n.latency + took) / 8
		n.progress = time.Now()
	}
	if len(n.queue) > 0 {
		close(n.queue[0])
		n.queue = n.queue[1:]
		return
	}
	n.busy--
	if n.busy == 0 {
		delete(l.lanes, key) // what is not in use is not remembered
	}
}
