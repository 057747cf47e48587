package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/account"
)

// limits sets small limits.
func limits(l Limits) func(*Server) { return func(s *Server) { s.Limits = l } }

// spend registers an operation of the money group.
func (w *world) spend() {
	write(w.server, w.server.api, spec{ID: "spend", Method: http.MethodPost, Path: "/v1/spend", Tag: "x", Scope: "money:write", Money: true, Summary: "Spend", Description: "A test operation."},
		func(context.Context, pgx.Tx, caller, *nothing) (none, error) { return none{}, nil })
}

func TestKeysAreLimitedEachForItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{RequestsPerMinute: 3}))
	for i := range 3 {
		r := w.want(200, http.MethodGet, "/v1/talent/search", "")
		if r.header.Get("RateLimit-Limit") != "3" || r.header.Get("RateLimit-Remaining") != strconv.Itoa(2-i) || r.header.Get("Retry-After") != "" {
			t.Errorf("request %d: %v", i, r.header)
		}
	}
	r := w.want(429, http.MethodGet, "/v1/talent/search", "")
	wait, err := strconv.Atoi(r.header.Get("Retry-After"))
	if e := r.err(t); e.Code != "RATE_LIMITED" || e.Details["group"] != "general" || err != nil || wait < 1 || wait > 60 || r.header.Get("RateLimit-Reset") == "" {
		t.Errorf("%s %v", r.body, r.header)
	}
	w.want(200, http.MethodGet, "/v1/talent/search", "", bearer(w.newKey(w.acct, "talent:read"))...)
	// Refused requests count, documents and health do not.
	w.want(429, http.MethodGet, "/v1/templates", "")
	w.want(200, http.MethodGet, "/healthz", "")
	w.want(200, http.MethodGet, "/llms.txt", "")
}

func TestMoneyHasALimitOfItsOwnAndCountsInBoth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{RequestsPerMinute: 4, MoneyPerMinute: 2}))
	w.spend()
	for range 2 {
		if r := w.want(204, http.MethodPost, "/v1/spend", ""); r.header.Get("RateLimit-Limit") != "2" {
			t.Errorf("limit shown is %s", r.header.Get("RateLimit-Limit"))
		}
	}
	if e := w.want(429, http.MethodPost, "/v1/spend", "").err(t); e.Details["group"] != "money" {
		t.Errorf("details %v", e.Details)
	}
	w.want(200, http.MethodGet, "/v1/talent/search", "")
	if e := w.want(429, http.MethodGet, "/v1/talent/search", "").err(t); e.Details["group"] != "general" {
		t.Errorf("details %v", e.Details)
	}
}

func TestAKeyMayHaveLimitsOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{RequestsPerMinute: 1, MoneyPerMinute: 1}))
	w.spend()
	var secret string
	w.tx(func(tx pgx.Tx) (err error) {
		_, secret, err = account.CreateKey(t.Context(), tx, w.clock.Now(), account.NewKey{AccountID: w.acct.ID, Name: "fast", Scopes: account.AgentScopes(), RequestsPerMinute: 5, MoneyPerMinute: 2})
		return err
	})
	for _, status := range []int{204, 204, 429, 429, 429} {
		w.want(status, http.MethodPost, "/v1/spend", "", bearer(secret)...)
	}
	if e := w.want(429, http.MethodPost, "/v1/spend", "", bearer(secret)...).err(t); e.Details["limit_per_minute"] != 5.0 {
		t.Errorf("details %v", e.Details)
	}
}

func TestDefaultLimitsAreTheContracts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{}))
	w.spend()
	if r := w.want(200, http.MethodGet, "/v1/talent/search", ""); r.header.Get("RateLimit-Limit") != "60" {
		t.Errorf("general limit %s", r.header.Get("RateLimit-Limit"))
	}
	if r := w.want(204, http.MethodPost, "/v1/spend", ""); r.header.Get("RateLimit-Limit") != "10" {
		t.Errorf("money limit %s", r.header.Get("RateLimit-Limit"))
	}
}

func TestGuessingKeysIsLimitedByAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{AddressPerMinute: 3}))
	for i := range 3 {
		w.want(401, http.MethodGet, "/v1/talent/search", "", bearer("sk_live_"+strings.Repeat("x", i))...)
	}
	// Headers that anybody can write do not make another address.
	w.want(429, http.MethodGet, "/v1/talent/search", "", "Authorization", "", "X-Forwarded-For", "203.0.113.7", "X-Real-Ip", "203.0.113.7")
	w.want(429, http.MethodGet, "/v1/templates", "", "Authorization", "")
	// Whoever has a key is not kept out by a neighbour.
	w.want(200, http.MethodGet, "/v1/templates", "")
}

func TestAnswerUnderAKeyIsNotTheLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limits(Limits{RequestsPerMinute: 2}))
	w.notes(nil)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("a")...)
	w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("a")...)
	w.want(429, http.MethodPost, "/v1/notes", `{"name":"n"}`, key("b")...)
	other := bearer(w.newKey(w.acct, account.AgentScopes()...))
	if r := w.want(201, http.MethodPost, "/v1/notes", `{"name":"n"}`, append(key("b"), other...)...); r.header.Get("Idempotency-Replayed") != "" {
		t.Error("the 429 was kept")
	}
}

func TestRedisSharesLimitsBetweenProcesses(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	l := Limits{RequestsPerMinute: 3, RedisURL: "redis://" + redis.Addr()}
	a := newWorld(t, limits(l))
	b := newWorld(t, limits(l), func(s *Server) { s.Pool = a.pool })
	b.key = a.key
	for i := range 3 {
		r := []*world{a, b}[i%2].want(200, http.MethodGet, "/v1/talent/search", "")
		if r.header.Get("RateLimit-Remaining") != strconv.Itoa(2-i) {
			t.Errorf("request %d: %s left", i, r.header.Get("RateLimit-Remaining"))
		}
	}
	a.want(429, http.MethodGet, "/v1/talent/search", "")
	b.want(429, http.MethodGet, "/v1/talent/search", "")

	redis.Close() // the work goes on without limits
	a.want(200, http.MethodGet, "/v1/talent/search", "")
	if !strings.Contains(a.log.String(), "rate limit not counted") {
		t.Error("nobody is told")
	}
}

func TestBadRedisURLIsSaidAtStart(t *testing.T) {
	t.Parallel()
	_, err := (&Server{Limits: Limits{RedisURL: "http://:secret@nowhere"}}).Handler()
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "redis://") {
		t.Errorf("error %v", err)
	}
}

func TestAddressesOfOneNetworkCountTogether(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[fe80::1%eth0]:80": "fe80::/64", "@": "@",
	} {
		if got := address(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s = %s, want %s", remote, got, want)
		}
	}
}
