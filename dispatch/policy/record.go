package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/policy/internal/policydb"
)

// What a decision is about.
const (
	SubjectTask          = "task"
	SubjectQuote         = "quote"
	SubjectChangeRequest = "change_request"
	SubjectCaption       = "caption"
)

// Subject says what was screened.
type Subject struct {
	AccountID string
	TaskID    string // empty when there is none
	Kind      string // one of the Subject constants
	// Fingerprint is that of the text, for repetition; see Fingerprint.
	Fingerprint int64
}

// Recorded is a decision as it was kept, with what a reviewer made of it.
type Recorded struct {
	ID        string    `json:"id"`
	AccountID string    `json:"account_id"`
	TaskID    string    `json:"task_id,omitempty"`
	Subject   string    `json:"subject"`
	Decision  Decision  `json:"decision"`
	CreatedAt time.Time `json:"created_at"`
	// Approved is nil until a reviewer has decided.
	Approved     *bool      `json:"approved"`
	ReviewedBy   string     `json:"reviewed_by,omitempty"`
	ReviewReason string     `json:"review_reason,omitempty"`
	ReviewedAt   *time.Time `json:"reviewed_at,omitempty"`
}

// Record keeps a decision and returns its id.
func Record(ctx context.Context, tx pgx.Tx, now time.Time, about Subject, d Decision) (string, error) {
	rules, err := json.Marshal(d.Rules)
	if err != nil {
		return "", fmt.Errorf("record policy decision: %w", err)
	}
	id := db.NewID("pol", now)
	var task *string
	if about.TaskID != "" {
		task = &about.TaskID
	}
	err = policydb.New(tx).InsertDecision(ctx, policydb.InsertDecisionParams{ID: id, AccountID: about.AccountID, TaskID: task, Subject: about.Kind,
		Decision: string(d.Decision), Rules: rules, RuleSet: d.RuleSet, Fingerprint: about.Fingerprint, CreatedAt: now})
	if err != nil {
		return "", fmt.Errorf("record policy decision: %w", err)
	}
	return id, nil
}

// PendingReviews returns decisions that wait for a reviewer, oldest first, after the
// given id (empty for the first page).
func PendingReviews(ctx context.Context, tx pgx.Tx, after string, limit int) ([]Recorded, error) {
	rows, err := policydb.New(tx).PendingReviews(ctx, policydb.PendingReviewsParams{After: after, Count: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("pending policy reviews: %w", err)
	}
	return recordeds(rows)
}

// History returns every decision about a task, oldest first.
func History(ctx context.Context, tx pgx.Tx, taskID string) ([]Recorded, error) {
	rows, err := policydb.New(tx).DecisionsOfTask(ctx, taskID)
	if err != nil {
		return nil, fmt.Errorf("policy decisions of task: %w", err)
	}
	return recordeds(rows)
}

// Resolve notes what a reviewer decided. It returns NOT_FOUND for an unknown id and
// INVALID_STATE for a decision that does not wait for a reviewer (any more).
func Resolve(ctx context.Context, tx pgx.Tx, now time.Time, id string, approve bool, reviewer, reason string) (Recorded, error) {
	q := policydb.New(tx)
	row, err := q.DecisionForUpdate(ctx, id)
	if db.Missing(err) {
		return Recorded{}, fault.New(fault.NotFound, "There is no policy decision %q", id)
	}
	if err != nil {
		return Recorded{}, fmt.Errorf("resolve policy decision: %w", err)
	}
	if row.Decision != string(Review) || row.Approved != nil {
		return Recorded{}, fault.New(fault.InvalidState, "Policy decision %s is not waiting for a reviewer: it is %q%s", id, row.Decision, reviewedNote(row.Approved)).
			With("state", row.Decision)
	}
	if err := q.ResolveDecision(ctx, policydb.ResolveDecisionParams{ID: id, Approved: approve, ReviewedBy: reviewer, ReviewReason: reason, Now: now}); err != nil {
		return Recorded{}, fmt.Errorf("resolve policy decision: %w", err)
	}
	if row, err = q.Decision(ctx, id); err != nil {
		return Recorded{}, fmt.Errorf("resolve policy decision: %w", err)
	}
	return recorded(row)
}

func reviewedNote(approved *bool) string {
	switch {
	case approved == nil:
		return ""
	case *approved:
		return ", approved already"
	}
	return ", refused already"
}

func recordeds(rows []policydb.PolicyDecision) ([]Recorded, error) {
	out := make([]Recorded, 0, len(rows))
	for _, row := range rows {
		r, err := recorded(row)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func recorded(row policydb.PolicyDecision) (Recorded, error) {
	r := Recorded{ID: row.ID, AccountID: row.AccountID, Subject: row.Subject, CreatedAt: row.CreatedAt, Approved: row.Approved, ReviewedAt: row.ReviewedAt}
	r.Decision = Decision{Decision: Severity(row.Decision), RuleSet: row.RuleSet}
	for to, from := range map[*string]*string{&r.TaskID: row.TaskID, &r.ReviewedBy: row.ReviewedBy, &r.ReviewReason: row.ReviewReason} {
		if from != nil {
			*to = *from
		}
	}
	if err := json.Unmarshal(row.Rules, &r.Decision.Rules); err != nil {
		return r, fmt.Errorf("policy decision %s: rules: %w", row.ID, err)
	}
	return r, nil
}
