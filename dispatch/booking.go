package dispatch

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/templates"
)

// The states of a booking.
const (
	BookingConfirmed = "confirmed"
	BookingCheckedIn = "checked_in"
	BookingCompleted = "completed"
	BookingCancelled = "cancelled"
	BookingNoShow    = "no_show"
)

// Booking binds a talent to a task, with the money in escrow.
type Booking struct {
	ID           string      `json:"id"`
	TaskID       string      `json:"task_id"`
	QuoteID      string      `json:"quote_id"`
	TalentID     string      `json:"talent_id"`
	WorkOrderID  string      `json:"work_order_id"`
	Status       string      `json:"status" enum:"confirmed,checked_in,completed,cancelled,no_show"`
	Amount       json.Number `json:"amount" doc:"Held in escrow, in major units of the currency"`
	Currency     string      `json:"currency"`
	Escrow       Escrow      `json:"escrow"`
	StartAt      time.Time   `json:"start_at"`
	EndAt        time.Time   `json:"end_at"`
	NoShowAt     *time.Time  `json:"no_show_at" doc:"When the booking becomes a no-show unless somebody checks in or, for a remote task, submits; null once that can no longer happen"`
	SiteCode     *string     `json:"site_code" doc:"Six digits to show to the talent on site; they settle a check-in whose position is uncertain. They change every five minutes and only the requester sees them"`
	CancelReason *string     `json:"cancel_reason"`
	Checkins     []Checkin   `json:"checkins"`
	CreatedAt    time.Time   `json:"created_at"`
	UpdatedAt    time.Time   `json:"updated_at"`
	NextActions  []Action    `json:"next_actions"`
}

// Escrow is the state of a booking's money.
type Escrow struct {
	Status    string    `json:"status" doc:"held, frozen by a dispute, or how the hold ended" enum:"held,frozen,released,refunded,cancelled,resolved"`
	ExpiresAt time.Time `json:"expires_at"`
}

// siteCodeWindow is how long one site code is shown; the one before still counts.
const siteCodeWindow = 5 * time.Minute

// noShowGrace keeps a booking made late, or for a time already past, from
// becoming a no-show before anybody can act.
const noShowGrace = 24 * time.Hour

// holdLife bounds a hold: deadline, revisions, acceptance window and a dispute fit in it.
const holdLife = 60 * 24 * time.Hour

func siteCode(secret []byte, at time.Time) string {
	mac := hmac.New(sha256.New, secret)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/int64(siteCodeWindow/time.Second))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(mac.Sum(nil))%1_000_000)
}

// job is the rows of one booked task; the task's lock is held while it is changed.
type job struct {
	task    dispatchdb.Task
	booking dispatchdb.Booking
	order   dispatchdb.WorkOrder
	body    templates.Task
}

func (j job) onsite() bool { return j.body.Location.Mode == "onsite" }

// checks lists the check ids that the task's template runs.
func (j job) checks() []string {
	tpl, _ := templates.GetVersion(j.task.TaskType, j.task.TemplateVersion)
	ids := make([]string, len(tpl.AcceptanceTests))
	for i, test := range tpl.AcceptanceTests {
		ids[i] = test.Check
	}
	return ids
}

func (j job) related() map[string]string {
	return map[string]string{"task_id": j.task.ID, "booking_id": j.booking.ID, "work_order_id": j.order.ID, "talent_id": j.booking.TalentID}
}

// job reads the rows of a booking. With lock they are read under the task's lock.
func (d *Dispatch) job(ctx context.Context, tx pgx.Tx, bookingID string, lock bool) (job, error) {
	var j job
	var err error
	q := d.q(tx)
	if j.booking, err = q.Booking(ctx, bookingID); err != nil {
		return j, fmt.Errorf("booking %s: %w", bookingID, err)
	}
	if lock {
		if j.task, err = d.lockTask(ctx, tx, j.booking.TaskID); err != nil {
			return j, err
		}
		// Read again: it may have changed while the lock was waited for.
		if j.booking, err = q.Booking(ctx, bookingID); err != nil {
			return j, fmt.Errorf("booking %s: %w", bookingID, err)
		}
	} else if j.task, err = q.Task(ctx, j.booking.TaskID); err != nil {
		return j, fmt.Errorf("task %s: %w", j.booking.TaskID, err)
	}
	if j.order, err = q.WorkOrderOfBooking(ctx, bookingID); err != nil {
		return j, fmt.Errorf("work order of booking %s: %w", bookingID, err)
	}
	if err := json.Unmarshal(j.task.Body, &j.body); err != nil {
		return j, fmt.Errorf("task %s: body: %w", j.task.ID, err)
	}
	return j, nil
}

