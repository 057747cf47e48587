package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/talent"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/templates"
)

// The states of a quote request.
const (
	QuoteRequestRequested = "requested"
	QuoteRequestQuoted    = "quoted"
	QuoteRequestDeclined  = "declined"
	QuoteRequestExpired   = "expired"
	QuoteRequestCancelled = "cancelled"
)

// QuoteRequest is an invitation of one talent to quote for a task.
type QuoteRequest struct {
	ID        string    `json:"id"`
	TaskID    string    `json:"task_id"`
	TalentID  string    `json:"talent_id"`
	Status    string    `json:"status" enum:"requested,quoted,declined,expired,cancelled"`
	Message   string    `json:"message" doc:"What the requester wrote to the talent"`
	ExpiresAt time.Time `json:"expires_at"`
	CreatedAt time.Time `json:"created_at"`
}

// Invitation is a quote request as the invited talent sees it, with the brief.
type Invitation struct {
	QuoteRequest
	Brief       Brief     `json:"brief"`
	DeadlineAt  time.Time `json:"deadline_at" doc:"When deliverables are due"`
	BookingID   *string   `json:"booking_id" doc:"The booking, once this talent is booked"`
	WorkOrderID *string   `json:"work_order_id"`
	NextActions []Action  `json:"next_actions"`
}

// Brief is the task as the requester described it to talent: everything but
// what the requester could pay.
type Brief struct {
	TaskType     string                  `json:"task_type"`
	Title        string                  `json:"title"`
	Brief        string                  `json:"brief,omitempty"`
	Location     templates.Location      `json:"location"`
	Schedule     templates.Schedule      `json:"schedule"`
	Deliverables []templates.Deliverable `json:"deliverables"`
	TaskSpec     json.RawMessage         `json:"task_spec"`
	Currency     string                  `json:"currency"`
	PricingModel string                  `json:"pricing_model"`
}

// RequestQuotes says whom to invite.
type RequestQuotes struct {
	TalentIDs    []string // empty: talent that matches the task
	MaxTalent    int      // how many matching talent to invite at most
	Message      string
	ExpiresAfter time.Duration
}

func quoteRequestView(r dispatchdb.QuoteRequest) QuoteRequest {
	return QuoteRequest{ID: r.ID, TaskID: r.TaskID, TalentID: r.TalentID, Status: r.Status, Message: r.Message, ExpiresAt: r.ExpiresAt, CreatedAt: r.CreatedAt}
}

// RequestQuotes invites talent to quote for a task, each at most once: talent
// invited before is returned with the invitation it has, which is renewed when it
// was declined or has expired and the talent is named. Faults: NOT_FOUND,
// INVALID_STATE, SCHEMA_VALIDATION_FAILED, POLICY_BLOCKED for the message.
func (d *Dispatch) RequestQuotes(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, taskID string, r RequestQuotes) ([]QuoteRequest, error) {
	row, err := d.lockOwnTask(ctx, tx, c, taskID)
	if err != nil {
		return nil, err
	}
	allowed := []string{TaskScreening, TaskOpen}
	if !oneOf(row.Status, allowed) {
		return nil, invalidState("Task", taskID, row.Status, "request quotes", allowed, taskActions(taskID, row.Status, nil))
	}
	if err := d.allowText("message", r.Message); err != nil {
		return nil, err
	}
	task, err := d.taskView(ctx, tx, row)
	if err != nil {
		return nil, err
	}
	ids := r.TalentIDs
	if len(ids) == 0 {
		if ids, err = d.matching(ctx, tx, task, r.MaxTalent); err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, fault.Invalid("No talent matches this task", fault.Field{Path: "talent_ids", Found: "nothing, and no talent matches the task's template, place and requirements",
				Expected: "at least one talent", Fix: "Search with GET /v1/talent/search and name talent in talent_ids, or relax talent_requirements"})
		}
	} else if err := d.knownTalent(ctx, tx, c, ids); err != nil {
		return nil, err
	}
	requests := make([]QuoteRequest, 0, len(ids))
	seen, invited := map[string]bool{}, map[string]bool{}
	for _, talentID := range ids {
		if seen[talentID] {
			continue
		}
		seen[talentID] = true
		request, isNew, err := d.invite(ctx, tx, now, row, talentID, r)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
		if isNew {
			invited[request.ID] = true
		}
	}
	for _, request := range requests {
		if invited[request.ID] {
			err := emit(ctx, tx, now, row.AccountID, row.Livemode, event.QuoteRequested, request, map[string]string{"task_id": taskID, "quote_request_id": request.ID, "talent_id": request.TalentID})
			if err != nil {
				return nil, err
			}
		}
	}
	return requests, nil
}

