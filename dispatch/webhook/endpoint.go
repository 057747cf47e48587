// Package webhook owns the endpoints that accounts register for their events,
// the plan of who gets which event, signatures, and the record of every attempt.
// It knows no HTTP door and no worker; requests are sent between transactions.
package webhook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/webhook/internal/webhookdb"
)

// The reasons why an endpoint is disabled.
const (
	DisabledByAccount = "account" // through the API
	DisabledGone      = "gone"    // it answered 410
	DisabledFailing   = "failing" // every attempt failed for five days
)

// MaxEndpoints is how many endpoints an account may have.
const MaxEndpoints = 100

// RotationOverlap is how long the old secret still signs after a rotation.
const RotationOverlap = 24 * time.Hour

// Endpoint receives an account's events.
type Endpoint struct {
	ID             string     `json:"id"`
	URL            string     `json:"url"`
	Types          []string   `json:"types"`
	Description    string     `json:"description"`
	Enabled        bool       `json:"enabled"`
	DisabledReason *string    `json:"disabled_reason" doc:"account, gone (it answered 410) or failing (for five days); null while enabled"`
	FailingSince   *time.Time `json:"failing_since" doc:"When the first of an unbroken run of failed attempts happened"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
}

func restore(r webhookdb.WebhookEndpoint) Endpoint {
	return Endpoint{
		ID: r.ID, URL: r.Url, Types: r.Types, Description: r.Description, Enabled: r.Enabled, DisabledReason: r.DisabledReason,
		FailingSince: r.FailingSince, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// NewEndpoint is what an account says about an endpoint.
type NewEndpoint struct {
	URL         string
	Types       []string // event types, or "*" for all
	Description string   // at most 500 bytes
}

// Changes says what to change: what is not nil.
type Changes struct {
	URL         *string
	Types       *[]string
	Description *string
	Enabled     *bool
}

// Create registers an endpoint and returns its signing secret, which is never
// shown again. Call gate.Check before the transaction. Faults:
// SCHEMA_VALIDATION_FAILED, INVALID_STATE (too many endpoints).
func Create(ctx context.Context, tx pgx.Tx, now time.Time, accountID string, p NewEndpoint, gate *Gate, sealer *Sealer) (Endpoint, string, error) {
	if _, err := gate.checkURL(p.URL); err != nil {
		return Endpoint{}, "", err
	}
	types, err := validate(p)
	if err != nil {
		return Endpoint{}, "", err
	}
	q := webhookdb.New(tx)
	id := db.NewID("whe", now)
	err = q.InsertEndpoint(ctx, webhookdb.InsertEndpointParams{ID: id, AccountID: accountID, Url: p.URL, Types: types, Description: p.Description, Now: now})
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("webhook endpoint: %w", err)
	}
	// Counted after the insert; two at once may pass by one, which harms nobody.
	count, err := q.CountEndpoints(ctx, accountID)
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("webhook endpoint: %w", err)
	}
	if count > MaxEndpoints {
		return Endpoint{}, "", fault.New(fault.InvalidState, "The account has %d webhook endpoints, the most it may have: delete one first", MaxEndpoints)
	}
	secret := NewSecret()
	if err := q.InsertSecret(ctx, webhookdb.InsertSecretParams{EndpointID: id, Sealed: sealer.seal(id, secret)}); err != nil {
		return Endpoint{}, "", fmt.Errorf("webhook endpoint: %w", err)
	}
	created, err := Get(ctx, tx, accountID, id)
	return created, secret, err
}

// List returns the account's endpoints, newest first, after the given id ("" for
// the first page), and whether there are more.
func List(ctx context.Context, tx pgx.Tx, accountID, startingAfter string, limit int) ([]Endpoint, bool, error) {
	rows, err := webhookdb.New(tx).Endpoints(ctx, webhookdb.EndpointsParams{AccountID: accountID, StartingAfter: startingAfter, Count: int32(limit) + 1})
	if err != nil {
		return nil, false, fmt.Errorf("webhook endpoints: %w", err)
	}
	more := len(rows) > limit
	if more {
		rows = rows[:limit]
	}
	endpoints := make([]Endpoint, len(rows))
	for i, r := range rows {
		endpoints[i] = restore(r)
	}
	return endpoints, more, nil
}

// Get returns one endpoint of the account, or a NOT_FOUND fault.
func Get(ctx context.Context, tx pgx.Tx, accountID, id string) (Endpoint, error) {
	r, err := webhookdb.New(tx).Endpoint(ctx, webhookdb.EndpointParams{ID: id, AccountID: accountID})
	if err != nil {
		return Endpoint{}, translate(err, id)
	}
	return restore(r), nil
}

// Update changes an endpoint. Enabling one that was disabled starts its record of
// failures anew. Call gate.Check first when the URL changes. Faults: NOT_FOUND,
// SCHEMA_VALIDATION_FAILED.
func Update(ctx context.Context, tx pgx.Tx, now time.Time, accountID, id string, u Changes, gate *Gate) (Endpoint, error) {
	q := webhookdb.New(tx)
	r, err := q.EndpointForUpdate(ctx, webhookdb.EndpointForUpdateParams{ID: id, AccountID: accountID})
	if err != nil {
		return Endpoint{}, translate(err, id)
	}
	want := NewEndpoint{URL: r.Url, Types: r.Types, Description: r.Description}
	if u.URL != nil {
		want.URL = *u.URL
	}
	if u.Types != nil {
		want.Types = *u.Types
	}
	if u.Description != nil {
		want.Description = *u.Description
	}
	moved := want.URL != r.Url
	if moved { // one that stays may be of a time when the deployment allowed more
		if _, err := gate.checkURL(want.URL); err != nil {
			return Endpoint{}, err
		}
	}
	types, err := validate(want)
	if err != nil {
		return Endpoint{}, err
	}
	r.Url, r.Types, r.Description, r.UpdatedAt = want.URL, types, want.Description, now
	if u.Enabled != nil && *u.Enabled != r.Enabled {
		r.Enabled, r.DisabledReason = *u.Enabled, nil
		if !r.Enabled {
			reason := DisabledByAccount
			r.DisabledReason = &reason
		}
		moved = true
	}
	if moved {
		r.ConsecutiveFailures, r.FailingSince, r.WarnedAt, r.PausedUntil = 0, nil, nil, nil
	}
	err = q.UpdateEndpoint(ctx, webhookdb.UpdateEndpointParams{
		ID: r.ID, Url: r.Url, Types: r.Types, Description: r.Description, Enabled: r.Enabled, DisabledReason: r.DisabledReason,
		ConsecutiveFailures: r.ConsecutiveFailures, FailingSince: r.FailingSince, WarnedAt: r.WarnedAt, PausedUntil: r.PausedUntil, UpdatedAt: r.UpdatedAt,
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("webhook endpoint %s: %w", id, err)
	}
	return restore(r), nil
}

// Delete removes an endpoint and its secrets; what was still to be delivered to
// it is given up. Faults: NOT_FOUND.
func Delete(ctx context.Context, tx pgx.Tx, now time.Time, accountID, id string) error {
	q := webhookdb.New(tx)
	if _, err := q.EndpointForUpdate(ctx, webhookdb.EndpointForUpdateParams{ID: id, AccountID: accountID}); err != nil {
		return translate(err, id)
	}
	if err := q.DeleteEndpoint(ctx, webhookdb.DeleteEndpointParams{ID: id, Now: now}); err != nil {
		return fmt.Errorf("webhook endpoint %s: %w", id, err)
	}
	if err := q.DeleteSecrets(ctx, id); err != nil {
		return fmt.Errorf("webhook endpoint %s: %w", id, err)
	}
	return nil
}

// maxSecrets bounds the signatures of a delivery when secrets are rotated often.
const maxSecrets = 5

// RotateSecret gives an endpoint a new secret and returns it, once. For
// RotationOverlap deliveries are signed with the old ones as well. Faults:
// NOT_FOUND, INVALID_STATE (rotated too often).
func RotateSecret(ctx context.Context, tx pgx.Tx, now time.Time, accountID, id string, sealer *Sealer) (Endpoint, string, error) {
	q := webhookdb.New(tx)
	r, err := q.EndpointForUpdate(ctx, webhookdb.EndpointForUpdateParams{ID: id, AccountID: accountID})
	if err != nil {
		return Endpoint{}, "", translate(err, id)
	}
	if err := q.DeleteExpiredSecrets(ctx, webhookdb.DeleteExpiredSecretsParams{EndpointID: id, Now: now}); err != nil {
		return Endpoint{}, "", fmt.Errorf("rotate secret of %s: %w", id, err)
	}
	live, err := q.CountSecrets(ctx, id)
	if err != nil {
		return Endpoint{}, "", fmt.Errorf("rotate secret of %s: %w", id, err)
	}
	if live >= maxSecrets {
		return Endpoint{}, "", fault.New(fault.InvalidState, "The secret of %s was rotated %d times within 24 hours: wait until the oldest has expired", id, live-1)
	}
	if err := q.ExpireSecrets(ctx, webhookdb.ExpireSecretsParams{EndpointID: id, ExpiresAt: now.Add(RotationOverlap)}); err != nil {
		return Endpoint{}, "", fmt.Errorf("rotate secret of %s: %w", id, err)
	}
	secret := NewSecret()
	if err := q.InsertSecret(ctx, webhookdb.InsertSecretParams{EndpointID: id, Sealed: sealer.seal(id, secret)}); err != nil {
		return Endpoint{}, "", fmt.Errorf("rotate secret of %s: %w", id, err)
	}
	return restore(r), secret, nil
}

// validate judges all but the URL and returns the types, sorted and each once.
func validate(p NewEndpoint) ([]string, error) {
	var fields []fault.Field
	if len(p.Types) == 0 {
		fields = append(fields, fault.Field{Path: "types", Found: "none", Expected: `at least one event type, or "*"`, Fix: `Use ["*"] to receive everything`})
	}
	if len(p.Description) > 500 {
		fields = append(fields, fault.Field{Path: "description", Found: fmt.Sprintf("%d bytes", len(p.Description)), Expected: "at most 500", Fix: "Shorten it"})
	}
	if strings.ContainsRune(p.Description, 0) {
		fields = append(fields, fault.Field{Path: "description", Found: "a NUL character", Expected: "text", Fix: "Remove it"})
	}
	if slices.Contains(p.Types, "*") {
		if len(p.Types) > 1 {
			fields = append(fields, fault.Field{Path: "types", Found: `"*" beside other types`, Expected: `"*" alone or names`, Fix: `Use ["*"]`})
		}
	} else {
		fields = append(fields, event.CheckTypes("types", p.Types)...)
	}
	if len(fields) > 0 {
		return nil, fault.Invalid("The webhook endpoint is not valid", fields...)
	}
	types := slices.Clone(p.Types)
	slices.Sort(types)
	return slices.Compact(types), nil
}

func translate(err error, id string) error {
	if db.Missing(err) {
		return fault.New(fault.NotFound, "There is no webhook endpoint %s", id)
	}
	return fmt.Errorf("webhook endpoint %s: %w", id, err)
}
