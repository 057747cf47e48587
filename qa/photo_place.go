package qa

import (
	"fmt"
	"time"

	"github.com/humandispatch/humandispatch/media"
)

func photoLocation(in *Input, req Requirement) Check {
	p, err := params[places](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, p.required(), func(f *File) finding {
		at, accuracy, ok := position(f)
		if !ok {
			return noLocation()
		}
		spots := p.of(f)
		if len(spots) == 0 {
			return finding{verdict: Inconclusive, measured: "not measured: the task has no point (lat and lng) to compare with", fix: askReviewer}
		}
		s, verdict, d := nearestSpot(spots, at, accuracy)
		measured := fmt.Sprintf("%s from %s", metres(d), s.name)
		switch verdict {
		case Outside:
			return failed(measured, fmt.Sprintf("Take it again at %s: this one was taken %s away (allowed %s).", s.name, metres(d), metres(s.radiusM)))
		case Uncertain:
			return finding{verdict: Inconclusive, measured: fmt.Sprintf("%s, give or take %s", measured, metres(accuracy)),
				fix: "Take it again where the position is more exact, or let a reviewer decide."}
		}
		return passed(measured, s.radiusM-d)
	}, media.KindPhoto, media.KindVideo)
}

func photoCapturedWithin(in *Input, req Requirement) Check {
	p, err := params[struct {
		ToleranceMinutes float64 `json:"tolerance_minutes"`
		SameDay          bool    `json:"same_day"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	zone := placeZone(in)
	from, to := in.Task.StartAt, in.Task.EndAt
	tolerance := time.Duration(p.ToleranceMinutes * float64(time.Minute))
	earliest, latest := from.Add(-tolerance), to.Add(tolerance)
	required := fmt.Sprintf("taken from %s to %s", stamp(earliest, zone), stamp(latest, zone))
	if p.SameDay {
		earliest = startOfDay(from.In(zone))
		endOfDay := earliest.AddDate(0, 0, 1).Add(-time.Second)
		if endOfDay.After(latest) || !to.After(endOfDay) {
			latest = endOfDay
		} // else the work runs past midnight and its time is allowed
		required = "taken on " + from.In(zone).Format("2006-01-02") + " at the place (UTC" + from.In(zone).Format("-07:00") + ")"
	}
	return each(in, req, required, func(f *File) finding {
		at, ok := capturedAt(f, zone)
		switch {
		case !ok:
			return noTime()
		case at.Before(earliest):
			return failed("taken "+stamp(at, zone), fmt.Sprintf("Take it again during the scheduled time: this one was taken %s too early.", span(earliest.Sub(at))))
		case at.After(latest):
			return failed("taken "+stamp(at, zone), fmt.Sprintf("Use one taken during the scheduled time: this one was taken %s too late.", span(at.Sub(latest))))
		}
		return passed("taken "+stamp(at, zone), min(at.Sub(earliest), latest.Sub(at)).Seconds())
	}, media.KindPhoto, media.KindVideo)
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// photoDaypart takes the sun's elevation at the place the label names, which
// does not move, or else where the file says it was taken.
func photoDaypart(in *Input, req Requirement) Check {
	p, err := params[struct {
		places
		Daypart string `json:"daypart"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	zone := placeZone(in)
	required := map[string]string{
		"day":   fmt.Sprintf("by day: the sun over %g°, dusk and dawn included", dayAboveDeg),
		"night": fmt.Sprintf("by night: the sun under %g°, dusk and dawn included", nightBelowDeg),
	}[p.Daypart]
	if required == "" {
		c := blank(req, "any time of day")
		c.Measured = "not asked for"
		return c
	}
	return each(in, req, required, func(f *File) finding {
		at, ok := capturedAt(f, zone)
		if !ok {
			return noTime()
		}
		place, _, located := position(f)
		if spots := p.of(f); len(spots) == 1 {
			place, located = spots[0].point, true
		}
		if !located {
			return noLocation()
		}
		elevation := SunElevation(at, place)
		measured := fmt.Sprintf("taken %s, sun at %.1f°", stamp(at, zone), elevation)
		if p.Daypart == "day" && elevation < dayAboveDeg || p.Daypart == "night" && elevation > nightBelowDeg {
			return failed(measured, fmt.Sprintf("Take it again by %s: the sun stood at %.0f° when this one was taken.", p.Daypart, elevation))
		}
		if p.Daypart == "day" {
			return passed(measured, elevation-dayAboveDeg)
		}
		return passed(measured, nightBelowDeg-elevation)
	}, media.KindPhoto)
}
