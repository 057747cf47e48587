package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
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

// A receipt verifies with the keys that are published, also when the deployment's
// secret has changed since it was signed.
func TestKeysOfEarlierReceiptsStayPublished(t *testing.T) {
	t.Parallel()
	before := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	w := newWorld(t, func(s *Server) { s.PreviousReceiptKeys = []ed25519.PublicKey{before.Public().(ed25519.PublicKey)} })
	keys, err := receipt.ParsePublicKeys([]byte(w.want(200, http.MethodGet, receipt.WellKnownPath, "", "Authorization", "").body))
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]ed25519.PrivateKey{"today's": w.server.ReceiptKey, "the previous": before} {
		file, err := receipt.Sign(key, receipt.Receipt{WorkOrderID: "wo_1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := receipt.Verify(file, keys...); err != nil {
			t.Errorf("%s key: %v", name, err)
		}
	}
}
