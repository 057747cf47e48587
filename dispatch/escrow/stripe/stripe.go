// Package stripe is the payment provider Stripe: requesters fund their accounts
// by PaymentIntent, talent are paid by Connect transfer. It knows the ledger's
// provider interface and nothing of its rows.
package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/webhook"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Config says which Stripe account to use.
type Config struct {
	SecretKey     string // sk_live_…
	WebhookSecret string // whsec_… of the endpoint that Stripe calls
	URL           string // of the API; empty: Stripe's own. Tests give a mock's
}

// Provider implements escrow.Provider.
type Provider struct {
	client        *stripe.Client
	webhookSecret string
}

var _ escrow.Provider = (*Provider)(nil)

// New makes the provider. The error is for the operator.
func New(c Config) (*Provider, error) {
	if c.SecretKey == "" || c.WebhookSecret == "" {
		return nil, errors.New("the stripe provider needs both a secret key (sk_live_…) and the signing secret of its webhook endpoint (whsec_…)")
	}
	backend := &stripe.BackendConfig{
		// River owns retries: a call here ends once, within the job's timeout.
		MaxNetworkRetries: stripe.Int64(0),
		HTTPClient:        &http.Client{Timeout: 30 * time.Second},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
		EnableTelemetry:   stripe.Bool(false),
	}
	if c.URL != "" {
		backend.URL = stripe.String(c.URL)
	}
	client := stripe.NewClient(c.SecretKey, stripe.WithBackends(stripe.NewBackendsWithConfig(backend)))
	return &Provider{client: client, webhookSecret: c.WebhookSecret}, nil
}

// Name implements escrow.Provider.
func (*Provider) Name() string { return "stripe" }

// The metadata by which a PaymentIntent comes back to its account.
const accountKey = "humandispatch_account_id"

// Collect creates a PaymentIntent; its webhook funds the account once it succeeded.
func (p *Provider) Collect(ctx context.Context, c escrow.Collection) (escrow.Collected, error) {
	units, err := toStripe(c.Amount)
	if err != nil {
		return escrow.Collected{}, err
	}
	params := &stripe.PaymentIntentCreateParams{
		Amount:                  stripe.Int64(units),
		Currency:                stripe.String(strings.ToLower(c.Amount.Currency)),
		Description:             stripe.String("Funding of HumanDispatch account " + c.AccountID),
		AutomaticPaymentMethods: &stripe.PaymentIntentCreateAutomaticPaymentMethodsParams{Enabled: stripe.Bool(true)},
	}
	params.AddMetadata(accountKey, c.AccountID)
	params.SetIdempotencyKey(c.Key)
	intent, err := p.client.V1PaymentIntents.Create(ctx, params)
	if err != nil {
		return escrow.Collected{}, explain(err)
	}
	return escrow.Collected{Reference: intent.ID, ClientSecret: intent.ClientSecret}, nil
}

// Pay transfers to the talent's connected account. Stripe forgets an
// idempotency key after a day, so a repeated attempt first looks for its
// transfer by group, which it never forgets.
func (p *Provider) Pay(ctx context.Context, payment escrow.Payment) (string, error) {
	if payment.Destination == "" {
		return "", fmt.Errorf("%w: the talent has no connected Stripe account; set one as the payout destination and retry the payout", escrow.ErrDeclined)
	}
	units, err := toStripe(payment.Amount)
	if err != nil {
		return "", err
	}
	if payment.Repeated {
		list := &stripe.TransferListParams{TransferGroup: stripe.String(payment.Key)}
		list.Limit = stripe.Int64(1)
		for transfer, err := range p.client.V1Transfers.List(ctx, list) {
			if err != nil {
				return "", fmt.Errorf("look for an earlier transfer: %w", err)
			}
			if transfer.TransferGroup == payment.Key {
				return transfer.ID, nil
			}
			break
		}
	}
	params := &stripe.TransferCreateParams{
		Amount:        stripe.Int64(units),
		Currency:      stripe.String(strings.ToLower(payment.Amount.Currency)),
		Destination:   stripe.String(payment.Destination),
		Description:   stripe.String("HumanDispatch payout " + payment.PayoutID),
		TransferGroup: stripe.String(payment.Key),
	}
	params.SetIdempotencyKey(payment.Key)
	transfer, err := p.client.V1Transfers.Create(ctx, params)
	if err != nil {
		return "", explain(err)
	}
	return transfer.ID, nil
}

// explain tells Stripe's definite refusals from everything that may yet have
// had, or have, its effect.
func explain(err error) error {
	var e *stripe.Error
	if !errors.As(err, &e) {
		return err
	}
	definite := e.Type == stripe.ErrorTypeCard || e.Type == stripe.ErrorTypeInvalidRequest
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		switch {
		// Stripe makes what cards paid available after days, so this is the normal
		// way of a new deployment. The answer is kept under the idempotency key.
		case definite && e.Code == stripe.ErrorCodeBalanceInsufficient:
			return fmt.Errorf("%w: %s (Stripe request %s)", escrow.ErrNotYet, e.Msg, e.RequestID)
		case definite:
			return fmt.Errorf("%w: %s (Stripe request %s)", escrow.ErrDeclined, e.Msg, e.RequestID)
		}
	}
	return err
}

// Notice verifies and reads a webhook: payment_intent.succeeded funds an
// account, transfer.reversed takes a payout back.
func (p *Provider) Notice(body []byte, signature string) (escrow.Notice, error) {
	// The fields read here have not changed between API versions, and an endpoint
	// keeps the version it was created with.
	e, err := webhook.ConstructEventWithOptions(body, signature, p.webhookSecret, webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
	if err != nil {
		return escrow.Notice{}, fault.New(fault.Unauthenticated, "This is not a webhook signed by Stripe within the last 5 minutes: %s", err)
	}
	if !e.Livemode {
		return escrow.Notice{}, nil // Stripe's test mode moves no money, so neither does the ledger
	}
	switch e.Type {
	case stripe.EventTypePaymentIntentSucceeded:
		var intent stripe.PaymentIntent
		if err := json.Unmarshal(e.Data.Raw, &intent); err != nil {
			return escrow.Notice{}, fmt.Errorf("stripe event %s: %w", e.ID, err)
		}
		if intent.Metadata[accountKey] == "" {
			return escrow.Notice{}, nil // another product's payment on the same Stripe account
		}
		amount, err := fromStripe(intent.AmountReceived, string(intent.Currency))
		if err != nil {
			return escrow.Notice{}, fmt.Errorf("stripe event %s: %w", e.ID, err)
		}
		return escrow.Notice{Kind: escrow.NoticeFunded, Reference: intent.ID, AccountID: intent.Metadata[accountKey], Amount: amount}, nil
	case stripe.EventTypeTransferReversed:
		var transfer stripe.Transfer
		if err := json.Unmarshal(e.Data.Raw, &transfer); err != nil {
			return escrow.Notice{}, fmt.Errorf("stripe event %s: %w", e.ID, err)
		}
		if !strings.HasPrefix(transfer.TransferGroup, "payout:") {
			return escrow.Notice{}, nil
		}
		if !transfer.Reversed {
			return escrow.Notice{}, fmt.Errorf("stripe reversed %d of %d of transfer %s: the ledger reverses whole payouts only; reverse the rest in Stripe as well", transfer.AmountReversed, transfer.Amount, transfer.ID)
		}
		return escrow.Notice{Kind: escrow.NoticePayoutReversed, Reference: transfer.ID, Reason: "Stripe reversed the transfer"}, nil
	default:
		return escrow.Notice{}, nil
	}
}
