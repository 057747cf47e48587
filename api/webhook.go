package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

type createWebhook struct {
	Body struct {
		URL         string   `json:"url" minLength:"1" maxLength:"2048" doc:"Where events are posted; https, and a public address unless the deployment allows more"`
		Types       []string `json:"types,omitempty" maxItems:"100" doc:"Event types, or * for all, which is also what no types mean"`
		Description string   `json:"description,omitempty" maxLength:"500"`
	}
}

type secretWebhook struct {
	webhook.Endpoint
	Secret string `json:"secret" doc:"The signing secret (whsec_…). It is shown here only"`
}

type updateWebhook struct {
	ByID
	Body struct {
		URL         *string   `json:"url,omitempty" minLength:"1" maxLength:"2048"`
		Types       *[]string `json:"types,omitempty" maxItems:"100"`
		Description *string   `json:"description,omitempty" maxLength:"500"`
		Enabled     *bool     `json:"enabled,omitempty" doc:"false stops deliveries; true starts them again"`
	}
}

type testedWebhook struct {
	Event    event.Event      `json:"event"`
	Delivery webhook.Delivery `json:"delivery"`
}

type listDeliveries struct {
	ByID
	Page
	Status string `query:"status" enum:"pending,delivered,failed" doc:"Only deliveries in this state"`
}

type replayWebhook struct {
	ByID
	DryRun bool `query:"dry_run" doc:"Only count what would be sent again"`
	Body   struct {
		DeliveryID string     `json:"delivery_id,omitempty" maxLength:"64" doc:"Send this one again"`
		Since      *time.Time `json:"since,omitempty" doc:"Or everything that failed since then"`
		Until      *time.Time `json:"until,omitempty" doc:"And before then; now unless given"`
	}
}

type replayed struct {
	Count    int               `json:"count" doc:"How many deliveries are, or with dry_run would be, sent again"`
	DryRun   bool              `json:"dry_run"`
	Delivery *webhook.Delivery `json:"delivery,omitempty" doc:"The one delivery that was named"`
}

