package workers_test

import (
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// rekeyed is a delivery worker of a deployment whose secret key has changed.
func (b *webhookBench) rekeyed() (*rivertest.Worker[jobs.WebhookDeliver, pgx.Tx], *webhook.Sealer) {
	b.t.Helper()
	sealer, err := webhook.NewSealer([]byte("another key of thirty-two bytes."))
	if err != nil {
		b.t.Fatal(err)
	}
	config := &river.Config{Test: river.TestConfig{Time: b}}
	return rivertest.NewWorker(b.t, riverpgxv5.New(nil), config, &workers.WebhookDeliver{
		Pool: b.tx, Client: webhook.NewClient(b.gate), Sealer: sealer, Lanes: webhook.NewLanes(16), Now: b.Now,
	}), sealer
}

func TestDeliveryWhoseJobIsDiscardedFailedAndCanBeReplayed(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	d := b.pending(endpoint.ID)
	deliver, _ := b.rekeyed()
	if res, err := deliver.Work(t.Context(), t, b.tx, jobs.WebhookDeliver{DeliveryID: d.ID}, nil); err == nil || res.Job.State == "discarded" {
		t.Fatalf("the first of many runs: job %s, %v", res.Job.State, err)
	}
	b.pending(endpoint.ID) // there are more runs
	res, err := deliver.Work(t.Context(), t, b.tx, jobs.WebhookDeliver{DeliveryID: d.ID}, &river.InsertOpts{MaxAttempts: 1})
	if err == nil || res.Job.State != "discarded" {
		t.Fatalf("the last run: job %s, %v", res.Job.State, err)
	}
	if got := b.deliveries(endpoint.ID)[0]; got.Status != webhook.Failed || got.NextAttemptAt != nil || got.CompletedAt == nil {
		t.Fatalf("delivery = %+v, want failed", got)
	}
	// With the old key back, the account replays it.
	if _, err := webhook.Replay(t.Context(), b.tx, b.now, b.account, endpoint.ID, d.ID); err != nil {
		t.Fatal(err)
	}
	b.work(d.ID)
	if got := b.deliveries(endpoint.ID)[0]; got.Status != webhook.Delivered || len(r.got) != 1 {
		t.Errorf("delivery = %+v after %d requests", got, len(r.got))
	}
}

func TestSecretOfAnOldKeyDoesNotKeepTheOthersFromSigning(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, _ := b.endpoint(r.URL, "*")
	deliver, sealer := b.rekeyed()
	_, fresh, err := webhook.RotateSecret(t.Context(), b.tx, b.now, b.account, endpoint.ID, sealer)
	if err != nil {
		t.Fatal(err)
	}
	b.append(event.TaskCreated)
	if _, err := deliver.Work(t.Context(), t, b.tx, jobs.WebhookDeliver{DeliveryID: b.pending(endpoint.ID).ID}, nil); err != nil {
		t.Fatal(err)
	}
	if len(r.got) != 1 {
		t.Fatalf("%d requests, want 1", len(r.got))
	}
	if err := webhook.Verify([]string{fresh}, r.got[0].header, r.got[0].body, b.now); err != nil {
		t.Error(err)
	}
}
