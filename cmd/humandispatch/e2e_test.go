package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account"
)

// contract lists the public contract's endpoints with their verbs, and those
// that the talent's side of a job needs.
var contract = []string{
	"GET /v1/templates", "GET /v1/templates/{}", "POST /v1/tasks", "GET /v1/tasks/{}", "GET /v1/tasks",
	"POST /v1/tasks/{}/quote_requests", "GET /v1/tasks/{}/quotes", "POST /v1/quotes/{}/accept",
	"POST /v1/bookings", "GET /v1/bookings/{}", "POST /v1/bookings/{}/checkin", "POST /v1/bookings/{}/cancel",
	"POST /v1/work_orders/{}/deliverables", "GET /v1/work_orders/{}/qa", "POST /v1/work_orders/{}/qa", "POST /v1/work_orders/{}/request_changes", "POST /v1/work_orders/{}/accept",
	"GET /v1/talent/search", "GET /v1/talent/{}", "POST /v1/talent", "POST /v1/files/presign", "POST /v1/webhooks", "GET /v1/webhooks",
	"GET /llms.txt", "GET /openapi.json", "GET /.well-known/ai-plugin.json", "GET /",
	"GET /v1/talent/me/quote_requests", "POST /v1/quote_requests/{}/quotes", "POST /v1/quote_requests/{}/decline", "GET /v1/work_orders/{}",
}

// traced notes which endpoints answered with a success.
type traced struct {
	lock sync.Mutex
	seen map[string]bool
}

var idOrType = regexp.MustCompile(`/([a-z]+_[0-9A-HJKMNP-TV-Z]{26}|[A-Z][A-Z_]+)(/|$)`)

func (r *traced) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && res.StatusCode < 300 {
		r.lock.Lock()
		defer r.lock.Unlock()
		r.seen[req.Method+" "+idOrType.ReplaceAllString(req.URL.Path, "/{}$2")] = true
	}
	return res, err
}

