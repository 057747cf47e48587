package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"
)

// Action is something the caller may do now. Every task, quote, booking, work
// order and QA result lists them.
type Action struct {
	Action      string `json:"action"` // the operation, such as request_quotes
	Method      string `json:"method"`
	Path        string `json:"path"`
	Description string `json:"description"`
}

// Task is work to be done by somebody.
type Task struct {
	ID              string          `json:"id"`
	Status          string          `json:"status"` // screening, open, policy_blocked, needs_review, booked, completed, cancelled
	Livemode        bool            `json:"livemode"`
	TaskType        string          `json:"task_type"`
	TemplateVersion string          `json:"template_version"`
	Title           string          `json:"title"`
	Brief           string          `json:"brief,omitempty"`
	Location        Location        `json:"location"`
	Schedule        Schedule        `json:"schedule"`
	Budget          Budget          `json:"budget"`
	Deliverables    []Wanted        `json:"deliverables"`
	Requirements    Requirements    `json:"talent_requirements,omitzero"`
	TaskSpec        json.RawMessage `json:"task_spec"`
	Metadata        json.RawMessage `json:"metadata,omitempty"`
	Policy          Decision        `json:"policy"`
	DeadlineAt      time.Time       `json:"deadline_at"`
	BookingID       *string         `json:"booking_id"`
	WorkOrderID     *string         `json:"work_order_id"`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
	NextActions     []Action        `json:"next_actions"`
}

// Location is where the work is done.
type Location struct {
	Mode    string   `json:"mode"` // onsite or remote
	Address string   `json:"address,omitempty"`
	Lat     *float64 `json:"lat,omitempty"`
	Lng     *float64 `json:"lng,omitempty"`
	RadiusM float64  `json:"radius_m,omitempty"`
}

// Schedule is when.
type Schedule struct {
	StartAt       time.Time  `json:"start_at"`
	EndAt         *time.Time `json:"end_at,omitempty"`
	DurationHours float64    `json:"duration_hours,omitempty"`
	DeadlineAt    *time.Time `json:"deadline_at,omitempty"`
}

// Budget is what the work may cost, in major units of the currency.
type Budget struct {
	Currency     string      `json:"currency"`
	PricingModel string      `json:"pricing_model"` // fixed, hourly or per_unit
	MaxTotal     json.Number `json:"max_total"`
}

// Wanted is what must be delivered.
type Wanted struct {
	Kind   string `json:"kind"` // photo, video, audio or document
	Count  int    `json:"count"`
	Format string `json:"format"`
}

// Requirements are what talent must meet to be matched.
type Requirements struct {
	Skills    []string `json:"skills,omitempty"`
	Languages []string `json:"languages,omitempty"` // BCP 47 tags
	MinRating float64  `json:"min_rating,omitempty"`
}

// Decision is what policy screening decided.
type Decision struct {
	Decision string  `json:"decision"`
	RuleSet  string  `json:"rule_set"`
	Rules    []Match `json:"rules"`
}

// Match is a rule that matched a task.
type Match struct {
	ID       string `json:"id"`
	Category string `json:"category"`
	Severity string `json:"severity"`
	Path     string `json:"path"`
	Matched  string `json:"matched"`
	Fix      string `json:"fix"`
}

// Draft is what a task would become.
type Draft struct {
	Task
	Valid           bool            `json:"valid"`
	AcceptanceTests json.RawMessage `json:"acceptance_tests"` // with the parameters this task resolves them to
}

// TaskFilter says which tasks are listed.
type TaskFilter struct {
	Page
	Status   string
	TaskType string
}

// CreateTask creates a task from a template. body is anything that marshals to
// the template's sample_payload with other values, json.RawMessage included.
// SCHEMA_VALIDATION_FAILED names every problem; POLICY_BLOCKED says what to change.
func (c *Client) CreateTask(ctx context.Context, body any) (Task, error) {
	return call[Task](ctx, c, http.MethodPost, "/v1/tasks", body)
}

// DraftTask validates and screens a task and writes nothing.
func (c *Client) DraftTask(ctx context.Context, body any) (Draft, error) {
	return call[Draft](ctx, c, http.MethodPost, "/v1/tasks?dry_run=true", body)
}

// GetTask returns a task.
func (c *Client) GetTask(ctx context.Context, id string) (Task, error) {
	return call[Task](ctx, c, http.MethodGet, at("/v1/tasks/%s", id), nil)
}

// ListTasks returns a page of the account's tasks, newest first.
func (c *Client) ListTasks(ctx context.Context, f TaskFilter) (List[Task], error) {
	q := f.Page.query()
	q.Set("status", f.Status)
	q.Set("task_type", f.TaskType)
	return listAt[Task](ctx, c, "/v1/tasks", q)
}

// AllTasks goes through all of them.
func (c *Client) AllTasks(ctx context.Context, f TaskFilter) iter.Seq2[Task, error] {
	return all(ctx, f.Page, func(ctx context.Context, p Page) (List[Task], error) {
		f.Page = p
		return c.ListTasks(ctx, f)
	}, func(t Task) string { return t.ID })
}

// CancelTask ends a task that is not booked. INVALID_STATE when it is.
func (c *Client) CancelTask(ctx context.Context, id string) (Task, error) {
	return call[Task](ctx, c, http.MethodPost, at("/v1/tasks/%s/cancel", id), nil)
}

// ListPolicyReviews returns a page of the tasks that wait for a reviewer,
// oldest first. It needs the scope reviews:read.
func (c *Client) ListPolicyReviews(ctx context.Context, p Page) (List[Task], error) {
	return listAt[Task](ctx, c, "/v1/reviews/policy", p.query())
}

// AllPolicyReviews goes through all of them.
func (c *Client) AllPolicyReviews(ctx context.Context) iter.Seq2[Task, error] {
	return all(ctx, Page{}, c.ListPolicyReviews, func(t Task) string { return t.ID })
}

// ReviewTask approves or blocks a parked task, with a reason. It needs the
// scope reviews:write.
func (c *Client) ReviewTask(ctx context.Context, id string, approve bool, reason string) (Task, error) {
	decision := "block"
	if approve {
		decision = "approve"
	}
	return call[Task](ctx, c, http.MethodPost, at("/v1/reviews/policy/%s", id), map[string]string{"decision": decision, "reason": reason})
}
