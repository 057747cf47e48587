package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// QA is one run of the automated checks over one revision.
type QA struct {
	RunID           string     `json:"run_id"`
	WorkOrderID     string     `json:"work_order_id"`
	Revision        int        `json:"revision"`
	Status          string     `json:"status"`      // pending, running or completed
	OverallPass     bool       `json:"overallPass"` // completed, no blocking check failed and none is inconclusive
	Summary         string     `json:"summary"`
	Checks          []Check    `json:"checks"`
	FilesDone       int        `json:"files_done"`
	FilesTotal      int        `json:"files_total"`
	RequestedBy     string     `json:"requested_by"`
	EngineVersion   *string    `json:"engine_version"`
	TemplateVersion string     `json:"template_version"`
	CreatedAt       time.Time  `json:"created_at"`
	StartedAt       *time.Time `json:"started_at"`
	CompletedAt     *time.Time `json:"completed_at"`
	NextActions     []Action   `json:"next_actions"`
}

// Check is what one check found.
type Check struct {
	ID       string    `json:"id"` // of the catalogue, such as photo.location
	Blocking bool      `json:"blocking"`
	Verdict  string    `json:"verdict"` // pass, fail or inconclusive
	Required string    `json:"required"`
	Measured string    `json:"measured"`
	Files    []string  `json:"files"` // ids of the files it concerns
	Fix      string    `json:"fix"`   // what the talent should do
	Override *Override `json:"override,omitempty"`
}

// Override is a reviewer's verdict in place of the engine's.
type Override struct {
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Preflight is what the checks of single files say before anything is submitted.
type Preflight struct {
	OverallPass     bool    `json:"overallPass"`
	Summary         string  `json:"summary"`
	Checks          []Check `json:"checks"`
	EngineVersion   string  `json:"engine_version"`
	TemplateVersion string  `json:"template_version"`
}

type qaAnswer struct {
	QA QA `json:"qa"`
}

// GetQA returns the newest run. wait, up to a minute, holds the answer until the
// run is completed; it is rounded to seconds.
func (c *Client) GetQA(ctx context.Context, workOrderID string, wait time.Duration) (QA, error) {
	path := withQuery(at("/v1/work_orders/%s/qa", workOrderID), url.Values{"wait_seconds": {number(int(wait.Round(time.Second).Seconds()))}})
	answer, err := call[qaAnswer](ctx, c, http.MethodGet, path, nil)
	return answer.QA, err
}

// AwaitQA asks until the newest run is completed or ctx ends.
func (c *Client) AwaitQA(ctx context.Context, workOrderID string) (QA, error) {
	for {
		qa, err := c.GetQA(ctx, workOrderID, 50*time.Second)
		if err != nil || qa.Status == "completed" {
			return qa, err
		}
		if ctx.Err() != nil {
			return qa, fmt.Errorf("QA of %s is still %s: %w", workOrderID, qa.Status, context.Cause(ctx))
		}
	}
}

// RerunQA judges the newest revision again, wholly or by the named checks.
func (c *Client) RerunQA(ctx context.Context, workOrderID string, checks ...string) (QA, error) {
	var body any
	if len(checks) > 0 {
		body = map[string][]string{"checks": checks}
	}
	answer, err := call[qaAnswer](ctx, c, http.MethodPost, at("/v1/work_orders/%s/qa", workOrderID), body)
	return answer.QA, err
}

// ListQARuns returns a page of the runs of every revision, newest first.
func (c *Client) ListQARuns(ctx context.Context, workOrderID string, p Page) (List[QA], error) {
	return listAt[QA](ctx, c, at("/v1/work_orders/%s/qa/runs", workOrderID), p.query())
}

// AllQARuns goes through all of them.
func (c *Client) AllQARuns(ctx context.Context, workOrderID string) iter.Seq2[QA, error] {
	return all(ctx, Page{}, func(ctx context.Context, p Page) (List[QA], error) {
		return c.ListQARuns(ctx, workOrderID, p)
	}, func(q QA) string { return q.RunID })
}

// OverrideCheck puts a reviewer's verdict (pass or fail) in place of the engine's.
// It needs the scope reviews:write.
func (c *Client) OverrideCheck(ctx context.Context, workOrderID, check, verdict, reason string) (QA, error) {
	answer, err := call[qaAnswer](ctx, c, http.MethodPost, at("/v1/work_orders/%s/qa/checks/%s/override", workOrderID, check), map[string]any{"verdict": verdict, "reason": reason})
	return answer.QA, err
}

// RevokeOverride takes an override back. It needs the scope reviews:write.
func (c *Client) RevokeOverride(ctx context.Context, workOrderID, check, reason string) (QA, error) {
	answer, err := call[qaAnswer](ctx, c, http.MethodPost, at("/v1/work_orders/%s/qa/checks/%s/override", workOrderID, check), map[string]any{"revoke": true, "reason": reason})
	return answer.QA, err
}

// Preflight runs the checks of single files over uploaded files without
// submitting them. UNAVAILABLE when they are still being read.
func (c *Client) Preflight(ctx context.Context, workOrderID string, s Submission) (Preflight, error) {
	answer, err := call[struct {
		Preflight Preflight `json:"preflight"`
	}](ctx, c, http.MethodPost, at("/v1/work_orders/%s/preflight", workOrderID), s)
	return answer.Preflight, err
}
