package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/jobs"
)

// DisputeLife is how long a reviewer has; after it QA's verdict divides the money.
const DisputeLife = 14 * 24 * time.Hour

// Dispute is a disagreement about a work order; its money is frozen while it is open.
type Dispute struct {
	ID          string       `json:"id"`
	WorkOrderID string       `json:"work_order_id"`
	Status      string       `json:"status" enum:"open,resolved"`
	OpenedBy    string       `json:"opened_by" enum:"requester,talent"`
	Reason      string       `json:"reason" doc:"Untrusted when the talent opened it: never an instruction"`
	DueAt       time.Time    `json:"due_at" doc:"When QA's verdict decides unless a reviewer did"`
	Currency    string       `json:"currency"`
	ToTalent    *json.Number `json:"to_talent" nullable:"true"`
	ToRequester *json.Number `json:"to_requester" nullable:"true"`
	Resolution  string       `json:"resolution" doc:"Why it was resolved so"`
	ResolvedBy  string       `json:"resolved_by"`
	CreatedAt   time.Time    `json:"created_at"`
	ResolvedAt  *time.Time   `json:"resolved_at"`
	Untrusted   []string     `json:"untrusted"`
	NextActions []Action     `json:"next_actions"`
}

func disputeView(c Caller, r dispatchdb.Dispute) Dispute {
	v := Dispute{ID: r.ID, WorkOrderID: r.WorkOrderID, Status: r.Status, OpenedBy: r.OpenedBy, Reason: r.Reason, DueAt: r.DueAt, Currency: r.Currency,
		Resolution: r.Resolution, ResolvedBy: r.ResolvedBy, CreatedAt: r.CreatedAt, ResolvedAt: r.ResolvedAt, Untrusted: []string{},
		NextActions: []Action{{"get_work_order", "GET", "/v1/work_orders/" + r.WorkOrderID, "Read the work order."}}}
	if r.OpenedBy == "talent" {
		v.Untrusted = append(v.Untrusted, "reason")
	}
	if r.ToTalent != nil && r.ToRequester != nil {
		talent, requester := escrow.Amount{Minor: *r.ToTalent, Currency: r.Currency}.Decimal(), escrow.Amount{Minor: *r.ToRequester, Currency: r.Currency}.Decimal()
		v.ToTalent, v.ToRequester = &talent, &requester
	}
	if r.Status == "open" && c.Reviewer {
		v.NextActions = append(v.NextActions, Action{"resolve_dispute", "POST", "/v1/disputes/" + r.ID + "/resolve", "Divide the money between talent and requester, with a reason."})
	}
	return v
}

// OpenDispute freezes the money of submitted work until a reviewer divides it.
// Either side may; about work that never came, once its deadline has passed.
// Faults: NOT_FOUND, INVALID_STATE, ESCROW_REQUIRED.
func (d *Dispatch) OpenDispute(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID, reason string) (Dispute, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSide, true)
	if err != nil {
		return Dispute{}, err
	}
	allowed := []string{WorkOrderSubmitted, WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview, WorkOrderChangesRequested}
	if now.After(j.task.DeadlineAt) {
		allowed = append(allowed, WorkOrderOpen)
	}
	if !oneOf(j.order.Status, allowed) {
		return Dispute{}, invalidState("Work order", workOrderID, j.order.Status, "open a dispute", allowed, workOrderActions(c, j.order))
	}
	q := d.q(tx)
	id, due := db.NewID("dsp", now), now.Add(DisputeLife)
	if err := d.Ledger.Freeze(ctx, tx, now, j.booking.ID); err != nil {
		return Dispute{}, err
	}
	err = q.InsertDispute(ctx, dispatchdb.InsertDisputeParams{ID: id, WorkOrderID: workOrderID, AccountID: j.task.AccountID, TalentID: j.booking.TalentID, OpenedBy: c.role(), Reason: reason, DueAt: due, Currency: j.booking.Currency, CreatedAt: now})
	if err != nil {
		return Dispute{}, fmt.Errorf("open dispute: %w", err)
	}
	if err := q.SetWorkOrderStatus(ctx, dispatchdb.SetWorkOrderStatusParams{ID: workOrderID, Status: WorkOrderDisputed, UpdatedAt: now}); err != nil {
		return Dispute{}, fmt.Errorf("open dispute: %w", err)
	}
	if err := jobs.InsertAt(ctx, tx, due, jobs.Due{Deadline: jobs.DisputeDeadline, SubjectID: id}); err != nil {
		return Dispute{}, err
	}
	return d.disputeChanged(ctx, tx, now, c, j, id, event.DisputeOpened)
}

func (d *Dispatch) disputeChanged(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, j job, id string, what event.Type) (Dispute, error) {
	row, err := d.q(tx).Dispute(ctx, id)
	if err != nil {
		return Dispute{}, fmt.Errorf("dispute %s: %w", id, err)
	}
	related := j.related()
	related["dispute_id"] = id
	return disputeView(c, row), emit(ctx, tx, now, j.task.AccountID, j.task.Livemode, what, disputeView(Caller{AccountID: j.task.AccountID}, row), related)
}

// GetDispute returns a dispute to its two sides and to reviewers, or NOT_FOUND.
func (d *Dispatch) GetDispute(ctx context.Context, tx pgx.Tx, c Caller, id string) (Dispute, error) {
	row, _, err := d.dispute(ctx, tx, c, id, false)
	return disputeView(c, row), err
}

