package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Webhook is an endpoint that events are posted to.
type Webhook struct {
	ID             string     `json:"id"`
	URL            string     `json:"url"`
	Types          []string   `json:"types"`
	Description    string     `json:"description"`
	Enabled        bool       `json:"enabled"`
	DisabledReason *string    `json:"disabled_reason"` // account, gone or failing
	FailingSince   *time.Time `json:"failing_since"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	Secret         string     `json:"secret,omitempty"` // set by CreateWebhook and RotateWebhookSecret only: whsec_…
}

// NewWebhook is an endpoint to register.
type NewWebhook struct {
	URL         string   `json:"url"`
	Types       []string `json:"types,omitempty"` // all when empty
	Description string   `json:"description,omitempty"`
}

// WebhookChanges are the changes to an endpoint; nil leaves a field as it is.
type WebhookChanges struct {
	URL         *string   `json:"url,omitempty"`
	Types       *[]string `json:"types,omitempty"`
	Description *string   `json:"description,omitempty"`
	Enabled     *bool     `json:"enabled,omitempty"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID            string            `json:"id"`
	WebhookID     string            `json:"webhook_id"`
	EventID       string            `json:"event_id"`
	EventType     string            `json:"event_type"`
	Status        string            `json:"status"` // pending, delivered or failed
	Attempts      []DeliveryAttempt `json:"attempts"`
	NextAttemptAt *time.Time        `json:"next_attempt_at"`
	CompletedAt   *time.Time        `json:"completed_at"`
	CreatedAt     time.Time         `json:"created_at"`
}

// DeliveryAttempt is one try of a delivery.
type DeliveryAttempt struct {
	Number     int       `json:"number"`
	At         time.Time `json:"at"`
	StatusCode *int      `json:"status_code"` // nil when there was no answer
	LatencyMS  int64     `json:"latency_ms"`
	Error      *string   `json:"error"`
	Response   string    `json:"response"` // the first 2 KB; the endpoint's own words
}

// DeliveryFilter says which deliveries are listed.
type DeliveryFilter struct {
	Page
	Status string
}

// Replay names what is sent again: one delivery, or what failed in a time range.
type Replay struct {
	DeliveryID string     `json:"delivery_id,omitempty"`
	Since      *time.Time `json:"since,omitempty"`
	Until      *time.Time `json:"until,omitempty"`
}

// Replayed is how many deliveries are, or would be, sent again.
type Replayed struct {
	Count    int       `json:"count"`
	DryRun   bool      `json:"dry_run"`
	Delivery *Delivery `json:"delivery,omitempty"` // the one that was named
}

// TestedWebhook is a test event and its delivery.
type TestedWebhook struct {
	Event    Event    `json:"event"`
	Delivery Delivery `json:"delivery"`
}

// CreateWebhook registers an endpoint. The answer holds its Secret, shown here only.
func (c *Client) CreateWebhook(ctx context.Context, n NewWebhook) (Webhook, error) {
	return call[Webhook](ctx, c, http.MethodPost, "/v1/webhooks", n)
}

// ListWebhooks returns a page of the account's endpoints, newest first.
func (c *Client) ListWebhooks(ctx context.Context, p Page) (List[Webhook], error) {
	return listAt[Webhook](ctx, c, "/v1/webhooks", p.query())
}

// AllWebhooks goes through all of them.
func (c *Client) AllWebhooks(ctx context.Context) iter.Seq2[Webhook, error] {
	return all(ctx, Page{}, c.ListWebhooks, func(w Webhook) string { return w.ID })
}

// GetWebhook returns an endpoint.
func (c *Client) GetWebhook(ctx context.Context, id string) (Webhook, error) {
	return call[Webhook](ctx, c, http.MethodGet, at("/v1/webhooks/%s", id), nil)
}

// UpdateWebhook changes what is given.
func (c *Client) UpdateWebhook(ctx context.Context, id string, changes WebhookChanges) (Webhook, error) {
	return call[Webhook](ctx, c, http.MethodPatch, at("/v1/webhooks/%s", id), changes)
}

// DeleteWebhook ends an endpoint and what is waiting for it.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, at("/v1/webhooks/%s", id), nil, nil)
}

// RotateWebhookSecret returns the endpoint with a new Secret. For a day
// deliveries are signed with both.
func (c *Client) RotateWebhookSecret(ctx context.Context, id string) (Webhook, error) {
	return call[Webhook](ctx, c, http.MethodPost, at("/v1/webhooks/%s/rotate_secret", id), nil)
}

// TestWebhook sends an event of type webhook.test to the endpoint.
func (c *Client) TestWebhook(ctx context.Context, id string) (TestedWebhook, error) {
	return call[TestedWebhook](ctx, c, http.MethodPost, at("/v1/webhooks/%s/test", id), nil)
}

// ListDeliveries returns a page of the deliveries to an endpoint, newest event first.
func (c *Client) ListDeliveries(ctx context.Context, webhookID string, f DeliveryFilter) (List[Delivery], error) {
	q := f.Page.query()
	q.Set("status", f.Status)
	return listAt[Delivery](ctx, c, at("/v1/webhooks/%s/deliveries", webhookID), q)
}

// AllDeliveries goes through all of them.
func (c *Client) AllDeliveries(ctx context.Context, webhookID string, f DeliveryFilter) iter.Seq2[Delivery, error] {
	return all(ctx, f.Page, func(ctx context.Context, p Page) (List[Delivery], error) {
		f.Page = p
		return c.ListDeliveries(ctx, webhookID, f)
	}, func(d Delivery) string { return d.ID })
}

// ReplayWebhook sends deliveries again; dryRun only counts them.
func (c *Client) ReplayWebhook(ctx context.Context, id string, r Replay, dryRun bool) (Replayed, error) {
	return call[Replayed](ctx, c, http.MethodPost, withQuery(at("/v1/webhooks/%s/replay", id), url.Values{"dry_run": {flag(dryRun)}}), r)
}