// bookingJob reads a booking that the caller may see, or answers NOT_FOUND.
func (d *Dispatch) bookingJob(ctx context.Context, tx pgx.Tx, c Caller, id string, lock bool) (job, error) {
	row, err := d.q(tx).Booking(ctx, id)
	if _, err := load(row, err, "booking", id, func(r dispatchdb.Booking) bool { return c.sees(r.AccountID, r.TalentID) }); err != nil {
		return job{}, err
	}
	return d.job(ctx, tx, id, lock)
}

func (d *Dispatch) bookingView(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, j job) (Booking, error) {
	hold, err := escrow.FindHold(ctx, tx, j.booking.ID)
	if err != nil {
		return Booking{}, err
	}
	checkins, err := d.checkins(ctx, tx, j.booking.ID)
	if err != nil {
		return Booking{}, err
	}
	b := Booking{
		ID: j.booking.ID, TaskID: j.task.ID, QuoteID: j.booking.QuoteID, TalentID: j.booking.TalentID, WorkOrderID: j.order.ID, Status: j.booking.Status,
		Amount: escrow.Amount{Minor: j.booking.Amount, Currency: j.booking.Currency}.Decimal(), Currency: j.booking.Currency,
		Escrow:  Escrow{Status: string(hold.Status), ExpiresAt: hold.ExpiresAt},
		StartAt: j.booking.StartAt, EndAt: j.booking.EndAt, CancelReason: j.booking.CancelReason, Checkins: checkins,
		CreatedAt: j.booking.CreatedAt, UpdatedAt: j.booking.UpdatedAt, NextActions: bookingActions(c, j),
	}
	if j.booking.Status == BookingConfirmed {
		b.NoShowAt = &j.booking.NoShowAt
	}
	if c.AccountID != "" && j.onsite() && oneOf(j.booking.Status, []string{BookingConfirmed, BookingCheckedIn}) {
		code := siteCode(j.booking.SiteSecret, now)
		b.SiteCode = &code
	}
	return b, nil
}

func bookingActions(c Caller, j job) []Action {
	path := "/v1/bookings/" + j.booking.ID
	actions := []Action{}
	live := oneOf(j.booking.Status, []string{BookingConfirmed, BookingCheckedIn})
	if live && j.onsite() {
		actions = append(actions, Action{"submit_checkin", "POST", path + "/checkin", "Record where the talent is: lat, lng, accuracy_m and captured_at."})
	}
	if live && j.order.Revision == 0 && c.TalentID == "" {
		actions = append(actions, Action{"cancel_booking", "POST", path + "/cancel", "Cancel; ?dry_run=true shows first who gets what."})
	}
	if live || j.booking.Status == BookingCompleted {
		actions = append(actions, Action{"get_work_order", "GET", "/v1/work_orders/" + j.order.ID, "Read the work order and what can be done with it."})
	}
	return actions
}

// CreateBooking books an accepted quote: the quote's total is held in escrow,
// the work order opens and every other quote is declined. Faults: NOT_FOUND,
// INVALID_STATE, INSUFFICIENT_FUNDS.
func (d *Dispatch) CreateBooking(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, quoteID string) (Booking, error) {
	quote, task, err := d.lockQuote(ctx, tx, c, quoteID)
	if err != nil {
		return Booking{}, err
	}
	if quote.Status == QuoteAccepted && !now.Before(quote.ExpiresAt) {
		quote.Status = QuoteExpired
	}
	if quote.Status != QuoteAccepted {
		return Booking{}, invalidState("Quote", quoteID, quote.Status, "book it", []string{QuoteAccepted}, quoteView(quote, c).NextActions)
	}
	if task.Status != TaskOpen {
		return Booking{}, invalidState("Task", task.ID, task.Status, "book it", []string{TaskOpen}, taskActions(task.ID, task.Status, nil))
	}
	var body templates.Task
	if err := json.Unmarshal(task.Body, &body); err != nil {
		return Booking{}, fmt.Errorf("task %s: body: %w", task.ID, err)
	}
	noShow := task.EndAt
	if body.Location.Mode != "onsite" {
		noShow = task.DeadlineAt // nobody checks in: silence until the deadline is the no-show
	}
	if earliest := now.Add(noShowGrace); noShow.Before(earliest) {
		noShow = earliest
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return Booking{}, err
	}
	q := d.q(tx)
	id, orderID := db.NewID("book", now), db.NewID("wo", now)
	err = q.InsertBooking(ctx, dispatchdb.InsertBookingParams{ID: id, TaskID: task.ID, AccountID: task.AccountID, TalentID: quote.TalentID, QuoteID: quoteID,
		Amount: quote.Amount, Currency: quote.Currency, StartAt: task.StartAt, EndAt: task.EndAt, NoShowAt: noShow, SiteSecret: secret, CreatedAt: now})
	if err != nil {
		return Booking{}, fmt.Errorf("create booking: %w", err)
	}
	err = q.InsertWorkOrder(ctx, dispatchdb.InsertWorkOrderParams{ID: orderID, BookingID: id, TaskID: task.ID, AccountID: task.AccountID, TalentID: quote.TalentID, CreatedAt: now})
	if err != nil {
		return Booking{}, fmt.Errorf("create work order: %w", err)
	}
	if err := q.SetQuoteStatus(ctx, dispatchdb.SetQuoteStatusParams{ID: quoteID, Status: QuoteBooked}); err != nil {
		return Booking{}, fmt.Errorf("book quote: %w", err)
	}
	if err := d.closeQuoting(ctx, tx, task.ID, quoteID); err != nil {
		return Booking{}, err
	}
	if err := q.SetTaskStatus(ctx, dispatchdb.SetTaskStatusParams{ID: task.ID, Status: TaskBooked, UpdatedAt: now}); err != nil {
		return Booking{}, fmt.Errorf("book task: %w", err)
	}
	expires := noShow
	if expires.Before(task.DeadlineAt) {
		expires = task.DeadlineAt
	}
	_, err = d.Ledger.Hold(ctx, tx, now, escrow.HoldRequest{AccountID: task.AccountID, TalentID: quote.TalentID, BookingID: id,
		Amount: escrow.Amount{Minor: quote.Amount, Currency: quote.Currency}, ExpiresAt: expires.Add(holdLife)})
	if err != nil {
		return Booking{}, err
	}
	if err := jobs.InsertAt(ctx, tx, noShow, jobs.Due{Deadline: jobs.NoShow, SubjectID: id}); err != nil {
		return Booking{}, err
	}
	j, err := d.job(ctx, tx, id, false)
	if err != nil {
		return Booking{}, err
	}
	return d.bookingChanged(ctx, tx, now, c, j, event.BookingConfirmed)
}