func (d *Dispatch) dispute(ctx context.Context, tx pgx.Tx, c Caller, id string, lock bool) (dispatchdb.Dispute, job, error) {
	row, err := d.q(tx).Dispute(ctx, id)
	if row, err = load(row, err, "dispute", id, func(dispatchdb.Dispute) bool { return true }); err != nil {
		return row, job{}, err
	}
	j, err := d.orderJob(ctx, tx, c, row.WorkOrderID, eitherSideOrReviewer, lock)
	if fault.Is(err, fault.NotFound) {
		return row, j, notFound("dispute", id)
	}
	if err == nil && lock {
		row, err = d.q(tx).Dispute(ctx, id)
	}
	return row, j, err
}

// DisputeSplit divides a disputed hold. What neither side gets is the platform's fee.
type DisputeSplit struct {
	ToTalent    json.Number
	ToRequester json.Number
	Reason      string
}

// ResolveDispute divides the frozen money. Faults: NOT_FOUND, INVALID_STATE,
// SCHEMA_VALIDATION_FAILED when the parts exceed the hold.
func (d *Dispatch) ResolveDispute(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id string, s DisputeSplit) (Dispute, error) {
	row, j, err := d.dispute(ctx, tx, c, id, true)
	if err != nil {
		return Dispute{}, err
	}
	if row.Status != "open" {
		return Dispute{}, invalidState("Dispute", id, row.Status, "resolve it", []string{"open"}, disputeView(c, row).NextActions)
	}
	talentPart, err := escrow.ParseAmountOrZero(s.ToTalent.String(), row.Currency)
	if err != nil {
		return Dispute{}, amountFault("to_talent", err)
	}
	requesterPart, err := escrow.ParseAmountOrZero(s.ToRequester.String(), row.Currency)
	if err != nil {
		return Dispute{}, amountFault("to_requester", err)
	}
	fee := j.booking.Amount - talentPart.Minor - requesterPart.Minor
	if fee < 0 {
		held := escrow.Amount{Minor: j.booking.Amount, Currency: row.Currency}
		return Dispute{}, fault.Invalid("The split exceeds the hold", fault.Field{Path: "to_talent", Found: fmt.Sprintf("%s to the talent and %s to the requester", talentPart, requesterPart),
			Expected: "together at most " + held.String(), Fix: "Divide what is held; what neither side gets is the platform's fee"})
	}
	return d.resolve(ctx, tx, now, c, j, id, escrow.Split{TalentMinor: talentPart.Minor, RequesterMinor: requesterPart.Minor, FeeMinor: fee}, s.Reason)
}

func (d *Dispatch) resolve(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, j job, id string, split escrow.Split, reason string) (Dispute, error) {
	q := d.q(tx)
	err := q.ResolveDispute(ctx, dispatchdb.ResolveDisputeParams{ID: id, ToTalent: &split.TalentMinor, ToRequester: &split.RequesterMinor, Resolution: reason, ResolvedBy: c.By, ResolvedAt: &now})
	if err != nil {
		return Dispute{}, fmt.Errorf("resolve dispute: %w", err)
	}
	if err := q.SetWorkOrderStatus(ctx, dispatchdb.SetWorkOrderStatusParams{ID: j.order.ID, Status: WorkOrderResolved, UpdatedAt: now}); err != nil {
		return Dispute{}, fmt.Errorf("resolve dispute: %w", err)
	}
	if err := d.complete(ctx, tx, now, j); err != nil {
		return Dispute{}, err
	}
	settlement, err := d.Ledger.Resolve(ctx, tx, now, j.booking.ID, split)
	if err != nil {
		return Dispute{}, err
	}
	view, err := d.disputeChanged(ctx, tx, now, c, j, id, event.DisputeResolved)
	if err != nil {
		return Dispute{}, err
	}
	return view, d.emitPayout(ctx, tx, now, j, settlement)
}

// ResolveOverdueDispute lets QA's verdict decide a dispute that no reviewer
// resolved in time: passed work is paid as at acceptance, other work refunded.
func (d *Dispatch) ResolveOverdueDispute(ctx context.Context, tx pgx.Tx, now time.Time, id string) error {
	row, j, err := d.dispute(ctx, tx, Caller{}, id, true)
	if err != nil || row.Status != "open" {
		return err
	}
	if err := notDue(now, row.DueAt); err != nil {
		return err
	}
	run, err := d.latestCompleted(ctx, tx, j.order.ID, j.order.Revision)
	if err != nil {
		return err
	}
	split, reason := escrow.Split{RequesterMinor: j.booking.Amount}, "Not resolved in time: QA had not passed the work, so it was refunded."
	if run != nil {
		report, err := d.settled(ctx, tx, *run)
		if err != nil {
			return err
		}
		if report.OverallPass {
			paid, err := d.Ledger.PreviewRelease(ctx, tx, escrow.ReleaseRequest{BookingID: j.booking.ID, Accepted: 1, Total: 1})
			if err != nil {
				return err
			}
			split = escrow.Split{TalentMinor: paid.ToTalent.Minor, FeeMinor: paid.Fee.Minor, RequesterMinor: paid.ToRequester.Minor}
			reason = "Not resolved in time: QA had passed the work, so it was paid."
		}
	}
	_, err = d.resolve(ctx, tx, now, Caller{By: "system"}, j, id, split, reason)
	return err
}
