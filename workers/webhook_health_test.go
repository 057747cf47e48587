package workers_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
)

func TestGoneDisablesTheEndpoint(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusGone))
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	b.append(event.TaskUpdated)
	waiting := b.deliveries(endpoint.ID)
	if res := b.work(waiting[0].ID); res.EventKind != river.EventKindJobCompleted {
		t.Errorf("job %s, want no further attempt", res.EventKind)
	}
	got := b.get(endpoint.ID)
	if got.Enabled || *got.DisabledReason != webhook.DisabledGone {
		t.Errorf("endpoint = %+v", got)
	}
	if n := b.logged(event.WebhookEndpointDisabled); n != 1 {
		t.Errorf("%d events say so, want 1", n)
	}
	var durable string
	if err := b.tx.QueryRow(t.Context(), `SHOW synchronous_commit`).Scan(&durable); err != nil || durable != "on" {
		t.Errorf("the event is committed with synchronous_commit %s, %v: a power failure could take back its number", durable, err)
	}
	b.work(waiting[1].ID)
	for _, d := range b.deliveries(endpoint.ID) {
		if d.Status != webhook.Failed {
			t.Errorf("delivery %s is %s, want failed", d.ID, d.Status)
		}
	}
	if len(r.got) != 1 {
		t.Errorf("%d requests, want 1: a disabled endpoint is left alone", len(r.got))
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code   int
		header func(now time.Time) string
		want   time.Duration
	}{
		"seconds":               {429, func(time.Time) string { return "120" }, 120 * time.Second},
		"date":                  {503, func(now time.Time) string { return now.Add(10 * time.Minute).Format(http.TimeFormat) }, 10 * time.Minute},
		"shorter than planned":  {429, func(time.Time) string { return "1" }, 5 * time.Second},
		"longer than a day":     {429, func(time.Time) string { return "999999" }, 24 * time.Hour},
		"absent":                {429, func(time.Time) string { return "" }, 5 * time.Second},
		"nonsense":              {429, func(time.Time) string { return "soon" }, 5 * time.Second},
		"of an ordinary answer": {500, func(time.Time) string { return "120" }, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newWebhookBench(t)
			r := newReceiver(t, func(w http.ResponseWriter, _ int) {
				w.Header().Set("Retry-After", test.header(b.now))
				w.WriteHeader(test.code)
			})
			endpoint, _ := b.endpoint(r.URL, "*")
			b.append(event.TaskCreated)
			res := b.work(b.pending(endpoint.ID).ID)
			if got := res.Job.ScheduledAt.Sub(b.now); got < test.want*9/10 || got > test.want*11/10 {
				t.Errorf("next attempt in %s, want %s", got, test.want)
			}
		})
	}
}

func TestRetryAfterPausesTheEndpointsOtherDeliveriesToo(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	b.append(event.TaskUpdated)
	ds := b.deliveries(endpoint.ID)
	b.work(ds[0].ID)
	res := b.work(ds[1].ID)
	if wait := res.Job.ScheduledAt.Sub(b.now); res.EventKind != river.EventKindJobSnoozed || wait < 2*time.Minute || wait > 3*time.Minute {
		t.Errorf("the other delivery: %s, in %s", res.EventKind, wait)
	}
	if len(r.got) != 1 {
		t.Errorf("%d requests, want 1", len(r.got))
	}
}

