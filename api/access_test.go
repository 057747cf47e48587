package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/account"
)

func TestRequestsWithoutAValidKeyAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, header := range map[string]string{
		"none": "", "basic": "Basic " + w.key, "bare": w.key, "empty": "Bearer ", "unknown": "Bearer sk_live_" + strings.Repeat("x", 32), "other prefix": "Bearer pk_live_x",
		"unknown talent": "Bearer tk_" + strings.Repeat("x", 32), "long": "Bearer sk_live_" + strings.Repeat("x", 10_000), "cut": "Bearer " + w.key[:len(w.key)-1], "wrong world": "Bearer " + strings.Replace(w.key, "live", "test", 1),
	} {
		r := w.want(401, http.MethodGet, "/v1/talent/search", "", "Authorization", header)
		if r.err(t).Code != "UNAUTHENTICATED" || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	w.want(200, http.MethodGet, "/v1/talent/search", "", "Authorization", "bearer "+w.key)
	// A broken key is a mistake worth telling even where none is needed.
	w.want(401, http.MethodGet, "/v1/templates", "", "Authorization", "Bearer sk_live_x")
	w.want(200, http.MethodGet, "/v1/templates", "", "Authorization", "")
}

func TestRevokedKeyEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(200, http.MethodGet, "/v1/talent/search", "")
	w.tx(func(tx pgx.Tx) error {
		key, err := account.Authenticate(t.Context(), tx, w.key)
		if err != nil {
			return err
		}
		return account.RevokeKey(t.Context(), tx, w.clock.Now(), key.ID)
	})
	w.want(401, http.MethodGet, "/v1/talent/search", "").err(t)
}

func TestScopesAreNamedWhenTheyAreMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reader := bearer(w.newKey(w.acct, "talent:read", "files:write"))
	w.want(200, http.MethodGet, "/v1/talent/search", "", reader...)
	e := w.want(403, http.MethodPost, "/v1/talent", ada, reader...).err(t)
	if e.Code != "AUTH_SCOPE_DENIED" || e.Details["required_scope"] != "talent:write" || len(e.Details["scopes"].([]any)) != 2 {
		t.Errorf("refusal %+v", e)
	}
	w.want(200, http.MethodGet, "/v1/talent/search", "", bearer(w.newKey(w.acct, "talent:write"))...)
	e = w.want(403, http.MethodGet, "/v1/talent/search", "", bearer(w.newKey(w.acct, []string{}...))...).err(t)
	if len(e.Details["scopes"].([]any)) != 0 {
		t.Errorf("scopes of a key without any = %v", e.Details["scopes"])
	}
}

func TestOperationsForTalentRefuseKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read(w.server, w.server.api, spec{ID: "mine", Method: http.MethodGet, Path: "/v1/mine", Tag: "mine", Talent: true, Summary: "Mine", Description: "A test operation."},
		func(_ context.Context, _ pgx.Tx, c caller, _ *nothing) (map[string]string, error) {
			return map[string]string{"talent": c.TalentID, "account": c.AccountID}, nil
		})
	created := w.want(201, http.MethodPost, "/v1/talent", ada).json(t)
	got := w.want(200, http.MethodGet, "/v1/mine", "", bearer(created["token"].(string))...).json(t)
	if got["talent"] != created["id"] || got["account"] != "" {
		t.Errorf("caller %v", got)
	}
	if e := w.want(403, http.MethodGet, "/v1/mine", "").err(t); e.Code != "AUTH_SCOPE_DENIED" {
		t.Errorf("with a key: %v", e)
	}
	w.want(401, http.MethodGet, "/v1/mine", "", "Authorization", "")
}

func TestReadsCannotWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read(w.server, w.server.api, spec{ID: "sneaky", Method: http.MethodGet, Path: "/v1/sneaky", Tag: "x", Scope: "tasks:read", Summary: "Sneaky", Description: "A test operation."},
		func(ctx context.Context, tx pgx.Tx, c caller, _ *nothing) (none, error) {
			_, err := account.Create(ctx, tx, c.Now, "sneaky", true, 0)
			return none{}, err
		})
	w.want(500, http.MethodGet, "/v1/sneaky", "").err(t)
	if w.effects("sneaky") != 0 {
		t.Error("a read wrote")
	}
}

func TestNoSecretReachesTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.want(201, http.MethodPost, "/v1/talent", ada, key("very-secret-key")...).json(t)["token"].(string)
	w.want(200, http.MethodGet, "/v1/talent/me", "", bearer(token)...)
	w.want(401, http.MethodGet, "/v1/talent/search?city=hidden", "", bearer("sk_live_mistyped")...)
	for _, secret := range []string{w.key, token, "very-secret-key", "sk_live_mistyped", "ada@example.com", "hidden"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	w.want(200, http.MethodGet, "/healthz", "") // by now the first requests are logged
	if !strings.Contains(w.log.String(), w.acct.ID) {
		t.Error("the log does not say who asked")
	}
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/", "/docs", "/v1/templates", "/nope", "/healthz", "/v1/talent/search?limit=0"} {
		r := w.do(http.MethodGet, path, "")
		for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control"} {
			if r.header.Get(name) == "" {
				t.Errorf("%s has no %s", path, name)
			}
		}
		if r.header.Get("Access-Control-Allow-Origin") != "" && !isDocument(path) {
			t.Errorf("%s may be read by other origins", path)
		}
	}
}
