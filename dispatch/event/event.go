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

// Type names what happened.
type Type string

// The events of the public API.
const (
	TaskCreated               Type = "task.created"
	TaskPolicyBlocked         Type = "task.policy_blocked"
	TaskUpdated               Type = "task.updated"
	TaskCancelled             Type = "task.cancelled"
	QuoteRequested            Type = "quote.requested"
	QuoteReceived             Type = "quote.received"
	QuoteDeclined             Type = "quote.declined"
	QuoteAccepted             Type = "quote.accepted"
	QuoteExpired              Type = "quote.expired"
	BookingConfirmed          Type = "booking.confirmed"
	BookingCheckinRecorded    Type = "booking.checkin_recorded"
	BookingCancelled          Type = "booking.cancelled"
	BookingNoShow             Type = "booking.no_show"
	DeliverableRegistered     Type = "deliverable.registered"
	QACompleted               Type = "qa.completed"
	WorkOrderChangesRequested Type = "work_order.changes_requested"
	WorkOrderAccepted         Type = "work_order.accepted"
	PayoutInitiated           Type = "payout.initiated"
	PayoutPaid                Type = "payout.paid"
	PayoutFailed              Type = "payout.failed"
	DisputeOpened             Type = "dispute.opened"
	DisputeResolved           Type = "dispute.resolved"
)

// New is an event to append: what happened to which object.
type New struct {
	AccountID string
	Livemode  bool
	Type      Type
	Object    any               // data.object, as the API would return it at this moment
	Related   map[string]string // ids of related objects by name, such as "task_id"
}

// Event is one entry of an account's log.
type Event struct {
	ID        string            `json:"id"`
	Type      Type              `json:"type"`
	Sequence  int64             `json:"sequence"`
	Livemode  bool              `json:"livemode"`
	CreatedAt time.Time         `json:"created_at"`
	Data      Data              `json:"data"`
	Related   map[string]string `json:"related"`
}

// Data holds the object that the event is about.
type Data struct {
	Object json.RawMessage `json:"object"`
}

// Append adds an event to the account's log in the transaction of its cause.
// It locks the account's sequence until that transaction ends, so that numbers
// have no gaps and stand in commit order: take every other lock first.
func Append(ctx context.Context, tx pgx.Tx, now time.Time, n New) (Event, error) {
	object, err := json.Marshal(n.Object)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	related := n.Related
	if related == nil {
		related = map[string]string{}
	}
	relatedJSON, err := json.Marshal(related)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	q := eventdb.New(tx)
	sequence, err := q.NextSequence(ctx, n.AccountID)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	e := Event{ID: db.NewID("evt", now), Type: n.Type, Sequence: sequence, Livemode: n.Livemode, CreatedAt: now, Data: Data{object}, Related: related}
	err = q.InsertEvent(ctx, eventdb.InsertEventParams{
		ID: e.ID, AccountID: n.AccountID, Sequence: sequence, Type: string(n.Type), Livemode: n.Livemode,
		Object: object, Related: relatedJSON, CreatedAt: now,
	})
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", n.Type, err)
	}
	return e, jobs.Insert(ctx, tx, jobs.WebhookPlan{EventID: e.ID})
}
