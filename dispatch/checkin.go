package dispatch

import (
	"context"
	"crypto/subtle"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/templates"
)

// Checkin is one recorded check-in or check-out.
type Checkin struct {
	ID         string          `json:"id"`
	BookingID  string          `json:"booking_id"`
	Kind       string          `json:"kind" enum:"in,out"`
	Person     string          `json:"person,omitempty" doc:"Who, where several people work"`
	Lat        float64         `json:"lat"`
	Lng        float64         `json:"lng"`
	AccuracyM  float64         `json:"accuracy_m"`
	CapturedAt time.Time       `json:"captured_at" doc:"The device's clock"`
	ReceivedAt time.Time       `json:"received_at" doc:"The server's clock"`
	Verdict    qa.FenceVerdict `json:"verdict" enum:"inside,uncertain,outside"`
	DistanceM  *float64        `json:"distance_m" doc:"To the nearest place of the task; null when the task names no point"`
	SettledBy  *string         `json:"settled_by" doc:"What settled an uncertain position: site_code"`
	Flags      []string        `json:"flags" doc:"What is implausible about it: no_point, clock_ahead, clock_behind, accuracy_implausible, travel_implausible, wrong_site_code"`
}

// NewCheckin is what a check-in reports.
type NewCheckin struct {
	Kind       string // in or out
	Person     string
	Lat, Lng   float64
	AccuracyM  float64
	CapturedAt time.Time
	SiteCode   string
}

// RecordedCheckin is a check-in with the booking it belongs to.
type RecordedCheckin struct {
	Checkin Checkin `json:"checkin"`
	Booking Booking `json:"booking"`
}

// What makes a check-in implausible; it is flagged, not refused.
const (
	clockTolerance     = 5 * time.Minute
	bestAccuracyM      = 0.5   // no phone knows its place better
	worstAccuracyM     = 1_000 // a circle that wide is no position
	fastestTravelMPerS = 300   // faster than an airliner

	flagWrongSiteCode = "wrong_site_code"
	siteCodeTries     = 5 // wrong ones within a code's life
)

func (d *Dispatch) checkins(ctx context.Context, tx pgx.Tx, bookingID string) ([]Checkin, error) {
	rows, err := d.q(tx).CheckinsOfBooking(ctx, bookingID)
	if err != nil {
		return nil, fmt.Errorf("check-ins: %w", err)
	}
	list := make([]Checkin, len(rows))
	for i, r := range rows {
		list[i] = Checkin{ID: r.ID, BookingID: r.BookingID, Kind: r.Kind, Person: r.Person, Lat: r.Lat, Lng: r.Lng, AccuracyM: r.AccuracyM,
			CapturedAt: r.CapturedAt, ReceivedAt: r.ReceivedAt, Verdict: qa.FenceVerdict(r.Verdict), DistanceM: r.DistanceM, SettledBy: r.SettledBy, Flags: r.Flags}
	}
	return list, nil
}

// Checkin records where somebody is. Inside or uncertain, the first one checks
// the booking in; outside, it is recorded and refused: recorded is then true,
// the transaction must be committed and the fault INVALID_STATE says how far
// away it was. Other faults: NOT_FOUND, SCHEMA_VALIDATION_FAILED.
func (d *Dispatch) Checkin(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, bookingID string, n NewCheckin) (result RecordedCheckin, recorded bool, err error) {
	j, err := d.bookingJob(ctx, tx, c, bookingID, true)
	if err != nil {
		return result, false, err
	}
	if !j.onsite() {
		return result, false, fault.New(fault.InvalidState, "Booking %s is for a remote task, which needs no check-in: upload and submit the deliverables", bookingID).
			With("current_state", j.booking.Status).With("next_actions", bookingActions(c, j))
	}
	allowed := []string{BookingConfirmed, BookingCheckedIn}
	if !oneOf(j.booking.Status, allowed) {
		return result, false, invalidState("Booking", bookingID, j.booking.Status, "check in", allowed, bookingActions(c, j))
	}
	row := dispatchdb.InsertCheckinParams{ID: db.NewID("chk", now), BookingID: bookingID, TalentID: j.booking.TalentID, Kind: n.Kind, Person: n.Person,
		Lat: n.Lat, Lng: n.Lng, AccuracyM: n.AccuracyM, CapturedAt: n.CapturedAt, ReceivedAt: now, Flags: []string{}}
	if row.Flags, err = d.implausible(ctx, tx, now, row); err != nil {
		return result, false, err
	}
	verdict, distance := fenceVerdict(j.body, qa.CheckIn{Kind: n.Kind, Person: n.Person, Lat: n.Lat, Lng: n.Lng, AccuracyM: n.AccuracyM, CapturedAt: n.CapturedAt})
	if distance == nil {
		row.Flags = append(row.Flags, "no_point")
	}
	if verdict == qa.Uncertain && n.SiteCode != "" {
		tried, err := d.q(tx).WrongSiteCodes(ctx, dispatchdb.WrongSiteCodesParams{BookingID: bookingID, Since: now.Add(-siteCodeWindow)})
		if err != nil {
			return result, false, fmt.Errorf("check in: %w", err)
		}
		if tried >= siteCodeTries {
			return result, false, fault.New(fault.InvalidState, "Too many wrong site codes: wait %s, or check in without one", siteCodeWindow).With("current_state", j.booking.Status)
		}
		if !validSiteCode(j.booking.SiteSecret, n.SiteCode, now) {
			// Recorded, or the code could be guessed.
			row.Flags, row.Verdict, row.DistanceM = append(row.Flags, flagWrongSiteCode), string(verdict), distance
			if err := d.q(tx).InsertCheckin(ctx, row); err != nil {
				return result, false, fmt.Errorf("check in: %w", err)
			}
			return result, true, fault.Invalid("The site code is wrong", fault.Field{Path: "site_code", Found: n.SiteCode,
				Expected: "the six digits that the requester's booking shows now", Fix: "Ask for the current site code, or leave it out"})
		}
		settled := "site_code"
		verdict, row.SettledBy = qa.Inside, &settled
	}
	row.Verdict, row.DistanceM = string(verdict), distance
	q := d.q(tx)
	if err := q.InsertCheckin(ctx, row); err != nil {
		return result, false, fmt.Errorf("check in: %w", err)
	}
	if presentBy(verdict, row.AccuracyM) && n.Kind == "in" && j.booking.Status == BookingConfirmed {
		if err := q.SetBookingStatus(ctx, dispatchdb.SetBookingStatusParams{ID: bookingID, Status: BookingCheckedIn, UpdatedAt: now}); err != nil {
			return result, false, fmt.Errorf("check in: %w", err)
		}
		j.booking.Status, j.booking.UpdatedAt = BookingCheckedIn, now
	}
	if result.Booking, err = d.bookingView(ctx, tx, now, c, j); err != nil {
		return result, false, err
	}
	// Ids are made when a request begins, so another one's check-in may stand last.
	for _, recorded := range result.Booking.Checkins {
		if recorded.ID == row.ID {
			result.Checkin = recorded
		}
	}
	if err := emit(ctx, tx, now, j.task.AccountID, j.task.Livemode, event.BookingCheckinRecorded, result.Checkin, j.related()); err != nil {
		return result, false, err
	}
	if verdict == qa.Outside {
		return result, true, fault.New(fault.InvalidState, "The check-in is %s from the place of the task: go there and check in again", distanceText(*distance)).
			With("checkin", result.Checkin).With("distance_m", *distance).With("current_state", j.booking.Status).With("next_actions", bookingActions(c, j))
	}
	return result, true, nil
}

