package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/templates"
)

// DraftTask validates and screens the body of a task and writes nothing.
// SCHEMA_VALIDATION_FAILED lists every problem; POLICY_BLOCKED names the rules.
func (d *Dispatch) DraftTask(now time.Time, body []byte) (Draft, error) {
	task, problems := templates.Validate(body, now)
	if len(problems) > 0 {
		fields := make([]fault.Field, len(problems))
		for i, p := range problems {
			fields[i] = fault.Field(p)
		}
		return Draft{}, fault.Invalid("Task validation failed", fields...)
	}
	tpl, _ := templates.Get(task.TaskType)
	decision, err := d.Screener.Task(body)
	if err != nil {
		return Draft{}, fmt.Errorf("screen task: %w", err)
	}
	draft := Draft{Valid: true, Task: task, TemplateVersion: tpl.Version, DeadlineAt: task.Deadline(tpl), Policy: decision, AcceptanceTests: tpl.Resolve(task)}
	if decision.Decision == policy.Block {
		return draft, policyBlocked("", decision)
	}
	return draft, nil
}

// CreateTask creates a task from the body of POST /v1/tasks. A task that the
// rules forbid is recorded as policy_blocked and answered with POLICY_BLOCKED;
// created is then true and the transaction must still be committed. One that
// needs a reviewer is parked; every other goes on to be screened by a job.
func (d *Dispatch) CreateTask(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, body []byte) (task Task, created bool, err error) {
	draft, err := d.DraftTask(now, body)
	blocked := fault.Is(err, fault.PolicyBlocked)
	if err != nil && !blocked {
		return Task{}, false, err
	}
	total, err := AmountAt("budget.max_total", draft.Task.Budget.MaxTotal, draft.Task.Budget.Currency)
	if err != nil {
		return Task{}, false, err
	}
	stored, err := json.Marshal(draft.Task)
	if err != nil {
		return Task{}, false, fmt.Errorf("create task: %w", err)
	}
	hash := sha256.Sum256(stored)
	status := TaskScreening
	switch draft.Policy.Decision {
	case policy.Block:
		status = TaskPolicyBlocked
	case policy.Review:
		status = TaskNeedsReview
	}
	id := db.NewID("task", now)
	err = d.q(tx).InsertTask(ctx, dispatchdb.InsertTaskParams{
		ID: id, AccountID: c.AccountID, Livemode: c.Livemode, Status: status,
		TaskType: draft.Task.TaskType, TemplateVersion: draft.TemplateVersion, Body: stored, BriefSha256: hex.EncodeToString(hash[:]),
		Currency: total.Currency, MaxTotal: total.Minor,
		StartAt: draft.Task.Schedule.StartAt, EndAt: draft.Task.Schedule.End(), DeadlineAt: draft.DeadlineAt,
		Policy: mustJSON(draft.Policy), CreatedAt: now,
	})
	if err != nil {
		return Task{}, false, fmt.Errorf("create task: %w", err)
	}
	if task, err = d.GetTask(ctx, tx, c, id); err != nil {
		return Task{}, false, err
	}
	if err := recordDecision(ctx, tx, now, c.AccountID, id, stored, draft.Policy); err != nil {
		return Task{}, false, err
	}
	if status == TaskScreening {
		if err := jobs.Insert(ctx, tx, jobs.PolicyScreen{TaskID: id}); err != nil {
			return Task{}, false, err
		}
	}
	what := event.TaskCreated
	if blocked {
		what = event.TaskPolicyBlocked
	}
	if err := emit(ctx, tx, now, c.AccountID, c.Livemode, what, task, map[string]string{"task_id": id}); err != nil {
		return Task{}, false, err
	}
	if blocked {
		return task, true, policyBlocked(id, draft.Policy)
	}
	return task, true, nil
}

// recordDecision keeps a decision about a task, for reviewers and for what the
// account's next tasks are compared with.
func recordDecision(ctx context.Context, tx pgx.Tx, now time.Time, accountID, taskID string, body []byte, decision policy.Decision) error {
	_, err := policy.Record(ctx, tx, now, policy.Subject{AccountID: accountID, TaskID: taskID, Kind: policy.SubjectTask, Fingerprint: policy.Fingerprint(body)}, decision)
	return err
}

// ScreenedTask is what a policy screening job needs to know of a task.
type ScreenedTask struct {
	ID        string
	AccountID string
	Livemode  bool
	Status    string
	Body      json.RawMessage
	Policy    policy.Decision
	CreatedAt time.Time
}

// TaskToScreen reads a task for a screening job.
func (d *Dispatch) TaskToScreen(ctx context.Context, tx pgx.Tx, id string) (ScreenedTask, error) {
	row, err := d.q(tx).Task(ctx, id)
	if row, err = load(row, err, "task", id, func(dispatchdb.Task) bool { return true }); err != nil {
		return ScreenedTask{}, err
	}
	s := ScreenedTask{ID: row.ID, AccountID: row.AccountID, Livemode: row.Livemode, Status: row.Status, Body: row.Body, CreatedAt: row.CreatedAt}
	return s, json.Unmarshal(row.Policy, &s.Policy)
}

