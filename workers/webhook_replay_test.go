package workers_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// fail makes an event, an hour after the last, whose delivery was given up.
func (b *webhookBench) fail(endpointID string) webhook.Delivery {
	b.t.Helper()
	b.now = b.now.Add(time.Hour)
	b.append(event.TaskUpdated)
	d := b.deliveries(endpointID)[0]
	if err := webhook.Abandon(b.t.Context(), b.tx, b.now, d.ID); err != nil {
		b.t.Fatal(err)
	}
	return d
}

func TestReplayOfATimeRangeSendsWhatFailedInIt(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, _ := b.endpoint(r.URL, "*")
	start := b.now
	for range 7 {
		b.fail(endpoint.ID) // at hours 1 to 7
	}
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	since, until := start.Add(2*time.Hour), start.Add(7*time.Hour) // hours 2 to 6

	b.now = b.now.Add(time.Hour)
	count, err := webhook.ReplayCount(t.Context(), b.tx, b.account, endpoint.ID, since, until)
	if err != nil || count != 5 {
		t.Fatalf("count = %d, %v, want 5", count, err)
	}
	if count, err = webhook.ReplayAll(t.Context(), b.tx, b.now, b.account, endpoint.ID, since, until); err != nil || count != 5 {
		t.Fatalf("replay = %d, %v, want 5", count, err)
	}
	job := rivertest.RequireInsertedTx[*riverpgxv5.Driver](t.Context(), t, b.tx, &jobs.WebhookReplay{}, nil)
	replay := rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{Test: river.TestConfig{Time: b}}, &workers.WebhookReplay{Pool: b.tx, Now: b.Now, Batch: 2})
	if _, err := replay.WorkJob(t.Context(), t, b.tx, job.JobRow); err != nil {
		t.Fatal(err)
	}
	pending := 0
	for _, d := range b.deliveries(endpoint.ID) {
		if d.Status != webhook.Pending {
			continue
		}
		pending++
		if d.CreatedAt.Before(since) || !d.CreatedAt.Before(until) {
			t.Errorf("delivery of %s is replayed", d.CreatedAt)
		}
		if res := b.work(d.ID); res.EventKind != river.EventKindJobCompleted {
			t.Errorf("replayed job %s", res.EventKind)
		}
	}
	if pending != 5 || len(r.got) != 6 {
		t.Errorf("%d replayed, %d received, want 5 and 6", pending, len(r.got))
	}
}

func TestReplayedDeliveryHasAllItsAttemptsAgain(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusInternalServerError))
	endpoint, _ := b.endpoint(r.URL, "*")
	d := b.fail(endpoint.ID)
	got, err := webhook.Replay(t.Context(), b.tx, b.now, b.account, endpoint.ID, d.ID)
	if err != nil || got.Status != webhook.Pending {
		t.Fatalf("%+v, %v", got, err)
	}
	if res := b.work(d.ID); res.EventKind != river.EventKindJobFailed || res.Job.ScheduledAt.Sub(b.now) > 6*time.Second {
		t.Errorf("job %s, next in %s: the schedule must begin anew", res.EventKind, res.Job.ScheduledAt.Sub(b.now))
	}
	if _, err := webhook.Replay(t.Context(), b.tx, b.now, b.account, endpoint.ID, d.ID); !fault.Is(err, fault.InvalidState) {
		t.Errorf("replay of a pending delivery: %v", err)
	}
	if _, err := webhook.Replay(t.Context(), b.tx, b.now, b.account, endpoint.ID, "whd_none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("replay of no delivery: %v", err)
	}
	if _, err := webhook.Replay(t.Context(), b.tx, b.now, "acct_other", endpoint.ID, d.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("replay by another account: %v", err)
	}
}

func TestTestEventGoesOnlyToItsEndpoint(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	tested, _ := b.endpoint(r.URL, "payout.paid")
	other, _ := b.endpoint(r.URL, "*")
	e, d, err := webhook.SendTest(t.Context(), b.tx, b.now, b.account, true, tested.ID)
	if err != nil || e.Type != event.WebhookTest || d.EndpointID != tested.ID {
		t.Fatalf("%+v, %+v, %v", e, d, err)
	}
	b.planAll()
	b.work(b.pending(tested.ID).ID)
	if len(b.deliveries(other.ID)) != 0 || len(r.got) != 1 {
		t.Errorf("%d other deliveries, %d requests, want 0 and 1", len(b.deliveries(other.ID)), len(r.got))
	}
	off := false
	if _, err := webhook.Update(t.Context(), b.tx, b.now, b.account, tested.ID, webhook.Changes{Enabled: &off}, b.gate); err != nil {
		t.Fatal(err)
	}
	if _, _, err := webhook.SendTest(t.Context(), b.tx, b.now, b.account, true, tested.ID); !fault.Is(err, fault.InvalidState) {
		t.Errorf("test of a disabled endpoint: %v", err)
	}
}

func TestRetentionForgetsDeliveriesWithTheirEvents(t *testing.T) {
	t.Parallel()
	// Dropping a partition locks the whole log: a database of its own.
	tx, err := dbtest.Database(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	b := newWebhookBenchIn(t, tx)
	b.now = time.Now() // partitions follow the database's clock
	r := newReceiver(t, status(http.StatusInternalServerError))
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	retention := rivertest.NewWorker(t, riverpgxv5.New(nil), &river.Config{Test: river.TestConfig{Time: b}}, &workers.EventRetention{Pool: b.tx, Now: b.Now, Keep: 30 * 24 * time.Hour})
	if _, err := retention.Work(t.Context(), t, b.tx, jobs.EventRetention{}, nil); err != nil {
		t.Fatal(err)
	}
	if n := len(b.deliveries(endpoint.ID)); n != 1 {
		t.Fatalf("%d deliveries, want 1: they are young", n)
	}
	b.now = b.now.Add(38 * 24 * time.Hour)
	if _, err := retention.Work(t.Context(), t, b.tx, jobs.EventRetention{}, nil); err != nil {
		t.Fatal(err)
	}
	var events, deliveries, attempts int
	err = b.tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM events WHERE account_id = $1), (SELECT count(*) FROM webhook_deliveries), (SELECT count(*) FROM webhook_attempts)`, b.account).
		Scan(&events, &deliveries, &attempts)
	if err != nil {
		t.Fatal(err)
	}
	if events+deliveries+attempts != 0 {
		t.Errorf("%d events, %d deliveries and %d attempts are left", events, deliveries, attempts)
	}
}
