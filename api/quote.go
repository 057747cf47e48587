package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type listInvitations struct {
	Page
	Status string `query:"status" enum:"requested,quoted,declined,expired,cancelled" doc:"Only invitations in this state"`
}

type submitQuote struct {
	ByID
	Body struct {
		Amount    json.Number `json:"amount" doc:"Price of the whole job in major units of the currency, such as 249.50"`
		Currency  string      `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"The task's currency, and that unless given"`
		Message   string      `json:"message,omitempty" maxLength:"2000"`
		ExpiresAt *time.Time  `json:"expires_at,omitempty" doc:"Until when the quote stands; 7 days unless given"`
	}
}

type declineInvitation struct {
	ByID
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

func registerQuote(s *Server, a huma.API) {
	write(s, a, spec{
		ID: "accept_quote", Method: http.MethodPost, Path: "/v1/quotes/{id}/accept", Tag: "quotes", Scope: "quotes:write", Money: true,
		Summary: "Accept a quote", Description: "Makes the quote bookable. No money moves yet and the other quotes stay until one is booked.",
		Errors: []fault.Code{fault.InvalidState},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (dispatch.Quote, error) {
		return s.Dispatch.AcceptQuote(ctx, tx, c.Now, c.actor(), in.ID)
	})

	read(s, a, spec{
		ID: "list_my_quote_requests", Method: http.MethodGet, Path: "/v1/talent/me/quote_requests", Tag: "talent side", Talent: true,
		Summary: "List my invitations", Description: "The talent's own quote requests with the brief, newest first; those booked name their booking and work order.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *listInvitations) (list[dispatch.Invitation], error) {
		return listed(s.Dispatch.ListInvitations(ctx, tx, c.actor(), in.Status, in.of()))
	})

	write(s, a, spec{
		ID: "submit_quote", Method: http.MethodPost, Path: "/v1/quote_requests/{id}/quotes", Tag: "talent side", Talent: true, Status: http.StatusCreated,
		Summary: "Quote a price", Description: "The invited talent's price for the whole job. It may be above the budget; the requester decides.",
		Errors: []fault.Code{fault.InvalidState, fault.PolicyBlocked}, Example: map[string]any{"amount": 249.5, "message": "I can be there at 9."},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *submitQuote) (dispatch.Quote, error) {
		return s.Dispatch.SubmitQuote(ctx, tx, c.Now, c.actor(), in.ID, dispatch.NewQuote{Amount: in.Body.Amount, Currency: in.Body.Currency, Message: in.Body.Message, ExpiresAt: in.Body.ExpiresAt})
	})

	write(s, a, spec{
		ID: "decline_quote_request", Method: http.MethodPost, Path: "/v1/quote_requests/{id}/decline", Tag: "talent side", Talent: true,
		Summary: "Decline an invitation", Description: "The requester is told, with the reason if one is given.",
		Errors: []fault.Code{fault.InvalidState},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *declineInvitation) (dispatch.QuoteRequest, error) {
		reason := ""
		if in.Body != nil {
			reason = in.Body.Reason
		}
		return s.Dispatch.DeclineQuoteRequest(ctx, tx, c.Now, c.actor(), in.ID, reason)
	})
}
