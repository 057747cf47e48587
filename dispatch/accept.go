package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

// AcceptedWorkOrder is a work order that was accepted and how the money moved.
type AcceptedWorkOrder struct {
	WorkOrder
	Settlement Settlement `json:"settlement"`
}

// Acceptance says what is accepted.
type Acceptance struct {
	// DeliverableIDs names the accepted deliverables. Empty accepts all, which
	// needs a passed QA; naming some is the requester's own judgement and also
	// works when QA failed.
	DeliverableIDs []string
	// Observed maps file ids to the SHA-256 of what the store holds now, read
	// just before: acceptance binds to what was judged.
	Observed map[string]string
}

// SubmittedFiles returns the ids of the files of a work order's newest revision,
// for reading them again before acceptance. NOT_FOUND when the caller may not see it.
func (d *Dispatch) SubmittedFiles(ctx context.Context, tx pgx.Tx, c Caller, workOrderID string) ([]string, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, requester, false)
	if err != nil {
		return nil, err
	}
	rows, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: workOrderID, Revision: j.order.Revision})
	if err != nil {
		return nil, fmt.Errorf("deliverables: %w", err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.File.ID
	}
	return ids, nil
}

// AcceptWork accepts a work order: the escrow is released, pro rata when only
// some deliverables are accepted, and the payout begins. Faults: NOT_FOUND,
// INVALID_STATE, ESCROW_REQUIRED, SCHEMA_VALIDATION_FAILED.
func (d *Dispatch) AcceptWork(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID string, a Acceptance) (AcceptedWorkOrder, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, requester, true)
	if err != nil {
		return AcceptedWorkOrder{}, err
	}
	allowed := []string{WorkOrderQAPassed}
	if len(a.DeliverableIDs) > 0 {
		allowed = append(allowed, WorkOrderQAFailed, WorkOrderQAReview)
	}
	if !oneOf(j.order.Status, allowed) {
		return AcceptedWorkOrder{}, invalidState("Work order", workOrderID, j.order.Status, "accept it", allowed, workOrderActions(c, j.order))
	}
	rows, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: workOrderID, Revision: j.order.Revision})
	if err != nil {
		return AcceptedWorkOrder{}, fmt.Errorf("deliverables: %w", err)
	}
	accepted, total, ids, err := share(j, rows, a.DeliverableIDs)
	if err != nil {
		return AcceptedWorkOrder{}, err
	}
	if err := unchanged(rows, ids, a.Observed); err != nil {
		return AcceptedWorkOrder{}, err
	}
	q := d.q(tx)
	if err := q.MarkAccepted(ctx, dispatchdb.MarkAcceptedParams{WorkOrderID: workOrderID, Revision: j.order.Revision, Accepted: ids}); err != nil {
		return AcceptedWorkOrder{}, fmt.Errorf("accept: %w", err)
	}
	done, all := int32(accepted), int32(total)
	if err := q.AcceptWorkOrder(ctx, dispatchdb.AcceptWorkOrderParams{ID: workOrderID, AcceptedAt: &now, AcceptedFiles: &done, TotalFiles: &all}); err != nil {
		return AcceptedWorkOrder{}, fmt.Errorf("accept: %w", err)
	}
	if err := d.complete(ctx, tx, now, j); err != nil {
		return AcceptedWorkOrder{}, err
	}
	settlement, err := d.Ledger.Release(ctx, tx, now, escrow.ReleaseRequest{BookingID: j.booking.ID, Accepted: accepted, Total: total})
	if err != nil {
		return AcceptedWorkOrder{}, err
	}
	view, err := d.orderChanged(ctx, tx, now, c, j, event.WorkOrderAccepted)
	if err != nil {
		return AcceptedWorkOrder{}, err
	}
	return AcceptedWorkOrder{WorkOrder: view, Settlement: settlementView(settlement)}, d.emitPayout(ctx, tx, now, j, settlement)
}