// bookingChanged emits an event about a booking and returns it as the caller sees it.
func (d *Dispatch) bookingChanged(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, j job, what event.Type) (Booking, error) {
	seen, err := d.bookingView(ctx, tx, now, Caller{AccountID: j.task.AccountID}, j)
	if err != nil {
		return Booking{}, err
	}
	logged := seen
	logged.SiteCode = nil // a code that is good for minutes has no place in a log
	if err := emit(ctx, tx, now, j.task.AccountID, j.task.Livemode, what, logged, j.related()); err != nil {
		return Booking{}, err
	}
	if c.TalentID == "" {
		return seen, nil
	}
	return d.bookingView(ctx, tx, now, c, j)
}

// GetBooking returns a booking to its requester or its talent, or NOT_FOUND.
func (d *Dispatch) GetBooking(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id string) (Booking, error) {
	j, err := d.bookingJob(ctx, tx, c, id, false)
	if err != nil {
		return Booking{}, err
	}
	return d.bookingView(ctx, tx, now, c, j)
}

// endUnworked ends a booking on which no work was submitted: the work order is
// cancelled and the task is over.
func (d *Dispatch) endUnworked(ctx context.Context, tx pgx.Tx, now time.Time, j job, status, reason string) (job, error) {
	q := d.q(tx)
	if err := q.SetBookingStatus(ctx, dispatchdb.SetBookingStatusParams{ID: j.booking.ID, Status: status, UpdatedAt: now, CancelReason: &reason}); err != nil {
		return j, fmt.Errorf("end booking: %w", err)
	}
	if err := q.SetWorkOrderStatus(ctx, dispatchdb.SetWorkOrderStatusParams{ID: j.order.ID, Status: WorkOrderCancelled, UpdatedAt: now}); err != nil {
		return j, fmt.Errorf("cancel work order: %w", err)
	}
	if err := q.SetTaskStatus(ctx, dispatchdb.SetTaskStatusParams{ID: j.task.ID, Status: TaskCancelled, UpdatedAt: now}); err != nil {
		return j, fmt.Errorf("cancel task: %w", err)
	}
	return d.job(ctx, tx, j.booking.ID, false)
}

// MarkNoShow refunds a booking that nobody checked into, or for a remote task
// submitted to, in time. Any other booking is left alone.
func (d *Dispatch) MarkNoShow(ctx context.Context, tx pgx.Tx, now time.Time, bookingID string) error {
	j, err := d.job(ctx, tx, bookingID, true)
	if err != nil {
		return err
	}
	if j.booking.Status != BookingConfirmed || j.order.Revision > 0 {
		return nil
	}
	if err := notDue(now, j.booking.NoShowAt); err != nil {
		return err
	}
	if j, err = d.endUnworked(ctx, tx, now, j, BookingNoShow, "nobody checked in"); err != nil {
		return err
	}
	if _, err := d.Ledger.Refund(ctx, tx, now, bookingID); err != nil {
		return err
	}
	_, err = d.bookingChanged(ctx, tx, now, Caller{AccountID: j.task.AccountID}, j, event.BookingNoShow)
	return err
}
