package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Dispute freezes the money of a work order until it is resolved.
type Dispute struct {
	ID          string       `json:"id"`
	WorkOrderID string       `json:"work_order_id"`
	Status      string       `json:"status"`    // open or resolved
	OpenedBy    string       `json:"opened_by"` // requester or talent
	Reason      string       `json:"reason"`    // untrusted when the talent opened it
	Currency    string       `json:"currency"`
	ToTalent    *json.Number `json:"to_talent"`    // major units; nil until it is resolved
	ToRequester *json.Number `json:"to_requester"` // the same
	Resolution  string       `json:"resolution"`
	ResolvedBy  string       `json:"resolved_by"`
	DueAt       time.Time    `json:"due_at"` // when QA's verdict decides
	ResolvedAt  *time.Time   `json:"resolved_at"`
	CreatedAt   time.Time    `json:"created_at"`
	Untrusted   []string     `json:"untrusted"`
	NextActions []Action     `json:"next_actions"`
}

// Split divides frozen money, in major units; what neither side gets is the
// platform's fee.
type Split struct {
	ToTalent    json.Number `json:"to_talent"`
	ToRequester json.Number `json:"to_requester"`
	Reason      string      `json:"reason"`
}

// OpenDispute freezes the money of submitted work.
func (c *Client) OpenDispute(ctx context.Context, workOrderID, reason string) (Dispute, error) {
	return call[Dispute](ctx, c, http.MethodPost, at("/v1/work_orders/%s/disputes", workOrderID), map[string]string{"reason": reason})
}

// GetDispute returns a dispute.
func (c *Client) GetDispute(ctx context.Context, id string) (Dispute, error) {
	return call[Dispute](ctx, c, http.MethodGet, at("/v1/disputes/%s", id), nil)
}

// ResolveDispute divides the frozen money. It needs the scope reviews:write.
func (c *Client) ResolveDispute(ctx context.Context, id string, s Split) (Dispute, error) {
	return call[Dispute](ctx, c, http.MethodPost, at("/v1/disputes/%s/resolve", id), s)
}
