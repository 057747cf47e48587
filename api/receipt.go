package api

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type createFunding struct {
	Body struct {
		Amount   json.Number `json:"amount" doc:"Major units of the currency"`
		Currency string      `json:"currency" pattern:"^[A-Z]{3}$"`
	}
}

// funding is money on its way to a live account.
type funding struct {
	Provider     string  `json:"provider" doc:"Who collects it"`
	Reference    string  `json:"reference" doc:"The provider's id of the payment"`
	Status       string  `json:"status" enum:"succeeded,requires_payment"`
	ClientSecret *string `json:"client_secret" doc:"What completes the payment in a browser; null when none is needed"`
}

func registerReceipt(s *Server, a huma.API) {
	read(s, a, spec{
		ID: "get_receipt", Method: http.MethodGet, Path: "/v1/work_orders/{id}/receipt", Tag: "work orders", Scope: "work_orders:read", Talent: true,
		Summary:     "Get the signed receipt",
		Description: "What happened to an accepted or resolved work order: hashes of brief and files, check-ins, QA and ledger postings, signed with the deployment's Ed25519 key. `humandispatch receipt verify FILE` checks it offline; the public key is at " + receipt.WellKnownPath + ".",
		Errors:      []fault.Code{fault.InvalidState},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (receipt.Signed, error) {
		var signed receipt.Signed
		r, err := s.Dispatch.Receipt(ctx, tx, c.Now, c.actor(), in.ID)
		if err != nil {
			return signed, err
		}
		file, err := receipt.Sign(s.ReceiptKey, r)
		if err != nil {
			return signed, fmt.Errorf("sign receipt: %w", err)
		}
		return signed, json.Unmarshal(file, &signed)
	})

	writePrepared(s, a, spec{
		ID: "create_funding", Method: http.MethodPost, Path: "/v1/fundings", Tag: "money", Scope: "money:write", Money: true, Status: http.StatusCreated,
		Summary:     "Fund a live account",
		Description: "Asks the deployment's payment provider for money. With a client_secret the payment is completed in a browser and the account is funded when the provider reports it. Where no provider is configured the operator funds accounts instead.",
		Errors:      []fault.Code{fault.InvalidState, fault.Unavailable}, Example: map[string]any{"amount": 5000, "currency": "CAD"},
	}, func(ctx context.Context, c caller, in *createFunding) (escrow.Collected, error) {
		provider := s.Dispatch.Ledger.ProviderFor(c.Livemode)
		if !c.Livemode || provider.Name() == (escrow.Builtin{}).Name() {
			return escrow.Collected{}, fault.New(fault.InvalidState, "Nobody collects money for this account: a test account uses POST /v1/sandbox/fund, and here the operator funds live ones")
		}
		amount, err := dispatch.AmountAt("amount", in.Body.Amount, in.Body.Currency)
		if err != nil {
			return escrow.Collected{}, err
		}
		collected, err := provider.Collect(ctx, escrow.Collection{Key: c.AccountID + ":" + c.Once, AccountID: c.AccountID, Amount: amount})
		if errors.Is(err, escrow.ErrDeclined) { // the same request again would be declined again
			return collected, fault.Invalid(fmt.Sprintf("The funding was %s", err), fault.Field{
				Path: "amount", Found: amount.String(), Expected: "an amount and currency that the payment provider takes", Fix: "Read the provider's reason in the message and send another amount or currency, with a new Idempotency-Key"})
		}
		if err != nil {
			s.Log.WarnContext(ctx, "payment provider", "request_id", c.RequestID, "error", err)
			return collected, fault.New(fault.Unavailable, "The payment provider does not answer: send the same request with the same Idempotency-Key again")
		}
		return collected, nil
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *createFunding, collected escrow.Collected) (funding, error) {
		name := s.Dispatch.Ledger.ProviderFor(c.Livemode).Name()
		f := funding{Provider: name, Reference: collected.Reference, Status: "requires_payment"}
		if collected.ClientSecret != "" {
			f.ClientSecret = &collected.ClientSecret
		}
		if !collected.Done {
			return f, nil
		}
		amount, err := dispatch.AmountAt("amount", in.Body.Amount, in.Body.Currency)
		if err != nil {
			return f, err
		}
		f.Status = "succeeded"
		_, err = s.Dispatch.Ledger.FundFrom(ctx, tx, c.Now, name, c.AccountID, amount, collected.Reference)
		return f, err
	})
}

// providerNotices is where payment providers report, such as
// /v1/providers/stripe/notices; their signature is their key.
const providerNotices = "/v1/providers/{provider}/notices"

// maxNotice bounds a provider's report, in bytes.
const maxNotice = 256 << 10

// notices mounts what is not for callers of the API: reports of payment
// providers, and the public keys of receipts.
func (s *Server) notices(r chi.Router) {
	r.Post(providerNotices, func(w http.ResponseWriter, r *http.Request) {
		provider, err := s.Dispatch.Ledger.ProviderNamed(chi.URLParam(r, "provider"))
		if err != nil || provider.Name() == (escrow.Builtin{}).Name() {
			s.notFound(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotice))
		if err != nil {
			s.fail(w, r, fault.New(fault.PayloadTooLarge, "A notice is at most %d bytes", maxNotice))
			return
		}
		notice, err := provider.Notice(body, r.Header.Get("Stripe-Signature"))
		if err == nil {
			err = db.WithTx(r.Context(), s.Pool, func(tx pgx.Tx) error {
				return s.Dispatch.Ledger.Apply(r.Context(), tx, s.Now(), provider.Name(), notice)
			})
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	if s.ReceiptKey == nil {
		return
	}
	r.Get(receipt.WellKnownPath, func(w http.ResponseWriter, _ *http.Request) {
		keys := append([]ed25519.PublicKey{s.ReceiptKey.Public().(ed25519.PublicKey)}, s.PreviousReceiptKeys...)
		body, err := marshal(receipt.Publish(keys...))
		if err != nil {
			panic(err) // strings always marshal
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
}
