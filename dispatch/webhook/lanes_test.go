package webhook_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

func TestEndpointTakesAQuarterOfTheSlotsAndAnAccountHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lanes := webhook.NewLanes(16)
		enter := func(account, endpoint string) bool {
			leave, _ := lanes.Enter(t.Context(), account, endpoint)
			return leave != nil
		}
		got := map[string]int{}
		for range 10 {
			for _, endpoint := range []string{"whe_1", "whe_2", "whe_3"} {
				if enter("acct_1", endpoint) {
					got[endpoint]++
				}
			}
		}
		if got["whe_1"] > 4 || got["whe_2"] > 4 || got["whe_1"]+got["whe_2"]+got["whe_3"] != 8 {
			t.Errorf("slots taken = %v, want at most 4 each and 8 in all", got)
		}
		if !enter("acct_2", "whe_9") {
			t.Error("another account found no slot")
		}
	})
}

func TestFastEndpointsDeliveriesWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lanes := webhook.NewLanes(16)
		var mu sync.Mutex
		served, sentAway := 0, 0
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				leave, _ := lanes.Enter(t.Context(), "acct_1", "whe_1")
				if leave != nil {
					time.Sleep(5 * time.Millisecond)
					leave()
				}
				mu.Lock()
				defer mu.Unlock()
				if leave != nil {
					served++
				} else {
					sentAway++
				}
			})
		}
		wg.Wait()
		// 4 at a time and room for 10 who wait, by the guess of 100 ms.
		if served < 14 {
			t.Errorf("%d served, %d sent away: a lane that moves must let some wait", served, sentAway)
		}
	})
}

// The promise of the lanes: a dead endpoint with a backlog leaves the others'
// deliveries prompt, and costs few wasted turns itself.
func TestDeadEndpointHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const slots, backlog, others = 64, 1000, 200
		lanes := webhook.NewLanes(slots)
		type delivery struct {
			account, endpoint string
			takes             time.Duration
			due               time.Time
		}
		var mu sync.Mutex
		start := time.Now()
		var queue []delivery // River's: first due, first served
		for range backlog {
			queue = append(queue, delivery{"acct_dead", "whe_dead", 15 * time.Second, start})
		}
		for i := range others {
			queue = append(queue, delivery{"acct_ok", fmt.Sprintf("whe_%d", i%20), 20 * time.Millisecond, start.Add(time.Duration(i) * 50 * time.Millisecond)})
		}
		turns, worst, done := 0, time.Duration(0), 0
		take := func() (delivery, bool) {
			mu.Lock()
			defer mu.Unlock()
			now := time.Now()
			first := -1
			for i, d := range queue {
				if !d.due.After(now) && (first < 0 || d.due.Before(queue[first].due)) {
					first = i
				}
			}
			if first < 0 {
				return delivery{}, false
			}
			d := queue[first]
			queue = append(queue[:first], queue[first+1:]...)
			return d, true
		}
		finished := func() bool { mu.Lock(); defer mu.Unlock(); return done == others }
		var wg sync.WaitGroup
		for range slots {
			wg.Go(func() {
				for !finished() {
					d, ok := take()
					if !ok {
						time.Sleep(10 * time.Millisecond)
						continue
					}
					leave, wait := lanes.Enter(t.Context(), d.account, d.endpoint)
					if leave != nil {
						time.Sleep(d.takes)
						leave()
					}
					mu.Lock()
					switch {
					case leave == nil:
						turns++
						if d.account == "acct_ok" {
							t.Errorf("a healthy endpoint was sent away for %s", wait)
						}
						d.due = time.Now().Add(wait)
						queue = append(queue, d)
					case d.account == "acct_ok":
						done++
						worst = max(worst, time.Since(d.due)-d.takes)
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if worst > 500*time.Millisecond {
			t.Errorf("a healthy endpoint waited %s", worst)
		}
		// Each of the backlog may be sent away about once, and some of them again.
		if turns > 4*backlog {
			t.Errorf("%d turns wasted on a backlog of %d", turns, backlog)
		}
		t.Logf("longest wait of a healthy endpoint %s, %d wasted turns in %s", worst, turns, time.Since(start))
	})
}
