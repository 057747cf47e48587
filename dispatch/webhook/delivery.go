package webhook

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook/internal/webhookdb"
	"github.com/humandispatch/humandispatch/jobs"
)

// The states of a delivery.
const (
	Pending   = "pending"
	Delivered = "delivered" // the endpoint answered 2xx
	Failed    = "failed"    // all attempts failed, or the endpoint was disabled or deleted
)

// Plan plans one delivery for each endpoint that wants the event, with one
// statement, and a job for each. Planning twice plans once. An event that is no
// longer kept is planned for nobody.
func Plan(ctx context.Context, tx pgx.Tx, now time.Time, eventID string) error {
	e, err := event.Find(ctx, tx, eventID, now)
	if fault.Is(err, fault.NotFound) || err == nil && e.Type == event.WebhookTest {
		return nil
	}
	if err != nil {
		return err
	}
	planned, err := webhookdb.New(tx).PlanDeliveries(ctx, webhookdb.PlanDeliveriesParams{
		EventID: e.ID, EventType: string(e.Type), EventLoggedAt: e.LoggedAt, AccountID: e.AccountID, About: e.Related[relatedEndpoint], Now: now,
	})
	if err != nil {
		return fmt.Errorf("plan deliveries of %s: %w", eventID, err)
	}
	if len(planned) == 0 {
		return nil
	}
	ids := make([]string, len(planned))
	for i, p := range planned {
		ids[i] = p.ID
	}
	return jobs.InsertDeliveries(ctx, tx, priority(planned[0].Size), ids...)
}

// relatedEndpoint names the endpoint that an event is about. It is not told of itself.
const relatedEndpoint = "webhook_id"

// priority keeps accounts apart: who has a backlog waits behind who has none.
func priority(backlog int64) int {
	switch {
	case backlog < 100:
		return jobs.WebhookPriorityPrompt
	case backlog < 1000:
		return jobs.WebhookPriorityBusy
	default:
		return jobs.WebhookPriorityBacklog
	}
}

// Due is a delivery as an attempt needs it.
type Due struct {
	ID         string
	AccountID  string
	EndpointID string
	URL        string
	Event      event.Event // of a delivery that is pending and open
	Secrets    []string    // newest first
	Pending    bool        // false: nothing is left to do
	Open       bool        // false: the endpoint is disabled or deleted; Abandon
	Tries      int
	Paused     *time.Time // the circuit breaker's pause, which may have ended

	failures int
}

// Reader runs queries outside a transaction: a pool. A transaction will do too.
type Reader = webhookdb.DBTX

// Load reads a delivery for an attempt. One whose event is no longer kept is a
// NOT_FOUND fault. recent, which may be nil, spares reading an event once for
// each of its endpoints.
func Load(ctx context.Context, q Reader, now time.Time, id string, sealer *Sealer, recent *Recent) (Due, error) {
	r, err := webhookdb.New(q).DueDelivery(ctx, webhookdb.DueDeliveryParams{Now: now, ID: id})
	if db.Missing(err) {
		return Due{}, fault.New(fault.NotFound, "There is no webhook delivery %s", id)
	}
	if err != nil {
		return Due{}, fmt.Errorf("webhook delivery %s: %w", id, err)
	}
	d := Due{
		ID: r.ID, AccountID: r.AccountID, EndpointID: r.EndpointID, URL: r.Url,
		Pending: r.Status == Pending, Open: r.Enabled && r.DeletedAt == nil, Tries: int(r.Tries),
		Paused: r.PausedUntil, failures: int(r.ConsecutiveFailures),
	}
	if !d.Pending || !d.Open {
		return d, nil
	}
	// One that does not open, of a time when the deployment had another key, must
	// not keep the others from signing.
	var unopened error
	for _, sealed := range r.Secrets {
		secret, err := sealer.open(r.EndpointID, sealed)
		if err != nil {
			unopened = err
			continue
		}
		d.Secrets = append(d.Secrets, secret)
	}
	if len(d.Secrets) == 0 && unopened != nil {
		return Due{}, unopened
	}
	if e, ok := recent.get(r.EventID); ok {
		d.Event = e
		return d, nil
	}
	found, err := event.Find(ctx, q, r.EventID, r.EventLoggedAt)
	if err != nil {
		return Due{}, err
	}
	d.Event = found.Event
	recent.put(d.Event)
	return d, nil
}

// Abandon gives up a delivery that is pending: its endpoint is disabled or
// deleted, or its job has no run left. It can be replayed.
func Abandon(ctx context.Context, tx pgx.Tx, now time.Time, id string) error {
	if err := webhookdb.New(tx).AbandonDelivery(ctx, webhookdb.AbandonDeliveryParams{ID: id, Now: now}); err != nil {
		return fmt.Errorf("webhook delivery %s: %w", id, err)
	}
	return nil
}

// Rest returns how long a delivery must wait for its endpoint's circuit breaker:
// 0 when it is closed. The random part spreads a backlog.
func Rest(now time.Time, d Due) time.Duration {
	if d.Paused == nil || !d.Paused.After(now) {
		return 0
	}
	return d.Paused.Sub(now) + rand.N(probeGrace)
}

