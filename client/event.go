package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Event is something that happened to the account. It is what a webhook
// receives, too.
type Event struct {
	ID        string            `json:"id"`
	Type      string            `json:"type"`
	Sequence  int64             `json:"sequence"` // without gaps, in commit order
	Livemode  bool              `json:"livemode"`
	CreatedAt time.Time         `json:"created_at"`
	Data      EventData         `json:"data"`
	Related   map[string]string `json:"related"` // ids by name, such as task_id
}

// EventData holds the object as the API returned it at that moment.
type EventData struct {
	Object json.RawMessage `json:"object"`
}

// EventFilter says which events are read.
type EventFilter struct {
	After int64         // the sequence of the last event seen; 0 for all
	Types []string      // only these; all when empty
	Wait  time.Duration // with nothing new, wait for something at most this long, up to a minute
	Limit int           // at most this many, 1 to 100; 20 when 0
}

// ListEvents reads the event log, oldest first.
func (c *Client) ListEvents(ctx context.Context, f EventFilter) (List[Event], error) {
	q := url.Values{"limit": {number(f.Limit)}, "wait_seconds": {number(int(f.Wait.Round(time.Second).Seconds()))}}
	if f.After > 0 {
		q.Set("after", strconv.FormatInt(f.After, 10))
	}
	list(q, "types", f.Types)
	return listAt[Event](ctx, c, "/v1/events", q)
}

// Events goes through the event log: what is there, and with f.Wait set then
// what happens, until ctx ends or an error is yielded.
func (c *Client) Events(ctx context.Context, f EventFilter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			page, err := c.ListEvents(ctx, f)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range page.Data {
				f.After = e.Sequence
				if !yield(e, nil) {
					return
				}
			}
			if !page.HasMore && f.Wait == 0 {
				return
			}
		}
	}
}

// GetEvent returns one event.
func (c *Client) GetEvent(ctx context.Context, id string) (Event, error) {
	return call[Event](ctx, c, http.MethodGet, at("/v1/events/%s", id), nil)
}
