package webhook

import (
	"sync"

	"github.com/humandispatch/humandispatch/dispatch/event"
)

// Recent remembers the last events that a process delivered. Events never change,
// so it is never wrong. The zero value is ready; nil remembers nothing.
type Recent struct {
	mu     sync.Mutex
	events map[string]event.Event
	order  [256]string // at most 5 MB of events
	next   int
}

func (r *Recent) get(id string) (event.Event, bool) {
	if r == nil {
		return event.Event{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.events[id]
	return e, ok
}

func (r *Recent) put(e event.Event) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.events[e.ID]; ok {
		return
	}
	if r.events == nil {
		r.events = map[string]event.Event{}
	}
	delete(r.events, r.order[r.next])
	r.events[e.ID], r.order[r.next] = e, e.ID
	r.next = (r.next + 1) % len(r.order)
}
