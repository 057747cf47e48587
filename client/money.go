package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Balance is an account's money in one currency, in major units.
type Balance struct {
	Currency  string      `json:"currency"`
	Available json.Number `json:"available"`
	InEscrow  json.Number `json:"in_escrow"`
}

// Entry is one posting of a transfer. The postings of a transfer sum to zero.
type Entry struct {
	ID         string      `json:"id"`
	TransferID string      `json:"transfer_id"`
	Kind       string      `json:"kind"`
	Account    string      `json:"account"`
	Owner      string      `json:"owner"`
	Amount     json.Number `json:"amount"`
	Currency   string      `json:"currency"`
	BookingID  *string     `json:"booking_id"`
	CreatedAt  time.Time   `json:"created_at"`
}

// Payout is money on its way to a talent.
type Payout struct {
	ID                string      `json:"id"`
	Livemode          bool        `json:"livemode"`
	BookingID         string      `json:"booking_id"`
	TalentID          string      `json:"talent_id"`
	Status            string      `json:"status"`
	Amount            json.Number `json:"amount"`
	Currency          string      `json:"currency"`
	Provider          string      `json:"provider"`
	ProviderReference string      `json:"provider_reference"`
	FailureReason     string      `json:"failure_reason"`
	Attempts          int         `json:"attempts"`
	PaidAt            *time.Time  `json:"paid_at"`
	CreatedAt         time.Time   `json:"created_at"`
}

// Balances returns what the account has, one entry a currency.
func (c *Client) Balances(ctx context.Context) ([]Balance, error) {
	answer, err := call[struct {
		Balances []Balance `json:"balances"`
	}](ctx, c, http.MethodGet, "/v1/balance", nil)
	return answer.Balances, err
}

// Balance returns what the account has in one currency, zero when it has none.
func (c *Client) Balance(ctx context.Context, currency string) (Balance, error) {
	all, err := c.Balances(ctx)
	for _, b := range all {
		if b.Currency == currency {
			return b, nil
		}
	}
	return Balance{Currency: currency, Available: "0", InEscrow: "0"}, err
}

// ListLedgerEntries returns a page of the account's postings, newest first.
func (c *Client) ListLedgerEntries(ctx context.Context, p Page) (List[Entry], error) {
	return listAt[Entry](ctx, c, "/v1/ledger/entries", p.query())
}

// AllLedgerEntries goes through all of them.
func (c *Client) AllLedgerEntries(ctx context.Context) iter.Seq2[Entry, error] {
	return all(ctx, Page{Limit: 100}, c.ListLedgerEntries, func(e Entry) string { return e.ID })
}

// ListPayouts returns a page of payouts, newest first: for the account's work, or
// with a talent token the talent's own.
func (c *Client) ListPayouts(ctx context.Context, p Page) (List[Payout], error) {
	return listAt[Payout](ctx, c, "/v1/payouts", p.query())
}

// AllPayouts goes through all of them.
func (c *Client) AllPayouts(ctx context.Context) iter.Seq2[Payout, error] {
	return all(ctx, Page{Limit: 100}, c.ListPayouts, func(p Payout) string { return p.ID })
}

// GetPayout returns a payout.
func (c *Client) GetPayout(ctx context.Context, id string) (Payout, error) {
	return call[Payout](ctx, c, http.MethodGet, at("/v1/payouts/%s", id), nil)
}

// FundSandbox adds play money, in major units, to a test account and returns its
// balances. INVALID_STATE with a live key.
func (c *Client) FundSandbox(ctx context.Context, amount json.Number, currency string) ([]Balance, error) {
	answer, err := call[struct {
		Balances []Balance `json:"balances"`
	}](ctx, c, http.MethodPost, "/v1/sandbox/fund", map[string]any{"amount": amount, "currency": currency})
	return answer.Balances, err
}

// Funding is money on its way to a live account.
type Funding struct {
	Provider     string  `json:"provider"`
	Reference    string  `json:"reference"`     // the provider's id of the payment
	Status       string  `json:"status"`        // succeeded or requires_payment
	ClientSecret *string `json:"client_secret"` // completes the payment in a browser; nil when none is needed
}

// CreateFunding asks the deployment's payment provider for money, in major units.
// INVALID_STATE where the operator funds accounts instead, and with a test key.
func (c *Client) CreateFunding(ctx context.Context, amount json.Number, currency string) (Funding, error) {
	return call[Funding](ctx, c, http.MethodPost, "/v1/fundings", map[string]any{"amount": amount, "currency": currency})
}
