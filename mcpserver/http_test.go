package mcpserver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestEachHTTPRequestActsWithItsOwnKey(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"GET /v1/tasks/task_1": {say(taskRow)}}}
	endpoint := serveHTTP(t, f)
	for _, key := range []string{"sk_test_a", "sk_live_b"} {
		s := connect(t, &mcp.StreamableClientTransport{Endpoint: endpoint, HTTPClient: &http.Client{Transport: bearer(key)}, DisableStandaloneSSE: true})
		call(t, s, "get_task", `{"task_id":"task_1"}`)
	}
	call(t, connect(t, &mcp.StreamableClientTransport{Endpoint: endpoint, DisableStandaloneSSE: true}), "get_task", `{"task_id":"task_1"}`)
	var got []string
	for _, r := range f.sent() {
		got = append(got, r.authorization)
	}
	if strings.Join(got, "|") != "Bearer sk_test_a|Bearer sk_live_b|" {
		t.Errorf("keys %q", got)
	}
}

const ping = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_task","arguments":{"task_id":"task_1"}}}`

func post(t *testing.T, url, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"GET /v1/tasks/task_1": {say(taskRow)}}}
	endpoint := serveHTTP(t, f)
	for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
		if resp := post(t, endpoint, ping, headers...); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %s", headers, resp.Status)
		}
	}
	if len(f.sent()) > 0 {
		t.Errorf("sent %+v", f.sent())
	}
	for _, headers := range [][]string{{}, {"Origin", strings.TrimSuffix(endpoint, "/mcp")}} {
		if resp := post(t, endpoint, ping, headers...); resp.StatusCode != http.StatusOK {
			t.Errorf("%v: %s", headers, resp.Status)
		}
	}
}

func TestThePeerCannotBeMadeUp(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"GET /v1/tasks/task_1": {say(taskRow)}}}
	post(t, serveHTTP(t, f), ping, peerHeader, "10.0.0.1:80")
	if r := f.sent(); len(r) != 1 || !strings.HasPrefix(r[0].peer, "127.0.0.1:") {
		t.Errorf("sent %+v", r)
	}
}

func TestThereAreNoSessions(t *testing.T) {
	t.Parallel()
	f := &rest{answers: map[string][]http.HandlerFunc{"GET /v1/tasks/task_1": {say(taskRow)}}}
	endpoint := serveHTTP(t, f)
	resp := post(t, endpoint, ping)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Mcp-Session-Id") != "" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s, %v", resp.Status, resp.Header)
	}
	get, err := http.Get(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer get.Body.Close()
	if get.StatusCode != http.StatusMethodNotAllowed || get.Header.Get("Allow") == "" {
		t.Errorf("GET: %s", get.Status)
	}
}

func TestALargeMessageIsRefused(t *testing.T) {
	t.Parallel()
	if resp := post(t, serveHTTP(t, &rest{}), strings.Repeat(" ", maxBody+1)); resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%s", resp.Status)
	}
}