// complete ends the booking and the task of worked and settled work.
func (d *Dispatch) complete(ctx context.Context, tx pgx.Tx, now time.Time, j job) error {
	q := d.q(tx)
	if err := q.SetBookingStatus(ctx, dispatchdb.SetBookingStatusParams{ID: j.booking.ID, Status: BookingCompleted, UpdatedAt: now}); err != nil {
		return fmt.Errorf("complete booking: %w", err)
	}
	if err := q.SetTaskStatus(ctx, dispatchdb.SetTaskStatusParams{ID: j.task.ID, Status: TaskCompleted, UpdatedAt: now}); err != nil {
		return fmt.Errorf("complete task: %w", err)
	}
	return talent.Completed(ctx, tx, j.booking.TalentID)
}

// share counts the accepted deliverables against what the task asked for: of
// each kind at most as many as were asked for count, and a caption sidecar, say,
// goes with its clip. Accepting everything accepts the whole job.
func share(j job, rows []dispatchdb.DeliverablesRow, wanted []string) (accepted, total int, ids []string, err error) {
	asked, found, known := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, line := range j.body.Deliverables {
		asked[line.Kind] += line.Count
		total += line.Count
	}
	for _, r := range rows {
		known[r.Deliverable.ID] = true
		if len(wanted) == 0 || slices.Contains(wanted, r.Deliverable.ID) {
			ids = append(ids, r.Deliverable.ID)
			found[r.Deliverable.Kind]++
		}
	}
	for kind, n := range found {
		accepted += min(n, asked[kind])
	}
	if len(wanted) == 0 {
		accepted = total
	}
	var wrong []fault.Field
	for i, id := range wanted {
		if !known[id] {
			wrong = append(wrong, fault.Field{Path: fmt.Sprintf("deliverable_ids[%d]", i), Found: id, Expected: "a deliverable of the newest revision", Fix: "Take the ids from the work order's deliverables"})
		}
	}
	if len(wrong) == 0 && accepted == 0 {
		wrong = append(wrong, fault.Field{Path: "deliverable_ids", Found: "no deliverable that the task asked for", Expected: "at least one", Fix: "To accept nothing, request changes or open a dispute"})
	}
	if len(wrong) > 0 {
		return 0, 0, nil, fault.Invalid("The work cannot be accepted so", wrong...)
	}
	return accepted, total, ids, nil
}

// unchanged refuses files that are not what QA judged.
func unchanged(rows []dispatchdb.DeliverablesRow, accepted []string, observed map[string]string) error {
	var replaced []string
	for _, r := range rows {
		if slices.Contains(accepted, r.Deliverable.ID) && observed[r.File.ID] != *r.File.Sha256 {
			replaced = append(replaced, r.File.ID)
		}
	}
	if len(replaced) == 0 {
		return nil
	}
	return fault.New(fault.InvalidState, "%d files in storage are no longer what QA judged: their SHA-256 differs. Request changes, so that they are uploaded and judged again", len(replaced)).
		With("files", replaced)
}

// AutoAcceptDue reports whether a work order's acceptance window has passed
// with nobody touching it; NotDueError while it has not.
func (d *Dispatch) AutoAcceptDue(ctx context.Context, tx pgx.Tx, now time.Time, workOrderID string) (bool, error) {
	j, err := d.orderJob(ctx, tx, Caller{}, workOrderID, requester, false)
	if err != nil || j.order.Status != WorkOrderQAPassed || j.order.AcceptDueAt == nil {
		return false, err
	}
	return true, notDue(now, *j.order.AcceptDueAt)
}

// AutoAccept accepts a work order whose acceptance window has passed.
func (d *Dispatch) AutoAccept(ctx context.Context, tx pgx.Tx, now time.Time, workOrderID string, observed map[string]string) error {
	j, err := d.orderJob(ctx, tx, Caller{}, workOrderID, requester, true)
	if err != nil {
		return err
	}
	if due, err := d.AutoAcceptDue(ctx, tx, now, workOrderID); err != nil || !due {
		return err
	}
	_, err = d.AcceptWork(ctx, tx, now, Caller{AccountID: j.task.AccountID, Livemode: j.task.Livemode, By: "system"}, workOrderID, Acceptance{Observed: observed})
	return err
}