// presentBy reports whether a check-in shows that somebody came: an uncertain
// one does only with an accuracy that means something.
func presentBy(verdict qa.FenceVerdict, accuracyM float64) bool {
	return verdict == qa.Inside || (verdict == qa.Uncertain && accuracyM <= worstAccuracyM)
}

// cameToSite reports whether a check-in proves that the talent was there, as the
// cancellation share asks for. A task without a point has nothing to prove it by.
func cameToSite(checkins []Checkin) bool {
	return slices.ContainsFunc(checkins, func(c Checkin) bool {
		return c.Kind == "in" && (c.Verdict == qa.Inside || c.DistanceM == nil)
	})
}

func distanceText(m float64) string {
	if m >= 1000 {
		return fmt.Sprintf("%.1f km", m/1000)
	}
	return fmt.Sprintf("%.0f m", m)
}

func validSiteCode(secret []byte, code string, now time.Time) bool {
	valid := 0
	for _, at := range []time.Time{now, now.Add(-siteCodeWindow)} {
		valid |= subtle.ConstantTimeCompare([]byte(code), []byte(siteCode(secret, at)))
	}
	return valid == 1
}

// implausible names what cannot be true of a check-in.
func (d *Dispatch) implausible(ctx context.Context, tx pgx.Tx, now time.Time, row dispatchdb.InsertCheckinParams) ([]string, error) {
	flags := []string{}
	if row.CapturedAt.After(now.Add(clockTolerance)) {
		flags = append(flags, "clock_ahead")
	}
	if row.CapturedAt.Before(now.Add(-24 * time.Hour)) {
		flags = append(flags, "clock_behind")
	}
	if row.AccuracyM < bestAccuracyM || row.AccuracyM > worstAccuracyM {
		flags = append(flags, "accuracy_implausible")
	}
	last, err := d.q(tx).LastCheckinOfTalent(ctx, dispatchdb.LastCheckinOfTalentParams{TalentID: row.TalentID, Person: row.Person})
	if db.Missing(err) {
		return flags, nil
	}
	if err != nil {
		return nil, fmt.Errorf("last check-in: %w", err)
	}
	travelled := qa.Distance(qa.Point{Lat: last.Lat, Lng: last.Lng}, qa.Point{Lat: row.Lat, Lng: row.Lng}) - last.AccuracyM - row.AccuracyM
	seconds := math.Max(1, math.Abs(row.CapturedAt.Sub(last.CapturedAt).Seconds()))
	if travelled/seconds > fastestTravelMPerS {
		flags = append(flags, "travel_implausible")
	}
	return flags, nil
}

// fenceVerdict judges a position by the same acceptance test that QA runs. A
// task without a point leaves it uncertain, without a distance.
func fenceVerdict(task templates.Task, c qa.CheckIn) (qa.FenceVerdict, *float64) {
	tpl, _ := templates.Get(task.TaskType)
	for _, requirement := range tpl.Resolve(task) {
		if requirement.Check == "checkin.location" {
			return qa.JudgeCheckIn(requirement, c)
		}
	}
	return qa.Uncertain, nil
}
