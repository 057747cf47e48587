package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// start is the instant that tests begin at.
var start = time.Date(2026, 4, 22, 14, 0, 0, 0, time.UTC)

// world is a running API with its own database and a key of a live account.
type world struct {
	*testing.T
	server *Server
	url    string
	pool   *pgxpool.Pool
	key    string // secret of an agent's key
	acct   account.Account
	log    *logged
	clock  *clock
}

type clock struct {
	lock sync.Mutex
	now  time.Time
}

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = c.now.Add(d)
}

// logged keeps what the server logs, from several goroutines.
type logged struct {
	lock sync.Mutex
	buf  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.buf.String()
}

// newWorld starts an API; limits are high unless a change says otherwise.
func newWorld(t *testing.T, changes ...func(*Server)) *world {
	t.Helper()
	w := &world{T: t, pool: dbtest.Database(t), log: &logged{}, clock: &clock{now: start}}
	w.server = &Server{
		Pool: w.pool, Now: w.clock.Now, Log: slog.New(slog.NewJSONHandler(w.log, nil)), PublicURL: "https://api.example.com", Version: "1.2.3",
		Limits: Limits{RequestsPerMinute: 1e6, MoneyPerMinute: 1e6, AddressPerMinute: 1e6},
	}
	key := bytes.Repeat([]byte{7}, 32)
	ledger, err := escrow.New(escrow.DefaultPolicy, escrow.Builtin{})
	if err != nil {
		t.Fatal(err)
	}
	if w.server.Sealer, err = webhook.NewSealer(key); err != nil {
		t.Fatal(err)
	}
	if w.server.Blob, err = blob.NewDisk(t.TempDir(), "https://api.example.com", key, w.clock.Now); err != nil {
		t.Fatal(err)
	}
	w.server.Dispatch = &dispatch.Dispatch{Ledger: ledger, Screener: policy.Default()}
	w.server.AnswerKeys = [][]byte{key}
	w.server.ReceiptKey = ed25519.NewKeyFromSeed(key)
	w.server.Gate = &webhook.Gate{AllowLoopback: true}
	w.server.Listener = event.NewListener(w.pool)
	listening, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = w.server.Listener.Run(listening) }()
	t.Cleanup(func() { stop(); <-ended })
	for _, change := range changes {
		change(w.server)
	}
	handler, err := w.server.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.acct = w.account("Agent", true)
	w.key = w.newKey(w.acct, account.AgentScopes()...)
	return w
}

func (w *world) tx(fn func(tx pgx.Tx) error) {
	w.Helper()
	if err := db.WithTx(w.Context(), w.pool, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) account(name string, livemode bool) (a account.Account) {
	w.Helper()
	w.tx(func(tx pgx.Tx) (err error) {
		a, err = account.Create(w.Context(), tx, w.clock.Now(), name, livemode, account.DefaultAcceptanceWindow)
		return err
	})
	return a
}

func (w *world) newKey(a account.Account, scopes ...string) (secret string) {
	w.Helper()
	w.tx(func(tx pgx.Tx) (err error) {
		_, secret, err = account.CreateKey(w.Context(), tx, w.clock.Now(), account.NewKey{AccountID: a.ID, Name: "test", Scopes: scopes})
		return err
	})
	return secret
}

// reply is a response, its body read.
type reply struct {
	status int
	header http.Header
	body   string
}

// json reads a value of the body by its path of names and indexes.
func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("the answer is not JSON: %v: %.300s", err, r.body)
	}
	return v
}

// err reads the error envelope and checks that it is whole.
func (r reply) err(t testing.TB) ErrorBody {
	t.Helper()
	var e Error
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		t.Fatalf("status %d: not the envelope: %v: %.300s", r.status, err, r.body)
	}
	switch {
	case e.Err.HTTPStatus != r.status:
		t.Errorf("http_status = %d, status is %d", e.Err.HTTPStatus, r.status)
	case e.Err.Code == "" || e.Err.Message == "":
		t.Errorf("envelope without code or message: %s", r.body)
	case e.Err.Details == nil:
		t.Errorf("details is not an object: %s", r.body)
	case r.header.Get("X-Request-Id") == "" || !strings.HasPrefix(e.Err.RequestID, "req_"):
		t.Errorf("request id: header %q, body %q", r.header.Get("X-Request-Id"), e.Err.RequestID)
	case r.header.Get("Content-Type") != "application/json":
		t.Errorf("Content-Type = %q", r.header.Get("Content-Type"))
	}
	return e.Err
}

// do sends a request with the world's key. Headers are name, value pairs and
// win over the defaults; a value of "" takes a default away.
func (w *world) do(method, path, body string, headers ...string) reply {
	w.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, reader)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Del(headers[i])
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req) // no redirects followed
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	w.documented(method, path, res.StatusCode)
	return reply{res.StatusCode, res.Header, string(got)}
}

// documented demands of every answer of every test that the OpenAPI document
// names its status.
func (w *world) documented(method, path string, status int) {
	w.Helper()
	path, _, _ = strings.Cut(path, "?")
	route := chi.NewRouteContext()
	if status == http.StatusMethodNotAllowed || !w.server.router.Match(route, method, path) {
		return
	}
	for _, op := range w.server.operations() {
		if op.Method == method && op.Path == route.RoutePattern() && op.Responses[strconv.Itoa(status)] == nil {
			w.Errorf("%s %s answered %d, which is not documented", method, op.Path, status)
		}
	}
}

// want sends a request and demands a status.
func (w *world) want(status int, method, path, body string, headers ...string) reply {
	w.Helper()
	r := w.do(method, path, body, headers...)
	if r.status != status {
		w.Fatalf("%s %s = %d, want %d: %.500s\n%s", method, path, r.status, status, r.body, w.log)
	}
	return r
}

// bearer makes the header pair for another key or token.
func bearer(secret string) []string { return []string{"Authorization", "Bearer " + secret} }
