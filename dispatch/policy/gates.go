package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// streetTeam is the template with gates of its own.
const streetTeam = "STREET_TEAM_DISTRIBUTION"

// The gates' ids; a deployment may disable them like rules.
const (
	gatePermit   = "illegal_distribution.permit"
	gateDaylight = "illegal_distribution.daylight"
	gateArea     = "illegal_distribution.area"
	permitPath   = "task_spec.permit_reference"
	schedulePath = "schedule.start_at"
	areaPath     = "task_spec.area"
)

var gateIDs = []string{gatePermit, gateDaylight, gateArea}

const (
	maxAreaKm2 = 5.0
	// Civil twilight: bright enough to be seen and to see without lamps.
	darkBelow = -6.0
	// Hours of the day when the place is unknown, in the offset of start_at.
	earliestHour, latestHour = 7, 21
)

// gates applies the street team template's own rules: a permit that the text does not
// itself call missing, daylight, and an area a team can cover. A field that is missing
// or malformed is for validation to refuse.
func (s *Screener) gates(root gjson.Result) []Match {
	if root.Get("task_type").String() != streetTeam {
		return nil
	}
	var out []Match
	add := func(id, matched, path, fix string) {
		if !s.disabled[id] {
			out = append(out, Match{ID: id, Category: "illegal_distribution", Severity: Block, Matched: matched, Path: path, Fix: fix})
		}
	}
	if permit := root.Get(permitPath); permit.Type == gjson.String && s.notAPermit(permit.Str) {
		add(gatePermit, permit.Str, permitPath, "Give the reference of the permit the authority issued for this place and day, such as its number.")
	}
	ring := outerRing(root.Get(areaPath))
	if km2 := ringArea(ring) / 1e6; km2 > maxAreaKm2 {
		add(gateArea, fmt.Sprintf("%.2f km²", km2), areaPath, "Draw an area of at most 5 km², or split it into several tasks.")
	}
	if start, end, ok := hours(root.Get("schedule")); ok && !daylight(start, end, ring, root.Get("location")) {
		add(gateDaylight, root.Get(schedulePath).Str, schedulePath, "Start after dawn and end before dusk at the place, on one day.")
	}
	return out
}

// notAPermit reports whether a permit reference says of itself that there is none.
func (s *Screener) notAPermit(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= 0x80) })
	joined := strings.Join(words, "")
	if strings.Trim(joined, "0x") == "" {
		return true // empty, dashes, 0000, xxx
	}
	switch joined {
	case "na", "no", "nil", "null", "none", "tbd", "tba", "tbc", "todo", "test", "unknown", "undefined", "asdf", "abc", "123", "1234", "12345", "permit", "nope", "nothing", "later", "soon", "whatever", "any", "keine", "keiner", "nein", "aucun", "aucune", "non", "ninguno", "ninguna", "nenhum", "nenhuma", "nao":
		return true
	}
	return s.screen([]field{{path: permitPath, text: text}}, streetTeam, permitPath, false).Decision != Allow
}

// daylight reports whether the sun stays above civil twilight at the middle of the area
// from start to end. Without a place the day is 07:00 to 21:00 in start_at's offset.
func daylight(start, end time.Time, ring []point, location gjson.Result) bool {
	if end.Sub(start) >= 24*time.Hour {
		return false
	}
	where := point{location.Get("lat").Float(), location.Get("lng").Float()}
	switch {
	case len(ring) > 0:
		where = middle(ring)
	case location.Get("lat").Type != gjson.Number || location.Get("lng").Type != gjson.Number:
		from := time.Date(start.Year(), start.Month(), start.Day(), earliestHour, 0, 0, 0, start.Location())
		until := from.Add((latestHour - earliestHour) * time.Hour)
		return !start.Before(from) && !end.After(until)
	}
	for at := start; ; at = at.Add(15 * time.Minute) {
		if at.After(end) {
			at = end
		}
		if sunElevation(at, where) < darkBelow {
			return false
		}
		if at.Equal(end) {
			return true
		}
	}
}

func hours(schedule gjson.Result) (start, end time.Time, ok bool) {
	start, err := time.Parse(time.RFC3339, schedule.Get("start_at").Str)
	if err != nil {
		return start, end, false
	}
	if end, err = time.Parse(time.RFC3339, schedule.Get("end_at").Str); err == nil && end.After(start) {
		return start, end, true
	}
	h := schedule.Get("duration_hours").Float()
	if h <= 0 || h > 168 {
		return start, end, false
	}
	return start, start.Add(time.Duration(h * float64(time.Hour))), true
}

// outerRing reads the outer ring of a GeoJSON Polygon; empty when it is not one.
func outerRing(area gjson.Result) []point {
	var ring []point
	area.Get("coordinates.0").ForEach(func(_, p gjson.Result) bool {
		if c := p.Array(); len(c) >= 2 {
			ring = append(ring, point{lat: c[1].Float(), lng: c[0].Float()})
		}
		return len(ring) < 10_000
	})
	return ring
}

func middle(ring []point) point {
	var m point
	for _, p := range ring {
		m.lat += p.lat
		m.lng += p.lng
	}
	return point{m.lat / float64(len(ring)), m.lng / float64(len(ring))}
}
