// Package dispatch is the domain: tasks, quotes, bookings, check-ins, work
// orders, deliverables, QA runs and disputes, and the transitions between their
// states. Every operation runs in its caller's transaction and leaves rows,
// event and jobs in it together. It knows no HTTP, no media and no network.
package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/policy"
)

// Dispatch performs the operations. Its fields are set once at start.
type Dispatch struct {
	Ledger   *escrow.Ledger
	Screener *policy.Screener
}

// Caller is who asks. Exactly one of AccountID and TalentID is set; the zero
// Caller is the system itself, which may see everything.
type Caller struct {
	AccountID string
	TalentID  string
	Livemode  bool
	Reviewer  bool   // may see the work orders of every account in its world
	Judge     bool   // a reviewer who may also decide about them
	By        string // id of the key or talent, for the record
}

func (c Caller) system() bool { return c.AccountID == "" && c.TalentID == "" }

// role names the caller's side of a job, for records such as who opened a dispute.
func (c Caller) role() string {
	if c.TalentID != "" {
		return "talent"
	}
	return "requester"
}

// sees reports whether the caller may know of a row of this account and talent.
func (c Caller) sees(accountID, talentID string) bool {
	return c.system() || (c.AccountID != "" && c.AccountID == accountID) || (c.TalentID != "" && c.TalentID == talentID)
}

// owns reports whether the caller is the requester of a row.
func (c Caller) owns(accountID string) bool {
	return c.system() || (c.AccountID != "" && c.AccountID == accountID)
}

// Action is something this caller may do next.
type Action struct {
	Action      string `json:"action" doc:"Name of the operation; also the MCP tool of that name where there is one"`
	Method      string `json:"method" doc:"HTTP method"`
	Path        string `json:"path" doc:"Path with ids filled in"`
	Description string `json:"description" doc:"What it does and what to send, in one sentence"`
}

func notFound(what, id string) *fault.Error {
	return fault.New(fault.NotFound, "There is no %s %s that this key can see", what, id).With("id", id)
}

// invalidState says that an operation is not allowed now, from which states it
// is, and what the caller can do instead.
func invalidState(what, id string, current string, operation string, allowed []string, next []Action) *fault.Error {
	f := fault.New(fault.InvalidState, "%s %s is %s; to %s it must be %s", what, id, current, operation, strings.Join(allowed, " or ")).
		With("current_state", current).With("allowed_from", allowed)
	if next != nil {
		f = f.With("next_actions", next)
	}
	return f
}

// Page asks for one page of a list.
type Page struct {
	Limit         int    // 1 to 100
	StartingAfter string // id of the last item seen
}

// cut asks for one row more than the page holds, to know whether there is more.
func (p Page) rows() int32 { return int32(p.Limit) + 1 }

func cut[T any](p Page, rows []T) ([]T, bool) {
	if len(rows) > p.Limit {
		return rows[:p.Limit], true
	}
	return rows, false
}

func (d *Dispatch) q(tx pgx.Tx) *dispatchdb.Queries { return dispatchdb.New(tx) }

// lockTask takes the lock that orders everything belonging to a task.
func (d *Dispatch) lockTask(ctx context.Context, tx pgx.Tx, id string) (dispatchdb.Task, error) {
	row, err := d.q(tx).LockTask(ctx, id)
	if db.Missing(err) {
		return row, notFound("task", id)
	}
	if err != nil {
		return row, fmt.Errorf("lock task %s: %w", id, err)
	}
	return row, nil
}

// load turns a missing row, or one the caller may not know of, into NOT_FOUND.
func load[T any](row T, err error, what, id string, visible func(T) bool) (T, error) {
	if db.Missing(err) || (err == nil && !visible(row)) {
		var zero T
		return zero, notFound(what, id)
	}
	if err != nil {
		return row, fmt.Errorf("%s %s: %w", what, id, err)
	}
	return row, nil
}

func oneOf(state string, allowed []string) bool { return slices.Contains(allowed, state) }

// QATopic names the notification topic of a work order's QA runs.
func QATopic(workOrderID string) string { return "qa:" + workOrderID }

// allowText refuses a message that the rules forbid.
func (d *Dispatch) allowText(path, text string) error {
	if decision := d.Screener.Text(path, text); decision.Decision == policy.Block {
		return policyBlocked("", decision)
	}
	return nil
}

// NotDueError says that a deadline's job runs before its time, as when the clocks
// of two machines differ.
type NotDueError struct{ At time.Time }

func (e NotDueError) Error() string { return "not due before " + e.At.Format(time.RFC3339Nano) }

func notDue(now, at time.Time) error {
	if now.Before(at) {
		return NotDueError{at}
	}
	return nil
}

// AmountAt reads an amount above zero that stands at a JSON path, or answers
// SCHEMA_VALIDATION_FAILED.
func AmountAt(path string, decimal json.Number, currency string) (escrow.Amount, error) {
	amount, err := escrow.ParseAmount(decimal.String(), currency)
	return amount, amountFault(path, err)
}

func amountFault(path string, err error) error {
	var wrong *escrow.AmountError
	if errors.As(err, &wrong) {
		return fault.Invalid("The amount cannot be used", wrong.Field(path))
	}
	return err
}

func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("dispatch: %T does not marshal: %v", v, err))
	}
	return raw
}

// emit appends an event about one of the account's objects.
func emit(ctx context.Context, tx pgx.Tx, now time.Time, accountID string, livemode bool, t event.Type, object any, related map[string]string) error {
	_, err := event.Append(ctx, tx, now, event.New{AccountID: accountID, Livemode: livemode, Type: t, Object: object, Related: related})
	return err
}
