package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
)

// Receipt states what happened to a work order that was accepted or resolved,
// for signing. Faults: NOT_FOUND, INVALID_STATE.
func (d *Dispatch) Receipt(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, workOrderID string) (receipt.Receipt, error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSideOrReviewer, false)
	if err != nil {
		return receipt.Receipt{}, err
	}
	allowed := []string{WorkOrderAccepted, WorkOrderResolved}
	if !oneOf(j.order.Status, allowed) {
		return receipt.Receipt{}, invalidState("Work order", workOrderID, j.order.Status, "get its receipt", allowed, workOrderActions(c, j.order))
	}
	r := receipt.Receipt{
		WorkOrderID: workOrderID, BookingID: j.booking.ID, TaskID: j.task.ID, TalentID: j.booking.TalentID, Status: j.order.Status, Livemode: j.task.Livemode, IssuedAt: now,
		Brief: receipt.Brief{TaskType: j.task.TaskType, TemplateVersion: j.task.TemplateVersion, SHA256: j.task.BriefSha256},
	}
	files, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: workOrderID, Revision: j.order.Revision})
	if err != nil {
		return r, fmt.Errorf("deliverables: %w", err)
	}
	for _, f := range files {
		if f.Deliverable.Accepted == nil || *f.Deliverable.Accepted {
			r.Files = append(r.Files, receipt.File{ID: f.File.ID, Revision: int(f.Deliverable.Revision), Bytes: f.File.Bytes, SHA256: *f.File.Sha256})
		}
	}
	checkins, err := d.checkins(ctx, tx, j.booking.ID)
	if err != nil {
		return r, err
	}
	for _, in := range checkins {
		r.CheckIns = append(r.CheckIns, receipt.CheckIn{ID: in.ID, At: in.CapturedAt, Lat: in.Lat, Lng: in.Lng, Verdict: string(in.Verdict), DistanceM: in.DistanceM})
	}
	run, err := d.latestCompleted(ctx, tx, workOrderID, j.order.Revision)
	if err != nil {
		return r, err
	}
	if run != nil {
		report, err := d.settled(ctx, tx, *run)
		if err != nil {
			return r, err
		}
		r.QA = &receipt.QA{RunID: run.ID, Revision: int(run.Revision), OverallPass: report.OverallPass, CompletedAt: *run.CompletedAt}
		for _, check := range report.Checks {
			said := receipt.Check{ID: check.ID, Verdict: string(check.Verdict), Blocking: check.Blocking}
			if check.Override != nil {
				said.Verdict, said.Overridden = string(check.Override.Verdict), true
			}
			r.QA.Checks = append(r.QA.Checks, said)
		}
	}
	entries, err := escrow.BookingEntries(ctx, tx, j.booking.ID)
	if err != nil {
		return r, err
	}
	for _, e := range entries {
		r.Postings = append(r.Postings, receipt.Posting{ID: e.ID, TransferID: e.TransferID, Kind: e.Kind, Account: e.Account, AmountMinor: e.Amount.Minor, Currency: e.Currency, At: e.CreatedAt})
	}
	return r, nil
}

// VerifyMoney proves in one moment that the ledger adds up and that its holds are
// those of the bookings, and repairs nothing. It must be the transaction's first
// use.
func (d *Dispatch) VerifyMoney(ctx context.Context, tx pgx.Tx) ([]escrow.Discrepancy, error) {
	// Otherwise a booking made in between would stand out.
	if _, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"); err != nil {
		return nil, fmt.Errorf("verify money: %w", err)
	}
	found, err := escrow.Verify(ctx, tx)
	if err != nil {
		return nil, err
	}
	bookings, err := d.bookingStates(ctx, tx)
	if err != nil {
		return nil, err
	}
	more, err := escrow.VerifyBookings(ctx, tx, bookings)
	return append(found, more...), err
}

// bookingStates lists every booking with whether its money must still be held.
func (d *Dispatch) bookingStates(ctx context.Context, tx pgx.Tx) ([]escrow.BookingState, error) {
	rows, err := d.q(tx).BookingStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("bookings: %w", err)
	}
	states := make([]escrow.BookingState, len(rows))
	for i, r := range rows {
		states[i] = escrow.BookingState{ID: r.ID, Live: oneOf(r.Status, []string{BookingConfirmed, BookingCheckedIn})}
	}
	return states, nil
}
