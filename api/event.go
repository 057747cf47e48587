package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type listEvents struct {
	Limit       int      `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many to return at most"`
	After       int64    `query:"after" minimum:"0" default:"0" doc:"The sequence of the last event seen; 0 begins with the oldest kept"`
	Types       []string `query:"types" maxItems:"50" doc:"Only these types, separated by commas"`
	WaitSeconds int      `query:"wait_seconds" minimum:"0" maximum:"60" default:"0" doc:"With nothing new, hold the answer until something happens, at most this long"`
}

func registerEvent(s *Server, a huma.API) {
	readRaw(s, a, spec{
		ID: "list_events", Method: http.MethodGet, Path: "/v1/events", Tag: "events", Scope: "tasks:read", LongPoll: true,
		Summary:     "Read the event log",
		Description: "What happened to the account, oldest first, by a sequence without gaps: send the last sequence seen as `after`. wait_seconds turns it into a long poll.",
	}, func(ctx context.Context, c caller, in *listEvents) (list[event.Event], error) {
		if wrong := event.CheckTypes("query.types", in.Types); len(wrong) > 0 {
			return list[event.Event]{}, fault.Invalid("Unknown event types", wrong...)
		}
		wake := s.Listener.Subscribe(event.Topic(c.AccountID))
		defer wake.Close()
		timeout := time.After(time.Duration(in.WaitSeconds) * time.Second)
		for {
			var more bool
			events, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (rows []event.Event, err error) {
				rows, more, err = event.List(ctx, tx, c.AccountID, in.After, in.Types, in.Limit)
				return rows, err
			})
			if err != nil || len(events) > 0 || in.WaitSeconds == 0 {
				return listed(events, more, err)
			}
			select {
			case <-wake.C:
			case <-timeout:
				return listed(events, more, nil)
			case <-ctx.Done():
				return list[event.Event]{}, ctx.Err()
			}
		}
	})

	read(s, a, spec{
		ID: "get_event", Method: http.MethodGet, Path: "/v1/events/{id}", Tag: "events", Scope: "tasks:read",
		Summary: "Get an event", Description: "One entry of the log; `data.object` is the object as the API returned it at that moment.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (event.Event, error) {
		return event.Get(ctx, tx, c.AccountID, in.ID)
	})
}
