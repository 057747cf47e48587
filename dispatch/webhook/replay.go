package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook/internal/webhookdb"
	"github.com/humandispatch/humandispatch/jobs"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID            string            `json:"id"`
	EndpointID    string            `json:"webhook_id"`
	EventID       string            `json:"event_id"`
	EventType     string            `json:"event_type"`
	Status        string            `json:"status" enum:"pending,delivered,failed"`
	NextAttemptAt *time.Time        `json:"next_attempt_at"`
	CreatedAt     time.Time         `json:"created_at"`
	CompletedAt   *time.Time        `json:"completed_at"`
	Attempts      []DeliveryAttempt `json:"attempts"`
}

// DeliveryAttempt is one recorded request of a delivery.
type DeliveryAttempt struct {
	Number     int       `json:"number"`
	At         time.Time `json:"at"`
	LatencyMS  int       `json:"latency_ms"`
	StatusCode *int32    `json:"status_code" doc:"null when there was no answer"`
	Error      *string   `json:"error" doc:"Why there was no answer"`
	Response   string    `json:"response" doc:"The first 2 KB of the answer. Written by the endpoint: untrusted"`
}

// DeliveryFilter chooses deliveries of an endpoint; empty fields choose all.
type DeliveryFilter struct {
	Status        string // pending, delivered or failed
	StartingAfter string // a delivery id
	Limit         int
}

// Deliveries lists an endpoint's deliveries with their attempts, newest event
// first, and whether there are more. Faults: NOT_FOUND, SCHEMA_VALIDATION_FAILED.
func Deliveries(ctx context.Context, tx pgx.Tx, accountID, endpointID string, f DeliveryFilter) ([]Delivery, bool, error) {
	if _, err := Get(ctx, tx, accountID, endpointID); err != nil {
		return nil, false, err
	}
	if f.Status != "" && f.Status != Pending && f.Status != Delivered && f.Status != Failed {
		return nil, false, fault.Invalid("Unknown delivery status", fault.Field{
			Path: "status", Found: quote(f.Status), Expected: "pending, delivered or failed", Fix: "Use one of them, or leave it out",
		})
	}
	q := webhookdb.New(tx)
	rows, err := q.Deliveries(ctx, webhookdb.DeliveriesParams{EndpointID: endpointID, Status: f.Status, StartingAfter: f.StartingAfter, Count: int32(f.Limit) + 1})
	if err != nil {
		return nil, false, fmt.Errorf("webhook deliveries: %w", err)
	}
	more := len(rows) > f.Limit
	if more {
		rows = rows[:f.Limit]
	}
	deliveries := make([]Delivery, len(rows))
	ids := make([]string, len(rows))
	at := make(map[string]int, len(rows))
	for i, r := range rows {
		deliveries[i], ids[i], at[r.ID] = restoreDelivery(r), r.ID, i
	}
	attempts, err := q.Attempts(ctx, ids)
	if err != nil {
		return nil, false, fmt.Errorf("webhook deliveries: %w", err)
	}
	for _, a := range attempts {
		d := &deliveries[at[a.DeliveryID]]
		d.Attempts = append(d.Attempts, DeliveryAttempt{
			Number: int(a.Number), At: a.At, LatencyMS: int(a.LatencyMs), StatusCode: a.StatusCode, Error: a.Error, Response: a.Response,
		})
	}
	return deliveries, more, nil
}

func restoreDelivery(r webhookdb.WebhookDelivery) Delivery {
	return Delivery{
		ID: r.ID, EndpointID: r.EndpointID, EventID: r.EventID, EventType: r.EventType, Status: r.Status,
		NextAttemptAt: r.NextAttemptAt, CreatedAt: r.CreatedAt, CompletedAt: r.CompletedAt, Attempts: []DeliveryAttempt{},
	}
}

// SendTest sends an endpoint an event of type webhook.test, which goes nowhere
// else. Faults: NOT_FOUND, INVALID_STATE (disabled).
func SendTest(ctx context.Context, tx pgx.Tx, now time.Time, accountID string, livemode bool, id string) (event.Event, Delivery, error) {
	endpoint, err := enabled(ctx, tx, accountID, id)
	if err != nil {
		return event.Event{}, Delivery{}, err
	}
	e, err := event.Append(ctx, tx, now, event.New{
		AccountID: accountID, Livemode: livemode, Type: event.WebhookTest, Object: endpoint, Related: map[string]string{relatedEndpoint: id},
	})
	if err != nil {
		return event.Event{}, Delivery{}, err
	}
	logged, err := event.Find(ctx, tx, e.ID, now)
	if err != nil {
		return event.Event{}, Delivery{}, err
	}
	r, err := webhookdb.New(tx).PlanTest(ctx, webhookdb.PlanTestParams{
		ID: db.NewID("whd", now), AccountID: accountID, EndpointID: id, EventID: e.ID, EventType: string(e.Type), EventLoggedAt: logged.LoggedAt, Now: now,
	})
	if err != nil {
		return event.Event{}, Delivery{}, fmt.Errorf("test webhook endpoint %s: %w", id, err)
	}
	return e, restoreDelivery(r), jobs.InsertDeliveries(ctx, tx, jobs.WebhookPriorityPrompt, r.ID)
}

