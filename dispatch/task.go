package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/templates"
)

// The states of a task.
const (
	TaskScreening     = "screening"
	TaskOpen          = "open"
	TaskPolicyBlocked = "policy_blocked"
	TaskNeedsReview   = "needs_review"
	TaskBooked        = "booked"
	TaskCompleted     = "completed"
	TaskCancelled     = "cancelled"
)

// Task is what a requester wants done, as the API returns it.
type Task struct {
	ID       string `json:"id"`
	Status   string `json:"status" enum:"screening,open,policy_blocked,needs_review,booked,completed,cancelled"`
	Livemode bool   `json:"livemode"`
	templates.Task
	TemplateVersion string          `json:"template_version" doc:"Version of the template the task was made from, and keeps"`
	DeadlineAt      time.Time       `json:"deadline_at" doc:"When deliverables are due"`
	Policy          policy.Decision `json:"policy" doc:"What policy screening decided, and by which rules"`
	BookingID       *string         `json:"booking_id" doc:"The booking, once there is one"`
	WorkOrderID     *string         `json:"work_order_id" doc:"The work order of the booking"`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
	NextActions     []Action        `json:"next_actions" doc:"What this caller may do now"`
}

// Draft is a task that was validated and screened but not created.
type Draft struct {
	Valid bool           `json:"valid" doc:"Always true: an invalid task is answered with an error"`
	Task  templates.Task `json:"task" doc:"The task with the template's defaults filled in"`

	TemplateVersion string          `json:"template_version"`
	DeadlineAt      time.Time       `json:"deadline_at"`
	Policy          policy.Decision `json:"policy"`
	AcceptanceTests any             `json:"acceptance_tests" doc:"What QA will prove, with the parameters this task resolves them to"`
}

// taskActions lists what the requester may do with a task.
func taskActions(id, status string, bookingID *string) []Action {
	path := "/v1/tasks/" + id
	cancel := Action{"cancel_task", "POST", path + "/cancel", "Cancel the task; nothing has been paid yet."}
	look := Action{"get_task", "GET", path, "Read the task again."}
	switch status {
	case TaskScreening:
		look.Description = "Read the task again in a second: it is being screened and opens by itself."
		return []Action{look, requestQuotesAction(id), cancel}
	case TaskOpen:
		return []Action{requestQuotesAction(id), {"get_quotes", "GET", path + "/quotes", "List the quotes received so far, to accept one."}, cancel}
	case TaskNeedsReview:
		look.Description = "Read the task again later: a reviewer has to approve it first."
		return []Action{look, cancel}
	case TaskPolicyBlocked:
		return []Action{{"create_task", "POST", "/v1/tasks", "Create a new task that leaves out what policy.rules names."}}
	case TaskBooked, TaskCompleted:
		if bookingID != nil {
			return []Action{{"get_booking", "GET", "/v1/bookings/" + *bookingID, "Read the booking and what can be done with it."}}
		}
	}
	return []Action{}
}

func requestQuotesAction(taskID string) Action {
	return Action{"request_quotes", "POST", "/v1/tasks/" + taskID + "/quote_requests", "Invite talent to quote: name them in talent_ids, or leave it out to invite matching talent."}
}

