package mcpserver

import (
	"net/http"
	"strings"
	"testing"
)

const (
	aTask = `{"task_type":"X","title":"T","location":{"mode":"remote"},"schedule":{"start_at":"2027-01-01T00:00:00Z"},"budget":{"currency":"CAD","pricing_model":"fixed","max_total":10},"deliverables":[],"task_spec":{"a":1,"b":2}}`
	// The same call, with its fields in another order.
	sameTask = `{"task_spec": {"b": 2, "a": 1}, "title": "T", "task_type": "X", "location": {"mode": "remote"}, "brief": null, "schedule": {"start_at": "2027-01-01T00:00:00Z"}, "budget": {"max_total": 10, "currency": "CAD", "pricing_model": "fixed"}, "deliverables": []}`
)

// keys calls a tool once for each of args and returns the keys that were sent.
func keys(t *testing.T, f *rest, tool string, args ...string) (keys []string) {
	t.Helper()
	s := transports["in memory"](t, f)
	for _, a := range args {
		call(t, s, tool, a)
	}
	for _, r := range f.sent() {
		if r.method == http.MethodPost {
			keys = append(keys, r.key)
		}
	}
	return keys
}

func TestTheSameCallHasTheSameKey(t *testing.T) {
	t.Parallel()
	k := keys(t, &rest{}, "create_task", aTask, sameTask, strings.Replace(aTask, `"title":"T"`, `"title":"U"`, 1), strings.Replace(aTask, `{"task_type"`, `{"idempotency_key":"second","task_type"`, 1))
	if k[0] != k[1] || k[0] == k[2] || k[3] != "second" || len(k[0]) > 255 || !strings.HasPrefix(k[0], "mcp-") {
		t.Errorf("keys %q", k)
	}
	accept := keys(t, &rest{}, "accept_quote", `{"quote_id":"x"}`)
	book := keys(t, &rest{}, "create_booking", `{"quote_id":"x"}`)
	if accept[0] == book[0] {
		t.Error("two tools with the same arguments share a key")
	}
}

func TestCallsThatDifferInTimeHaveNoKeyOfTheirOwn(t *testing.T) {
	t.Parallel()
	for tool, args := range map[string]string{
		"submit_checkin": `{"booking_id":"book_1","lat":1,"lng":2,"accuracy_m":3}`,
		"presign_file":   `{"filename":"a.jpg","content_type":"image/jpeg","bytes":1}`,
		"request_quotes": `{"task_id":"task_1"}`,
		"cancel_booking": `{"booking_id":"book_1","dry_run":true}`,
		"create_task":    strings.Replace(aTask, `{"task_type"`, `{"dry_run":true,"task_type"`, 1),
	} {
		if k := keys(t, &rest{}, tool, args, args); k[0] == k[1] || k[0] == "" {
			t.Errorf("%s: keys %q", tool, k)
		}
	}
}

func TestChangesAreRequestedOnceARevision(t *testing.T) {
	t.Parallel()
	at := func(revision string) http.HandlerFunc { return say(`{"id":"wo_1","revision":` + revision + `}`) }
	f := &rest{answers: map[string][]http.HandlerFunc{"GET /v1/work_orders/wo_1": {at("1"), at("1"), at("2")}}}
	const args = `{"work_order_id":"wo_1"}`
	if k := keys(t, f, "request_changes", args, args, args); k[0] != k[1] || k[1] == k[2] {
		t.Errorf("keys %q", k)
	}
}

func TestAReplayIsTold(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"POST /v1/tasks": {say(taskRow), say(taskRow, "Idempotency-Replayed", "true")}}}
	s := transports["in memory"](t, f)
	if first := call(t, s, "create_task", aTask); len(first.Content) != 1 || first.Meta["idempotency_replayed"] != nil {
		t.Errorf("got %+v", first)
	}
	again := call(t, s, "create_task", aTask)
	if again.IsError || textOf(again, 0) != taskRow || !strings.Contains(textOf(again, 1), "idempotency_key") || again.Meta["idempotency_replayed"] != true {
		t.Errorf("got %+v", again)
	}
}

func TestARecordedRefusalIsAskedAgain(t *testing.T) {
	t.Parallel()
	early := refuse(409, "INVALID_STATE", "{}")
	replayed := refuse(409, "INVALID_STATE", "{}", "Idempotency-Replayed", "true")
	f := &rest{answers: map[string][]http.HandlerFunc{"POST /v1/work_orders/wo_1/accept": {early, replayed, say(order)}}}
	s := transports["in memory"](t, f)
	const args = `{"work_order_id":"wo_1"}`
	if e := refusalOf(t, call(t, s, "accept_work", args)); e.Error.Code != "INVALID_STATE" {
		t.Errorf("got %+v", e)
	}
	if result := call(t, s, "accept_work", args); result.IsError {
		t.Errorf("got %s", textOf(result, 0))
	}
	r := f.sent()
	if len(r) != 3 || r[0].key != r[1].key || r[1].key == r[2].key || r[2].key == "" {
		t.Errorf("sent %+v", r)
	}
}

func TestARefusalUnderAGivenKeyIsKept(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"POST /v1/quotes/quo_1/accept": {refuse(409, "INVALID_STATE", "{}", "Idempotency-Replayed", "true")}}}
	e := refusalOf(t, call(t, transports["in memory"](t, f), "accept_quote", `{"quote_id":"quo_1","idempotency_key":"mine"}`))
	if len(f.sent()) != 1 || !strings.Contains(e.Next.Do, "idempotency_key") {
		t.Errorf("sent %+v, got %+v", f.sent(), e)
	}
}
