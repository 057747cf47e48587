package mcpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/media/mediatest"
)

// TestAWholeJobOverBothTransports starts the program as a user would and plays one
// job twice: the agent has MCP only, over standard input and output of
// `humandispatch mcp` and over HTTP; the talent has the REST API.
func TestAWholeJobOverBothTransports(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "humandispatch")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../cmd/humandispatch").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	url, key := dev(t, binary)
	for name, transport := range map[string]func() mcp.Transport{
		"stdio": func() mcp.Transport {
			server := exec.Command(binary, "mcp")
			server.Env = append(os.Environ(), "HUMANDISPATCH_API_URL="+url, "HUMANDISPATCH_API_KEY="+key)
			return &mcp.CommandTransport{Command: server}
		},
		"HTTP": func() mcp.Transport {
			return &mcp.StreamableClientTransport{Endpoint: url + "/mcp", HTTPClient: &http.Client{Transport: withKey(key)}, DisableStandaloneSSE: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			playJob(t, &agent{t, session}, client.New(url, key))
		})
	}
}

// dev runs `humandispatch dev` until the test ends and returns its address and test key.
func dev(t *testing.T, binary string) (url, key string) {
	t.Helper()
	run := exec.Command(binary, "dev", "--dir", t.TempDir(), "--listen", "127.0.0.1:0", "--requests-per-minute", "100000", "--money-requests-per-minute", "100000")
	run.Env = append(os.Environ(), "HUMANDISPATCH_DATABASE_URL="+dbtest.URL(t))
	var log bytes.Buffer
	run.Stderr = &log
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		if err := run.Wait(); err != nil || t.Failed() {
			t.Logf("dev ended with %v; it logged:\n%s", err, log.String())
		}
	})
	address, secret := regexp.MustCompile(`^\s+API\s+(http://\S+)`), regexp.MustCompile(`(sk_test_\S+)`)
	lines := bufio.NewScanner(out)
	for (url == "" || key == "") && lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
		if m := secret.FindStringSubmatch(lines.Text()); m != nil {
			key = m[1]
		}
	}
	if url == "" || key == "" {
		t.Fatalf("dev did not say where it is: %v", lines.Err())
	}
	go func() {
		for lines.Scan() { // what else it says must not block it
		}
	}()
	return url, key
}

type withKey string

func (k withKey) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(k))
	return http.DefaultTransport.RoundTrip(r)
}

// agent calls tools and takes no error for an answer.
type agent struct {
	*testing.T
	session *mcp.ClientSession
}

func (a *agent) call(out any, tool string, args map[string]any) {
	a.Helper()
	result, err := a.session.CallTool(a.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		a.Fatalf("%s: %v", tool, err)
	}
	text := result.Content[0].(*mcp.TextContent).Text
	if result.IsError {
		a.Fatalf("%s: %s", tool, text)
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		a.Fatalf("%s: %v in %s", tool, err, text)
	}
}

// wants fails unless an action is among those that are possible now.
func (a *agent) wants(action string, actions []client.Action) {
	a.Helper()
	for _, possible := range actions {
		if possible.Action == action {
			return
		}
	}
	a.Fatalf("%s is not among the next actions %+v", action, actions)
}