// invite records one invitation with its mail and its expiry. One that stands is
// left as it is, and so is one that ended, unless the talent is named again.
func (d *Dispatch) invite(ctx context.Context, tx pgx.Tx, now time.Time, task dispatchdb.Task, talentID string, r RequestQuotes) (request QuoteRequest, isNew bool, err error) {
	id, expires := db.NewID("qr", now), now.Add(r.ExpiresAfter)
	n, err := d.q(tx).InsertQuoteRequest(ctx, dispatchdb.InsertQuoteRequestParams{ID: id, TaskID: task.ID, AccountID: task.AccountID, TalentID: talentID, Message: r.Message, ExpiresAt: expires, CreatedAt: now})
	if err != nil {
		return QuoteRequest{}, false, fmt.Errorf("invite %s: %w", talentID, err)
	}
	row, err := d.q(tx).QuoteRequestOfTalent(ctx, dispatchdb.QuoteRequestOfTalentParams{TaskID: task.ID, TalentID: talentID})
	if err != nil {
		return QuoteRequest{}, false, fmt.Errorf("invite %s: %w", talentID, err)
	}
	if n == 0 {
		ended := row.Status == QuoteRequestDeclined || row.Status == QuoteRequestExpired
		if !ended || len(r.TalentIDs) == 0 {
			return quoteRequestView(row), false, nil
		}
		if row, err = d.q(tx).RenewQuoteRequest(ctx, dispatchdb.RenewQuoteRequestParams{ID: row.ID, Message: r.Message, ExpiresAt: expires}); err != nil {
			return QuoteRequest{}, false, fmt.Errorf("invite %s again: %w", talentID, err)
		}
	}
	if err := jobs.Insert(ctx, tx, jobs.InviteTalent{QuoteRequestID: row.ID}); err != nil {
		return QuoteRequest{}, false, err
	}
	return quoteRequestView(row), true, jobs.InsertAt(ctx, tx, expires, jobs.Due{Deadline: jobs.QuoteRequestExpiry, SubjectID: row.ID})
}

// matching finds talent for a task: its template, place and requirements.
func (d *Dispatch) matching(ctx context.Context, tx pgx.Tx, task Task, limit int) ([]string, error) {
	query := talent.Query{TaskType: task.TaskType, Limit: limit}
	if task.Location.Mode == "onsite" {
		query.Lat, query.Lng = task.Location.Lat, task.Location.Lng
	}
	if r := task.TalentRequirements; r != nil {
		query.Skills, query.Languages, query.MinRating = r.Skills, r.Languages, r.MinRating
	}
	found, _, err := talent.Search(ctx, tx, task.Livemode, query)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	return ids, nil
}

func (d *Dispatch) knownTalent(ctx context.Context, tx pgx.Tx, c Caller, ids []string) error {
	var unknown []fault.Field
	for i, id := range ids {
		_, err := talent.Get(ctx, tx, c.Livemode, id)
		if fault.Is(err, fault.NotFound) {
			unknown = append(unknown, fault.Field{Path: fmt.Sprintf("talent_ids[%d]", i), Found: id, Expected: "the id of registered talent", Fix: "Take ids from GET /v1/talent/search"})
		} else if err != nil {
			return err
		}
	}
	if len(unknown) > 0 {
		return fault.Invalid("Unknown talent", unknown...)
	}
	return nil
}

