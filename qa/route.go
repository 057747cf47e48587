package qa

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/humandispatch/humandispatch/media"
)

func routeInsideArea(in *Input, req Requirement) Check {
	p, err := params[struct {
		Area       Polygon `json:"area"`
		ToleranceM float64 `json:"tolerance_m"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("every proof photo in the area, or at most %g m outside", p.ToleranceM), func(f *File) finding {
		at, accuracy, ok := position(f)
		if !ok {
			return noLocation()
		}
		d := p.Area.DistanceM(at)
		measured := "in the area"
		if d > 0 {
			measured = metres(d) + " outside the area"
		}
		switch {
		case d <= p.ToleranceM:
			return passed(measured, p.ToleranceM-d)
		case fence(d, accuracy, p.ToleranceM) == Uncertain:
			return finding{verdict: Inconclusive, measured: fmt.Sprintf("%s, give or take %s", measured, metres(accuracy)),
				fix: "Take it again where the position is more exact, or let a reviewer decide."}
		}
		return failed(measured, fmt.Sprintf("Take proof photos inside the area: this one was taken %s outside it (allowed %g m).", metres(d), p.ToleranceM))
	}, media.KindPhoto)
}

func routeInterval(in *Input, req Requirement) Check {
	p, err := params[struct {
		IntervalMinutes float64 `json:"interval_minutes"`
		MaxFactor       float64 `json:"max_factor"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	zone := placeZone(in)
	longest := time.Duration(p.IntervalMinutes * p.MaxFactor * float64(time.Minute))
	required := fmt.Sprintf("no gap over %s between proof photos from %s to %s", span(longest), stamp(in.Task.StartAt, zone), stamp(in.Task.EndAt, zone))
	files, notes := readable(in, media.KindPhoto)

	var findings []finding
	marks := []time.Time{in.Task.StartAt, in.Task.EndAt}
	for _, f := range files {
		at, ok := capturedAt(f, zone)
		if !ok {
			found := noTime()
			found.file = f.ID
			findings = append(findings, found)
			continue
		}
		if at.After(in.Task.StartAt) && at.Before(in.Task.EndAt) {
			marks = append(marks, at)
		}
	}
	slices.SortFunc(marks, time.Time.Compare)
	for i := 1; i < len(marks); i++ {
		gap := marks[i].Sub(marks[i-1])
		from := marks[i-1].In(zone).Format("15:04")
		measured := fmt.Sprintf("longest gap %s from %s", span(gap), from)
		switch {
		case gap > longest+time.Second && len(notes) > 0:
			findings = append(findings, finding{verdict: Inconclusive, fix: askReviewer,
				measured: fmt.Sprintf("gap of %s from %s to %s, which a skipped photo may fill", span(gap), from, marks[i].In(zone).Format("15:04"))})
		case gap > longest+time.Second:
			findings = append(findings, failed(fmt.Sprintf("gap of %s from %s to %s", span(gap), from, marks[i].In(zone).Format("15:04")),
				fmt.Sprintf("Take a proof photo every %g minutes through the whole shift: there is none for %s from %s.", p.IntervalMinutes, span(gap), from)))
		default:
			findings = append(findings, passed(measured, (longest-gap).Seconds()))
		}
	}
	return conclude(req, required, "no proof photo to measure", findings, notes)
}

// routeCoverage lays a grid of square cells over the area; a cell counts when
// its centre is in the area.
func routeCoverage(in *Input, req Requirement) Check {
	p, err := params[struct {
		Area     Polygon `json:"area"`
		CellM    float64 `json:"cell_m"`
		MinShare float64 `json:"min_share"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	c := blank(req, fmt.Sprintf("proof photos in at least %g %% of the area's cells of %g m", 100*p.MinShare, p.CellM))
	if len(p.Area) == 0 || p.CellM <= 0 {
		return mistaken(req, fmt.Errorf("no area"))
	}
	origin := p.Area[0][0]
	for _, at := range p.Area[0] {
		origin.Lat, origin.Lng = math.Min(origin.Lat, at.Lat), math.Min(origin.Lng, at.Lng)
	}
	cellOf := func(at Point) [2]int {
		v := project(origin, at)
		return [2]int{int(math.Floor(v.x / p.CellM)), int(math.Floor(v.y / p.CellM))}
	}
	var width, height int
	for _, at := range p.Area[0] {
		cell := cellOf(at)
		width, height = max(width, cell[0]), max(height, cell[1])
	}
	if width*height > 1_000_000 {
		c.Verdict, c.Measured = Inconclusive, "not measured: the area is too large"
		return c
	}
	cells := map[[2]int]bool{} // with proof or without
	for x := range width + 1 {
		for y := range height + 1 {
			centre := unproject(origin, xy{(float64(x) + 0.5) * p.CellM, (float64(y) + 0.5) * p.CellM})
			if p.Area.Contains(centre) {
				cells[[2]int{x, y}] = false
			}
		}
	}
	files, notes := readable(in, media.KindPhoto)
	for _, f := range files {
		if at, _, ok := position(f); ok {
			if _, counts := cells[cellOf(at)]; counts || len(cells) == 0 && p.Area.Contains(at) {
				cells[cellOf(at)] = true
			}
		}
	}
	seen := 0
	for _, proof := range cells {
		if proof {
			seen++
		}
	}
	total := max(1, len(cells)) // an area smaller than a cell is one cell
	share := float64(seen) / float64(total)
	c.Measured = fmt.Sprintf("%.0f %% (%d of %s)", 100*share, seen, plural(total, "cell"))
	if len(notes) > 0 {
		c.Measured += "; " + shortList(notes)
	}
	if share < p.MinShare {
		c.Verdict = Fail
		c.Fix = fmt.Sprintf("Walk more of the area: proof photos cover %.0f %% of it.", 100*share)
	}
	return c
}

// unproject is the inverse of project.
func unproject(origin Point, v xy) Point {
	const rad = math.Pi / 180
	return Point{
		Lat: origin.Lat + v.y/earthRadiusM/rad,
		Lng: origin.Lng + v.x/(earthRadiusM*math.Cos(origin.Lat*rad))/rad,
	}
}
