package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Booking is a talent engaged for a task, with the money held.
type Booking struct {
	ID           string      `json:"id"`
	TaskID       string      `json:"task_id"`
	QuoteID      string      `json:"quote_id"`
	TalentID     string      `json:"talent_id"`
	WorkOrderID  string      `json:"work_order_id"`
	Status       string      `json:"status"` // confirmed, checked_in, completed, cancelled, no_show
	Amount       json.Number `json:"amount"` // held in escrow, major units
	Currency     string      `json:"currency"`
	Escrow       Escrow      `json:"escrow"`
	StartAt      time.Time   `json:"start_at"`
	EndAt        time.Time   `json:"end_at"`
	NoShowAt     *time.Time  `json:"no_show_at"`
	SiteCode     *string     `json:"site_code"` // shown to the requester of an onsite task; settles an uncertain check-in
	CancelReason *string     `json:"cancel_reason"`
	Checkins     []Checkin   `json:"checkins"`
	CreatedAt    time.Time   `json:"created_at"`
	UpdatedAt    time.Time   `json:"updated_at"`
	NextActions  []Action    `json:"next_actions"`
}

// Escrow is the hold behind a booking.
type Escrow struct {
	Status    string    `json:"status"` // held, frozen, released, refunded, cancelled, resolved
	ExpiresAt time.Time `json:"expires_at"`
}

// Checkin is a recorded position.
type Checkin struct {
	ID         string    `json:"id"`
	BookingID  string    `json:"booking_id"`
	Kind       string    `json:"kind"` // in or out
	Person     string    `json:"person,omitempty"`
	Lat        float64   `json:"lat"`
	Lng        float64   `json:"lng"`
	AccuracyM  float64   `json:"accuracy_m"`
	DistanceM  *float64  `json:"distance_m"`  // to the nearest place of the task
	Verdict    string    `json:"verdict"`     // inside, uncertain or outside
	SettledBy  *string   `json:"settled_by"`  // what settled an uncertain one
	Flags      []string  `json:"flags"`       // what is implausible about it
	CapturedAt time.Time `json:"captured_at"` // the device's clock
	ReceivedAt time.Time `json:"received_at"` // the server's
}

// NewCheckin is a position to record.
type NewCheckin struct {
	Lat        float64    `json:"lat"`        // degrees, WGS 84
	Lng        float64    `json:"lng"`        // degrees, WGS 84
	AccuracyM  float64    `json:"accuracy_m"` // the device's own estimate
	CapturedAt *time.Time `json:"captured_at,omitempty"`
	Kind       string     `json:"kind,omitempty"`   // in unless given; or out
	Person     string     `json:"person,omitempty"` // who, where several work
	SiteCode   string     `json:"site_code,omitempty"`
}

// RecordedCheckin is a check-in with the booking after it.
type RecordedCheckin struct {
	Checkin Checkin `json:"checkin"`
	Booking Booking `json:"booking"`
}

// Settlement is how held money was, or would be, divided, in major units.
type Settlement struct {
	Currency    string      `json:"currency"`
	ToTalent    json.Number `json:"to_talent"`
	PlatformFee json.Number `json:"platform_fee"`
	ToRequester json.Number `json:"to_requester"`
	PayoutID    *string     `json:"payout_id"`
}

// CancelledBooking is a booking with how its money was divided.
type CancelledBooking struct {
	Booking
	Settlement Settlement `json:"settlement"`
	DryRun     bool       `json:"dry_run"` // true when nothing was changed
}

// CreateBooking books an accepted quote and holds its total. INSUFFICIENT_FUNDS
// says what is available and what is needed.
func (c *Client) CreateBooking(ctx context.Context, quoteID string) (Booking, error) {
	return call[Booking](ctx, c, http.MethodPost, "/v1/bookings", map[string]string{"quote_id": quoteID})
}

// GetBooking returns a booking.
func (c *Client) GetBooking(ctx context.Context, id string) (Booking, error) {
	return call[Booking](ctx, c, http.MethodGet, at("/v1/bookings/%s", id), nil)
}

// SubmitCheckin records where the talent is. INVALID_STATE with the distance when
// that is outside the fence: the check-in is recorded all the same.
func (c *Client) SubmitCheckin(ctx context.Context, bookingID string, n NewCheckin) (RecordedCheckin, error) {
	return call[RecordedCheckin](ctx, c, http.MethodPost, at("/v1/bookings/%s/checkin", bookingID), n)
}

// CancelBooking cancels a booking; dryRun only shows who would get what. The
// reason may be empty.
func (c *Client) CancelBooking(ctx context.Context, id, reason string, dryRun bool) (CancelledBooking, error) {
	path := withQuery(at("/v1/bookings/%s/cancel", id), url.Values{"dry_run": {flag(dryRun)}})
	return call[CancelledBooking](ctx, c, http.MethodPost, path, reasonBody(reason))
}
