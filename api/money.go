package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type balances struct {
	Balances []escrow.Balance `json:"balances" nullable:"false" doc:"One a currency"`
}

type fundSandbox struct {
	Body struct {
		Amount   json.Number `json:"amount" doc:"Major units of the currency"`
		Currency string      `json:"currency" pattern:"^[A-Z]{3}$"`
	}
}

type funded struct {
	TransferID string           `json:"transfer_id"`
	Balances   []escrow.Balance `json:"balances" nullable:"false"`
}

func registerMoney(s *Server, a huma.API) {
	read(s, a, spec{
		ID: "get_balance", Method: http.MethodGet, Path: "/v1/balance", Tag: "money", Scope: "money:read",
		Summary: "Get the balance", Description: "What the account can spend and what is held in escrow, in each currency.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, _ *nothing) (balances, error) {
		all, err := escrow.Balances(ctx, tx, c.AccountID)
		return balances{all}, err
	})

	read(s, a, spec{
		ID: "list_ledger_entries", Method: http.MethodGet, Path: "/v1/ledger/entries", Tag: "money", Scope: "money:read",
		Summary: "List ledger entries", Description: "Every posting of every transfer of the account's money, newest first. The postings of one transfer sum to zero.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *struct{ Page }) (list[escrow.Entry], error) {
		rows, err := escrow.Entries(ctx, tx, c.AccountID, in.Limit+1, in.StartingAfter)
		return listOf(rows, in.Limit, func(e escrow.Entry) escrow.Entry { return e }), err
	})

	read(s, a, spec{
		ID: "list_payouts", Method: http.MethodGet, Path: "/v1/payouts", Tag: "money", Scope: "money:read", Talent: true,
		Summary: "List payouts", Description: "Payouts for the account's work, or the talent's own, newest first.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *struct{ Page }) (list[escrow.Payout], error) {
		rows, err := escrow.ListPayouts(ctx, tx, escrow.PayoutsOf{AccountID: c.AccountID, TalentID: c.TalentID}, in.Limit+1, in.StartingAfter)
		return listOf(rows, in.Limit, func(p escrow.Payout) escrow.Payout { return p }), err
	})

	read(s, a, spec{
		ID: "get_payout", Method: http.MethodGet, Path: "/v1/payouts/{id}", Tag: "money", Scope: "money:read", Talent: true,
		Summary: "Get a payout", Description: "For the requester who pays it and the talent who is paid.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (escrow.Payout, error) {
		payout, err := escrow.GetPayout(ctx, tx, in.ID)
		if err == nil && payout.AccountID != c.AccountID && (c.TalentID == "" || payout.TalentID != c.TalentID) {
			err = fault.New(fault.NotFound, "There is no payout %s that this key can see", in.ID)
		}
		if err != nil {
			return escrow.Payout{}, err
		}
		return payout, nil
	})

	write(s, a, spec{
		ID: "fund_sandbox", Method: http.MethodPost, Path: "/v1/sandbox/fund", Tag: "money", Scope: "money:write", Status: http.StatusCreated,
		Summary: "Fund a test account", Description: "Adds play money to a test account. Live accounts are funded by the operator.",
		Errors: []fault.Code{fault.InvalidState}, Example: map[string]any{"amount": 5000, "currency": "CAD"},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *fundSandbox) (funded, error) {
		if c.Livemode {
			return funded{}, fault.New(fault.InvalidState, "A live account cannot fund itself: ask the operator, or use a test key")
		}
		amount, err := dispatch.AmountAt("amount", in.Body.Amount, in.Body.Currency)
		if err != nil {
			return funded{}, err
		}
		// A retry without an Idempotency-Key is another deposit; one with it never gets here twice.
		transfer, err := s.Dispatch.Ledger.Fund(ctx, tx, c.Now, c.AccountID, amount, db.NewID("fund", c.Now))
		if err != nil {
			return funded{}, err
		}
		all, err := escrow.Balances(ctx, tx, c.AccountID)
		return funded{TransferID: transfer.ID, Balances: all}, err
	})
}