func registerWebhook(s *Server, a huma.API) {
	writePrepared(s, a, spec{
		ID: "create_webhook", Method: http.MethodPost, Path: "/v1/webhooks", Tag: "webhooks", Scope: "webhooks:write", Status: http.StatusCreated,
		Summary:     "Register a webhook endpoint",
		Description: "Events of the account are posted to it, signed by the Standard Webhooks specification with the secret that is shown here only.",
		Errors:      []fault.Code{fault.InvalidState}, Example: map[string]any{"url": "https://example.com/hooks/humandispatch", "types": []string{"qa.completed", "payout.paid"}},
	}, func(ctx context.Context, _ caller, in *createWebhook) (none, error) {
		return none{}, s.Gate.Check(ctx, in.Body.URL)
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *createWebhook, _ none) (secretWebhook, error) {
		types := in.Body.Types
		if len(types) == 0 {
			types = []string{"*"}
		}
		endpoint, secret, err := webhook.Create(ctx, tx, c.Now, c.AccountID, webhook.NewEndpoint{URL: in.Body.URL, Types: types, Description: in.Body.Description}, s.Gate, s.Sealer)
		return secretWebhook{endpoint, secret}, err
	})

	read(s, a, spec{
		ID: "list_webhooks", Method: http.MethodGet, Path: "/v1/webhooks", Tag: "webhooks", Scope: "webhooks:read",
		Summary: "List webhook endpoints", Description: "The account's endpoints, newest first, without their secrets.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *struct{ Page }) (list[webhook.Endpoint], error) {
		return listed(webhook.List(ctx, tx, c.AccountID, in.StartingAfter, in.Limit))
	})

	read(s, a, spec{
		ID: "get_webhook", Method: http.MethodGet, Path: "/v1/webhooks/{id}", Tag: "webhooks", Scope: "webhooks:read",
		Summary: "Get a webhook endpoint", Description: "With its health: when it last failed and why it is disabled, if it is.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (webhook.Endpoint, error) {
		return webhook.Get(ctx, tx, c.AccountID, in.ID)
	})

	writePrepared(s, a, spec{
		ID: "update_webhook", Method: http.MethodPatch, Path: "/v1/webhooks/{id}", Tag: "webhooks", Scope: "webhooks:write",
		Summary: "Change a webhook endpoint", Description: "Changes what is given: URL, types, description, or whether it is enabled.",
		Example: map[string]any{"enabled": true},
	}, func(ctx context.Context, _ caller, in *updateWebhook) (none, error) {
		if in.Body.URL == nil {
			return none{}, nil
		}
		return none{}, s.Gate.Check(ctx, *in.Body.URL)
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *updateWebhook, _ none) (webhook.Endpoint, error) {
		return webhook.Update(ctx, tx, c.Now, c.AccountID, in.ID, webhook.Changes{URL: in.Body.URL, Types: in.Body.Types, Description: in.Body.Description, Enabled: in.Body.Enabled}, s.Gate)
	})

	write(s, a, spec{
		ID: "delete_webhook", Method: http.MethodDelete, Path: "/v1/webhooks/{id}", Tag: "webhooks", Scope: "webhooks:write",
		Summary: "Delete a webhook endpoint", Description: "Nothing more is sent to it, what is waiting included.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (none, error) {
		return none{}, webhook.Delete(ctx, tx, c.Now, c.AccountID, in.ID)
	})

	write(s, a, spec{
		ID: "rotate_webhook_secret", Method: http.MethodPost, Path: "/v1/webhooks/{id}/rotate_secret", Tag: "webhooks", Scope: "webhooks:write",
		Summary: "Rotate the signing secret", Description: "The new secret is shown here only. For 24 hours deliveries carry a signature of each, so that receivers can change over.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (secretWebhook, error) {
		endpoint, secret, err := webhook.RotateSecret(ctx, tx, c.Now, c.AccountID, in.ID, s.Sealer)
		return secretWebhook{endpoint, secret}, err
	})

	write(s, a, spec{
		ID: "test_webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/test", Tag: "webhooks", Scope: "webhooks:write", Status: http.StatusAccepted,
		Summary: "Send a test event", Description: "Appends an event of type webhook.test and delivers it to this endpoint only.",
		Errors: []fault.Code{fault.InvalidState},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (testedWebhook, error) {
		e, d, err := webhook.SendTest(ctx, tx, c.Now, c.AccountID, c.Livemode, in.ID)
		return testedWebhook{e, d}, err
	})

	read(s, a, spec{
		ID: "list_deliveries", Method: http.MethodGet, Path: "/v1/webhooks/{id}/deliveries", Tag: "webhooks", Scope: "webhooks:read",
		Summary: "List deliveries", Description: "Deliveries to an endpoint with every attempt: status, latency and the first 2 KB of the answer, newest event first.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *listDeliveries) (list[webhook.Delivery], error) {
		return listed(webhook.Deliveries(ctx, tx, c.AccountID, in.ID, webhook.DeliveryFilter{Status: in.Status, StartingAfter: in.StartingAfter, Limit: in.Limit}))
	})

	write(s, a, spec{
		ID: "replay_webhook", Method: http.MethodPost, Path: "/v1/webhooks/{id}/replay", Tag: "webhooks", Scope: "webhooks:write", Status: http.StatusAccepted,
		Summary: "Send deliveries again", Description: "One delivery, or all that failed in a time range, as a job. `dry_run=true` counts first. The webhook-id stays, so receivers that removed duplicates are safe.",
		Errors: []fault.Code{fault.InvalidState}, Example: map[string]any{"since": "2026-11-01T00:00:00Z"},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *replayWebhook) (replayed, error) {
		b := in.Body
		if (b.DeliveryID == "") == (b.Since == nil) {
			return replayed{}, fault.Invalid("Nothing was named to send again", fault.Field{Path: "delivery_id", Found: "both or neither of delivery_id and since", Expected: "one of them", Fix: "Name one delivery, or since when to replay what failed"})
		}
		if b.DeliveryID != "" {
			if in.DryRun {
				return replayed{Count: 1, DryRun: true}, nil
			}
			d, err := webhook.Replay(ctx, tx, c.Now, c.AccountID, in.ID, b.DeliveryID)
			return replayed{Count: 1, Delivery: &d}, err
		}
		until := c.Now
		if b.Until != nil {
			until = *b.Until
		}
		if in.DryRun {
			n, err := webhook.ReplayCount(ctx, tx, c.AccountID, in.ID, *b.Since, until)
			return replayed{Count: n, DryRun: true}, err
		}
		n, err := webhook.ReplayAll(ctx, tx, c.Now, c.AccountID, in.ID, *b.Since, until)
		return replayed{Count: n}, err
	})
}
