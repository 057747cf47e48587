package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// WorkOrder is the work of a booking. Message and the names, notes and labels
// of deliverables are the talent's own words.
type WorkOrder struct {
	ID             string        `json:"id"`
	TaskID         string        `json:"task_id"`
	BookingID      string        `json:"booking_id"`
	TalentID       string        `json:"talent_id"`
	Status         string        `json:"status"`   // open, submitted, qa_passed, qa_failed, qa_review, changes_requested, accepted, disputed, resolved, cancelled
	Revision       int           `json:"revision"` // of the newest submission; 0 before the first
	Deliverables   []Deliverable `json:"deliverables"`
	Message        string        `json:"message"`
	ChangesMessage string        `json:"changes_message"` // what the requester asked to change
	QARunID        *string       `json:"qa_run_id"`
	DisputeID      *string       `json:"dispute_id"`
	DeadlineAt     time.Time     `json:"deadline_at"`
	AcceptDueAt    *time.Time    `json:"accept_due_at"` // when it accepts itself
	AcceptedAt     *time.Time    `json:"accepted_at"`
	CreatedAt      time.Time     `json:"created_at"`
	UpdatedAt      time.Time     `json:"updated_at"`
	Untrusted      []string      `json:"untrusted"`
	NextActions    []Action      `json:"next_actions"`
}

// Deliverable is a file of the newest revision.
type Deliverable struct {
	ID       string            `json:"id"`
	FileID   string            `json:"file_id"`
	Kind     string            `json:"kind"`
	Name     string            `json:"name"`
	Bytes    int64             `json:"bytes"`
	SHA256   string            `json:"sha256"`
	Labels   map[string]string `json:"labels"`
	Note     string            `json:"note"`
	Accepted *bool             `json:"accepted"` // nil until the work is accepted
}

// Submission is what a talent submits.
type Submission struct {
	Files   []NewDeliverable          `json:"files"`
	Answers map[string]map[string]any `json:"answers,omitempty"` // by store id, then by question id
	Message string                    `json:"message,omitempty"`
}

// NewDeliverable is an uploaded file in a submission.
type NewDeliverable struct {
	FileID string            `json:"file_id"`
	Kind   string            `json:"kind"`             // photo, video, audio or document
	Labels map[string]string `json:"labels,omitempty"` // what it shows, by the template: sku, angle, store_id, …
	Note   string            `json:"note,omitempty"`
}

// AcceptedWorkOrder is a work order with how its money was divided.
type AcceptedWorkOrder struct {
	WorkOrder
	Settlement Settlement `json:"settlement"`
}

// GetWorkOrder returns a work order.
func (c *Client) GetWorkOrder(ctx context.Context, id string) (WorkOrder, error) {
	return call[WorkOrder](ctx, c, http.MethodGet, at("/v1/work_orders/%s", id), nil)
}

// GetReceipt returns the signed receipt of an accepted or resolved work order, as
// `humandispatch receipt verify` reads it. INVALID_STATE before that.
func (c *Client) GetReceipt(ctx context.Context, workOrderID string) (json.RawMessage, error) {
	answer, err := c.Raw(ctx, http.MethodGet, at("/v1/work_orders/%s/receipt", workOrderID), nil)
	return answer.Body, err
}

// RegisterDeliverables submits uploaded files as the next revision, which QA
// then judges by itself.
func (c *Client) RegisterDeliverables(ctx context.Context, workOrderID string, s Submission) (WorkOrder, error) {
	return call[WorkOrder](ctx, c, http.MethodPost, at("/v1/work_orders/%s/deliverables", workOrderID), s)
}

// RequestChanges sends judged work back to the talent. An empty message sends
// the fixes of QA's failed checks.
func (c *Client) RequestChanges(ctx context.Context, workOrderID, message string) (WorkOrder, error) {
	var body any
	if message != "" {
		body = map[string]string{"message": message}
	}
	return call[WorkOrder](ctx, c, http.MethodPost, at("/v1/work_orders/%s/request_changes", workOrderID), body)
}

// AcceptWork accepts the work, wholly or only the named deliverables, releases
// the escrow and begins the payout. INVALID_STATE unless QA passed or ids are named.
func (c *Client) AcceptWork(ctx context.Context, workOrderID string, deliverableIDs ...string) (AcceptedWorkOrder, error) {
	var body any
	if len(deliverableIDs) > 0 {
		body = map[string][]string{"deliverable_ids": deliverableIDs}
	}
	return call[AcceptedWorkOrder](ctx, c, http.MethodPost, at("/v1/work_orders/%s/accept", workOrderID), body)
}
