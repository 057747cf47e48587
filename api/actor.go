package api

import (
	"github.com/humandispatch/humandispatch/dispatch"
)

// actor is the caller as the domain knows it.
func (c caller) actor() dispatch.Caller {
	by := c.Key.ID
	if c.isTalent() {
		by = c.TalentID
	}
	return dispatch.Caller{AccountID: c.AccountID, TalentID: c.TalentID, Livemode: c.Livemode, Reviewer: c.Key.Allows("reviews:read"), Judge: c.Key.Allows("reviews:write"), By: by}
}

// of asks the domain for this page.
func (p Page) of() dispatch.Page {
	return dispatch.Page{Limit: p.Limit, StartingAfter: p.StartingAfter}
}

// listed makes a list of a page that the domain returned.
func listed[T any](rows []T, more bool, err error) (list[T], error) {
	if rows == nil {
		rows = []T{}
	}
	return list[T]{Data: rows, HasMore: more}, err
}
