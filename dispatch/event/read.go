package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event/internal/eventdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// List returns the account's events with a sequence number above after, oldest
// first, at most limit, and whether there are more. No types means all types;
// an unknown one is a SCHEMA_VALIDATION_FAILED fault. A reader that goes on from
// the last sequence number it saw misses nothing.
func List(ctx context.Context, tx pgx.Tx, accountID string, after int64, types []string, limit int) ([]Event, bool, error) {
	if fields := CheckTypes("types", types); len(fields) > 0 {
		return nil, false, fault.Invalid("Unknown event type", fields...)
	}
	if types == nil {
		types = []string{}
	}
	rows, err := eventdb.New(tx).EventsAfter(ctx, eventdb.EventsAfterParams{AccountID: accountID, After: after, Types: types, Count: int32(limit) + 1})
	if err != nil {
		return nil, false, fmt.Errorf("events: %w", err)
	}
	more := len(rows) > limit
	if more {
		rows = rows[:limit]
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		if events[i], err = restore(r.ID, r.Type, r.Sequence, r.Livemode, r.Object, r.Related, r.CreatedAt); err != nil {
			return nil, false, err
		}
	}
	return events, more, nil
}

// Get returns one event of the account, or a NOT_FOUND fault.
func Get(ctx context.Context, tx pgx.Tx, accountID, id string) (Event, error) {
	r, err := eventdb.New(tx).EventByID(ctx, eventdb.EventByIDParams{ID: id, AccountID: accountID})
	if db.Missing(err) {
		return Event{}, fault.New(fault.NotFound, "There is no event %s", id)
	}
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", id, err)
	}
	return restore(r.ID, r.Type, r.Sequence, r.Livemode, r.Object, r.Related, r.CreatedAt)
}

func restore(id, typ string, sequence int64, livemode bool, object, related []byte, createdAt time.Time) (Event, error) {
	e := Event{ID: id, Type: Type(typ), Sequence: sequence, Livemode: livemode, CreatedAt: createdAt.UTC(), Data: Data{object}}
	if err := json.Unmarshal(related, &e.Related); err != nil {
		return Event{}, fmt.Errorf("event %s: related: %w", id, err)
	}
	return e, nil
}

// Reader runs queries outside a transaction: a pool. A transaction will do too.
type Reader = eventdb.DBTX

// Logged is an event as those need it who work for every account.
type Logged struct {
	Event
	AccountID string
	LoggedAt  time.Time // by the database's clock; with the id it finds the event fastest
}

// Find returns an event of any account, or a NOT_FOUND fault when it is no longer
// kept. logged says about when it was logged: within a day of it, finding is fast.
func Find(ctx context.Context, q Reader, id string, logged time.Time) (Logged, error) {
	queries := eventdb.New(q)
	row, err := queries.EventLoggedWithin(ctx, eventdb.EventLoggedWithinParams{ID: id, Low: logged.Add(-24 * time.Hour), High: logged.Add(24 * time.Hour)})
	if db.Missing(err) {
		row, err = queries.EventLogged(ctx, id)
	}
	if db.Missing(err) {
		return Logged{}, fault.New(fault.NotFound, "There is no event %s", id)
	}
	if err != nil {
		return Logged{}, fmt.Errorf("event %s: %w", id, err)
	}
	e, err := restore(row.ID, row.Type, row.Sequence, row.Livemode, row.Object, row.Related, row.CreatedAt)
	return Logged{Event: e, AccountID: row.AccountID, LoggedAt: row.LoggedAt}, err
}

// CheckTypes returns one field for each name that is no event type; path is where the list stands.
func CheckTypes(path string, names []string) []fault.Field {
	var fields []fault.Field
	for i, name := range names {
		if !known[Type(name)] {
			fields = append(fields, fault.Field{
				Path: fmt.Sprintf("%s[%d]", path, i), Found: name, Expected: "an event type such as " + string(TaskCreated),
				Fix: "Use names from the list of events in the documentation",
			})
		}
	}
	return fields
}

var known = func() map[Type]bool {
	m := map[Type]bool{}
	for _, t := range Types() {
		m[t] = true
	}
	return m
}()