func TestBreakerOpensAfterFiveFailuresAndOneProbesForAll(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	healthy := false
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		if !healthy {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	for range 9 {
		b.append(event.TaskUpdated)
	}
	ds := b.deliveries(endpoint.ID)
	for i := range 5 {
		if res := b.work(ds[i].ID); res.EventKind != river.EventKindJobFailed {
			t.Fatalf("delivery %d: %s", i, res.EventKind)
		}
	}
	snoozed := func(id string) time.Duration {
		t.Helper()
		res := b.work(id)
		if res.EventKind != river.EventKindJobSnoozed || res.Job.Attempt != 0 {
			t.Fatalf("%s after %d attempts, want snoozed without using one up", res.EventKind, res.Job.Attempt)
		}
		return res.Job.ScheduledAt.Sub(b.now)
	}
	if wait := snoozed(ds[5].ID); wait < 20*time.Second || wait > 2*time.Minute {
		t.Errorf("the sixth waits %s", wait)
	}
	requests := len(r.got)
	b.now = b.now.Add(time.Minute)
	b.work(ds[6].ID) // the probe, which fails
	if len(r.got) != requests+1 {
		t.Errorf("%d requests, want one probe", len(r.got)-requests)
	}
	snoozed(ds[7].ID)
	healthy = true
	b.now = b.now.Add(5 * time.Minute)
	if res := b.work(ds[7].ID); res.EventKind != river.EventKindJobCompleted {
		t.Errorf("the second probe: %s", res.EventKind)
	}
	if res := b.work(ds[8].ID); res.EventKind != river.EventKindJobCompleted {
		t.Errorf("after a good probe: %s", res.EventKind)
	}
	if b.get(endpoint.ID).FailingSince != nil {
		t.Error("a success must end the run of failures")
	}
}

func TestOnlyOneOfManyProbesAPausedEndpoint(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	endpoint, _ := b.endpoint("https://hooks.example.com/", "*")
	if _, err := b.tx.Exec(t.Context(), `UPDATE webhook_endpoints SET consecutive_failures = 9, failing_since = $1, paused_until = $1`, b.now); err != nil {
		t.Fatal(err)
	}
	claimed := 0
	for range 10 {
		mine, err := webhook.Probe(t.Context(), b.tx, b.now, webhook.Due{EndpointID: endpoint.ID})
		if err != nil {
			t.Fatal(err)
		}
		if mine {
			claimed++
		}
	}
	if claimed != 1 {
		t.Errorf("%d probe at once, want 1", claimed)
	}
}

func TestEndpointFailingForFiveDaysIsDisabledAfterAWarningOnTheThird(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusInternalServerError))
	endpoint, _ := b.endpoint(r.URL, "*")
	witness := newReceiver(t, status(http.StatusOK))
	watching, _ := b.endpoint(witness.URL, string(event.WebhookEndpointFailing), string(event.WebhookEndpointDisabled))
	start := b.now
	warned, disabled := time.Duration(0), time.Duration(0)
	for hour := 0; hour <= 6*24 && disabled == 0; hour += 6 {
		b.now = start.Add(time.Duration(hour) * time.Hour)
		b.append(event.TaskUpdated)
		res := b.work(b.deliveries(endpoint.ID)[0].ID)
		if res.EventKind != river.EventKindJobFailed {
			t.Fatalf("hour %d: %s", hour, res.EventKind)
		}
		if warned == 0 && b.logged(event.WebhookEndpointFailing) > 0 {
			warned = b.now.Sub(start)
		}
		if !b.get(endpoint.ID).Enabled {
			disabled = b.now.Sub(start)
		}
	}
	if warned != 72*time.Hour || disabled != 120*time.Hour {
		t.Errorf("warned after %s and disabled after %s, want 72h and 120h", warned, disabled)
	}
	if n := b.logged(event.WebhookEndpointFailing); n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
	if got := b.get(endpoint.ID); *got.DisabledReason != webhook.DisabledFailing {
		t.Errorf("endpoint = %+v", got)
	}
	b.planAll()
	var types []string
	for _, d := range b.deliveries(watching.ID) {
		types = append(types, d.EventType)
	}
	if len(types) != 2 {
		t.Errorf("the account's other endpoint is told %v, want both events", types)
	}
	for _, d := range b.deliveries(endpoint.ID) {
		if d.EventType != string(event.TaskUpdated) {
			t.Errorf("the failing endpoint is told of itself: %s", d.EventType)
		}
	}
	enable := true
	got, err := webhook.Update(t.Context(), b.tx, b.now, b.account, endpoint.ID, webhook.Changes{Enabled: &enable}, b.gate)
	if err != nil || !got.Enabled || got.FailingSince != nil || got.DisabledReason != nil {
		t.Errorf("enabled again: %+v, %v", got, err)
	}
}

