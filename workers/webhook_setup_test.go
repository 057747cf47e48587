package workers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// webhookBench is an account in a transaction of the test's own, a clock that
// only the test moves, and workers over both.
type webhookBench struct {
	t       *testing.T
	tx      pgx.Tx
	now     time.Time
	account string
	gate    *webhook.Gate
	sealer  *webhook.Sealer
	deliver *rivertest.Worker[jobs.WebhookDeliver, pgx.Tx]
	plan    *rivertest.Worker[jobs.WebhookPlan, pgx.Tx]
}

func newWebhookBench(t *testing.T) *webhookBench {
	t.Helper()
	return newWebhookBenchIn(t, dbtest.Tx(t))
}

func newWebhookBenchIn(t *testing.T, tx pgx.Tx) *webhookBench {
	t.Helper()
	b := &webhookBench{
		t: t, tx: tx, now: time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC),
		gate: &webhook.Gate{AllowLoopback: true},
	}
	b.account = db.NewID("acct", b.now)
	var err error
	if b.sealer, err = webhook.NewSealer([]byte("0123456789abcdef0123456789abcdef")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'A', true, $2)`, b.account, b.now); err != nil {
		t.Fatal(err)
	}
	config := func() *river.Config { return &river.Config{Test: river.TestConfig{Time: b}} }
	b.deliver = rivertest.NewWorker(t, riverpgxv5.New(nil), config(), &workers.WebhookDeliver{
		Pool: b.tx, Client: webhook.NewClient(b.gate), Sealer: b.sealer, Lanes: webhook.NewLanes(16), Now: b.Now,
	})
	b.plan = rivertest.NewWorker(t, riverpgxv5.New(nil), config(), &workers.WebhookPlan{Pool: b.tx, Now: b.Now})
	return b
}

// Now implements rivertype.TimeGenerator.
func (b *webhookBench) Now() time.Time { return b.now }

// StubNow implements baseservice's generator with a stub, which River asks for.
func (b *webhookBench) StubNow(now time.Time) time.Time { b.now = now; return now }

func (b *webhookBench) NowOrNil() *time.Time { return &b.now }

func (b *webhookBench) endpoint(url string, types ...string) (webhook.Endpoint, string) {
	b.t.Helper()
	e, secret, err := webhook.Create(b.t.Context(), b.tx, b.now, b.account, webhook.NewEndpoint{URL: url, Types: types}, b.gate, b.sealer)
	if err != nil {
		b.t.Fatal(err)
	}
	return e, secret
}

// append adds an event and plans it.
func (b *webhookBench) append(t event.Type) event.Event {
	b.t.Helper()
	e, err := event.Append(b.t.Context(), b.tx, b.now, event.New{AccountID: b.account, Livemode: true, Type: t, Object: map[string]any{"id": "task_1"}})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.plan.Work(b.t.Context(), b.t, b.tx, jobs.WebhookPlan{EventID: e.ID}, nil); err != nil {
		b.t.Fatal(err)
	}
	return e
}

// pending returns an endpoint's only pending delivery.
func (b *webhookBench) pending(endpointID string) webhook.Delivery {
	b.t.Helper()
	ds, _, err := webhook.Deliveries(b.t.Context(), b.tx, b.account, endpointID, webhook.DeliveryFilter{Status: webhook.Pending, Limit: 10})
	if err != nil {
		b.t.Fatal(err)
	}
	if len(ds) != 1 {
		b.t.Fatalf("%d pending deliveries, want 1", len(ds))
	}
	return ds[0]
}

type received struct {
	header http.Header
	body   []byte
}

// receiver answers with the given function's status and keeps what it received.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []received
}

func newReceiver(t *testing.T, answer func(w http.ResponseWriter, nth int)) *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.got = append(r.got, received{req.Header.Clone(), body})
		n := len(r.got)
		r.mu.Unlock()
		answer(w, n)
	}))
	t.Cleanup(r.Close)
	return r
}

// work runs a delivery's job from the beginning.
func (b *webhookBench) work(deliveryID string) *rivertest.WorkResult {
	b.t.Helper()
	res, err := b.deliver.Work(b.t.Context(), b.t, b.tx, jobs.WebhookDeliver{DeliveryID: deliveryID}, nil)
	if err != nil && res.EventKind != river.EventKindJobFailed {
		b.t.Fatal(err)
	}
	return res
}

// deliveries lists an endpoint's deliveries, newest event first.
func (b *webhookBench) deliveries(endpointID string) []webhook.Delivery {
	b.t.Helper()
	ds, _, err := webhook.Deliveries(b.t.Context(), b.tx, b.account, endpointID, webhook.DeliveryFilter{Limit: 100})
	if err != nil {
		b.t.Fatal(err)
	}
	return ds
}

func (b *webhookBench) get(endpointID string) webhook.Endpoint {
	b.t.Helper()
	e, err := webhook.Get(b.t.Context(), b.tx, b.account, endpointID)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

// logged counts the account's events of a type.
func (b *webhookBench) logged(t event.Type) int {
	b.t.Helper()
	events, _, err := event.List(b.t.Context(), b.tx, b.account, 0, []string{string(t)}, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(events)
}

func status(code int) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, _ int) { w.WriteHeader(code) }
}