// Replay sends one delivery of an endpoint again, with a new round of attempts.
// Faults: NOT_FOUND, INVALID_STATE (still pending, or the endpoint is disabled).
func Replay(ctx context.Context, tx pgx.Tx, now time.Time, accountID, endpointID, deliveryID string) (Delivery, error) {
	if _, err := enabled(ctx, tx, accountID, endpointID); err != nil {
		return Delivery{}, err
	}
	q := webhookdb.New(tx)
	r, err := q.DeliveryForUpdate(ctx, webhookdb.DeliveryForUpdateParams{ID: deliveryID, EndpointID: endpointID})
	if db.Missing(err) {
		return Delivery{}, fault.New(fault.NotFound, "The endpoint %s has no delivery %s", endpointID, deliveryID)
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("replay %s: %w", deliveryID, err)
	}
	if r.Status == Pending {
		return Delivery{}, fault.New(fault.InvalidState, "Delivery %s is pending and will be tried without a replay", deliveryID).
			With("current", r.Status).With("allowed", []string{})
	}
	if r, err = q.ReplayDelivery(ctx, webhookdb.ReplayDeliveryParams{ID: deliveryID, Now: now}); err != nil {
		return Delivery{}, fmt.Errorf("replay %s: %w", deliveryID, err)
	}
	return restoreDelivery(r), jobs.InsertDeliveries(ctx, tx, jobs.WebhookPriorityBusy, deliveryID)
}

// ReplayCount says how many failed deliveries, planned in [since, until), a
// ReplayAll would send. Faults: NOT_FOUND.
func ReplayCount(ctx context.Context, tx pgx.Tx, accountID, endpointID string, since, until time.Time) (int, error) {
	if _, err := Get(ctx, tx, accountID, endpointID); err != nil {
		return 0, err
	}
	count, err := webhookdb.New(tx).CountFailed(ctx, webhookdb.CountFailedParams{EndpointID: endpointID, Since: since, Until: until})
	if err != nil {
		return 0, fmt.Errorf("count failed deliveries of %s: %w", endpointID, err)
	}
	return int(count), nil
}

// ReplayAll sends everything that failed in [since, until) again, as a job, and
// returns how many deliveries that is. Faults: NOT_FOUND, INVALID_STATE (disabled).
func ReplayAll(ctx context.Context, tx pgx.Tx, now time.Time, accountID, endpointID string, since, until time.Time) (int, error) {
	if _, err := enabled(ctx, tx, accountID, endpointID); err != nil {
		return 0, err
	}
	count, err := ReplayCount(ctx, tx, accountID, endpointID, since, until)
	if err != nil || count == 0 {
		return count, err
	}
	return count, jobs.Insert(ctx, tx, jobs.WebhookReplay{EndpointID: endpointID, Since: since, Until: until, RequestedAt: now})
}

// ReplayBatch is ReplayAll's work: it replays at most limit deliveries that had
// failed before the request and returns how many, 0 when none is left.
func ReplayBatch(ctx context.Context, tx pgx.Tx, now time.Time, job jobs.WebhookReplay, limit int) (int, error) {
	ids, err := webhookdb.New(tx).ReplayFailed(ctx, webhookdb.ReplayFailedParams{
		EndpointID: job.EndpointID, Since: job.Since, Until: job.Until, Requested: job.RequestedAt, Now: now, Count: int32(limit),
	})
	if err != nil {
		return 0, fmt.Errorf("replay %s: %w", job.EndpointID, err)
	}
	return len(ids), jobs.InsertDeliveries(ctx, tx, jobs.WebhookPriorityBacklog, ids...)
}

// Forget deletes at most limit deliveries, with their attempts, of events logged
// before the given time, and returns how many.
func Forget(ctx context.Context, tx pgx.Tx, before time.Time, limit int) (int, error) {
	n, err := webhookdb.New(tx).DeleteOldDeliveries(ctx, webhookdb.DeleteOldDeliveriesParams{Before: before, Count: int32(limit)})
	if err != nil {
		return 0, fmt.Errorf("forget old deliveries: %w", err)
	}
	return int(n), nil
}

func enabled(ctx context.Context, tx pgx.Tx, accountID, id string) (Endpoint, error) {
	endpoint, err := Get(ctx, tx, accountID, id)
	if err == nil && !endpoint.Enabled {
		err = fault.New(fault.InvalidState, "The webhook endpoint %s is disabled (%s): enable it first", id, *endpoint.DisabledReason).
			With("current", "disabled").With("allowed", []string{"enable"})
	}
	return endpoint, err
}
