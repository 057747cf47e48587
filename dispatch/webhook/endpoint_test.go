package webhook_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

var (
	now  = time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)
	gate = &webhook.Gate{}
)

func sealer(t *testing.T, key string) *webhook.Sealer {
	t.Helper()
	s, err := webhook.NewSealer([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const key = "0123456789abcdef0123456789abcdef"

// account opens a transaction with one account in it.
func account(t *testing.T) (pgx.Tx, string) {
	t.Helper()
	tx := dbtest.Tx(t)
	return tx, newAccount(t, tx)
}

// newAccount has an id of its own: two transactions that insert the same one wait for each other.
func newAccount(t *testing.T, tx pgx.Tx) string {
	t.Helper()
	id := db.NewID("acct", now)
	if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'A', false, $2)`, id, now); err != nil {
		t.Fatal(err)
	}
	return id
}

func create(t *testing.T, tx pgx.Tx, account string, types ...string) (webhook.Endpoint, string) {
	t.Helper()
	e, secret, err := webhook.Create(t.Context(), tx, now, account, webhook.NewEndpoint{URL: "https://hooks.example.com/in", Types: types, Description: "d"}, gate, sealer(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return e, secret
}

func TestEndpointNeverShowsItsSecretAgain(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	created, secret := create(t, tx, account, "task.created", "qa.completed", "task.created")
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < 40 {
		t.Errorf("secret = %q", secret)
	}
	if !slices.Equal(created.Types, []string{"qa.completed", "task.created"}) {
		t.Errorf("types = %v", created.Types)
	}
	got, err := webhook.Get(t.Context(), tx, account, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(got)
	if strings.Contains(string(body), "secret") || strings.Contains(string(body), secret) {
		t.Errorf("the secret is shown: %s", body)
	}
}

func TestWrongEndpointNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	for name, test := range map[string]struct {
		p     webhook.NewEndpoint
		paths []string
	}{
		"no types":         {webhook.NewEndpoint{URL: "https://a.example.com"}, []string{"types"}},
		"unknown types":    {webhook.NewEndpoint{URL: "https://a.example.com", Types: []string{"task.created", "task.made", "x"}}, []string{"types[1]", "types[2]"}},
		"star and a name":  {webhook.NewEndpoint{URL: "https://a.example.com", Types: []string{"*", "task.created"}}, []string{"types"}},
		"long description": {webhook.NewEndpoint{URL: "https://a.example.com", Types: []string{"no"}, Description: strings.Repeat("x", 501)}, []string{"description", "types[0]"}},
		"private address":  {webhook.NewEndpoint{URL: "https://10.0.0.1", Types: []string{"*"}}, []string{"url"}},
		"not https":        {webhook.NewEndpoint{URL: "http://a.example.com", Types: []string{"*"}}, []string{"url"}},
	} {
		_, _, err := webhook.Create(t.Context(), tx, now, account, test.p, gate, sealer(t, key))
		f, ok := err.(*fault.Error) //nolint:errorlint // a fault is returned as it is
		if !ok || f.Code != fault.SchemaValidationFailed {
			t.Errorf("%s: %v, want SCHEMA_VALIDATION_FAILED", name, err)
			continue
		}
		var paths []string
		for _, field := range f.Details["errors"].([]fault.Field) {
			paths = append(paths, field.Path)
			if field.Found == "" || field.Expected == "" || field.Fix == "" {
				t.Errorf("%s: %+v leaves something unsaid", name, field)
			}
		}
		if !slices.Equal(paths, test.paths) {
			t.Errorf("%s: paths %v, want %v", name, paths, test.paths)
		}
	}
}

func TestEndpointsOfOtherAccountsDoNotExist(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	e, _ := create(t, tx, account, "*")
	const other = "acct_2"
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["get"] = webhook.Get(ctx, tx, other, e.ID)
	_, errs["update"] = webhook.Update(ctx, tx, now, other, e.ID, webhook.Changes{}, gate)
	errs["delete"] = webhook.Delete(ctx, tx, now, other, e.ID)
	_, _, errs["rotate"] = webhook.RotateSecret(ctx, tx, now, other, e.ID, sealer(t, key))
	_, _, errs["test"] = webhook.SendTest(ctx, tx, now, other, false, e.ID)
	_, _, errs["deliveries"] = webhook.Deliveries(ctx, tx, other, e.ID, webhook.DeliveryFilter{Limit: 1})
	_, errs["replay count"] = webhook.ReplayCount(ctx, tx, other, e.ID, now, now)
	_, errs["replay all"] = webhook.ReplayAll(ctx, tx, now, other, e.ID, now, now)
	for name, err := range errs {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want NOT_FOUND", name, err)
		}
	}
	if list, _, err := webhook.List(ctx, tx, other, "", 10); err != nil || len(list) != 0 {
		t.Errorf("list = %v, %v", list, err)
	}
}

func TestListPagesNewestFirst(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	var want []string
	for range 5 {
		e, _ := create(t, tx, account, "*")
		want = append(want, e.ID)
	}
	var got []string
	for after, more := "", true; more; {
		page, m, err := webhook.List(t.Context(), tx, account, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			got, after = append(got, e.ID), e.ID
		}
		more = m
	}
	slices.Reverse(want)
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func TestAccountHasAtMostAHundredEndpoints(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	for range webhook.MaxEndpoints {
		create(t, tx, account, "*")
	}
	_, _, err := webhook.Create(t.Context(), tx, now, account, webhook.NewEndpoint{URL: "https://a.example.com", Types: []string{"*"}}, gate, sealer(t, key))
	if !fault.Is(err, fault.InvalidState) {
		t.Errorf("err = %v, want INVALID_STATE", err)
	}
}

func TestDeletedEndpointIsGoneAndGetsNothing(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	e, _ := create(t, tx, account, "*")
	planned := plan(t, tx, account, event.TaskCreated)
	if err := webhook.Delete(t.Context(), tx, now, account, e.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := webhook.Get(t.Context(), tx, account, e.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("get: %v, want NOT_FOUND", err)
	}
	due, err := webhook.Load(t.Context(), tx, now, planned[0], sealer(t, key), nil)
	if err != nil || due.Open || len(due.Secrets) != 0 {
		t.Errorf("due = %+v, %v: want it closed and without secrets", due, err)
	}
	if again := plan(t, tx, account, event.TaskUpdated); len(again) != 0 {
		t.Errorf("%d deliveries planned for a deleted endpoint", len(again))
	}
}

func TestEndpointOfATimeThatAllowedMoreCanStillBeSwitchedOff(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	lax := &webhook.Gate{AllowLoopback: true}
	e, _, err := webhook.Create(t.Context(), tx, now, account, webhook.NewEndpoint{URL: "http://127.0.0.1:9000/", Types: []string{"*"}}, lax, sealer(t, key))
	if err != nil {
		t.Fatal(err)
	}
	off, url := false, "http://127.0.0.1:9001/"
	if got, err := webhook.Update(t.Context(), tx, now, account, e.ID, webhook.Changes{Enabled: &off}, gate); err != nil || got.Enabled || *got.DisabledReason != webhook.DisabledByAccount {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := webhook.Update(t.Context(), tx, now, account, e.ID, webhook.Changes{URL: &url}, gate); !fault.Is(err, fault.SchemaValidationFailed) {
		t.Errorf("moved to another forbidden address: %v", err)
	}
}

func TestRotatingTooOftenIsRefused(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	e, _ := create(t, tx, account, "*")
	rotate := func(at time.Time) error {
		_, _, err := webhook.RotateSecret(t.Context(), tx, at, account, e.ID, sealer(t, key))
		return err
	}
	for range 4 {
		if err := rotate(now); err != nil {
			t.Fatal(err)
		}
	}
	if err := rotate(now); !fault.Is(err, fault.InvalidState) {
		t.Errorf("fifth rotation: %v, want INVALID_STATE", err)
	}
	if err := rotate(now.Add(25 * time.Hour)); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestSecretsOpenOnlyWithTheirKey(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	create(t, tx, account, "*")
	id := plan(t, tx, account, event.TaskCreated)[0]
	if _, err := webhook.Load(t.Context(), tx, now, id, sealer(t, key), nil); err != nil {
		t.Error(err)
	}
	if _, err := webhook.Load(t.Context(), tx, now, id, sealer(t, "another key of exactly 32 bytes!"), nil); err == nil {
		t.Error("opened with another key")
	}
	moved, _ := create(t, tx, account, "task.created")
	if _, err := tx.Exec(t.Context(), `UPDATE webhook_secrets SET sealed = (SELECT sealed FROM webhook_secrets WHERE endpoint_id <> $1) WHERE endpoint_id = $1`, moved.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range plan(t, tx, account, event.TaskCreated) {
		due, err := webhook.Load(t.Context(), tx, now, id, sealer(t, key), nil)
		if (err == nil) != (due.EndpointID != "" && due.EndpointID != moved.ID) {
			t.Errorf("%s: %v: a secret copied from another endpoint must not open", due.EndpointID, err)
		}
	}
	for _, wrong := range []string{"", "short", key + key} {
		if _, err := webhook.NewSealer([]byte(wrong)); err == nil {
			t.Errorf("a key of %d bytes was accepted", len(wrong))
		}
	}
}

// plan appends an event, plans it and returns the ids of all its deliveries.
func plan(t *testing.T, tx pgx.Tx, account string, typ event.Type) []string {
	t.Helper()
	e, err := event.Append(t.Context(), tx, now, event.New{AccountID: account, Type: typ, Object: map[string]string{"id": "task_1"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := webhook.Plan(t.Context(), tx, now, e.ID); err != nil {
		t.Fatal(err)
	}
	rows, _ := tx.Query(t.Context(), `SELECT id FROM webhook_deliveries WHERE event_id = $1 ORDER BY id`, e.ID)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestPlanReachesTheEndpointsThatWantTheEventOnce(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	wanted := map[string]bool{}
	for i := range 64 {
		types := []string{"*", "qa.completed", "payout.paid"}[i%3]
		e, _ := create(t, tx, account, types)
		wanted[e.ID] = i%3 != 2
	}
	off := false
	disabled, _ := create(t, tx, account, "*")
	if _, err := webhook.Update(t.Context(), tx, now, account, disabled.ID, webhook.Changes{Enabled: &off}, gate); err != nil {
		t.Fatal(err)
	}
	create(t, tx, newAccount(t, tx), "*")
	ids := plan(t, tx, account, event.QACompleted)
	if len(ids) != 43 {
		t.Errorf("%d deliveries, want 43", len(ids))
	}
	var eventID string
	if err := tx.QueryRow(t.Context(), `SELECT DISTINCT event_id FROM webhook_deliveries`).Scan(&eventID); err != nil {
		t.Fatal(err)
	}
	if err := webhook.Plan(t.Context(), tx, now, eventID); err != nil {
		t.Fatal(err)
	}
	rows, _ := tx.Query(t.Context(), `SELECT endpoint_id FROM webhook_deliveries`)
	endpoints, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range endpoints {
		if !wanted[e] {
			t.Errorf("%s did not want it", e)
		}
	}
	var queued int
	if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'webhook_deliver'`).Scan(&queued); err != nil {
		t.Fatal(err)
	}
	if len(endpoints) != 43 || queued != 43 {
		t.Errorf("planned twice: %d deliveries and %d jobs, want 43 each", len(endpoints), queued)
	}
	if want := fmt.Sprintf("whd_%s", eventID[4:14]); !strings.HasPrefix(ids[0], want) || len(ids[0]) != 30 {
		t.Errorf("delivery id %s, want a ULID of the event's time", ids[0])
	}
}

func TestAccountWithABacklogWaitsBehindThoseWithout(t *testing.T) {
	t.Parallel()
	tx, account := account(t)
	create(t, tx, account, "*")
	priority := func() int {
		t.Helper()
		plan(t, tx, account, event.TaskUpdated)
		var p int
		if err := tx.QueryRow(t.Context(), `SELECT priority FROM river_job WHERE kind = 'webhook_deliver' ORDER BY id DESC LIMIT 1`).Scan(&p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	backlog := func(n int) {
		t.Helper()
		_, err := tx.Exec(t.Context(), `INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, event_type, event_logged_at, created_at)
			SELECT 'whd_' || $1 || i, w.account_id, w.id, 'evt_' || $1 || i, 'task.updated', $2, $2 FROM webhook_endpoints w, generate_series(1, $1::int) i`, n, now)
		if err != nil {
			t.Fatal(err)
		}
	}
	first := priority()
	backlog(300)
	second := priority()
	backlog(900)
	third := priority()
	if !(first < second && second < third) {
		t.Errorf("priorities %d, %d, %d, want them to rise with the backlog", first, second, third)
	}
}
