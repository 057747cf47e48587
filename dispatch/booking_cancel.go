package dispatch

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Settlement says who gets what of a hold.
type Settlement struct {
	Currency    string      `json:"currency"`
	ToTalent    json.Number `json:"to_talent" doc:"Major units of the currency"`
	Fee         json.Number `json:"platform_fee"`
	ToRequester json.Number `json:"to_requester"`
	PayoutID    *string     `json:"payout_id" doc:"The payout to the talent, when there is one"`
}

func settlementView(s escrow.Settlement) Settlement {
	return Settlement{Currency: s.Currency, ToTalent: s.ToTalent.Decimal(), Fee: s.Fee.Decimal(), ToRequester: s.ToRequester.Decimal(), PayoutID: s.PayoutID}
}

// CancelledBooking is a booking that was cancelled, or would be, and who gets what.
type CancelledBooking struct {
	Booking
	DryRun     bool       `json:"dry_run" doc:"True when nothing was changed"`
	Settlement Settlement `json:"settlement"`
}

// CancelBooking ends a booking before work was submitted. Before check-in the
// requester gets everything back; after it the deployment's cancellation share
// goes to the talent. With dryRun nothing changes. Faults: NOT_FOUND,
// INVALID_STATE.
func (d *Dispatch) CancelBooking(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id, reason string, dryRun bool) (CancelledBooking, error) {
	j, err := d.bookingJob(ctx, tx, c, id, !dryRun)
	if err != nil {
		return CancelledBooking{}, err
	}
	allowed := []string{BookingConfirmed, BookingCheckedIn}
	if !oneOf(j.booking.Status, allowed) {
		return CancelledBooking{}, invalidState("Booking", id, j.booking.Status, "cancel it", allowed, bookingActions(c, j))
	}
	if j.order.Revision > 0 {
		return CancelledBooking{}, fault.New(fault.InvalidState, "Booking %s has deliverables: accept the work, request changes or open a dispute instead of cancelling", id).
			With("current_state", j.booking.Status).With("work_order_state", j.order.Status).With("next_actions", workOrderActions(c, j.order))
	}
	checkins, err := d.checkins(ctx, tx, id)
	if err != nil {
		return CancelledBooking{}, err
	}
	checkedIn := j.booking.Status == BookingCheckedIn && cameToSite(checkins)
	if dryRun {
		settlement, err := d.Ledger.PreviewCancel(ctx, tx, id, checkedIn)
		if err != nil {
			return CancelledBooking{}, err
		}
		view, err := d.bookingView(ctx, tx, now, c, j)
		return CancelledBooking{Booking: view, DryRun: true, Settlement: settlementView(settlement)}, err
	}
	if j, err = d.endUnworked(ctx, tx, now, j, BookingCancelled, reason); err != nil {
		return CancelledBooking{}, err
	}
	var settlement escrow.Settlement
	if checkedIn {
		settlement, err = d.Ledger.CancelAfterCheckIn(ctx, tx, now, id)
	} else {
		settlement, err = d.Ledger.Refund(ctx, tx, now, id)
	}
	if err != nil {
		return CancelledBooking{}, err
	}
	view, err := d.bookingChanged(ctx, tx, now, c, j, event.BookingCancelled)
	if err != nil {
		return CancelledBooking{}, err
	}
	return CancelledBooking{Booking: view, Settlement: settlementView(settlement)}, d.emitPayout(ctx, tx, now, j, settlement)
}

// emitPayout tells of the payout that a settlement initiated, if it did.
func (d *Dispatch) emitPayout(ctx context.Context, tx pgx.Tx, now time.Time, j job, s escrow.Settlement) error {
	if s.PayoutID == nil {
		return nil
	}
	payout, err := escrow.GetPayout(ctx, tx, *s.PayoutID)
	if err != nil {
		return err
	}
	related := j.related()
	related["payout_id"] = payout.ID
	return emit(ctx, tx, now, j.task.AccountID, j.task.Livemode, event.PayoutInitiated, payout, related)
}
