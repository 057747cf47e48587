package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// collector collects nothing, for the reason given.
type collector struct {
	escrow.Builtin
	reason error
}

func (*collector) Name() string { return "bank" }

func (c *collector) Collect(context.Context, escrow.Collection) (escrow.Collected, error) {
	return escrow.Collected{}, c.reason
}

// A refusal that is final must not ask for the same request again.
func TestARefusedFundingSaysWhy(t *testing.T) {
	t.Parallel()
	bank := &collector{}
	w := newWorld(t, func(s *Server) {
		ledger, err := escrow.New(escrow.DefaultPolicy, bank)
		if err != nil {
			t.Fatal(err)
		}
		s.Dispatch.Ledger = ledger
	})
	w.key = w.newKey(w.acct, account.AgentScopes()...)

	bank.reason = fmt.Errorf("%w: Stripe takes no 250 UGX", escrow.ErrDeclined)
	refused := w.want(400, http.MethodPost, "/v1/fundings", `{"amount": 250, "currency": "UGX"}`, "Idempotency-Key", "refused")
	if e := refused.err(t); e.Code != string(fault.SchemaValidationFailed) || !strings.Contains(e.Message, "Stripe takes no 250 UGX") {
		t.Errorf("%+v", e)
	}
	bank.reason = errors.New("connection refused")
	unknown := w.want(503, http.MethodPost, "/v1/fundings", `{"amount": 250, "currency": "CAD"}`, "Idempotency-Key", "unknown")
	if e := unknown.err(t); e.Code != string(fault.Unavailable) || strings.Contains(e.Message, "connection") {
		t.Errorf("%+v", e)
	}
}