func (d *Dispatch) taskView(ctx context.Context, tx pgx.Tx, row dispatchdb.Task) (Task, error) {
	t := Task{ID: row.ID, Status: row.Status, Livemode: row.Livemode, TemplateVersion: row.TemplateVersion,
		DeadlineAt: row.DeadlineAt, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	if err := json.Unmarshal(row.Body, &t.Task); err != nil {
		return t, fmt.Errorf("task %s: body: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Policy, &t.Policy); err != nil {
		return t, fmt.Errorf("task %s: policy: %w", row.ID, err)
	}
	if row.Status == TaskBooked || row.Status == TaskCompleted {
		booking, err := d.q(tx).LiveBookingOfTask(ctx, row.ID)
		if err != nil {
			return t, fmt.Errorf("booking of task %s: %w", row.ID, err)
		}
		order, err := d.q(tx).WorkOrderOfBooking(ctx, booking.ID)
		if err != nil {
			return t, fmt.Errorf("work order of task %s: %w", row.ID, err)
		}
		t.BookingID, t.WorkOrderID = &booking.ID, &order.ID
	}
	t.NextActions = taskActions(row.ID, row.Status, t.BookingID)
	return t, nil
}

// GetTask returns a task of the caller's account, or NOT_FOUND.
func (d *Dispatch) GetTask(ctx context.Context, tx pgx.Tx, c Caller, id string) (Task, error) {
	row, err := d.q(tx).Task(ctx, id)
	row, err = load(row, err, "task", id, func(r dispatchdb.Task) bool { return c.owns(r.AccountID) || c.reviews(r.Livemode) })
	if err != nil {
		return Task{}, err
	}
	return d.taskView(ctx, tx, row)
}

// reviews reports whether the caller is a reviewer of this world.
func (c Caller) reviews(livemode bool) bool { return c.Reviewer && c.Livemode == livemode }

// ListTasks returns a page of the account's tasks, newest first. An empty
// status or task type means any.
func (d *Dispatch) ListTasks(ctx context.Context, tx pgx.Tx, c Caller, status, taskType string, p Page) ([]Task, bool, error) {
	rows, err := d.q(tx).Tasks(ctx, dispatchdb.TasksParams{AccountID: c.AccountID, Status: status, TaskType: taskType, StartingAfter: p.StartingAfter, Lim: p.rows()})
	if err != nil {
		return nil, false, fmt.Errorf("tasks: %w", err)
	}
	return d.taskViews(ctx, tx, p, rows)
}

// TasksForReview returns tasks that policy screening parked for a reviewer, oldest first.
func (d *Dispatch) TasksForReview(ctx context.Context, tx pgx.Tx, c Caller, p Page) ([]Task, bool, error) {
	rows, err := d.q(tx).TasksForReview(ctx, dispatchdb.TasksForReviewParams{Livemode: c.Livemode, StartingAfter: p.StartingAfter, Lim: p.rows()})
	if err != nil {
		return nil, false, fmt.Errorf("tasks for review: %w", err)
	}
	return d.taskViews(ctx, tx, p, rows)
}

func (d *Dispatch) taskViews(ctx context.Context, tx pgx.Tx, p Page, rows []dispatchdb.Task) ([]Task, bool, error) {
	rows, more := cut(p, rows)
	tasks := make([]Task, len(rows))
	for i, row := range rows {
		var err error
		if tasks[i], err = d.taskView(ctx, tx, row); err != nil {
			return nil, false, err
		}
	}
	return tasks, more, nil
}

// CancelTask ends a task that is not booked; invitations and quotes end with
// it. INVALID_STATE once it is booked: the booking is cancelled instead.
func (d *Dispatch) CancelTask(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id string) (Task, error) {
	row, err := d.lockOwnTask(ctx, tx, c, id)
	if err != nil {
		return Task{}, err
	}
	allowed := []string{TaskScreening, TaskOpen, TaskNeedsReview}
	if !oneOf(row.Status, allowed) {
		view, err := d.taskView(ctx, tx, row)
		if err != nil {
			return Task{}, err
		}
		return Task{}, invalidState("Task", id, row.Status, "cancel it", allowed, view.NextActions)
	}
	if err := d.q(tx).SetTaskStatus(ctx, dispatchdb.SetTaskStatusParams{ID: id, Status: TaskCancelled, UpdatedAt: now}); err != nil {
		return Task{}, fmt.Errorf("cancel task: %w", err)
	}
	if err := d.closeQuoting(ctx, tx, id, ""); err != nil {
		return Task{}, err
	}
	row.Status, row.UpdatedAt = TaskCancelled, now
	task, err := d.taskView(ctx, tx, row)
	if err != nil {
		return Task{}, err
	}
	return task, emit(ctx, tx, now, row.AccountID, row.Livemode, event.TaskCancelled, task, map[string]string{"task_id": id})
}

// lockOwnTask locks a task of the caller's account, or answers NOT_FOUND.
func (d *Dispatch) lockOwnTask(ctx context.Context, tx pgx.Tx, c Caller, id string) (dispatchdb.Task, error) {
	row, err := d.q(tx).Task(ctx, id)
	if _, err := load(row, err, "task", id, func(r dispatchdb.Task) bool { return c.owns(r.AccountID) }); err != nil {
		return row, err
	}
	return d.lockTask(ctx, tx, id)
}

// closeQuoting ends the invitations of a task and every quote but the given one.
func (d *Dispatch) closeQuoting(ctx context.Context, tx pgx.Tx, taskID, exceptQuoteID string) error {
	if err := d.q(tx).CloseQuoteRequests(ctx, taskID); err != nil {
		return fmt.Errorf("close quote requests: %w", err)
	}
	if err := d.q(tx).DeclineSiblings(ctx, dispatchdb.DeclineSiblingsParams{TaskID: taskID, ID: exceptQuoteID}); err != nil {
		return fmt.Errorf("decline quotes: %w", err)
	}
	return nil
}

// policyBlocked is the answer to a task that policy forbids.
func policyBlocked(taskID string, decision policy.Decision) *fault.Error {
	f := fault.New(fault.PolicyBlocked, "This task is against the policy").With("rules", decision.Rules).With("rule_set", decision.RuleSet)
	for _, m := range decision.Rules {
		if m.Severity == policy.Block {
			f.Message = fmt.Sprintf("This task is against the policy on %s: %q in %s", m.Category, m.Matched, m.Path)
			if m.Fix != "" {
				f.Message += ". " + m.Fix
			}
			break
		}
	}
	if taskID != "" {
		f = f.With("task_id", taskID)
	}
	return f
}
