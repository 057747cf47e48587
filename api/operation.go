package api

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// spec describes an operation: what it is, who may use it and what it can answer.
type spec struct {
	ID          string // operationId, snake case: create_task
	Method      string
	Path        string // with {id} for parameters
	Summary     string // one line
	Description string // what an agent must know to use it
	Tag         string // the noun: tasks, quotes, …

	Scope  string // an API key needs it: tasks:write; empty: API keys are refused
	Talent bool   // talent tokens are accepted
	Public bool   // a key is welcome (its limits count) but not needed

	Money    bool         // counted against the money limit too
	LongPoll bool         // may wait up to 60 seconds before it answers
	Status   int          // of success; 200, or 204 when the output is none
	Errors   []fault.Code // beyond those that its method, path and access imply

	Example any          // of the request body, for the OpenAPI document
	Body    *huma.Schema // documents a body that fn checks itself from caller.Body; the input then has no Body field
}

// none is the output of operations that answer 204 without a body.
type none struct{}

// nothing is the input of operations without parameters or body.
type nothing struct{}

// ByID is the input of operations on one object, alone or embedded. (It is
// exported because huma passes over unexported embedded fields.)
type ByID struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"The id of the object"`
}

// write registers an operation that changes something. fn runs in one
// transaction with the idempotency record; an error rolls its work back, unless
// it is wrapped by recorded. fn may run again when Postgres asks for it
// (serialization failure, deadlock), so it changes nothing but the transaction.
func write[I, O any](s *Server, a huma.API, sp spec, fn func(ctx context.Context, tx pgx.Tx, c caller, in *I) (O, error)) {
	register[I, O](s, a, sp, func(ctx context.Context, c caller, k idempotencyKey, in *I) answer {
		return s.effect(ctx, c, k, statusOf[O](sp), func(tx pgx.Tx) (any, error) { return output[O](fn(ctx, tx, c, in)) })
	})
}

// writePrepared is write with a step before the transaction, for network and
// file work; what prepare returns reaches fn. A request that replays a recorded
// answer is not prepared again.
func writePrepared[I, P, O any](s *Server, a huma.API, sp spec,
	prepare func(ctx context.Context, c caller, in *I) (P, error),
	fn func(ctx context.Context, tx pgx.Tx, c caller, in *I, prepared P) (O, error),
) {
	register[I, O](s, a, sp, func(ctx context.Context, c caller, k idempotencyKey, in *I) answer {
		if replay, found, err := s.recall(ctx, c, k); err != nil {
			return s.failure(ctx, c.RequestID, err)
		} else if found {
			return replay
		}
		prepared, failed := prepare(ctx, c, in)
		return s.effect(ctx, c, k, statusOf[O](sp), func(tx pgx.Tx) (any, error) {
			if failed != nil {
				return nil, failed // a refusal is recorded under the key like any other
			}
			return output[O](fn(ctx, tx, c, in, prepared))
		})
	})
}

// read registers an operation that only looks: fn sees one snapshot of the
// database and cannot write.
func read[I, O any](s *Server, a huma.API, sp spec, fn func(ctx context.Context, tx pgx.Tx, c caller, in *I) (O, error)) {
	readRaw(s, a, sp, func(ctx context.Context, c caller, in *I) (O, error) {
		return db.In(ctx, s.Pool, func(tx pgx.Tx) (O, error) {
			if _, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"); err != nil {
				var zero O
				return zero, err
			}
			return fn(ctx, tx, c, in)
		})
	})
}

// readRaw registers an operation that only looks and opens transactions of its
// own, because it waits between them or needs none. By POST, for what does not
// fit into a URL, it takes an Idempotency-Key like every POST.
func readRaw[I, O any](s *Server, a huma.API, sp spec, fn func(ctx context.Context, c caller, in *I) (O, error)) {
	if sp.Method == http.MethodPost {
		writePrepared(s, a, sp, fn, func(_ context.Context, _ pgx.Tx, _ caller, _ *I, out O) (O, error) { return out, nil })
		return
	}
	register[I, O](s, a, sp, func(ctx context.Context, c caller, _ idempotencyKey, in *I) answer {
		out, err := output[O](fn(ctx, c, in))
		if err == nil {
			var body []byte
			if body, err = encode(out); err == nil {
				return answer{status: statusOf[O](sp), body: body}
			}
		}
		return s.failure(ctx, c.RequestID, err)
	})
}

// output forgets the type of a result; none becomes nil.
func output[O any](out O, err error) (any, error) {
	if _, empty := any(out).(none); empty {
		return nil, err
	}
	return out, err
}

func encode(out any) ([]byte, error) {
	if out == nil {
		return nil, nil
	}
	return marshal(out)
}

// statusOf is the status of success of an operation that answers an O.
func statusOf[O any](sp spec) int {
	_, empty := any(*new(O)).(none)
	switch {
	case sp.Status != 0:
		return sp.Status
	case empty:
		return http.StatusNoContent
	}
	return http.StatusOK
}

// written is what huma writes for us: bytes that are already decided.
type written struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	Replayed    string `header:"Idempotency-Replayed" hidden:"true"`
	RetryAfter  string `header:"Retry-After" hidden:"true"`
	Body        []byte
}

func register[I, O any](s *Server, a huma.API, sp spec, handle func(ctx context.Context, c caller, k idempotencyKey, in *I) answer) {
	sp.Status = statusOf[O](sp)
	op := describe[O](a, sp)
	timeout := operationTimeout
	if sp.LongPoll {
		timeout = longPollTimeout
	}
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		r, w := humachi.Unwrap(ctx)
		bounded, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		if err := s.guard(bounded, w, r, sp, ctx.Operation()); err != nil {
			s.fail(w, r, err)
			return
		}
		next(huma.WithContext(ctx, bounded))
	}}
	huma.Register(a, *op, func(ctx context.Context, in *I) (*written, error) {
		req := requestOf(ctx)
		result := handle(ctx, req.caller, req.key, in)
		out := &written{Status: result.status, Body: result.body}
		if len(result.body) > 0 {
			out.ContentType = "application/json"
		}
		if result.replayed {
			out.Replayed = "true"
		}
		if result.status == http.StatusServiceUnavailable {
			out.RetryAfter = "1"
		}
		return out, nil
	})
}

// guard admits a request to its operation: who it is, whether it may, whether it
// may now, and whether what it sends is well formed.
func (s *Server) guard(ctx context.Context, w http.ResponseWriter, r *http.Request, sp spec, op *huma.Operation) error {
	req := requestOf(ctx)
	c, err := s.authenticate(ctx, r)
	if err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			if limited := s.limit(ctx, w, r, caller{}, false); limited != nil {
				return limited
			}
		}
		return err
	}
	c.RequestID, c.Now = req.id, s.Now().UTC().Truncate(time.Microsecond) // what Postgres keeps
	req.caller = c
	if err := s.limit(ctx, w, r, c, sp.Money); err != nil {
		return err
	}
	if err := sp.authorize(c); err != nil {
		return err
	}
	if err := checkURL(r, op); err != nil {
		return err
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // or a long poll dies of ReadTimeout
		return nil
	}
	raw, err := readBody(w, r)
	if err != nil {
		return err
	}
	if op.RequestBody == nil && len(raw) > 0 && string(raw) != "{}" {
		return wrongBody("a body", "no body, or {}", "Send this request without a body")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	setBody(r, raw)
	req.caller.Body = raw
	req.caller.Once = req.id
	if sp.Method == http.MethodPost {
		if req.key, err = keyOf(r, raw); req.key.value != "" {
			req.caller.Once = req.key.value
		}
	}
	return err
}

// checkURL refuses what cannot be text in a path or query, and parameters given twice.
func checkURL(r *http.Request, op *huma.Operation) error {
	bad := func(where, found string) error {
		return fault.Invalid("The URL is not valid", fault.Field{Path: where, Found: found, Expected: "percent-encoded UTF-8 text without NUL characters", Fix: "Encode the URL correctly"})
	}
	if !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0) {
		return bad("path", "bytes that are not text")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad("query", "a malformed query string")
	}
	for name, values := range query {
		if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
			return bad("query", "a name that is not text")
		}
		if len(values) > 1 {
			return fault.Invalid("The URL is not valid", fault.Field{Path: "query." + name, Found: "the parameter more than once", Expected: "once", Fix: "Send it once; separate several values by commas where the parameter takes a list"})
		}
		if !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0) {
			return bad("query."+name, "bytes that are not text")
		}
		if expected := literal(op, name, values[0]); expected != "" {
			return fault.Invalid("The URL is not valid", fault.Field{Path: "query." + name, Found: show("query."+name, values[0]), Expected: expected, Fix: "Set " + name + " to " + expected + ", or leave it out"})
		}
	}
	return nil
}

// Literals of query parameters, stricter than Go's own parsers, which take
// "+3", "NaN", "0x1p-2" and "t" too.
var literals = map[string]struct {
	form *regexp.Regexp
	name string
}{
	huma.TypeInteger: {regexp.MustCompile(`^-?[0-9]{1,18}$`), "a whole number"},
	huma.TypeNumber:  {regexp.MustCompile(`^-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,2})?$`), "a number"},
	huma.TypeBoolean: {regexp.MustCompile(`^(true|false)$`), "true or false"},
}

// literal checks a query parameter that is not text; it returns what was
// expected when the value is something else.
func literal(op *huma.Operation, name, value string) string {
	for _, p := range op.Parameters {
		if p.In != "query" || p.Name != name || p.Schema == nil {
			continue
		}
		if l, ok := literals[p.Schema.Type]; ok && !l.form.MatchString(value) {
			return l.name
		}
		if value == "" && (p.Schema.MinLength != nil || len(p.Schema.Enum) > 0) {
			return "a value"
		}
	}
	return ""
}
