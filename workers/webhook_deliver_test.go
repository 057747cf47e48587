package workers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

func TestReceiverThatFailsEightTimesGetsTheEventOnDocumentedDelays(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, nth int) {
		if nth <= 8 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	endpoint, secret := b.endpoint(r.URL, "*")
	e := b.append(event.TaskCreated)
	d := b.pending(endpoint.ID)

	documented := []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour,
	}
	res, err := b.deliver.Work(t.Context(), t, b.tx, jobs.WebhookDeliver{DeliveryID: d.ID}, nil)
	for i, want := range documented {
		if err == nil {
			t.Fatalf("attempt %d did not fail", i+1)
		}
		if res.EventKind != river.EventKindJobFailed {
			t.Fatalf("attempt %d: job is %s, want failed", i+1, res.EventKind)
		}
		got := res.Job.ScheduledAt.Sub(b.now)
		if math.Abs(float64(got-want)) > 0.2*float64(want) {
			t.Errorf("pause after attempt %d = %s, want %s within 20 %%", i+1, got, want)
		}
		b.now = res.Job.ScheduledAt
		res, err = b.deliver.WorkJob(t.Context(), t, b.tx, res.Job)
	}
	if err != nil || res.EventKind != river.EventKindJobCompleted {
		t.Fatalf("after eight failures: %v, %v", res.EventKind, err)
	}

	stamps := map[string]bool{}
	for i, got := range r.got {
		if id := got.header.Get(webhook.HeaderID); id != e.ID {
			t.Errorf("webhook-id of attempt %d = %s, want %s", i+1, id, e.ID)
		}
		stamps[got.header.Get(webhook.HeaderTimestamp)] = true
	}
	if len(r.got) != 9 || len(stamps) != 9 {
		t.Errorf("%d requests with %d timestamps, want 9 and 9", len(r.got), len(stamps))
	}
	last := r.got[8]
	if err := webhook.Verify([]string{secret}, last.header, last.body, b.now); err != nil {
		t.Error(err)
	}
	var body event.Event
	if err := json.Unmarshal(last.body, &body); err != nil || body.ID != e.ID || body.Sequence != e.Sequence || body.Type != e.Type {
		t.Errorf("body = %s (%v)", last.body, err)
	}
	ds, _, err := webhook.Deliveries(t.Context(), b.tx, b.account, endpoint.ID, webhook.DeliveryFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(ds) != 1 || ds[0].Status != webhook.Delivered || len(ds[0].Attempts) != 9 {
		t.Errorf("deliveries = %+v", ds)
	}
}

func TestPauseBeginsWhenASlowAttemptHasEnded(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		b.now = b.now.Add(14 * time.Second)
		w.WriteHeader(http.StatusInternalServerError)
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	res := b.work(b.pending(endpoint.ID).ID)
	if pause := res.Job.ScheduledAt.Sub(b.now); pause < 4*time.Second || pause > 6*time.Second {
		t.Errorf("next attempt %s after the end of this one, want 5s", pause)
	}
}

func TestReferenceLibraryVerifiesADelivery(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	b.now = time.Now() // the reference library reads the wall clock
	r := newReceiver(t, status(http.StatusNoContent))
	endpoint, secret := b.endpoint(r.URL, "task.created")
	b.append(event.TaskCreated)
	if res := b.work(b.pending(endpoint.ID).ID); res.EventKind != river.EventKindJobCompleted {
		t.Fatalf("job %s", res.EventKind)
	}
	reference, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := reference.Verify(r.got[0].body, r.got[0].header); err != nil {
		t.Error(err)
	}
	if got := r.got[0].header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
}

func TestBothSecretsSignForADayAfterARotation(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, old := b.endpoint(r.URL, "*")
	_, fresh, err := webhook.RotateSecret(t.Context(), b.tx, b.now, b.account, endpoint.ID, b.sealer)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(secret string) error {
		b.append(event.TaskCreated)
		b.work(b.pending(endpoint.ID).ID)
		last := r.got[len(r.got)-1]
		return webhook.Verify([]string{secret}, last.header, last.body, b.now)
	}
	b.now = b.now.Add(24*time.Hour - time.Second)
	if err := errors.Join(verify(old), verify(fresh)); err != nil {
		t.Error(err)
	}
	b.now = b.now.Add(2 * time.Second)
	if err := verify(old); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("the old secret after 24 h: %v", err)
	}
	if err := verify(fresh); err != nil {
		t.Error(err)
	}
}

