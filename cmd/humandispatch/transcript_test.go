package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/media/mediatest"
)

var writeTranscript = flag.Bool("update", false, "write docs/transcript.md anew")

// explorer is an agent that knows nothing but where the server is: every request
// after GET / is one that an earlier answer named.
type explorer struct {
	*testing.T
	url, key string
	named    map[string]bool // method and path that an answer has named
	out      strings.Builder
}

// say notes what the agent thinks.
func (e *explorer) say(format string, args ...any) { fmt.Fprintf(&e.out, format+"\n\n", args...) }

func (e *explorer) do(method, path, body string) map[string]any {
	e.Helper()
	bare, _, _ := strings.Cut(path, "?")
	if !e.named[method+" "+bare] {
		e.Fatalf("no answer has named %s %s", method, bare)
	}
	req, err := http.NewRequestWithContext(e.Context(), method, e.url+path, strings.NewReader(body))
	if err != nil {
		e.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+e.key)
	fmt.Fprintf(&e.out, "```http\n%s %s\n", method, path)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
		fmt.Fprintf(&e.out, "\n%s\n", body)
	}
	e.out.WriteString("```\n\n")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		e.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		e.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil || res.StatusCode >= 300 {
		e.Fatalf("%s %s = %d: %s", method, path, res.StatusCode, raw)
	}
	e.learn(answer)
	return answer
}

// learn notes every request that an answer names.
func (e *explorer) learn(v any) {
	switch v := v.(type) {
	case map[string]any:
		method, _ := v["method"].(string)
		if path, ok := v["path"].(string); ok && method != "" {
			bare, _, _ := strings.Cut(path, "?")
			e.named[method+" "+bare] = true
		}
		for _, inner := range v {
			e.learn(inner)
		}
	case []any:
		for _, inner := range v {
			e.learn(inner)
		}
	}
}