func TestTenFailuresAreTheEndOfADelivery(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusInternalServerError))
	endpoint, _ := b.endpoint(r.URL, "*")
	b.append(event.TaskCreated)
	res := b.work(b.pending(endpoint.ID).ID)
	for i := 2; i <= 10; i++ {
		b.now = res.Job.ScheduledAt
		var err error
		if res, err = b.deliver.WorkJob(t.Context(), t, b.tx, res.Job); (err == nil) != (i == 10) {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	d := b.deliveries(endpoint.ID)[0]
	if res.EventKind != river.EventKindJobCompleted || d.Status != webhook.Failed || len(d.Attempts) != 10 || d.NextAttemptAt != nil {
		t.Errorf("job %s, delivery %+v", res.EventKind, d)
	}
	if spent := b.now.Sub(d.CreatedAt).Hours(); spent < 68 || spent > 84 {
		t.Errorf("given up after %s hours", strconv.FormatFloat(spent, 'f', 1, 64))
	}
}

// planAll plans every event, as its jobs would.
func (b *webhookBench) planAll() {
	b.t.Helper()
	events, _, err := event.List(b.t.Context(), b.tx, b.account, 0, nil, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range events {
		if _, err := b.plan.Work(b.t.Context(), b.t, b.tx, jobs.WebhookPlan{EventID: e.ID}, nil); err != nil {
			b.t.Fatal(err)
		}
	}
}

func TestFailuresThatLieApartAreNoRun(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	healthy := false
	r := newReceiver(t, func(w http.ResponseWriter, _ int) {
		if !healthy {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	endpoint, _ := b.endpoint(r.URL, "*")
	try := func() {
		t.Helper()
		b.append(event.TaskUpdated)
		b.work(b.deliveries(endpoint.ID)[0].ID)
	}
	for range 5 { // a bad minute, then nothing happens for a week
		try()
	}
	b.now = b.now.Add(7 * 24 * time.Hour)
	try()
	got := b.get(endpoint.ID)
	if !got.Enabled || !got.FailingSince.Equal(b.now) || b.logged(event.WebhookEndpointFailing) != 0 {
		t.Errorf("after one failure a week later: %+v, %d warnings", got, b.logged(event.WebhookEndpointFailing))
	}
	healthy = true
	before := len(r.got)
	if try(); len(r.got) != before+1 {
		t.Error("one failure opened the circuit breaker")
	}
}

func TestEndpointIsDisabledNoSoonerThanTwoDaysAfterTheWarning(t *testing.T) {
	t.Parallel()
	b := newWebhookBench(t)
	r := newReceiver(t, status(http.StatusInternalServerError))
	endpoint, _ := b.endpoint(r.URL, "*")
	start := b.now
	// So the previous binary leaves it: failing for long, and nobody was warned.
	if _, err := b.tx.Exec(t.Context(), `UPDATE webhook_endpoints SET consecutive_failures = 4, failing_since = $1, last_failed_at = $2`,
		start.Add(-6*24*time.Hour), start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	disabled := time.Duration(-1)
	for hour := 0; hour <= 72 && disabled < 0; hour += 12 {
		b.now = start.Add(time.Duration(hour) * time.Hour)
		b.append(event.TaskUpdated)
		b.work(b.deliveries(endpoint.ID)[0].ID)
		if b.logged(event.WebhookEndpointFailing) != 1 {
			t.Fatalf("hour %d: %d warnings, want 1", hour, b.logged(event.WebhookEndpointFailing))
		}
		if !b.get(endpoint.ID).Enabled {
			disabled = b.now.Sub(start)
		}
	}
	if disabled != 48*time.Hour {
		t.Errorf("disabled %s after the warning, want 48h", disabled)
	}
}
