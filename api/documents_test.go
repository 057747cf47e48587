package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/templates"
)

func TestOpenAPIDescribesEveryOperationFully(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.want(200, http.MethodGet, "/openapi.json", "", "Authorization", "")
	doc := r.json(t)
	if !strings.HasPrefix(doc["openapi"].(string), "3.1.") || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("openapi %v, Content-Type %s", doc["openapi"], r.header.Get("Content-Type"))
	}
	ids := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, v := range item.(map[string]any) {
			op, name := v.(map[string]any), method+" "+path
			if id := op["operationId"].(string); ids[id] {
				t.Errorf("%s: operationId %s is taken", name, id)
			} else {
				ids[id] = true
			}
			for _, field := range []string{"summary", "description", "tags", "security", "x-rate-limit-group"} {
				if op[field] == nil || op[field] == "" {
					t.Errorf("%s has no %s", name, field)
				}
			}
			responses := op["responses"].(map[string]any)
			for _, status := range []string{"400", "401", "429", "500", "503"} {
				if responses[status] == nil {
					t.Errorf("%s: %s is not documented", name, status)
				}
			}
			for _, status := range []string{"422", "default"} {
				if responses[status] != nil {
					t.Errorf("%s documents %s", name, status)
				}
			}
			if strings.Contains(path, "{") && responses["404"] == nil {
				t.Errorf("%s: 404 is not documented", name)
			}
			success := 0
			for status, v := range responses {
				response := v.(map[string]any)
				if status[0] == '2' {
					success++
				}
				if response["headers"].(map[string]any)["X-Request-Id"] == nil {
					t.Errorf("%s %s: X-Request-Id is not documented", name, status)
				}
				if status[0] > '2' && response["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)["$ref"] != "#/components/schemas/Error" {
					t.Errorf("%s %s is not the envelope", name, status)
				}
			}
			if success != 1 {
				t.Errorf("%s documents %d successes", name, success)
			}
			if method == "post" {
				if op["x-idempotency"] != "supported" || responses["409"] == nil || !strings.Contains(jsonOf(t, op["parameters"]), "Idempotency-Key") {
					t.Errorf("%s does not document its idempotency", name)
				}
			}
		}
	}
	for _, text := range []string{"422", "ErrorModel", "problem+json"} {
		if strings.Contains(r.body, text) {
			t.Errorf("the document mentions %s", text)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLLMsTextIsCompleteAndShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text := w.want(200, http.MethodGet, "/llms.txt", "", "Authorization", "").body
	if len(text) >= 20_000 {
		t.Errorf("%d bytes, want under 20,000", len(text))
	}
	for _, op := range w.server.operations() {
		if !strings.Contains(text, "`"+op.Method+" "+op.Path+"`") {
			t.Errorf("%s %s is not in it", op.Method, op.Path)
		}
	}
	for _, template := range templates.All() {
		if !strings.Contains(text, template.TaskType) {
			t.Errorf("%s is not in it", template.TaskType)
		}
	}
	for _, e := range event.Types() {
		if !strings.Contains(text, string(e)) {
			t.Errorf("%s is not in it", e)
		}
	}
	for code, status := range statuses {
		if meanings[code] == "" || !strings.Contains(text, strconv.Itoa(status)+" "+string(code)) {
			t.Errorf("%s is not in it", code)
		}
	}
}

func TestRootMapsEveryEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.want(200, http.MethodGet, "/", "", "Authorization", "").json(t)
	if n := len(root["endpoints"].(map[string]any)); n != len(w.server.operations()) {
		t.Errorf("%d endpoints, %d operations", n, len(w.server.operations()))
	}
	for _, path := range documentPaths {
		r := w.want(200, http.MethodGet, path, "", "Authorization", "")
		if r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s may not be read by other origins", path)
		}
	}
	plugin := w.want(200, http.MethodGet, "/.well-known/ai-plugin.json", "").json(t)
	if plugin["schema_version"] != "v1" || plugin["api"].(map[string]any)["url"] != "https://api.example.com/openapi.json" {
		t.Errorf("plugin %v", plugin)
	}
	card := w.want(200, http.MethodGet, "/.well-known/agent-card.json", "").json(t)
	if len(card["skills"].([]any)) != 10 {
		t.Errorf("card %v", card)
	}
}

var assets = regexp.MustCompile(`(?i)<script|<link|<img|<iframe|@import|url\(|src=`)

func TestDocsPageLoadsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.want(200, http.MethodGet, "/docs", "", "Authorization", "")
	if found := assets.FindString(r.body); found != "" {
		t.Errorf("the page holds %s", found)
	}
	for _, op := range w.server.operations() {
		if !strings.Contains(r.body, `id="`+op.OperationID+`"`) {
			t.Errorf("%s is not on the page", op.OperationID)
		}
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(r.body, -1) {
		if !strings.Contains(r.body, `id="`+m[1]+`"`) {
			t.Errorf("the link to %s leads nowhere", m[1])
		}
	}
}

func TestTemplatesAreShownWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.want(200, http.MethodGet, "/v1/templates", "").json(t)
	if n := len(l["templates"].([]any)); n != 10 || l["has_more"] != false {
		t.Errorf("%d templates, has_more %v", n, l["has_more"])
	}
	one := w.want(200, http.MethodGet, "/v1/templates/RETAIL_AUDIT_PHOTO_CHECK", "").json(t)
	for _, field := range []string{"task_spec_schema", "validation_rules", "acceptance_tests", "sample_payload"} {
		if one[field] == nil {
			t.Errorf("no %s", field)
		}
	}
	if e := w.want(404, http.MethodGet, "/v1/templates/NOPE", "").err(t); len(e.Details["task_types"].([]any)) != 10 {
		t.Errorf("details %v", e.Details)
	}
	p := w.want(200, http.MethodGet, "/v1/templates?limit=4&starting_after=PRODUCT_PHOTO_ECOMM", "").json(t)
	if first := p["templates"].([]any)[0].(map[string]any)["task_type"]; first != "UGC_VERTICAL_BATCH" || p["has_more"] != true {
		t.Errorf("page starts at %v", first)
	}
	w.want(400, http.MethodGet, "/v1/templates?starting_after=NOPE", "").err(t)
}

func TestHealthTellsDatabaseAndMigrations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, http.MethodGet, "/readyz", "", "Authorization", "")
	w.server.Ready = func(context.Context) error { return errors.New("migrations pending") }
	if e := w.want(503, http.MethodGet, "/readyz", "").err(t); e.Code != "UNAVAILABLE" {
		t.Errorf("%v", e)
	}
	w.server.Ready = nil
	w.pool.Close()
	r := w.want(503, http.MethodGet, "/readyz", "")
	if r.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	w.want(200, http.MethodGet, "/healthz", "")
}

func TestRequestsAreMeasuredByRoute(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewPedanticRegistry()
	w := newWorld(t, func(s *Server) { s.Metrics = registry })
	// Measured after the answer: ask the handler itself, which returns after both.
	for _, r := range [][2]string{{"GET", "/v1/templates/RETAIL_AUDIT_PHOTO_CHECK"}, {"GET", "/v1/templates/NOPE"}, {"GET", "/nope"}, {"BREW", "/v1/templates"}} {
		w.server.router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), r[0], r[1], nil))
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || len(families[0].Metric) != 4 {
		t.Errorf("%v, %v", families, err)
	}
}
