package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
)

// Template is a kind of task.
type Template struct {
	TaskType        string           `json:"task_type"`
	Version         string           `json:"version"`
	Name            string           `json:"name"`
	Description     string           `json:"description"`
	Risk            string           `json:"risk"`           // low, medium or high
	LocationModes   []string         `json:"location_modes"` // onsite, remote
	TaskSpecSchema  json.RawMessage  `json:"task_spec_schema"`
	ValidationRules []ValidationRule `json:"validation_rules"`
	Deliverables    []Asked          `json:"deliverables"`
	AcceptanceTests []AcceptanceTest `json:"acceptance_tests"`
	SamplePayload   json.RawMessage  `json:"sample_payload"` // a body for CreateTask
	TurnaroundHours float64          `json:"turnaround_hours"`
}

// ValidationRule is a rule across the fields of a task.
type ValidationRule struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

// Asked is what a task of a template must ask for.
type Asked struct {
	Kinds   []string `json:"kinds"`   // any one of these
	Formats []string `json:"formats"` // that may be asked for
	Count   []any    `json:"count"`   // at least the product of these numbers, fields of the task and lengths of its arrays
}

// AcceptanceTest is a check that QA runs, with its parameters.
type AcceptanceTest struct {
	Check       string         `json:"check"`
	Blocking    bool           `json:"blocking"`
	Description string         `json:"description"`
	Params      map[string]any `json:"params,omitempty"`
}

// ListTemplates returns a page of the templates. Page.StartingAfter is a task type.
func (c *Client) ListTemplates(ctx context.Context, p Page) (List[Template], error) {
	page, err := call[struct {
		Templates []Template `json:"templates"`
		HasMore   bool       `json:"has_more"`
	}](ctx, c, http.MethodGet, withQuery("/v1/templates", p.query()), nil)
	return List[Template]{Data: page.Templates, HasMore: page.HasMore}, err
}

// AllTemplates goes through every template.
func (c *Client) AllTemplates(ctx context.Context) iter.Seq2[Template, error] {
	return all(ctx, Page{}, c.ListTemplates, func(t Template) string { return t.TaskType })
}

// GetTemplate returns one template. NOT_FOUND names those there are.
func (c *Client) GetTemplate(ctx context.Context, taskType string) (Template, error) {
	return call[Template](ctx, c, http.MethodGet, at("/v1/templates/%s", taskType), nil)
}