// ListInvitations returns a page of the talent's own quote requests, newest first.
func (d *Dispatch) ListInvitations(ctx context.Context, tx pgx.Tx, c Caller, status string, p Page) ([]Invitation, bool, error) {
	rows, err := d.q(tx).QuoteRequestsOfTalent(ctx, dispatchdb.QuoteRequestsOfTalentParams{TalentID: c.TalentID, Status: status, StartingAfter: p.StartingAfter, Lim: p.rows()})
	if err != nil {
		return nil, false, fmt.Errorf("invitations: %w", err)
	}
	rows, more := cut(p, rows)
	list := make([]Invitation, len(rows))
	for i, row := range rows {
		task, err := d.taskView(ctx, tx, row.Task)
		if err != nil {
			return nil, false, err
		}
		if list[i], err = d.invitationView(ctx, tx, row.QuoteRequest, task); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

func (d *Dispatch) invitationView(ctx context.Context, tx pgx.Tx, r dispatchdb.QuoteRequest, task Task) (Invitation, error) {
	inv := Invitation{QuoteRequest: quoteRequestView(r), DeadlineAt: task.DeadlineAt, NextActions: []Action{}, Brief: Brief{
		TaskType: task.TaskType, Title: task.Title, Brief: task.Brief, Location: task.Location, Schedule: task.Schedule, Deliverables: task.Deliverables,
		TaskSpec: task.TaskSpec, Currency: task.Budget.Currency, PricingModel: task.Budget.PricingModel,
	}}
	if r.Status == QuoteRequestRequested && task.Status == TaskOpen {
		path := "/v1/quote_requests/" + r.ID
		inv.NextActions = []Action{
			{"submit_quote", "POST", path + "/quotes", "Quote a price for the whole job in the task's currency."},
			{"decline_quote_request", "POST", path + "/decline", "Decline the invitation."},
		}
	}
	if task.BookingID != nil {
		booking, err := d.q(tx).Booking(ctx, *task.BookingID)
		if err != nil {
			return inv, fmt.Errorf("booking of task %s: %w", task.ID, err)
		}
		if booking.TalentID == r.TalentID {
			inv.BookingID, inv.WorkOrderID = task.BookingID, task.WorkOrderID
			inv.NextActions = []Action{{"get_booking", "GET", "/v1/bookings/" + booking.ID, "You are booked: read the booking and what can be done with it."}}
		}
	}
	return inv, nil
}

// DeclineQuoteRequest lets the invited talent say no.
func (d *Dispatch) DeclineQuoteRequest(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id, reason string) (QuoteRequest, error) {
	request, task, err := d.lockInvitation(ctx, tx, c, id)
	if err != nil {
		return QuoteRequest{}, err
	}
	if request.Status != QuoteRequestRequested {
		return QuoteRequest{}, invalidState("Quote request", id, request.Status, "decline it", []string{QuoteRequestRequested}, nil)
	}
	if err := d.q(tx).SetQuoteRequestStatus(ctx, dispatchdb.SetQuoteRequestStatusParams{ID: id, Status: QuoteRequestDeclined}); err != nil {
		return QuoteRequest{}, fmt.Errorf("decline: %w", err)
	}
	request.Status = QuoteRequestDeclined
	view := quoteRequestView(request)
	object := struct {
		QuoteRequest
		Reason    string   `json:"reason,omitempty"`
		Untrusted []string `json:"untrusted"`
	}{view, reason, []string{"reason"}}
	return view, emit(ctx, tx, now, task.AccountID, task.Livemode, event.QuoteDeclined, object, map[string]string{"task_id": task.ID, "quote_request_id": id, "talent_id": request.TalentID})
}

// lockInvitation locks the task of one of the talent's invitations.
func (d *Dispatch) lockInvitation(ctx context.Context, tx pgx.Tx, c Caller, id string) (dispatchdb.QuoteRequest, dispatchdb.Task, error) {
	row, err := d.q(tx).QuoteRequest(ctx, id)
	if row, err = load(row, err, "quote request", id, func(r dispatchdb.QuoteRequest) bool {
		return c.system() || (c.TalentID != "" && r.TalentID == c.TalentID)
	}); err != nil {
		return row, dispatchdb.Task{}, err
	}
	task, err := d.lockTask(ctx, tx, row.TaskID)
	if err != nil {
		return row, task, err
	}
	row, err = d.q(tx).QuoteRequest(ctx, id)
	return row, task, err
}

// Mail is what an invitation mail needs to know. Pending is false when the
// invitation has ended, Waiting is true while its task is still screened.
type Mail struct {
	Pending, Waiting     bool
	ForReviewer          bool // it waits for a reviewer, which takes longer
	TalentID, TalentName string
	Email                string
	AccountName          string
	Invitation           Invitation
}

// InvitationMail reads a quote request for its mail.
func (d *Dispatch) InvitationMail(ctx context.Context, tx pgx.Tx, quoteRequestID string) (Mail, error) {
	row, err := d.q(tx).QuoteRequest(ctx, quoteRequestID)
	if row, err = load(row, err, "quote request", quoteRequestID, func(dispatchdb.QuoteRequest) bool { return true }); err != nil {
		return Mail{}, err
	}
	task, err := d.GetTask(ctx, tx, Caller{}, row.TaskID)
	if err != nil {
		return Mail{}, err
	}
	who, err := talent.Get(ctx, tx, task.Livemode, row.TalentID)
	if err != nil {
		return Mail{}, err
	}
	email, err := talent.Email(ctx, tx, row.TalentID)
	if err != nil {
		return Mail{}, err
	}
	from, err := account.Get(ctx, tx, row.AccountID)
	if err != nil {
		return Mail{}, err
	}
	invitation, err := d.invitationView(ctx, tx, row, task)
	if err != nil {
		return Mail{}, err
	}
	return Mail{Pending: row.Status == QuoteRequestRequested && oneOf(task.Status, []string{TaskScreening, TaskNeedsReview, TaskOpen}), Waiting: task.Status != TaskOpen, ForReviewer: task.Status == TaskNeedsReview,
		TalentID: row.TalentID, TalentName: who.Name, Email: email, AccountName: from.Name, Invitation: invitation}, nil
}

// ExpireQuoteRequest ends an invitation nobody answered in time.
func (d *Dispatch) ExpireQuoteRequest(ctx context.Context, tx pgx.Tx, now time.Time, id string) error {
	request, _, err := d.lockInvitation(ctx, tx, Caller{}, id)
	if err != nil || request.Status != QuoteRequestRequested {
		return err
	}
	if err := notDue(now, request.ExpiresAt); err != nil {
		return err
	}
	if err := d.q(tx).SetQuoteRequestStatus(ctx, dispatchdb.SetQuoteRequestStatusParams{ID: id, Status: QuoteRequestExpired}); err != nil {
		return fmt.Errorf("expire quote request: %w", err)
	}
	return nil
}
