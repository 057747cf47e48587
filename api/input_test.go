package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"
)

type shape struct {
	Body struct {
		Name  string            `json:"name" maxLength:"5"`
		Angle []string          `json:"angles,omitempty" maxItems:"2"`
		Box   *struct{ W int }  `json:"box,omitempty"`
		Free  map[string]any    `json:"free,omitempty"`
		Token string            `json:"token,omitempty" maxLength:"3"`
		Many  []map[string]bool `json:"many,omitempty"`
	}
}

func (w *world) shapes() {
	write(w.server, w.server.api, spec{ID: "shape", Method: http.MethodPost, Path: "/v1/shapes", Tag: "shapes", Scope: "tasks:write", Summary: "Shape", Description: "A test operation."},
		func(_ context.Context, _ pgx.Tx, c caller, _ *shape) (map[string]string, error) {
			return map[string]string{"body": string(c.Body)}, nil
		})
}

func TestBadBodiesAreRefusedInTheEnvelope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shapes()
	deep := func(n int) string {
		return `{"name":"n","free":{"d":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}`
	}
	for name, c := range map[string]struct {
		body   string
		status int
		path   string // of the one problem
		found  string // in it
	}{
		"malformed":             {`{"name":`, 400, "body", "offset 8"},
		"not json":              {`hello`, 400, "body", "offset 1"},
		"trailing":              {`{"name":"n"} {}`, 400, "body", "offset 14"},
		"array":                 {`[]`, 400, "body", "array"},
		"null":                  {`null`, 400, "body", "null"},
		"string":                {`"n"`, 400, "body", "n"},
		"unknown field":         {`{"name":"n","nickname":"n"}`, 400, "nickname", "unknown"},
		"casing":                {`{"Name":"n","name":"n"}`, 400, "Name", "unknown"},
		"missing":               {`{}`, 400, "name", "nothing"},
		"wrong type":            {`{"name":5}`, 400, "name", "5"},
		"nested":                {`{"name":"n","angles":["a",7]}`, 400, "angles[1]", "7"},
		"nested object":         {`{"name":"n","many":[{"x":"y"}]}`, 400, "many[0].x", "y"},
		"too long":              {`{"name":"123456"}`, 400, "name", "123456"},
		"a secret":              {`{"name":"n","token":"hunter2"}`, 400, "token", "not repeated"},
		"float for int":         {`{"name":"n","box":{"W":1.5}}`, 400, "box.W", "1.5"},
		"big int":               {`{"name":"n","box":{"W":1e30}}`, 400, "", ""},
		"huge number":           {`{"name":"n","free":{"x":1e400}}`, 400, "free.x", "1e400"},
		"tiny number":           {`{"name":"n","free":{"x":1e-40000}}`, 400, "free.x", "1e-40000"},
		"nul":                   {"{\"name\":\"a\x00b\"}", 400, "body", "NUL"},
		"escaped nul":           {`{"name":"a\u0000b"}`, 400, "body", "NUL"},
		"escaped nul in name":   {`{"name":"n","free":{"\u0000":1}}`, 400, "body", "NUL"},
		"escaped backslash":     {`{"name":"\\u00"}`, 200, "", ""},
		"lone surrogate":        {`{"name":"\ud800"}`, 400, "body", "surrogate"},
		"lone low surrogate":    {`{"name":"\udc00"}`, 400, "body", "surrogate"},
		"surrogate pair":        {`{"name":"\ud83d\ude00"}`, 200, "", ""},
		"invalid utf-8":         {"{\"name\":\"a\xffb\"}", 400, "body", "offset 10"},
		"duplicate":             {`{"name":"a","name":"b"}`, 400, "name", "twice"},
		"duplicate, escaped":    {`{"name":"a","\u006eame":"b"}`, 400, "name", "twice"},
		"duplicate below":       {`{"name":"a","free":{"x":[{"y":1,"y":2}]}}`, 400, "free.x[0].y", "twice"},
		"as deep as allowed":    {deep(62), 200, "", ""},
		"too deep":              {deep(63), 400, "body", "levels"},
		"bomb":                  {strings.Repeat("[", 500_000), 400, "body", "levels"},
		"a limit's length":      {`{"name":"n","free":{"x":"` + strings.Repeat("x", maxBody-28) + `"}}`, 200, "", ""},
		"over the limit":        {`{"name":"n","free":{"x":"` + strings.Repeat("x", maxBody) + `"}}`, 413, "", ""},
		"nothing":               {"", 400, "body", "nothing"},
		"plain":                 {`{"name":"n","angles":["a"],"box":{"W":1}}`, 200, "", ""},
		"whole number as float": {`{"name":"n","box":{"W":1.0}}`, 200, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := w.do(http.MethodPost, "/v1/shapes", c.body)
			if r.status != c.status {
				t.Fatalf("status %d, want %d: %.300s", r.status, c.status, r.body)
			}
			if c.status == 200 {
				return
			}
			e := r.err(t)
			if c.path == "" {
				return
			}
			problems := e.Details["errors"].([]any)
			p := problems[0].(map[string]any)
			if len(problems) != 1 || p["path"] != c.path || !strings.Contains(p["found"].(string), c.found) || p["expected"] == "" || p["fix"] == "" {
				t.Errorf("problems %v, want one at %q that found %q", problems, c.path, c.found)
			}
			if strings.Contains(r.body, "hunter2") {
				t.Error("a secret is repeated")
			}
		})
	}
}

func TestEveryProblemIsListedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shapes()
	e := w.want(400, http.MethodPost, "/v1/shapes", `{"angles":[1,2,3],"other":1}`).err(t)
	var paths []string
	for _, p := range e.Details["errors"].([]any) {
		paths = append(paths, p.(map[string]any)["path"].(string))
	}
	if got := strings.Join(paths, " "); got != "angles angles[0] angles[1] angles[2] name other" {
		t.Errorf("paths = %s", got)
	}
}

func TestOnlyPlainJSONIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shapes()
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=latin1": 415, "application/problem+json": 415, "a;;b": 415,
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON;charset=UTF-8": 200,
	} {
		if r := w.do(http.MethodPost, "/v1/shapes", `{"name":"n"}`, "Content-Type", contentType); r.status != status {
			t.Errorf("Content-Type %q = %d, want %d: %s", contentType, r.status, status, r.body)
		} else if status == 415 {
			r.err(t)
		}
	}
	w.want(415, http.MethodPost, "/v1/shapes", `{"name":"n"}`, "Content-Encoding", "gzip").err(t)
	// What the client accepts does not change what it is given.
	if r := w.want(400, http.MethodPost, "/v1/shapes", `{}`, "Accept", "text/html"); r.err(t).Code != "SCHEMA_VALIDATION_FAILED" {
		t.Errorf("answer %s", r.body)
	}
}

func TestOperationsWithoutABodyTakeNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	write(w.server, w.server.api, spec{ID: "bare", Method: http.MethodPost, Path: "/v1/bare", Tag: "bare", Scope: "tasks:write", Summary: "Bare", Description: "A test operation."},
		func(context.Context, pgx.Tx, caller, *nothing) (none, error) { return none{}, nil })
	for body, status := range map[string]int{"": 204, "{}": 204, `{"a":1}`: 400, "[]": 400, "{": 400} {
		if r := w.do(http.MethodPost, "/v1/bare", body); r.status != status {
			t.Errorf("body %q = %d, want %d: %s", body, r.status, status, r.body)
		}
	}
	if r := w.want(204, http.MethodPost, "/v1/bare", "", key("k")...); r.body != "" {
		t.Errorf("body %q", r.body)
	}
	if r := w.want(204, http.MethodPost, "/v1/bare", "", key("k")...); r.header.Get("Idempotency-Replayed") != "true" {
		t.Error("an answer without a body is not replayed")
	}
}

func TestOptionalBodiesMayBeLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type in struct {
		Body *struct {
			Reason string `json:"reason,omitempty"`
		}
	}
	write(w.server, w.server.api, spec{ID: "opt", Method: http.MethodPost, Path: "/v1/opt", Tag: "opt", Scope: "tasks:write", Summary: "Opt", Description: "A test operation."},
		func(_ context.Context, _ pgx.Tx, _ caller, in *in) (map[string]bool, error) {
			return map[string]bool{"given": in.Body != nil}, nil
		})
	for body, want := range map[string]string{"": `{"given":false}`, "{}": `{"given":true}`, `{"reason":"r"}`: `{"given":true}`} {
		if r := w.want(200, http.MethodPost, "/v1/opt", body); strings.TrimSpace(r.body) != want {
			t.Errorf("body %q = %s", body, r.body)
		}
	}
	w.want(400, http.MethodPost, "/v1/opt", `{"raeson":"r"}`).err(t)
}

func TestOperationsMayCheckTheirBodyThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	write(w.server, w.server.api, spec{ID: "raw", Method: http.MethodPost, Path: "/v1/raw", Tag: "raw", Scope: "tasks:write", Summary: "Raw", Description: "A test operation.", Body: &huma.Schema{Type: "object"}},
		func(_ context.Context, _ pgx.Tx, c caller, _ *nothing) (map[string]string, error) {
			return map[string]string{"got": string(c.Body)}, nil
		})
	if r := w.want(200, http.MethodPost, "/v1/raw", `{"any": [1]}`).json(t); r["got"] != `{"any": [1]}` {
		t.Errorf("got %v", r)
	}
	w.want(400, http.MethodPost, "/v1/raw", "").err(t)
	w.want(400, http.MethodPost, "/v1/raw", `{"a":1,"a":2}`).err(t)
}

func TestBadURLsAreRefusedInTheEnvelope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, status := range map[string]int{
		"/v1/talent/search?limit=1&limit=2": 400, "/v1/talent/search?nope=1": 400, "/v1/talent/search?city=%00": 400, "/v1/talent/search?city=%ff": 400, "/v1/talent/search?city=%zz": 400,
		"/v1/talent/search?lat=NaN&lng=1": 400, "/v1/talent/search?lat=Inf&lng=1": 400, "/v1/talent/search?lat=0x1p1&lng=1": 400, "/v1/talent/search?lat=91&lng=1": 400, "/v1/talent/search?lat=1": 400,
		"/v1/talent/search?starting_after=": 400, "/v1/talent/search?a;b": 400,
		"/v1/talent/search?lat=0&lng=0": 200, "/v1/talent/search?city=": 200,
		"/v1/talent/%00": 400, "/v1/talent/%ff": 400, "/v1/talent/" + strings.Repeat("x", 65): 400, "/v1/talent/nobody": 404,
		"/v1/nope": 404, "/v1/talent/": 404, "/v1": 404, "/v1/talent/a%2Fb": 404, "//": 404, "/v1/talent/search/": 404,
	} {
		r := w.do(http.MethodGet, path, "")
		if r.status != status {
			t.Errorf("%s = %d, want %d: %.300s", path, r.status, status, r.body)
		} else if status != 200 {
			r.err(t)
		}
	}
}

func TestUnknownMethodsAreRefusedWithWhatIsAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodTrace, "QUERY", http.MethodGet} {
		r := w.want(405, method, "/v1/talent", "")
		if allow := r.header.Get("Allow"); allow != "POST, OPTIONS" || r.err(t).Code != "METHOD_NOT_ALLOWED" {
			t.Errorf("%s: Allow %q, %s", method, allow, r.body)
		}
	}
	if r := w.want(204, http.MethodOptions, "/v1/talent/search", ""); r.header.Get("Allow") != "GET, HEAD, OPTIONS" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("OPTIONS: %v", r.header)
	}
	w.want(404, http.MethodOptions, "/nope", "")
	if r := w.want(200, http.MethodHead, "/v1/templates", ""); r.body != "" {
		t.Errorf("HEAD has a body")
	}
	w.want(404, http.MethodHead, "/nope", "")
}

func TestPanicsAreAnsweredAndTheServerLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(func(context.Context, pgx.Tx) error { panic("hunter2") })
	r := w.want(500, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if r.err(t).Code != "INTERNAL" || strings.Contains(r.body, "hunter2") || !strings.Contains(w.log.String(), "hunter2") {
		t.Errorf("answer %s", r.body)
	}
	if w.effects("n") != 0 {
		t.Error("a panic left something")
	}
	w.want(200, http.MethodGet, "/healthz", "")
}

func TestBodiesThatNeverEndAreCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shapes()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/shapes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n", w.key)
	go func() {
		chunk := strings.Repeat(" ", 1<<16)
		for range 17 {
			if _, err := io.WriteString(conn, chunk); err != nil {
				return
			}
		}
	}()
	got := make([]byte, 12)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "HTTP/1.1 413" {
		t.Errorf("answer %q, %v", got, err)
	}
}
