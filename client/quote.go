package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// QuoteRequest is an invitation to quote, as the requester sees it.
type QuoteRequest struct {
	ID        string    `json:"id"`
	TaskID    string    `json:"task_id"`
	TalentID  string    `json:"talent_id"`
	Status    string    `json:"status"` // requested, quoted, declined, expired, cancelled
	Message   string    `json:"message"`
	ExpiresAt time.Time `json:"expires_at"`
	CreatedAt time.Time `json:"created_at"`
}

// Invitation is an invitation as the talent sees it, with the brief.
type Invitation struct {
	QuoteRequest
	Brief       Brief     `json:"brief"`
	DeadlineAt  time.Time `json:"deadline_at"`
	BookingID   *string   `json:"booking_id"` // once this talent is booked
	WorkOrderID *string   `json:"work_order_id"`
	NextActions []Action  `json:"next_actions"`
}

// Brief is what talent may know of a task before they quote.
type Brief struct {
	TaskType     string          `json:"task_type"`
	Title        string          `json:"title"`
	Brief        string          `json:"brief,omitempty"`
	Location     Location        `json:"location"`
	Schedule     Schedule        `json:"schedule"`
	Currency     string          `json:"currency"`
	PricingModel string          `json:"pricing_model"`
	Deliverables []Wanted        `json:"deliverables"`
	TaskSpec     json.RawMessage `json:"task_spec"`
}

// Quote is a price for a whole task. Message is the talent's own words.
type Quote struct {
	ID             string      `json:"id"`
	TaskID         string      `json:"task_id"`
	QuoteRequestID string      `json:"quote_request_id"`
	TalentID       string      `json:"talent_id"`
	Status         string      `json:"status"` // received, accepted, booked, declined, expired
	Amount         json.Number `json:"amount"` // major units of the currency
	Currency       string      `json:"currency"`
	Message        string      `json:"message"`
	ExpiresAt      time.Time   `json:"expires_at"`
	AcceptedAt     *time.Time  `json:"accepted_at"`
	CreatedAt      time.Time   `json:"created_at"`
	Untrusted      []string    `json:"untrusted"`
	NextActions    []Action    `json:"next_actions"`
}

// InviteTalent says who is asked to quote. Its zero value invites up to ten who match.
type InviteTalent struct {
	TalentIDs      []string `json:"talent_ids,omitempty"` // whom; empty for those who match
	MaxTalent      int      `json:"max_talent,omitempty"`
	Message        string   `json:"message,omitempty"`
	ExpiresInHours float64  `json:"expires_in_hours,omitempty"`
}

// NewQuote is a talent's price.
type NewQuote struct {
	Amount    json.Number `json:"amount"`
	Currency  string      `json:"currency,omitempty"` // the task's unless given
	Message   string      `json:"message,omitempty"`
	ExpiresAt *time.Time  `json:"expires_at,omitempty"` // in 7 days unless given
}

// QuoteFilter says which quotes are listed.
type QuoteFilter struct {
	Page
	Status string
}

// RequestQuotes invites talent to quote for a task.
func (c *Client) RequestQuotes(ctx context.Context, taskID string, invite InviteTalent) ([]QuoteRequest, error) {
	answer, err := call[struct {
		QuoteRequests []QuoteRequest `json:"quote_requests"`
	}](ctx, c, http.MethodPost, at("/v1/tasks/%s/quote_requests", taskID), invite)
	return answer.QuoteRequests, err
}

// GetQuotes returns a page of the quotes for a task, newest first.
func (c *Client) GetQuotes(ctx context.Context, taskID string, f QuoteFilter) (List[Quote], error) {
	q := f.Page.query()
	q.Set("status", f.Status)
	return listAt[Quote](ctx, c, at("/v1/tasks/%s/quotes", taskID), q)
}

// AllQuotes goes through all of them.
func (c *Client) AllQuotes(ctx context.Context, taskID string, f QuoteFilter) iter.Seq2[Quote, error] {
	return all(ctx, f.Page, func(ctx context.Context, p Page) (List[Quote], error) {
		f.Page = p
		return c.GetQuotes(ctx, taskID, f)
	}, func(q Quote) string { return q.ID })
}

// AcceptQuote makes a quote bookable. No money moves yet.
func (c *Client) AcceptQuote(ctx context.Context, id string) (Quote, error) {
	return call[Quote](ctx, c, http.MethodPost, at("/v1/quotes/%s/accept", id), nil)
}

// ListInvitations returns a page of the talent's own quote requests, newest
// first. status may be empty. It needs a talent token.
func (c *Client) ListInvitations(ctx context.Context, status string, p Page) (List[Invitation], error) {
	q := p.query()
	q.Set("status", status)
	return listAt[Invitation](ctx, c, "/v1/talent/me/quote_requests", q)
}

// AllInvitations goes through all of them.
func (c *Client) AllInvitations(ctx context.Context, status string) iter.Seq2[Invitation, error] {
	return all(ctx, Page{}, func(ctx context.Context, p Page) (List[Invitation], error) {
		return c.ListInvitations(ctx, status, p)
	}, func(i Invitation) string { return i.ID })
}

// SubmitQuote answers an invitation with a price. It needs a talent token.
func (c *Client) SubmitQuote(ctx context.Context, quoteRequestID string, n NewQuote) (Quote, error) {
	return call[Quote](ctx, c, http.MethodPost, at("/v1/quote_requests/%s/quotes", quoteRequestID), n)
}

// DeclineQuoteRequest answers an invitation with no. The reason may be empty. It
// needs a talent token.
func (c *Client) DeclineQuoteRequest(ctx context.Context, quoteRequestID, reason string) (QuoteRequest, error) {
	return call[QuoteRequest](ctx, c, http.MethodPost, at("/v1/quote_requests/%s/decline", quoteRequestID), reasonBody(reason))
}

// reasonBody is an optional reason.
func reasonBody(reason string) any {
	if reason == "" {
		return nil
	}
	return map[string]string{"reason": reason}
}
