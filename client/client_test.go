package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/humandispatch/humandispatch/client"
)

// server answers each request with the next of its answers, the last one for
// all that follow, and keeps what it was sent.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []http.HandlerFunc
	requests []sent
}

type sent struct {
	method, url, body string
	header            http.Header
}

func serve(t *testing.T, answers ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.requests = append(s.requests, sent{r.Method, r.URL.RequestURI(), string(body), r.Header})
		answer := s.answers[0]
		if len(s.answers) > 1 {
			s.answers = s.answers[1:]
		}
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) sent() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *server) client(options ...client.Option) *client.Client {
	return client.New(s.URL+"/", "sk_test_x", append([]client.Option{client.WithRetries(2, time.Microsecond)}, options...)...)
}

func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func breakOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func halfAnAnswer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"id":`)
}

func TestARequestIsTriedAgainUnderItsKey(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]http.HandlerFunc{
		"connection":  breakOff,
		"half":        halfAnAnswer,
		"rate limit":  status(429, `{"error":{"code":"RATE_LIMITED"}}`),
		"bad gateway": status(502, "<html>"),
		"unavailable": status(503, `{"error":{"code":"UNAVAILABLE"}}`),
		"timeout":     status(504, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, failure, failure, status(201, `{"id":"book_1","amount":249.50,"new_field":{}}`))
			booking, err := s.client().CreateBooking(t.Context(), "quo_1")
			if err != nil {
				t.Fatal(err)
			}
			if booking.ID != "book_1" || booking.Amount != "249.50" {
				t.Errorf("got %+v", booking)
			}
			requests := s.sent()
			if len(requests) != 3 {
				t.Fatalf("%d requests, want 3", len(requests))
			}
			key := requests[0].header.Get("Idempotency-Key")
			if len(key) < 20 {
				t.Errorf("idempotency key %q", key)
			}
			for _, r := range requests {
				if r.method != "POST" || r.url != "/v1/bookings" || r.body != `{"quote_id":"quo_1"}` || r.header.Get("Idempotency-Key") != key || r.header.Get("Authorization") != "Bearer sk_test_x" || r.header.Get("Content-Type") != "application/json" {
					t.Errorf("sent %+v", r)
				}
			}
		})
	}
}

func TestEveryPostHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	s := serve(t, status(200, `{}`))
	c := s.client()
	for range 2 {
		if _, err := c.AcceptQuote(t.Context(), "quo_1"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.AcceptQuote(client.IdempotencyKey(t.Context(), "mine"), "quo_1"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetTask(t.Context(), "task_1"); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, r := range s.sent() {
		keys = append(keys, r.header.Get("Idempotency-Key"))
	}
	if keys[0] == keys[1] || keys[0] == "" || keys[2] != "mine" || keys[3] != "" {
		t.Errorf("keys %q", keys)
	}
}

func TestWhatCannotSucceedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []int{400, 401, 402, 403, 404, 409, 413, 500} {
		s := serve(t, status(code, `{"error":{"code":"X"}}`))
		_, err := s.client().GetTask(t.Context(), "task_1")
		if client.CodeOf(err) != "X" || len(s.sent()) != 1 {
			t.Errorf("%d: %v after %d requests", code, err, len(s.sent()))
		}
	}
}

func TestTriesEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, status(503, `{"error":{"code":"UNAVAILABLE","message":"busy"}}`))
	_, err := s.client().GetTask(t.Context(), "task_1")
	if client.CodeOf(err) != "UNAVAILABLE" || len(s.sent()) != 3 {
		t.Errorf("%v after %d requests", err, len(s.sent()))
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	limited := func(retryAfter string) http.HandlerFunc {
		return status(429, `{"error":{"code":"RATE_LIMITED"}}`, "Retry-After", retryAfter)
	}
	t.Run("longer than the caller waits", func(t *testing.T) {
		t.Parallel()
		for _, header := range []string{"3600", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)} {
			s := serve(t, limited(header))
			_, err := s.client().GetTask(t.Context(), "task_1")
			if client.CodeOf(err) != "RATE_LIMITED" || len(s.sent()) != 1 {
				t.Errorf("%s: %v after %d requests", header, err, len(s.sent()))
			}
		}
	})
	t.Run("ended by the context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			limited("30")(w, r)
			cancel()
		})
		_, err := s.client().GetTask(ctx, "task_1")
		if !errors.Is(err, context.Canceled) || len(s.sent()) != 1 {
			t.Errorf("%v after %d requests", err, len(s.sent()))
		}
	})
}

// transport answers without a network, so that time can be made up.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestWaitsGrowUnlessTheServerSaysHowLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		fake := transport(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			w := httptest.NewRecorder()
			switch len(at) {
			case 3:
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(429)
			case 4:
				_, _ = io.WriteString(w, `{"id":"task_1"}`)
			default:
				w.WriteHeader(503)
			}
			return w.Result(), nil
		})
		c := client.New("http://api.example", "sk_test_x", client.WithHTTPClient(&http.Client{Transport: fake}), client.WithRetries(3, 4*time.Second))
		if _, err := c.GetTask(t.Context(), "task_1"); err != nil {
			t.Fatal(err)
		}
		for i, bounds := range [][2]time.Duration{{2 * time.Second, 4 * time.Second}, {4 * time.Second, 8 * time.Second}, {7 * time.Second, 7 * time.Second}} {
			if wait := at[i+1].Sub(at[i]); wait < bounds[0] || wait > bounds[1] {
				t.Errorf("wait %d was %s, want %s", i+1, wait, bounds)
			}
		}
	})
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	s := serve(t, status(400, `{"error":{"http_status":400,"code":"SCHEMA_VALIDATION_FAILED","message":"Task validation failed",
		"details":{"errors":[{"path":"budget.max_total","found":"-1","expected":"a positive amount","fix":"Set max_total"}],"n":3},"request_id":"req_1"}}`))
	_, err := s.client().CreateTask(t.Context(), json.RawMessage(`{"task_type":"X"}`))
	var answered *client.Error
	if !errors.As(err, &answered) {
		t.Fatalf("got %v", err)
	}
	if answered.HTTPStatus != 400 || answered.Code != "SCHEMA_VALIDATION_FAILED" || answered.RequestID != "req_1" || answered.Details["n"] != 3.0 {
		t.Errorf("got %+v", answered)
	}
	if p := answered.Problems(); len(p) != 1 || p[0].Path != "budget.max_total" || p[0].Fix != "Set max_total" {
		t.Errorf("problems %+v", p)
	}
	for _, part := range []string{"SCHEMA_VALIDATION_FAILED", "budget.max_total", "Set max_total", "req_1"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
}

func TestAnAnswerOfSomethingBetween(t *testing.T) {
	t.Parallel()
	s := serve(t, status(404, "<html>no such host "+strings.Repeat("x", 1000)))
	_, err := s.client().GetTask(t.Context(), "task_1")
	var answered *client.Error
	if !errors.As(err, &answered) || answered.Code != "HTTP_404" || len(answered.Message) > 300 || answered.Problems() != nil {
		t.Errorf("got %v", err)
	}
}

func TestAnUnreachableServerIsSaidWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := serve(t, status(200, ""))
	c := s.client()
	s.Close()
	err := c.Do(t.Context(), http.MethodGet, "/v1/tasks?signature=secret", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "/v1/tasks") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestListsAreFollowedToTheirEnd(t *testing.T) {
	t.Parallel()
	s := serve(t,
		status(200, `{"data":[{"id":"task_1"},{"id":"task_2"}],"has_more":true}`),
		status(200, `{"data":[{"id":"task_3"}],"has_more":false}`))
	var ids []string
	for task, err := range s.client().AllTasks(t.Context(), client.TaskFilter{Page: client.Page{Limit: 2}, Status: "open"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, task.ID)
	}
	if !slices.Equal(ids, []string{"task_1", "task_2", "task_3"}) {
		t.Errorf("ids %q", ids)
	}
	var urls []string
	for _, r := range s.sent() {
		urls = append(urls, r.url)
	}
	if !slices.Equal(urls, []string{"/v1/tasks?limit=2&status=open", "/v1/tasks?limit=2&starting_after=task_2&status=open"}) {
		t.Errorf("urls %q", urls)
	}
}

func TestAListEndsAtAnErrorAndWhenTheCallerHasEnough(t *testing.T) {
	t.Parallel()
	s := serve(t, status(200, `{"data":[{"id":"pay_1"},{"id":"pay_2"}],"has_more":true}`), status(403, `{"error":{"code":"AUTH_SCOPE_DENIED"}}`))
	for _, err := range s.client().AllPayouts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if len(s.sent()) != 1 {
		t.Errorf("%d requests for one payout", len(s.sent()))
	}
	var last error
	n := 0
	for _, err := range s.client().AllPayouts(t.Context()) {
		last = err
		n++
	}
	if n != 1 || client.CodeOf(last) != "AUTH_SCOPE_DENIED" {
		t.Errorf("%d rounds, %v", n, last)
	}
}

func TestEventsAreFollowedBySequence(t *testing.T) {
	t.Parallel()
	s := serve(t,
		status(200, `{"data":[{"id":"evt_1","sequence":8},{"id":"evt_2","sequence":9}],"has_more":false}`),
		status(200, `{"data":[],"has_more":false}`),
		status(200, `{"data":[{"id":"evt_3","sequence":10,"type":"qa.completed","data":{"object":{"x":1}}}],"has_more":false}`))
	var last client.Event
	for e, err := range s.client().Events(t.Context(), client.EventFilter{After: 7, Types: []string{"qa.completed", "payout.paid"}, Wait: 30 * time.Second}) {
		if err != nil {
			t.Fatal(err)
		}
		if last = e; e.ID == "evt_3" {
			break
		}
	}
	if string(last.Data.Object) != `{"x":1}` {
		t.Errorf("got %+v", last)
	}
	requests := s.sent()
	for i, after := range []int{7, 9, 9} {
		if want := "/v1/events?after=" + strconv.Itoa(after) + "&types=qa.completed%2Cpayout.paid&wait_seconds=30"; requests[i].url != want {
			t.Errorf("request %d: %s, want %s", i, requests[i].url, want)
		}
	}
}

func TestAnotherCallerOfTheSameServer(t *testing.T) {
	t.Parallel()
	s := serve(t, status(200, `{}`))
	c := s.client()
	if _, err := c.With("tk_talent").GetTalent(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.With("").GetTemplate(t.Context(), "A/B"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Balances(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.sent()
	if r[0].header.Get("Authorization") != "Bearer tk_talent" || r[1].header.Get("Authorization") != "" || r[2].header.Get("Authorization") != "Bearer sk_test_x" {
		t.Errorf("sent %+v", r)
	}
	if r[1].url != "/v1/templates/A%2FB" {
		t.Errorf("an id that is not one reached %s", r[1].url)
	}
}

func TestAnUploadIsSentWholeInEveryTry(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("image"), 20_000)
	var s *server
	presigned := func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"file_id":"file_1","method":"PUT","upload_url":"%s/files/file_1?signature=secret","headers":{"Content-Type":"image/jpeg"}}`, s.URL)
	}
	s = serve(t, presigned, status(503, ""), breakOff, status(200, `{"bytes":100000}`))
	id, err := s.client().UploadFile(t.Context(), client.NewFile{Filename: "front.jpg", ContentType: "image/jpeg", Bytes: int64(len(content))}, bytes.NewReader(content))
	if err != nil || id != "file_1" {
		t.Fatalf("%q, %v", id, err)
	}
	requests := s.sent()
	if want := `{"filename":"front.jpg","content_type":"image/jpeg","bytes":100000}`; requests[0].body != want {
		t.Errorf("announced %s", requests[0].body)
	}
	for _, put := range requests[1:] {
		if put.method != "PUT" || put.url != "/files/file_1?signature=secret" || put.body != string(content) || put.header.Get("Content-Type") != "image/jpeg" || put.header.Get("Authorization") != "" || put.header.Get("Content-Length") != "100000" {
			t.Errorf("sent %s %s with %d bytes, %v", put.method, put.url, len(put.body), put.header)
		}
	}
}

