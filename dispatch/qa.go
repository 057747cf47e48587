package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/qa"
)

// The states of a QA run.
const (
	RunPending   = "pending"
	RunRunning   = "running"
	RunCompleted = "completed"
)

// QA is one QA run and its verdict, overrides counted.
type QA struct {
	ID              string     `json:"id" doc:"The same as run_id"`
	OverallPass     bool       `json:"overallPass" doc:"True when the run is completed, no blocking check failed and none is inconclusive"`
	RunID           string     `json:"run_id"`
	WorkOrderID     string     `json:"work_order_id"`
	Revision        int        `json:"revision"`
	Status          string     `json:"status" enum:"pending,running,completed"`
	RequestedBy     string     `json:"requested_by" doc:"submission, or the key that asked for a rerun"`
	FilesDone       int        `json:"files_done"`
	FilesTotal      int        `json:"files_total"`
	EngineVersion   *string    `json:"engine_version"`
	TemplateVersion string     `json:"template_version"`
	Summary         string     `json:"summary"`
	Checks          []qa.Check `json:"checks"`
	CreatedAt       time.Time  `json:"created_at"`
	StartedAt       *time.Time `json:"started_at"`
	CompletedAt     *time.Time `json:"completed_at"`
	NextActions     []Action   `json:"next_actions"`
}

// QAResult is the answer of GET /v1/work_orders/{id}/qa.
type QAResult struct {
	QA QA `json:"qa"`
}

func (d *Dispatch) runView(ctx context.Context, tx pgx.Tx, c Caller, j job, r dispatchdb.QaRun) (QA, error) {
	v := QA{ID: r.ID, RunID: r.ID, WorkOrderID: r.WorkOrderID, Revision: int(r.Revision), Status: r.Status, RequestedBy: r.RequestedBy, FilesDone: int(r.FilesDone), FilesTotal: int(r.FilesTotal),
		EngineVersion: r.EngineVersion, TemplateVersion: r.TemplateVersion, Checks: []qa.Check{}, CreatedAt: r.CreatedAt, StartedAt: r.StartedAt, CompletedAt: r.CompletedAt,
		Summary: "QA is waiting for a worker.", NextActions: workOrderActions(c, j.order)}
	switch r.Status {
	case RunRunning:
		v.Summary = fmt.Sprintf("QA is running: %d of %d files read.", r.FilesDone, r.FilesTotal)
	case RunCompleted:
		report, err := d.settled(ctx, tx, r)
		if err != nil {
			return v, err
		}
		v.OverallPass, v.Summary, v.Checks = report.OverallPass, report.Summary, report.Checks
	}
	return v, nil
}

// settled is a completed run's report with the overrides that stand.
func (d *Dispatch) settled(ctx context.Context, tx pgx.Tx, r dispatchdb.QaRun) (qa.Report, error) {
	var report qa.Report
	if err := json.Unmarshal(r.Report, &report); err != nil {
		return report, fmt.Errorf("QA run %s: %w", r.ID, err)
	}
	overrides, err := d.q(tx).Overrides(ctx, dispatchdb.OverridesParams{WorkOrderID: r.WorkOrderID, Revision: r.Revision})
	if err != nil {
		return report, fmt.Errorf("overrides: %w", err)
	}
	for _, o := range overrides {
		for i := range report.Checks {
			if report.Checks[i].ID == o.CheckID {
				report.Checks[i].Override = &qa.Override{Verdict: qa.Verdict(o.Verdict), Reason: o.Reason, By: o.MadeBy, At: o.MadeAt}
			}
		}
	}
	report.Settle()
	return report, nil
}

// GetQA returns the newest QA run of a work order, or NOT_FOUND when nothing
// was submitted yet.
func (d *Dispatch) GetQA(ctx context.Context, tx pgx.Tx, c Caller, workOrderID string) (QAResult, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSideOrReviewer, false)
	if err != nil {
		return QAResult{}, err
	}
	run, err := d.q(tx).LatestRun(ctx, workOrderID)
	if db.Missing(err) {
		return QAResult{}, fault.New(fault.NotFound, "Work order %s has no QA run yet: QA runs when deliverables are submitted", workOrderID).With("next_actions", workOrderActions(c, j.order))
	}
	if err != nil {
		return QAResult{}, fmt.Errorf("QA run: %w", err)
	}
	view, err := d.runView(ctx, tx, c, j, run)
	return QAResult{view}, err
}

// ListRuns returns a page of a work order's QA runs, newest first.
func (d *Dispatch) ListRuns(ctx context.Context, tx pgx.Tx, c Caller, workOrderID string, p Page) ([]QA, bool, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSideOrReviewer, false)
	if err != nil {
		return nil, false, err
	}
	rows, err := d.q(tx).Runs(ctx, dispatchdb.RunsParams{WorkOrderID: workOrderID, StartingAfter: p.StartingAfter, Lim: p.rows()})
	if err != nil {
		return nil, false, fmt.Errorf("QA runs: %w", err)
	}
	rows, more := cut(p, rows)
	runs := make([]QA, len(rows))
	for i, r := range rows {
		if runs[i], err = d.runView(ctx, tx, c, j, r); err != nil {
			return nil, false, err
		}
	}
	return runs, more, nil
}

