// Package event owns the append-only log of what happened to an account. It
// knows neither the domain's rows nor who reads the log.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event/internal/eventdb"
	"github.com/humandispatch/humandispatch/jobs"
)

// MaxSize bounds an event as JSON, in bytes.
const MaxSize = 20_000

// New is an event to append: what happened to which object.
type New struct {
	AccountID string
	Livemode  bool
	Type      Type
	Object    any               // data.object, as the API would return it at this moment
	Related   map[string]string // ids of related objects by name, such as "task_id"
}

// Event is one entry of an account's log. Marshalled, it is what GET /v1/events
// returns and what a webhook receives.
type Event struct {
	ID        string            `json:"id"`
	Type      Type              `json:"type"`
	Sequence  int64             `json:"sequence"`
	Livemode  bool              `json:"livemode"`
	CreatedAt time.Time         `json:"created_at"`
	Data      Data              `json:"data"`
	Related   map[string]string `json:"related"`
}

// Data holds the object that the event is about. An object that would make the
// event larger than MaxSize is replaced by {"id": …, "truncated": true}: fetch it.
type Data struct {
	Object json.RawMessage `json:"object"`
}

// Append adds an event to the account's log in the transaction of its cause.
// It locks the account's sequence until that transaction ends, so that numbers
// have no gaps and stand in commit order. Append last: take every other lock
// before, and do little between Append and the commit.
func Append(ctx context.Context, tx pgx.Tx, now time.Time, n New) (Event, error) {
	if !known[n.Type] {
		return Event{}, fmt.Errorf("event %s: nobody could subscribe to it: add it to Types", n.Type)
	}
	e, related, err := build(now, n)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	if err := jobs.InsertPlan(ctx, tx, e.ID); err != nil {
		return Event{}, err
	}
	row, err := eventdb.New(tx).AppendEvent(ctx, eventdb.AppendEventParams{
		ID: e.ID, AccountID: n.AccountID, Type: string(n.Type), Livemode: n.Livemode,
		Object: e.Data.Object, Related: related, CreatedAt: e.CreatedAt, Channel: channel, Topic: Topic(n.AccountID),
	})
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	e.Sequence = row.Sequence
	return e, nil
}

// build makes the event without its sequence number and keeps it within MaxSize.
func build(now time.Time, n New) (Event, json.RawMessage, error) {
	object, err := json.Marshal(n.Object)
	if err != nil {
		return Event{}, nil, err
	}
	e := Event{
		ID: db.NewID("evt", now), Type: n.Type, Livemode: n.Livemode,
		CreatedAt: now.UTC().Truncate(time.Microsecond), // what the database keeps
		Data:      Data{object}, Related: n.Related,
	}
	if e.Related == nil {
		e.Related = map[string]string{}
	}
	related, err := json.Marshal(e.Related)
	if err != nil {
		return Event{}, nil, err
	}
	// 500 bytes are more than enough for all fields but these two.
	if len(object)+len(related)+500 > MaxSize {
		var known struct {
			ID        string `json:"id"`
			Truncated bool   `json:"truncated"`
		}
		if err := json.Unmarshal(object, &known); err != nil || known.ID == "" || len(known.ID)+len(related)+600 > MaxSize {
			return Event{}, nil, fmt.Errorf("larger than %d bytes and without an id to refer to", MaxSize)
		}
		known.Truncated = true
		if e.Data.Object, err = json.Marshal(known); err != nil {
			return Event{}, nil, err
		}
	}
	return e, related, nil
}