func playJob(t *testing.T, a *agent, rest *client.Client) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	place := mediatest.Position{Lat: 43.6544, Lng: -79.3807}
	start := time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour)
	if _, err := rest.FundSandbox(ctx, "500", "CAD"); err != nil {
		t.Fatal(err)
	}
	talent, err := rest.RegisterTalent(ctx, client.NewTalent{Name: "Ada", Email: fmt.Sprintf("ada-%d@example.com", time.Now().UnixNano()), TaskTypes: []string{"RETAIL_AUDIT_PHOTO_CHECK"}, Lat: &place.Lat, Lng: &place.Lng})
	if err != nil {
		t.Fatal(err)
	}
	person := rest.With(talent.Token)

	var templates struct{ Templates []client.Template }
	a.call(&templates, "get_templates", map[string]any{"task_type": "RETAIL_AUDIT_PHOTO_CHECK"})
	var body map[string]any
	if err := json.Unmarshal(templates.Templates[0].SamplePayload, &body); err != nil {
		t.Fatal(err)
	}
	body["title"] = "Shelf audit " + talent.ID
	body["schedule"] = map[string]any{"start_at": start.Format(time.RFC3339), "duration_hours": 6}
	body["deliverables"] = []any{map[string]any{"kind": "photo", "count": 2, "format": "jpg"}}
	body["task_spec"] = map[string]any{
		"stores":           []any{map[string]any{"store_id": "S1", "name": "Yonge Street", "lat": place.Lat, "lng": place.Lng}},
		"questions":        []any{map[string]any{"id": "q1", "text": "Is the product on the shelf?", "type": "yes_no"}},
		"photos_per_store": 2,
	}
	body["dry_run"] = true
	var draft client.Draft
	if a.call(&draft, "create_task", body); !draft.Valid {
		t.Fatalf("not valid: %+v", draft)
	}
	delete(body, "dry_run")
	var task, same client.Task
	a.call(&task, "create_task", body)
	a.wants("request_quotes", task.NextActions)
	if a.call(&same, "create_task", body); same.ID != task.ID {
		t.Errorf("a repeated call made a second task: %s and %s", task.ID, same.ID)
	}
	var invited struct {
		QuoteRequests []client.QuoteRequest `json:"quote_requests"`
	}
	a.call(&invited, "request_quotes", map[string]any{"task_id": task.ID, "talent_ids": []string{talent.ID}})
	for task.Status == "screening" { // for about a second
		a.call(&task, "get_task", map[string]any{"task_id": task.ID})
	}
	if _, err := person.SubmitQuote(ctx, invited.QuoteRequests[0].ID, client.NewQuote{Amount: "180.50"}); err != nil {
		t.Fatal(err)
	}
	a.await("quote.received", task.ID)

	var quotes client.List[client.Quote]
	a.call(&quotes, "get_quotes", map[string]any{"task_id": task.ID})
	a.wants("accept_quote", quotes.Data[0].NextActions)
	var quote client.Quote
	a.call(&quote, "accept_quote", map[string]any{"quote_id": quotes.Data[0].ID})
	a.wants("create_booking", quote.NextActions)
	var booking client.Booking
	a.call(&booking, "create_booking", map[string]any{"quote_id": quote.ID})
	if booking.Amount != "180.5" && booking.Amount != "180.50" || booking.Escrow.Status != "held" {
		t.Errorf("booked %s %s", booking.Amount, booking.Escrow.Status)
	}

	if _, err := person.SubmitCheckin(ctx, booking.ID, client.NewCheckin{Lat: place.Lat, Lng: place.Lng, AccuracyM: 8}); err != nil {
		t.Fatal(err)
	}
	order := map[string]any{"work_order_id": booking.WorkOrderID}
	submit := func(where mediatest.Position, seed int64) {
		submission := client.Submission{Answers: map[string]map[string]any{"S1": {"q1": true}}}
		for i := range 2 {
			photo := mediatest.JPEG(mediatest.Photo{Width: 1600, Height: 1200, Seed: seed + int64(i), CapturedAt: start.Add(time.Duration(30+i) * time.Minute), GPS: &where, Make: "Google", Model: "Pixel 9"})
			file, err := person.UploadFile(ctx, client.NewFile{Filename: "shelf.jpg", ContentType: "image/jpeg", Bytes: int64(len(photo))}, bytes.NewReader(photo))
			if err != nil {
				t.Fatal(err)
			}
			submission.Files = append(submission.Files, client.NewDeliverable{FileID: file, Kind: "photo", Labels: map[string]string{"store_id": "S1"}})
		}
		if _, err := person.RegisterDeliverables(ctx, booking.WorkOrderID, submission); err != nil {
			t.Fatal(err)
		}
	}
	judged := func() (answer struct{ QA client.QA }) {
		for answer.QA.Status != "completed" {
			a.call(&answer, "get_qa", map[string]any{"work_order_id": booking.WorkOrderID, "wait_seconds": 50})
		}
		return answer
	}
	seed := time.Now().UnixNano()
	submit(place.Move(2000, 0), seed)
	first := judged()
	a.wants("request_changes", first.QA.NextActions)
	var changes, accepted client.AcceptedWorkOrder
	a.call(&changes, "request_changes", order)
	if first.QA.OverallPass || changes.ChangesMessage == "" {
		t.Errorf("photos from elsewhere passed, or nothing was said about them: %s", first.QA.Summary)
	}
	submit(place.Move(5, 5), seed+10)
	second := judged()
	if !second.QA.OverallPass {
		t.Fatalf("QA: %+v", second.QA)
	}
	a.wants("accept_work", second.QA.NextActions)
	a.call(&accepted, "accept_work", order)
	if accepted.Status != "accepted" || accepted.Settlement.PayoutID == nil {
		t.Errorf("accepted: %+v", accepted.Settlement)
	}
	a.await("payout.paid", booking.ID)
}

// await reads events until one of a type has happened to an object.
func (a *agent) await(kind, id string) {
	a.Helper()
	var after int64
	for range 3 {
		var page client.List[client.Event]
		a.call(&page, "get_events", map[string]any{"after": after, "types": []string{kind}, "wait_seconds": 20})
		for _, e := range page.Data {
			after = e.Sequence
			for _, related := range e.Related {
				if related == id {
					return
				}
			}
		}
	}
	a.Fatalf("%s never happened to %s", kind, id)
}