// show quotes some fields of an answer.
func (e *explorer) show(answer map[string]any, fields ...string) {
	e.Helper()
	picked := map[string]any{}
	for _, f := range fields {
		picked[f] = answer[f]
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(picked); err != nil {
		e.Fatal(err)
	}
	fmt.Fprintf(&e.out, "```json\n%s```\n\n", text.String())
}

// act takes the next action of this name.
func (e *explorer) act(answer map[string]any, name, body string) map[string]any {
	e.Helper()
	actions, _ := answer["next_actions"].([]any)
	for _, a := range actions {
		action := a.(map[string]any)
		if action["action"] == name {
			e.say("`%s`: %s", name, action["description"])
			return e.do(action["method"].(string), action["path"].(string), body)
		}
	}
	e.Fatalf("%s is not among the next actions %v", name, actions)
	return nil
}

func TestAgentFindsItsWayByNextActionsAlone(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.API.RequestsPerMinute, s.API.MoneyRequestsPerMinute = 1e6, 1e6
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	start(t, app)
	key := agentKey(t, app)
	// The world outside: a talent who has registered, and an operator's money.
	outside := client.New(app.URL(), key)
	talent, err := outside.RegisterTalent(t.Context(), client.NewTalent{Name: "Ada Okafor", Email: "ada@example.com", TaskTypes: []string{"UGC_VERTICAL_BATCH"}, Skills: []string{"ugc"}, Languages: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := outside.FundSandbox(t.Context(), "1000", "USD"); err != nil {
		t.Fatal(err)
	}
	person := outside.With(talent.Token)

	e := &explorer{T: t, url: app.URL(), key: key, named: map[string]bool{"GET /": true}}
	e.say("# From `GET /` to accepted work\n\nAn agent that knows the address and its key, and nothing else. Every request below was named by an answer before it: by the\nendpoint map of `GET /`, or by `next_actions`. A test plays it and writes this page.")
	root := e.do("GET", "/", "")
	e.show(root, "description", "start_here")
	e.say("The endpoint map has `list_templates`, `search_talent`, `create_task` and the rest. Short clips are wanted.")
	found := e.do("GET", "/v1/templates?limit=2", "")["templates"].([]any)
	template := found[1].(map[string]any)
	e.show(template, "task_type", "description", "risk")
	e.say("The sample payload is accepted as it is.")
	sample, err := json.Marshal(template["sample_payload"])
	if err != nil {
		t.Fatal(err)
	}
	task := e.do("POST", "/v1/tasks", string(sample))
	e.show(task, "id", "status", "next_actions")
	matching := e.do("GET", "/v1/talent/search?task_type=UGC_VERTICAL_BATCH&limit=1", "")["data"].([]any)
	invited := matching[0].(map[string]any)
	e.show(invited, "id", "skills", "languages")
	e.act(task, "request_quotes", fmt.Sprintf(`{"talent_ids": [%q]}`, invited["id"]))

	e.say("*Ada reads the invitation and quotes 420 USD.*")
	booked := quoteAs(t, person)
	for task["status"] != "open" {
		task = e.act(task, "get_task", "")
	}
	quotes := e.act(task, "get_quotes", "")["data"].([]any)
	e.show(quotes[0].(map[string]any), "id", "amount", "currency", "message", "untrusted", "next_actions")
	accepted := e.act(quotes[0].(map[string]any), "accept_quote", "")
	booking := e.act(accepted, "create_booking", fmt.Sprintf(`{"quote_id": %q}`, booked))
	e.show(booking, "id", "status", "escrow", "next_actions")
	order := e.act(booking, "get_work_order", "")
	e.show(order, "id", "status", "next_actions")

	e.say("*Ada films, uploads and submits five clips. One has no captions.*")
	clips(t, person, order["id"].(string), 1)
	order = e.do("GET", "/v1/work_orders/"+order["id"].(string), "")
	qa := e.act(order, "get_qa", "")["qa"].(map[string]any)
	e.show(qa, "overallPass", "summary")
	e.act(qa, "request_changes", "")
	e.say("Without a message QA's own words were sent. *Ada adds the captions and submits again.*")
	clips(t, person, order["id"].(string), 2)
	order = e.do("GET", "/v1/work_orders/"+order["id"].(string), "")
	qa = e.act(order, "get_qa", "")["qa"].(map[string]any)
	e.show(qa, "overallPass", "summary")
	if qa["overallPass"] != true {
		t.Fatalf("the corrected clips did not pass: %v", qa)
	}
	done := e.act(qa, "accept_work", "")
	e.show(done, "status", "settlement", "next_actions")
	if done["status"] != "accepted" {
		t.Errorf("the work is %v", done["status"])
	}
	if *writeTranscript {
		page := strings.TrimSpace(strings.ReplaceAll(e.out.String(), app.URL(), "http://127.0.0.1:8080")) + "\n"
		if err := os.WriteFile("../../docs/transcript.md", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// quoteAs quotes for the first invitation that opens and returns the quote's id.
func quoteAs(t *testing.T, person *client.Client) string {
	t.Helper()
	for {
		for invitation, err := range person.AllInvitations(t.Context(), "requested") {
			if err != nil {
				t.Fatal(err)
			}
			quote, err := person.SubmitQuote(t.Context(), invitation.ID, client.NewQuote{Amount: "420", Message: "I use one every day."})
			if err != nil {
				t.Fatal(err)
			}
			return quote.ID
		}
		if err := pause(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// clips submits five clips and waits for their verdict; the first revision
// forgets the captions of one.
func clips(t *testing.T, person *client.Client, orderID string, revision int) {
	t.Helper()
	var s client.Submission
	for i := range 5 {
		clip := mediatest.Clip{Seconds: float64(10 + i), Seed: int64(100 + i), Captions: []string{"It keeps water cold for a day"}}
		if revision == 1 && i == 3 {
			clip.Captions = nil
		}
		content := mediatest.MP4(clip)
		id, err := person.UploadFile(t.Context(), client.NewFile{Filename: fmt.Sprintf("clip-%d.mp4", i+1), ContentType: "video/mp4", Bytes: int64(len(content))}, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		s.Files = append(s.Files, client.NewDeliverable{FileID: id, Kind: "video"})
	}
	if _, err := person.RegisterDeliverables(t.Context(), orderID, s); err != nil {
		t.Fatal(err)
	}
	if _, err := person.AwaitQA(context.WithoutCancel(t.Context()), orderID); err != nil {
		t.Fatal(err)
	}
}