// agentKey is the secret of a key of a new test account.
func agentKey(t *testing.T, app *App) string {
	t.Helper()
	key, err := db.In(t.Context(), app.pool, func(tx pgx.Tx) (string, error) {
		a, err := account.Create(t.Context(), tx, time.Now(), "Test agency", false, account.DefaultAcceptanceWindow)
		if err != nil {
			return "", err
		}
		_, secret, err := account.CreateKey(t.Context(), tx, time.Now(), account.NewKey{AccountID: a.ID, Name: "test", Scopes: account.AgentScopes()})
		return secret, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestEveryContractEndpointWorksInARealDeployment(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Shared.WebhooksLoopback = true
	s.API.RequestsPerMinute, s.API.MoneyRequestsPerMinute = 1e6, 1e6
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, app)
	key := agentKey(t, app)
	trace := &traced{seen: map[string]bool{}}
	agent := client.New(app.URL(), key, client.WithHTTPClient(&http.Client{Transport: trace}))

	// The demo's three jobs go from template to payout, revision and all.
	summary, err := newPlay(agent, newStory(io.Discard, false)).run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range summary.Journeys {
		if j.Revisions != 2 || !j.OverallPass || j.PayoutStatus != "paid" || j.WebhooksVerified < 10 {
			t.Errorf("%+v", j)
		}
	}
	restOfTheContract(t, agent)
	for _, path := range []string{"/", "/llms.txt", "/openapi.json", "/.well-known/ai-plugin.json"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := trace.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	for _, endpoint := range contract {
		if !trace.seen[endpoint] {
			t.Errorf("nothing went through %s", endpoint)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// restOfTheContract uses the endpoints that a smooth job does not need.
func restOfTheContract(t *testing.T, agent *client.Client) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	listed, err := agent.ListTemplates(ctx, client.Page{})
	must(err)
	if len(listed.Data) != 10 {
		t.Errorf("%d templates", len(listed.Data))
	}
	done, err := agent.ListTasks(ctx, client.TaskFilter{Status: "completed"})
	must(err)
	if len(done.Data) != 3 {
		t.Fatalf("%d tasks are completed", len(done.Data))
	}
	quotes, err := agent.GetQuotes(ctx, done.Data[0].ID, client.QuoteFilter{})
	must(err)
	if len(quotes.Data) != 1 || !slices.Contains(quotes.Data[0].Untrusted, "message") {
		t.Errorf("quotes of a finished task: %+v", quotes.Data)
	}
	hooks, err := agent.ListWebhooks(ctx, client.Page{})
	must(err)
	if len(hooks.Data) != 1 || hooks.Data[0].Secret != "" {
		t.Errorf("webhooks: %+v", hooks.Data)
	}

	// Two talents are asked; one declines, the other is booked and cancelled.
	var tokens, ids []string
	for _, name := range []string{"declining", "booked"} {
		talent, err := agent.RegisterTalent(ctx, client.NewTalent{Name: name, Email: name + "@example.com", TaskTypes: []string{"PRODUCT_PHOTO_ECOMM"}, Lat: &yonge.Lat, Lng: &yonge.Lng})
		must(err)
		tokens, ids = append(tokens, talent.Token), append(ids, talent.ID)
	}
	found, err := agent.SearchTalent(ctx, client.TalentFilter{TaskType: "PRODUCT_PHOTO_ECOMM"})
	must(err)
	if len(found.Data) != 2 {
		t.Errorf("found %d talents", len(found.Data))
	}
	_, err = agent.GetTalent(ctx, ids[0])
	must(err)
	template, err := agent.GetTemplate(ctx, "PRODUCT_PHOTO_ECOMM")
	must(err)
	task, err := agent.CreateTask(ctx, template.SamplePayload)
	must(err)
	requests, err := agent.RequestQuotes(ctx, task.ID, client.InviteTalent{})
	must(err)
	if len(requests) != 2 {
		t.Fatalf("%d talents match the task", len(requests))
	}
	for task.Status != "open" {
		must(pause(ctx))
		task, err = agent.GetTask(ctx, task.ID)
		must(err)
	}
	for _, r := range requests {
		person := agent.With(tokens[slices.Index(ids, r.TalentID)])
		if r.TalentID == ids[0] {
			_, err = person.DeclineQuoteRequest(ctx, r.ID, "On holiday")
			must(err)
			continue
		}
		quote, err := person.SubmitQuote(ctx, r.ID, client.NewQuote{Amount: "100"})
		must(err)
		_, err = agent.AcceptQuote(ctx, quote.ID)
		must(err)
		booking, err := agent.CreateBooking(ctx, quote.ID)
		must(err)
		booking, err = agent.GetBooking(ctx, booking.ID)
		must(err)
		_, err = agent.GetWorkOrder(ctx, booking.WorkOrderID)
		must(err)
		cancelled, err := agent.CancelBooking(ctx, booking.ID, "The shop has closed", false)
		must(err)
		if cancelled.Status != "cancelled" || cancelled.Settlement.ToRequester != "100" {
			t.Errorf("cancelled: %+v", cancelled)
		}
	}
	rerun(ctx, t, agent)
}

// rerun has judged work judged again.
func rerun(ctx context.Context, t *testing.T, agent *client.Client) {
	j := demoJourneys(time.Now())[1]
	p := newPlay(agent, newStory(io.Discard, false))
	talent, err := agent.RegisterTalent(ctx, client.NewTalent{Name: "Rerun", Email: "rerun@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	task, err := agent.CreateTask(ctx, j.body())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.RequestQuotes(ctx, task.ID, client.InviteTalent{TalentIDs: []string{talent.ID}}); err != nil {
		t.Fatal(err)
	}
	person := agent.With(talent.Token)
	booking, err := p.book(ctx, j, task, talent.Name, person)
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.submit(ctx, j, 1, booking.WorkOrderID, person)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agent.RerunQA(ctx, booking.WorkOrderID); err != nil {
		t.Fatal(err)
	}
	second, err := agent.AwaitQA(ctx, booking.WorkOrderID)
	if err != nil {
		t.Fatal(err)
	}
	if second.RunID == first.RunID || second.Summary != first.Summary {
		t.Errorf("a rerun of the same files: %q, before %q", second.Summary, first.Summary)
	}
	for _, c := range second.Checks {
		if strings.TrimSpace(c.Required) == "" || strings.TrimSpace(c.Measured) == "" || (c.Verdict != "pass" && c.Fix == "") {
			t.Errorf("a check without its evidence: %+v", c)
		}
	}
}