// RerunQA has the newest revision judged again, wholly or by some checks.
// Earlier runs are kept. Faults: NOT_FOUND, INVALID_STATE, SCHEMA_VALIDATION_FAILED.
func (d *Dispatch) RerunQA(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID string, checks []string) (QAResult, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSideOrJudge, true)
	if err != nil {
		return QAResult{}, err
	}
	allowed := []string{WorkOrderSubmitted, WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview, WorkOrderChangesRequested, WorkOrderDisputed}
	if !oneOf(j.order.Status, allowed) {
		return QAResult{}, invalidState("Work order", workOrderID, j.order.Status, "rerun QA", allowed, workOrderActions(c, j.order))
	}
	if err := knownChecks(j, checks); err != nil {
		return QAResult{}, err
	}
	if judged, err := d.latestCompleted(ctx, tx, workOrderID, j.order.Revision); err != nil {
		return QAResult{}, err
	} else if judged == nil {
		checks = nil // there is no verdict yet that some checks could be replaced in
	}
	q := d.q(tx)
	files, err := q.Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: workOrderID, Revision: j.order.Revision})
	if err != nil {
		return QAResult{}, fmt.Errorf("deliverables: %w", err)
	}
	runID, err := d.enqueueRun(ctx, tx, now, j, j.order.Revision, c.By, checks, len(files))
	if err != nil {
		return QAResult{}, err
	}
	if err := q.SetWorkOrderRun(ctx, dispatchdb.SetWorkOrderRunParams{ID: workOrderID, CurrentRunID: &runID, UpdatedAt: now}); err != nil {
		return QAResult{}, fmt.Errorf("rerun QA: %w", err)
	}
	return d.GetQA(ctx, tx, c, workOrderID)
}

func knownChecks(j job, checks []string) error {
	known := append(j.checks(), CaptionsPolicy)
	var wrong []fault.Field
	for i, check := range checks {
		if !slices.Contains(known, check) {
			wrong = append(wrong, fault.Field{Path: fmt.Sprintf("checks[%d]", i), Found: check, Expected: "one of " + strings.Join(known, ", "), Fix: "Name checks that this work order's template runs"})
		}
	}
	if len(wrong) > 0 {
		return fault.Invalid("Unknown checks", wrong...)
	}
	return nil
}

// OverrideCheck replaces the verdict of one check of the newest revision with a
// reviewer's, or with revoke takes the override back. The work order moves by
// what then holds. Faults: NOT_FOUND, INVALID_STATE, SCHEMA_VALIDATION_FAILED.
func (d *Dispatch) OverrideCheck(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID, check string, verdict qa.Verdict, reason string, revoke bool) (QAResult, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSideOrReviewer, true)
	if err != nil {
		return QAResult{}, err
	}
	allowed := []string{WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview}
	if !oneOf(j.order.Status, allowed) {
		return QAResult{}, invalidState("Work order", workOrderID, j.order.Status, "override a check", allowed, workOrderActions(c, j.order))
	}
	run, err := d.latestCompleted(ctx, tx, workOrderID, j.order.Revision)
	if err != nil {
		return QAResult{}, err
	}
	report, err := d.settled(ctx, tx, *run)
	if err != nil {
		return QAResult{}, err
	}
	known := make([]string, len(report.Checks))
	for i, c := range report.Checks {
		known[i] = c.ID
	}
	if !revoke && !slices.Contains(known, check) {
		return QAResult{}, fault.New(fault.NotFound, "Work order %s has no check %s; it has %s", workOrderID, check, strings.Join(known, ", "))
	}
	q := d.q(tx)
	n, err := q.RevokeOverride(ctx, dispatchdb.RevokeOverrideParams{WorkOrderID: workOrderID, Revision: j.order.Revision, CheckID: check, RevokedAt: &now})
	if err != nil {
		return QAResult{}, fmt.Errorf("override: %w", err)
	}
	if revoke && n == 0 {
		return QAResult{}, fault.New(fault.NotFound, "Check %s of work order %s has no override to take back", check, workOrderID)
	}
	if !revoke {
		err := q.InsertOverride(ctx, dispatchdb.InsertOverrideParams{ID: db.NewID("ovr", now), WorkOrderID: workOrderID, Revision: j.order.Revision, CheckID: check, Verdict: string(verdict), Reason: reason, MadeBy: c.By, MadeAt: now})
		if err != nil {
			return QAResult{}, fmt.Errorf("override: %w", err)
		}
	}
	if err := d.judged(ctx, tx, now, j, *run); err != nil {
		return QAResult{}, err
	}
	return d.GetQA(ctx, tx, c, workOrderID)
}

