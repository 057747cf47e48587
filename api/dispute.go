package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type openDispute struct {
	ByID
	Body struct {
		Reason string `json:"reason" minLength:"3" maxLength:"5000"`
	}
}

type resolveDispute struct {
	ByID
	Body struct {
		ToTalent    json.Number `json:"to_talent" doc:"Major units of the booking's currency; 0 for nothing"`
		ToRequester json.Number `json:"to_requester" doc:"Major units; what neither side gets is the platform's fee"`
		Reason      string      `json:"reason" minLength:"3" maxLength:"5000"`
	}
}

func registerDispute(s *Server, a huma.API) {
	write(s, a, spec{
		ID: "open_dispute", Method: http.MethodPost, Path: "/v1/work_orders/{id}/disputes", Tag: "disputes", Scope: "work_orders:write", Talent: true, Status: http.StatusCreated,
		Summary: "Open a dispute", Description: "Freezes the money of submitted work until a reviewer divides it. Unresolved for 14 days, QA's verdict decides: passed work is paid, other work refunded.",
		Errors: []fault.Code{fault.InvalidState, fault.EscrowRequired}, Example: map[string]any{"reason": "The photos show another store."},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *openDispute) (dispatch.Dispute, error) {
		return s.Dispatch.OpenDispute(ctx, tx, c.Now, c.actor(), in.ID, in.Body.Reason)
	})

	read(s, a, spec{
		ID: "get_dispute", Method: http.MethodGet, Path: "/v1/disputes/{id}", Tag: "disputes", Scope: "work_orders:read", Talent: true,
		Summary: "Get a dispute", Description: "For both sides of the work order and for reviewers.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (dispatch.Dispute, error) {
		return s.Dispatch.GetDispute(ctx, tx, c.actor(), in.ID)
	})

	write(s, a, spec{
		ID: "resolve_dispute", Method: http.MethodPost, Path: "/v1/disputes/{id}/resolve", Tag: "disputes", Scope: "reviews:write", Money: true,
		Summary: "Resolve a dispute", Description: "A reviewer divides the frozen money between talent and requester; what neither gets is the platform's fee.",
		Errors: []fault.Code{fault.InvalidState, fault.EscrowRequired}, Example: map[string]any{"to_talent": 100, "to_requester": 200, "reason": "Half of the stores were visited."},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *resolveDispute) (dispatch.Dispute, error) {
		return s.Dispatch.ResolveDispute(ctx, tx, c.Now, c.actor(), in.ID, dispatch.DisputeSplit{ToTalent: in.Body.ToTalent, ToRequester: in.Body.ToRequester, Reason: in.Body.Reason})
	})
}