// Probe asks for the right to be the one that tries an endpoint after a pause.
// Who does not get it waits for ProbeRest.
func Probe(ctx context.Context, tx pgx.Tx, now time.Time, d Due) (bool, error) {
	n, err := webhookdb.New(tx).ClaimProbe(ctx, webhookdb.ClaimProbeParams{ID: d.EndpointID, Now: now, PausedUntil: now.Add(probeGrace)})
	if err != nil {
		return false, fmt.Errorf("webhook endpoint %s: %w", d.EndpointID, err)
	}
	return n == 1, nil
}

// ProbeRest is how long those wait who lost a Probe.
func ProbeRest() time.Duration { return probeGrace/2 + rand.N(probeGrace) }

// Record stores an attempt and what follows from it for the delivery and its
// endpoint. It returns when to try again, or the zero time when the delivery is
// completed, whether received or given up.
func Record(ctx context.Context, tx pgx.Tx, now time.Time, d Due, a Attempt) (time.Time, error) {
	q := webhookdb.New(tx)
	p := webhookdb.RecordAttemptParams{
		ID: d.ID, At: a.At, LatencyMs: int32(a.Latency.Milliseconds()), StatusCode: a.status(), Error: a.problem(), Response: a.Response,
		Status: Pending,
	}
	var next time.Time
	switch tries := d.Tries + 1; {
	case a.Succeeded():
		p.Status = Delivered
	case a.gone() || tries >= MaxTries:
		p.Status = Failed
	default:
		next = now.Add(max(delay(tries), min(a.RetryAfter, maxRetryAfter)))
		p.NextAttemptAt = &next
	}
	if next.IsZero() {
		p.CompletedAt = &now
	}
	recorded, err := q.RecordAttempt(ctx, p)
	if err != nil {
		return time.Time{}, fmt.Errorf("record attempt of %s: %w", d.ID, err)
	}
	if recorded == 0 { // another run completed it meanwhile
		return time.Time{}, nil
	}
	if a.Succeeded() {
		if d.failures == 0 && d.Paused == nil {
			return next, nil // the usual case touches no row that others share
		}
		err = q.EndpointSucceeded(ctx, d.EndpointID)
	} else {
		err = recordFailure(ctx, tx, q, now, d, a)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("record attempt of %s: %w", d.ID, err)
	}
	return next, nil
}

func recordFailure(ctx context.Context, tx pgx.Tx, q *webhookdb.Queries, now time.Time, d Due, a Attempt) error {
	r, err := q.EndpointFailed(ctx, webhookdb.EndpointFailedParams{ID: d.EndpointID, Now: now, Quiet: now.Add(-quietAfter)})
	if err != nil || !r.Enabled {
		return err
	}
	pause := max(breakerPause(int(r.ConsecutiveFailures)), min(a.RetryAfter, maxAskedPause))
	if pause > 0 {
		if err := q.PauseEndpoint(ctx, webhookdb.PauseEndpointParams{ID: r.ID, PausedUntil: now.Add(pause)}); err != nil {
			return err
		}
	}
	failing := now.Sub(*r.FailingSince)
	switch {
	case a.gone():
		return disable(ctx, tx, q, now, d, r, DisabledGone)
	case failing >= disableAfter && r.WarnedAt != nil && now.Sub(*r.WarnedAt) >= disableAfter-warnAfter:
		return disable(ctx, tx, q, now, d, r, DisabledFailing)
	case failing >= warnAfter && r.WarnedAt == nil:
		if err := q.WarnEndpoint(ctx, webhookdb.WarnEndpointParams{ID: r.ID, Now: now}); err != nil {
			return err
		}
		return announce(ctx, tx, now, d, r, event.WebhookEndpointFailing)
	}
	return nil
}

func disable(ctx context.Context, tx pgx.Tx, q *webhookdb.Queries, now time.Time, d Due, r webhookdb.WebhookEndpoint, reason string) error {
	changed, err := q.DisableEndpoint(ctx, webhookdb.DisableEndpointParams{ID: r.ID, Reason: reason, Now: now})
	if err != nil || changed == 0 {
		return err
	}
	r.Enabled, r.DisabledReason, r.UpdatedAt = false, &reason, now
	return announce(ctx, tx, now, d, r, event.WebhookEndpointDisabled)
}

// announce tells the account about its endpoint: in its log and on its other endpoints.
func announce(ctx context.Context, tx pgx.Tx, now time.Time, d Due, r webhookdb.WebhookEndpoint, t event.Type) error {
	// RecordAttempt need not survive a power failure. An event must: its number,
	// once read, may never be given to another.
	if err := webhookdb.New(tx).CommitToDisk(ctx); err != nil {
		return err
	}
	_, err := event.Append(ctx, tx, now, event.New{
		AccountID: r.AccountID, Livemode: d.Event.Livemode, Type: t, Object: restore(r), Related: map[string]string{relatedEndpoint: r.ID},
	})
	return err
}