// latestCompleted finds the newest completed run of a revision; nil when there is none.
func (d *Dispatch) latestCompleted(ctx context.Context, tx pgx.Tx, workOrderID string, revision int32) (*dispatchdb.QaRun, error) {
	run, err := d.q(tx).LatestCompletedRun(ctx, dispatchdb.LatestCompletedRunParams{WorkOrderID: workOrderID, Revision: revision})
	if db.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("QA run: %w", err)
	}
	return &run, nil
}

// judged moves the work order by a completed run of its newest revision, emits
// qa.completed and wakes whoever waits for it. The task's lock is held.
func (d *Dispatch) judged(ctx context.Context, tx pgx.Tx, now time.Time, j job, run dispatchdb.QaRun) error {
	report, err := d.settled(ctx, tx, run)
	if err != nil {
		return err
	}
	if run.Revision == j.order.Revision && oneOf(j.order.Status, []string{WorkOrderSubmitted, WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview}) {
		var due *time.Time
		status := verdictStatus(report)
		if status == WorkOrderQAPassed {
			if due, err = d.acceptDue(ctx, tx, now, j); err != nil {
				return err
			}
		}
		if err := d.q(tx).JudgeWorkOrder(ctx, dispatchdb.JudgeWorkOrderParams{ID: j.order.ID, Status: status, AcceptDueAt: due, UpdatedAt: now}); err != nil {
			return fmt.Errorf("judge work order: %w", err)
		}
		j.order.Status = status
	}
	view, err := d.runView(ctx, tx, Caller{AccountID: j.task.AccountID}, j, run)
	if err != nil {
		return err
	}
	related := j.related()
	related["run_id"] = run.ID
	if err := emit(ctx, tx, now, j.task.AccountID, j.task.Livemode, event.QACompleted, view, related); err != nil {
		return err
	}
	return event.Notify(ctx, tx, QATopic(j.order.ID))
}

func verdictStatus(r qa.Report) string {
	if r.OverallPass {
		return WorkOrderQAPassed
	}
	for _, check := range r.Checks {
		verdict := check.Verdict
		if check.Override != nil {
			verdict = check.Override.Verdict
		}
		if check.Blocking && verdict == qa.Fail {
			return WorkOrderQAFailed
		}
	}
	return WorkOrderQAReview
}

// acceptDue schedules the work order's own acceptance, once: a work order that
// had already passed keeps its time.
func (d *Dispatch) acceptDue(ctx context.Context, tx pgx.Tx, now time.Time, j job) (*time.Time, error) {
	if j.order.Status == WorkOrderQAPassed && j.order.AcceptDueAt != nil {
		return j.order.AcceptDueAt, nil
	}
	a, err := account.Get(ctx, tx, j.task.AccountID)
	if err != nil {
		return nil, err
	}
	due := now.Add(a.AcceptanceWindow)
	return &due, jobs.InsertAt(ctx, tx, due, jobs.Due{Deadline: jobs.AutoAccept, SubjectID: j.order.ID})
}

// RequestChanges sends the work back to the talent. Without a message the fixes
// of the failed checks are sent. Faults: NOT_FOUND, INVALID_STATE,
// SCHEMA_VALIDATION_FAILED, POLICY_BLOCKED for the message.
func (d *Dispatch) RequestChanges(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID, message string) (WorkOrder, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, requester, true)
	if err != nil {
		return WorkOrder{}, err
	}
	allowed := []string{WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview}
	if !oneOf(j.order.Status, allowed) {
		return WorkOrder{}, invalidState("Work order", workOrderID, j.order.Status, "request changes", allowed, workOrderActions(c, j.order))
	}
	if strings.TrimSpace(message) == "" {
		if message, err = d.fixes(ctx, tx, j); err != nil {
			return WorkOrder{}, err
		}
		if message == "" {
			return WorkOrder{}, fault.Invalid("Nothing to change was named", fault.Field{Path: "message", Found: "nothing, and QA failed no check", Expected: "what the talent should change", Fix: "Write a message"})
		}
	} else if err := d.allowText("message", message); err != nil {
		return WorkOrder{}, err
	}
	if err := d.q(tx).RequestWorkOrderChanges(ctx, dispatchdb.RequestWorkOrderChangesParams{ID: workOrderID, ChangesMessage: message, UpdatedAt: now}); err != nil {
		return WorkOrder{}, fmt.Errorf("request changes: %w", err)
	}
	return d.orderChanged(ctx, tx, now, c, j, event.WorkOrderChangesRequested)
}

// fixes lists what the talent should do, by the newest verdict.
func (d *Dispatch) fixes(ctx context.Context, tx pgx.Tx, j job) (string, error) {
	run, err := d.latestCompleted(ctx, tx, j.order.ID, j.order.Revision)
	if err != nil || run == nil {
		return "", err
	}
	report, err := d.settled(ctx, tx, *run)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, check := range report.Checks {
		verdict := check.Verdict
		if check.Override != nil {
			verdict = check.Override.Verdict
		}
		if check.Blocking && verdict != qa.Pass && check.Fix != "" {
			lines = append(lines, "- "+check.Fix)
		}
	}
	return strings.Join(lines, "\n"), nil
}