func TestAnUploadWhoseAnswerWasLostHasArrived(t *testing.T) {
	t.Parallel()
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of hello
	for stored, want := range map[string]bool{sum: true, strings.Repeat("0", 64): false} {
		var s *server
		presigned := func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"file_id":"file_1","method":"PUT","upload_url":"%s/bucket/file_1"}`, s.URL)
		}
		s = serve(t, presigned, breakOff, status(412, "<Error><Code>PreconditionFailed</Code></Error>"), status(200, `{"id":"file_1","status":"uploaded","sha256":"`+stored+`"}`))
		_, err := s.client().UploadFile(t.Context(), client.NewFile{Filename: "a.txt", ContentType: "text/plain", Bytes: 5}, strings.NewReader("hello"))
		if (err == nil) != want {
			t.Errorf("stored %s: %v", stored, err)
		}
	}
}

func TestOptionalBodiesAndParametersAreLeftOut(t *testing.T) {
	t.Parallel()
	lat, lng := 43.65, -79.38
	ctx := t.Context()
	for want, do := range map[string]func(*client.Client) error{
		"POST /v1/work_orders/wo_1/accept ": func(c *client.Client) error { _, err := c.AcceptWork(ctx, "wo_1"); return err },
		`POST /v1/work_orders/wo_1/accept {"deliverable_ids":["del_1"]}`: func(c *client.Client) error {
			_, err := c.AcceptWork(ctx, "wo_1", "del_1")
			return err
		},
		"POST /v1/work_orders/wo_1/request_changes ": func(c *client.Client) error { _, err := c.RequestChanges(ctx, "wo_1", ""); return err },
		"POST /v1/work_orders/wo_1/qa ":              func(c *client.Client) error { _, err := c.RerunQA(ctx, "wo_1"); return err },
		"GET /v1/work_orders/wo_1/qa ":               func(c *client.Client) error { _, err := c.GetQA(ctx, "wo_1", 0); return err },
		"GET /v1/work_orders/wo_1/qa?wait_seconds=30 ": func(c *client.Client) error {
			_, err := c.GetQA(ctx, "wo_1", 30*time.Second)
			return err
		},
		"POST /v1/tasks/task_1/quote_requests {}": func(c *client.Client) error {
			_, err := c.RequestQuotes(ctx, "task_1", client.InviteTalent{})
			return err
		},
		`POST /v1/bookings/book_1/cancel?dry_run=true {"reason":"rain"}`: func(c *client.Client) error {
			_, err := c.CancelBooking(ctx, "book_1", "rain", true)
			return err
		},
		"GET /v1/talent/search?lat=43.65&lng=-79.38&skills=photography%2Cretail ": func(c *client.Client) error {
			_, err := c.SearchTalent(ctx, client.TalentFilter{Skills: []string{"photography", "retail"}, Lat: &lat, Lng: &lng})
			return err
		},
		`POST /v1/quote_requests/qr_1/quotes {"amount":249.5}`: func(c *client.Client) error {
			_, err := c.SubmitQuote(ctx, "qr_1", client.NewQuote{Amount: "249.5"})
			return err
		},
		"DELETE /v1/webhooks/wh_1 ": func(c *client.Client) error { return c.DeleteWebhook(ctx, "wh_1") },
	} {
		s := serve(t, status(200, `{}`))
		if err := do(s.client()); err != nil {
			t.Errorf("%s: %v", want, err)
		}
		r := s.sent()[0]
		if got := r.method + " " + r.url + " " + r.body; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
}

func TestAReplayIsTold(t *testing.T) {
	t.Parallel()
	s := serve(t, status(201, `{"id":"task_1"}`, "Idempotency-Replayed", "true"), status(201, `{}`), status(409, `{"error":{"code":"INVALID_STATE"}}`, "Idempotency-Replayed", "true"))
	c := s.client()
	for _, replayed := range []bool{true, false} {
		answer, err := c.Raw(t.Context(), "POST", "/v1/tasks", nil)
		if err != nil || answer.Replayed != replayed {
			t.Errorf("got %+v, %v", answer, err)
		}
	}
	_, err := c.Raw(t.Context(), "POST", "/v1/tasks", nil)
	var refused *client.Error
	if !errors.As(err, &refused) || !refused.Replayed {
		t.Errorf("got %v", err)
	}
}