// CountOpenTasks counts the tasks that a rescreening looks at.
func (d *Dispatch) CountOpenTasks(ctx context.Context, tx pgx.Tx) (int, error) {
	n, err := d.q(tx).CountOpenTasks(ctx)
	return int(n), err
}

// OpenTaskIDs returns the next tasks that a rescreening must look at, in id order.
func (d *Dispatch) OpenTaskIDs(ctx context.Context, tx pgx.Tx, after string, limit int) ([]string, error) {
	return d.q(tx).OpenTaskIDs(ctx, dispatchdb.OpenTaskIDsParams{StartingAfter: after, Lim: int32(limit)})
}

// RecordScreening moves a task by a screening decision: a screening, open or
// parked task becomes open, needs_review or policy_blocked. A task that has
// moved on since is left as it is. A reviewer's approval stands until the rules
// decide to block.
func (d *Dispatch) RecordScreening(ctx context.Context, tx pgx.Tx, now time.Time, taskID string, decision policy.Decision) error {
	row, err := d.lockTask(ctx, tx, taskID)
	if err != nil {
		return err
	}
	if !oneOf(row.Status, []string{TaskScreening, TaskOpen, TaskNeedsReview}) {
		return nil
	}
	status := TaskOpen
	switch decision.Decision {
	case policy.Block:
		status = TaskPolicyBlocked
	case policy.Review:
		status = TaskNeedsReview
	}
	if row.Status == TaskNeedsReview && status == TaskOpen {
		return nil // only a reviewer opens a parked task
	}
	if row.Status == TaskOpen && status == TaskNeedsReview && approvedBefore(row, decision) {
		return nil
	}
	if decision.Decision != policy.Allow && row.Status != status {
		if err := recordDecision(ctx, tx, now, row.AccountID, taskID, row.Body, decision); err != nil {
			return err
		}
	}
	return d.moveTask(ctx, tx, now, row, status, decision)
}

// approvedBefore reports whether a reviewer has already approved a task in spite
// of every rule of this decision.
func approvedBefore(row dispatchdb.Task, decision policy.Decision) bool {
	var approved policy.Decision
	if json.Unmarshal(row.Policy, &approved) != nil {
		return false
	}
	known := map[string]bool{}
	for _, m := range approved.Rules {
		known[m.ID] = true
	}
	for _, m := range decision.Rules {
		if !known[m.ID] {
			return false
		}
	}
	return true
}

// ReviewTask is a reviewer's decision about a parked task.
func (d *Dispatch) ReviewTask(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id string, approve bool, reason string) (Task, error) {
	row, err := d.q(tx).Task(ctx, id)
	if _, err := load(row, err, "task", id, func(r dispatchdb.Task) bool { return c.reviews(r.Livemode) }); err != nil {
		return Task{}, err
	}
	if row, err = d.lockTask(ctx, tx, id); err != nil {
		return Task{}, err
	}
	if row.Status != TaskNeedsReview {
		return Task{}, invalidState("Task", id, row.Status, "review it", []string{TaskNeedsReview}, nil)
	}
	var decision policy.Decision
	if err := json.Unmarshal(row.Policy, &decision); err != nil {
		return Task{}, fmt.Errorf("task %s: policy: %w", id, err)
	}
	if err := resolveReviews(ctx, tx, now, c, id, approve, reason); err != nil {
		return Task{}, err
	}
	status := TaskOpen
	decision.Decision = policy.Allow
	if !approve {
		status, decision.Decision = TaskPolicyBlocked, policy.Block
	}
	if err := d.moveTask(ctx, tx, now, row, status, decision); err != nil {
		return Task{}, err
	}
	return d.GetTask(ctx, tx, c, id)
}

// resolveReviews notes the reviewer's decision with every decision about the
// task that waited for one.
func resolveReviews(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, taskID string, approve bool, reason string) error {
	history, err := policy.History(ctx, tx, taskID)
	if err != nil {
		return err
	}
	for _, r := range history {
		if r.Decision.Decision == policy.Review && r.Approved == nil {
			if _, err := policy.Resolve(ctx, tx, now, r.ID, approve, c.By, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Dispatch) moveTask(ctx context.Context, tx pgx.Tx, now time.Time, row dispatchdb.Task, status string, decision policy.Decision) error {
	if row.Status == status {
		return nil
	}
	raw := mustJSON(decision)
	if err := d.q(tx).SetTaskPolicy(ctx, dispatchdb.SetTaskPolicyParams{ID: row.ID, Status: status, Policy: raw, UpdatedAt: now}); err != nil {
		return fmt.Errorf("screen task: %w", err)
	}
	if status == TaskPolicyBlocked {
		if err := d.closeQuoting(ctx, tx, row.ID, ""); err != nil {
			return err
		}
	}
	row.Status, row.Policy, row.UpdatedAt = status, raw, now
	task, err := d.taskView(ctx, tx, row)
	if err != nil {
		return err
	}
	what := event.TaskUpdated
	if status == TaskPolicyBlocked {
		what = event.TaskPolicyBlocked
	}
	return emit(ctx, tx, now, row.AccountID, row.Livemode, what, task, map[string]string{"task_id": row.ID})
}
