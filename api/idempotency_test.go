package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type noteIn struct {
	Body struct {
		Name string `json:"name" maxLength:"50"`
	}
}

type noteOut struct {
	ID string `json:"id"`
}

var note = spec{ID: "note", Method: http.MethodPost, Path: "/v1/notes", Tag: "notes", Scope: "tasks:write", Summary: "Note", Description: "A test operation.", Status: 201}

// notes registers an operation whose effect is an account row, so that tests can count effects.
func (w *world) notes(after func(ctx context.Context, tx pgx.Tx) error) {
	write(w.server, w.server.api, note, func(ctx context.Context, tx pgx.Tx, c caller, in *noteIn) (noteOut, error) {
		a, err := account.Create(ctx, tx, c.Now, in.Body.Name, true, time.Hour)
		if err == nil && after != nil {
			err = after(ctx, tx)
		}
		return noteOut{a.ID}, err
	})
}

// effects counts what notes of a name have left.
func (w *world) effects(name string) (n int) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), `SELECT count(*) FROM accounts WHERE name = $1`, name).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

func key(k string) []string { return []string{"Idempotency-Key", k} }

func TestSameKeyReplaysTheFirstAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	first := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k1")...)
	again := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k1")...)
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("Idempotency-Replayed = %q, then %q", first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
	}
	if first.body != again.body || again.header.Get("Content-Type") != "application/json" {
		t.Errorf("replayed %q, first %q", again.body, first.body)
	}
	if first.header.Get("X-Request-Id") == again.header.Get("X-Request-Id") {
		t.Error("both requests have one id")
	}
	if n := w.effects("n"); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestSecretInAnAnswerIsNotReadableInTheDatabase(t *testing.T) {
	t.Parallel()
	old, fresh := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	w := newWorld(t, func(s *Server) { s.AnswerKeys = [][]byte{old} })
	token := w.want(201, http.MethodPost, "/v1/talent", ada, key("k")...).json(t)["token"].(string)
	var leaks bool
	err := w.pool.QueryRow(t.Context(), `SELECT position(convert_to($1, 'UTF8') IN body || coalesce(sealed, '')) > 0 FROM idempotency_keys`, token).Scan(&leaks)
	if err != nil || leaks {
		t.Errorf("the token can be read: %t, %v", leaks, err)
	}
	// Another process of the deployment repeats the answer: also for another key of
	// the account, also after the secret changed while the old one is still given.
	other := bearer(w.newKey(w.acct, account.AgentScopes()...))
	with := func(keys ...[]byte) {
		t.Helper()
		if w.server.answers, err = newAnswerSealer(keys); err != nil {
			t.Fatal(err)
		}
	}
	with(fresh, old)
	if got := w.want(201, http.MethodPost, "/v1/talent", ada, append(key("k"), other...)...).json(t)["token"]; got != token {
		t.Errorf("repeated token = %v", got)
	}
	with(fresh)
	if e := w.want(409, http.MethodPost, "/v1/talent", ada, key("k")...).err(t); e.Code != "CONFLICT_IDEMPOTENCY" {
		t.Errorf("without the old secret: %v", e)
	}
	// A record moved to another key does not open there.
	with(old)
	if _, err := w.pool.Exec(t.Context(), `UPDATE idempotency_keys SET key = 'moved'`); err != nil {
		t.Fatal(err)
	}
	w.want(409, http.MethodPost, "/v1/talent", ada, key("moved")...)
}

func TestAnswerRecordedByThePreviousBinaryIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if _, err := w.pool.Exec(t.Context(), `UPDATE idempotency_keys SET status = 201, body = '{"id":"old"}', sealed = NULL`); err != nil {
		t.Fatal(err)
	}
	if got := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...); got.body != `{"id":"old"}` {
		t.Errorf("repeated %s", got.body)
	}
}

func TestKeyWithAnotherRequestIsAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	for _, other := range [][2]string{{"/v1/notes", `{"name":"m"}`}, {"/v1/notes", `{"name": "n"}`}, {"/v1/talent", ada}} {
		if e := w.want(409, http.MethodPost, other[0], other[1], key("k")...).err(t); e.Code != "CONFLICT_IDEMPOTENCY" {
			t.Errorf("%v = %v", other, e)
		}
	}
	if w.effects("m") != 0 {
		t.Error("the conflicting request had an effect")
	}
}

func TestKeysBelongToTheirCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	other := w.newKey(w.account("Other", true), account.AgentScopes()...)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, append(key("k"), bearer(other)...)...)
	if r.header.Get("Idempotency-Replayed") != "" || w.effects("n") != 2 {
		t.Errorf("another account was given the first one's answer")
	}
	// A second key of the same account is the same caller.
	second := w.newKey(w.acct, account.AgentScopes()...)
	r = w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, append(key("k"), bearer(second)...)...)
	if r.header.Get("Idempotency-Replayed") != "true" {
		t.Error("the account's second key does not replay")
	}
}

func TestTwoAtOnceHaveOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.notes(func(context.Context, pgx.Tx) error {
		once.Do(func() { close(arrived); <-release })
		return nil
	})
	replies := make(chan reply, 2)
	send := func() { replies <- w.do(http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...) }
	go send()
	<-arrived
	go send()
	// The second waits for the first one's lock; only then may the first go on.
	for waiting := 0; waiting == 0; {
		err := w.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	a, b := <-replies, <-replies
	if a.status != 201 || b.status != 201 || a.body != b.body {
		t.Errorf("answers %d %s and %d %s", a.status, a.body, b.status, b.body)
	}
	if (a.header.Get("Idempotency-Replayed") == "true") == (b.header.Get("Idempotency-Replayed") == "true") {
		t.Error("exactly one of them should be a replay")
	}
	if n := w.effects("n"); n != 1 {
		t.Errorf("%d effects", n)
	}
}

func TestManyAtOnceHaveOneEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	var wg sync.WaitGroup
	var fresh atomic.Int32
	for range 20 {
		wg.Go(func() {
			if r := w.do(http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...); r.status != 201 {
				t.Errorf("status %d: %s", r.status, r.body)
			} else if r.header.Get("Idempotency-Replayed") == "" {
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	if fresh.Load() != 1 || w.effects("n") != 1 {
		t.Errorf("%d fresh answers, %d effects", fresh.Load(), w.effects("n"))
	}
}

func TestRefusalUndoesItsWorkAndIsReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refuse := true
	w.notes(func(context.Context, pgx.Tx) error {
		if refuse {
			return fault.New(fault.InvalidState, "not now").With("current_state", "open")
		}
		return nil
	})
	first := w.want(409, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	refuse = false
	again := w.want(409, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if first.body != again.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	if w.effects("n") != 0 {
		t.Error("a refused request left something")
	}
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`)
}

func TestMistakesOfOursAndLimitsAreNotRecorded(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]struct {
		err    error
		status int
	}{
		"internal":          {errors.New("password=hunter2"), 500},
		"unavailable":       {fault.New(fault.Unavailable, "later"), 503},
		"limited":           {fault.New(fault.RateLimited, "slow down"), 429},
		"deadlock":          {&pgconn.PgError{Code: "40P01"}, 503},
		"limited, recorded": {recorded(fault.New(fault.RateLimited, "slow down")), 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			err := failure.err
			w.notes(func(context.Context, pgx.Tx) error { return err })
			r := w.want(failure.status, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
			r.err(t)
			if strings.Contains(r.body, "hunter2") {
				t.Error("an internal error is shown")
			}
			if failure.status == 500 && !strings.Contains(w.log.String(), "hunter2") {
				t.Error("an internal error is not logged")
			}
			err = nil
			if r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...); r.header.Get("Idempotency-Replayed") != "" {
				t.Error("replayed")
			}
		})
	}
}

func TestRecordedRefusalKeepsItsEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(func(context.Context, pgx.Tx) error { return recorded(fault.New(fault.PolicyBlocked, "no")) })
	w.want(403, http.MethodPost, "/v1/notes", `{"name":"plain"}`)
	w.want(403, http.MethodPost, "/v1/notes", `{"name":"keyed"}`, key("k")...)
	r := w.want(403, http.MethodPost, "/v1/notes", `{"name":"keyed"}`, key("k")...)
	if r.header.Get("Idempotency-Replayed") != "true" || w.effects("plain") != 1 || w.effects("keyed") != 1 {
		t.Errorf("replayed %q, effects %d and %d", r.header.Get("Idempotency-Replayed"), w.effects("plain"), w.effects("keyed"))
	}
}

func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tries := 0
	w.notes(func(context.Context, pgx.Tx) error {
		if tries++; tries < 3 {
			return &pgconn.PgError{Code: "40P01"}
		}
		return nil
	})
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if tries != 3 || w.effects("n") != 1 {
		t.Errorf("%d tries, %d effects", tries, w.effects("n"))
	}
}

// lost is a connection that breaks when the answer is written.
type lost struct{ http.ResponseWriter }

func (lost) Write([]byte) (int, error) { panic(http.ErrAbortHandler) }

func TestCrashBetweenCommitAndAnswerIsReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/notes", strings.NewReader(`{"name":"n"}`))
	req.Header.Set("Authorization", "Bearer "+w.key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "k")
	func() {
		defer func() {
			if recover() != any(http.ErrAbortHandler) {
				t.Error("the answer was written")
			}
		}()
		w.server.router.ServeHTTP(lost{httptest.NewRecorder()}, req)
	}()
	r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if r.header.Get("Idempotency-Replayed") != "true" || w.effects("n") != 1 {
		t.Errorf("replayed %q, %d effects", r.header.Get("Idempotency-Replayed"), w.effects("n"))
	}
}

func TestKeysEndAfter24Hours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	w.clock.Advance(24*time.Hour - time.Second)
	if r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...); r.header.Get("Idempotency-Replayed") != "true" {
		t.Error("forgotten too early")
	}
	w.clock.Advance(time.Second)
	if r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"other"}`, key("k")...); r.header.Get("Idempotency-Replayed") != "" {
		t.Error("still replayed")
	}
	purge := func(now time.Time) (n int64) {
		w.tx(func(tx pgx.Tx) (err error) { n, err = PurgeIdempotencyKeys(t.Context(), tx, now); return err })
		return n
	}
	if early, late := purge(w.clock.Now()), purge(w.clock.Now().Add(24*time.Hour)); early != 0 || late != 1 {
		t.Errorf("purged %d, then %d", early, late)
	}
}

func TestKeyIsCheckedBeforeUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.notes(nil)
	for _, bad := range []string{strings.Repeat("k", 256), "ключ", "a\tb"} {
		e := w.want(400, http.MethodPost, "/v1/notes", `{"name":"n"}`, key(bad)...).err(t)
		if e.Code != "SCHEMA_VALIDATION_FAILED" {
			t.Errorf("%q: %v", bad, e)
		}
	}
	if w.effects("n") != 0 {
		t.Error("a bad key had an effect")
	}
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key(strings.Repeat("k", 255))...)
}

func TestPreparationHappensOnceAndBeforeTheTransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	prepared := 0
	writePrepared(w.server, w.server.api, note,
		func(_ context.Context, _ caller, in *noteIn) (string, error) {
			prepared++
			if in.Body.Name == "bad" {
				return "", fault.Invalid("no", fault.Field{Path: "name"})
			}
			return in.Body.Name + "!", nil
		},
		func(ctx context.Context, tx pgx.Tx, c caller, _ *noteIn, name string) (noteOut, error) {
			a, err := account.Create(ctx, tx, c.Now, name, true, time.Hour)
			return noteOut{a.ID}, err
		})
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("k")...)
	if prepared != 1 || w.effects("n!") != 1 {
		t.Errorf("prepared %d times, %d effects", prepared, w.effects("n!"))
	}
	w.want(409, http.MethodPost, "/v1/notes", `{"name":"m"}`, key("k")...)
	w.want(400, http.MethodPost, "/v1/notes", `{"name":"bad"}`, key("k2")...)
	if r := w.want(400, http.MethodPost, "/v1/notes", `{"name":"bad"}`, key("k2")...); r.header.Get("Idempotency-Replayed") != "true" || prepared != 2 {
		t.Errorf("a refused preparation was not recorded: prepared %d times", prepared)
	}
}
