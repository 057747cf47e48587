package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

type createBooking struct {
	Body struct {
		QuoteID string `json:"quote_id" minLength:"1" maxLength:"64" doc:"An accepted quote"`
	}
}

type recordCheckin struct {
	ByID
	Body struct {
		Lat        float64    `json:"lat" minimum:"-90" maximum:"90" doc:"Degrees, WGS 84"`
		Lng        float64    `json:"lng" minimum:"-180" maximum:"180" doc:"Degrees, WGS 84"`
		AccuracyM  float64    `json:"accuracy_m" minimum:"0" maximum:"100000" doc:"The device's own estimate, metres"`
		CapturedAt *time.Time `json:"captured_at,omitempty" doc:"When the device took the position; now unless given"`
		Kind       string     `json:"kind,omitempty" enum:"in,out" default:"in" doc:"Check-in or check-out"`
		Person     string     `json:"person,omitempty" maxLength:"100" doc:"Who, where several people work"`
		SiteCode   string     `json:"site_code,omitempty" pattern:"^[0-9]{6}$" doc:"Settles an uncertain position: the digits that the requester's booking shows"`
	}
}

type cancelBooking struct {
	ByID
	DryRun bool `query:"dry_run" doc:"Show who would get what and change nothing"`
	Body   *struct {
		Reason string `json:"reason,omitempty" maxLength:"500"`
	}
}

func registerBooking(s *Server, a huma.API) {
	write(s, a, spec{
		ID: "create_booking", Method: http.MethodPost, Path: "/v1/bookings", Tag: "bookings", Scope: "bookings:write", Money: true, Status: http.StatusCreated,
		Summary: "Book an accepted quote", Description: "Holds the quote's total in escrow, opens the work order and declines the other quotes. INSUFFICIENT_FUNDS says what is available and what is needed.",
		Errors: []fault.Code{fault.InvalidState, fault.InsufficientFunds}, Example: map[string]any{"quote_id": "quo_01J8ZQ5V7Q0000000000000000"},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *createBooking) (dispatch.Booking, error) {
		return s.Dispatch.CreateBooking(ctx, tx, c.Now, c.actor(), in.Body.QuoteID)
	})

	read(s, a, spec{
		ID: "get_booking", Method: http.MethodGet, Path: "/v1/bookings/{id}", Tag: "bookings", Scope: "bookings:read", Talent: true,
		Summary: "Get a booking", Description: "The booking with its escrow, check-ins and what can be done now. The requester of an onsite task also sees the current site code.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *ByID) (dispatch.Booking, error) {
		return s.Dispatch.GetBooking(ctx, tx, c.Now, c.actor(), in.ID)
	})

	write(s, a, spec{
		ID: "submit_checkin", Method: http.MethodPost, Path: "/v1/bookings/{id}/checkin", Tag: "bookings", Scope: "bookings:write", Talent: true, Status: http.StatusCreated,
		Summary:     "Record a check-in",
		Description: "Where the talent is, with the device's accuracy. Inside the fence the booking is checked in; overlapping its edge it is uncertain, which a site code settles; beyond it the check-in is recorded and refused with the distance (INVALID_STATE).",
		Errors:      []fault.Code{fault.InvalidState}, Example: map[string]any{"lat": 43.6544, "lng": -79.3807, "accuracy_m": 12},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *recordCheckin) (dispatch.RecordedCheckin, error) {
		at := c.Now
		if in.Body.CapturedAt != nil {
			at = *in.Body.CapturedAt
		}
		result, kept, err := s.Dispatch.Checkin(ctx, tx, c.Now, c.actor(), in.ID, dispatch.NewCheckin{
			Kind: in.Body.Kind, Person: in.Body.Person, Lat: in.Body.Lat, Lng: in.Body.Lng, AccuracyM: in.Body.AccuracyM, CapturedAt: at, SiteCode: in.Body.SiteCode,
		})
		if err != nil && kept {
			return result, recorded(err)
		}
		return result, err
	})

	write(s, a, spec{
		ID: "cancel_booking", Method: http.MethodPost, Path: "/v1/bookings/{id}/cancel", Tag: "bookings", Scope: "bookings:write", Money: true,
		Summary:     "Cancel a booking",
		Description: "Before check-in everything is refunded; after it the deployment's cancellation share goes to the talent. With deliverables submitted it is too late: accept, request changes or open a dispute. `dry_run=true` shows who would get what.",
		Errors:      []fault.Code{fault.InvalidState, fault.EscrowRequired}, Example: map[string]any{"reason": "The shop has closed"},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *cancelBooking) (dispatch.CancelledBooking, error) {
		reason := ""
		if in.Body != nil {
			reason = in.Body.Reason
		}
		return s.Dispatch.CancelBooking(ctx, tx, c.Now, c.actor(), in.ID, reason, in.DryRun)
	})
}
