package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

// caller is who asks, when, and with what. Exactly one of AccountID and
// TalentID is set, none for public operations without a key.
type caller struct {
	AccountID string
	Key       account.Key // zero for talent
	TalentID  string
	Livemode  bool
	RequestID string
	Once      string    // the Idempotency-Key, or an id made for this request when there was none
	Now       time.Time // one instant for the whole request
	Body      []byte    // the request body as it was sent, checked to be plain JSON; nil when there was none
}

// isTalent reports whether a talent token was used.
func (c caller) isTalent() bool { return c.TalentID != "" }

// id is whom idempotency keys belong to.
func (c caller) id() string { return c.AccountID + c.TalentID }

var unauthenticated = fault.New(fault.Unauthenticated, "Send `Authorization: Bearer sk_live_…` (or sk_test_…) with an API key of your account, or `Bearer tk_…` with a talent token")

// authenticate finds out who sends the request. No credentials at all is the
// zero caller. It asks the database each time, so that a revoked key ends at once.
func (s *Server) authenticate(ctx context.Context, r *http.Request) (caller, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return caller{}, nil
	}
	scheme, secret, _ := strings.Cut(headers[0], " ")
	secret = strings.TrimSpace(secret)
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || len(secret) > 200 {
		return caller{}, unauthenticated
	}
	switch {
	case strings.HasPrefix(secret, "sk_live_"), strings.HasPrefix(secret, "sk_test_"):
		key, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (account.Key, error) { return account.Authenticate(ctx, tx, secret) })
		if err != nil {
			return caller{}, err
		}
		return caller{AccountID: key.AccountID, Key: key, Livemode: key.Livemode}, nil
	case strings.HasPrefix(secret, "tk_"):
		t, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (talent.Talent, error) { return talent.Authenticate(ctx, tx, secret) })
		if err != nil {
			return caller{}, err
		}
		return caller{TalentID: t.ID, Livemode: t.Livemode}, nil
	}
	return caller{}, unauthenticated
}

// authorize decides whether the caller may use an operation.
func (sp spec) authorize(c caller) error {
	switch {
	case sp.Public:
		return nil
	case c.isTalent():
		if sp.Talent {
			return nil
		}
		return fault.New(fault.AuthScopeDenied, "A talent token cannot do this; it needs an API key with the scope %s", sp.Scope).With("required_scope", sp.Scope).With("scopes", []string{})
	case c.AccountID == "":
		return unauthenticated
	case sp.Scope == "":
		return fault.New(fault.AuthScopeDenied, "Only talent can do this; send a talent token (tk_…)").With("required_scope", "talent token").With("scopes", scopesOf(c))
	case !c.Key.Allows(sp.Scope):
		return fault.New(fault.AuthScopeDenied, "This API key lacks the scope %s; use a key that has it, or ask the operator of this deployment for one", sp.Scope).
			With("required_scope", sp.Scope).With("scopes", scopesOf(c))
	}
	return nil
}

func scopesOf(c caller) []string { return append([]string{}, c.Key.Scopes...) }