func TestAttemptKeepsTheBeginningOfTheAnswer(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("a\x00b\xff"))
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20))
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	a := b.pending(endpoint.ID).Attempts[0]
	if !strings.HasPrefix(a.Response, "abxxx") || len(a.Response) > 2048 || len(a.Response) < 2000 {
		t.Errorf("kept %d bytes beginning with %.10q", len(a.Response), a.Response)
	}
	if a.StatusCode == nil || *a.StatusCode != 502 || a.Error != nil || a.Number != 1 {
		t.Errorf("attempt = %+v", a)
	}
}

func TestRedirectIsNotReception(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	if d := b.pending(endpoint.ID); len(r.got) != 1 || *d.Attempts[0].StatusCode != 302 {
		t.Errorf("%d requests, attempts %+v", len(r.got), d.Attempts)
	}
}

func TestAttemptSaysWhyThereWasNoAnswer(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, _ := b.endpoint(r.URL, "*")
	r.Close()
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	if a := b.pending(endpoint.ID).Attempts[0]; a.StatusCode != nil || a.Error == nil || *a.Error != "connection refused" {
		t.Errorf("attempt = %+v", a)
	}
}

func TestAddressThatBecameForbiddenIsNeverDialled(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusOK))
	endpoint, _ := b.endpoint(r.URL, "*") // registered while the deployment allowed it
	b.gate.AllowLoopback = false
	b.append(event.TaskCreated)
	b.work(b.pending(endpoint.ID).ID)
	a := b.pending(endpoint.ID).Attempts[0]
	if len(r.got) != 0 || a.Error == nil || !strings.Contains(*a.Error, "never sent") {
		t.Errorf("%d requests, attempt %+v", len(r.got), a)
	}
	if strings.Contains(*a.Error, "127.0.0.1") {
		t.Errorf("the attempt shows an inside address: %s", *a.Error)
	}
}

func TestRunThatIsKilledUsesUpNoAttempt(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	w := &workers.WebhookDeliver{Now: b.Now}
	job := &river.Job[jobs.WebhookDeliver]{JobRow: &rivertype.JobRow{Attempt: 3}, Args: jobs.WebhookDeliver{DeliveryID: "whd_1"}}
	if next := w.NextRetry(job); next.Sub(b.now) > 10*time.Second || !next.After(b.now) {
		t.Errorf("next run in %s, want within seconds", next.Sub(b.now))
	}
}

func TestWorkerThatIsStoppedRecordsNothing(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	ctx, stop := context.WithCancel(t.Context())
	r := newReceiver(t, func(http.ResponseWriter, int) { stop() })
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	due, err := webhook.Load(t.Context(), b.tx, b.now, b.pending(endpoint.ID).ID, b.sealer, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := webhook.NewClient(b.gate)
	client.Transport = stopping{ctx, client.Transport}
	if _, err := webhook.Send(ctx, client, b.now, due); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

// stopping hands a request's answer over only when ctx has ended.
type stopping struct {
	ctx  context.Context
	next http.RoundTripper
}

func (s stopping) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := s.next.RoundTrip(r)
	if err == nil {
		_ = res.Body.Close()
	}
	<-s.ctx.Done()
	return nil, s.ctx.Err()
}

func TestSecretIsNotReadableInTheDatabase(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	_, secret := b.endpoint("https://hooks.example.com/", "*")
	var stored []byte
	if err := b.tx.QueryRow(t.Context(), `SELECT sealed FROM webhook_secrets`).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored, []byte(secret)) || bytes.Contains(stored, []byte(secret[10:30])) {
		t.Error("the secret is stored in clear")
	}
}
