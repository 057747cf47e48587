package qa

import (
	"fmt"
	"math"
	"strings"
)

// places are the points that may apply to a file: the task's own, or one for
// each store or placement, chosen by a label of the file.
type places struct {
	Label   string      `json:"label"`
	Places  []placeData `json:"places"`
	Point   *placeData  `json:"point"`
	RadiusM float64     `json:"radius_m"` // for the point, and for places without one of their own
}

type placeData struct {
	StoreID string   `json:"store_id"`
	AssetID string   `json:"asset_id"`
	Lat     *float64 `json:"lat"`
	Lng     *float64 `json:"lng"`
	RadiusM float64  `json:"radius_m"`
}

// spot is one fence: a circle with a name for the reader.
type spot struct {
	name    string
	point   Point
	radiusM float64
}

func (d placeData) id() string { return d.StoreID + d.AssetID }

func (p places) spot(d placeData) (spot, bool) {
	if d.Lat == nil || d.Lng == nil {
		return spot{}, false
	}
	s := spot{name: d.id(), point: Point{*d.Lat, *d.Lng}, radiusM: d.RadiusM}
	if s.name == "" {
		s.name = "the place of the task"
	}
	if s.radiusM == 0 {
		s.radiusM = p.RadiusM
	}
	return s, true
}

// of returns the fences that apply to a file: the one its label names, or all
// of them when it names none, so that only labels.covered fails then.
func (p places) of(f *File) []spot {
	var all []spot
	if len(p.Places) == 0 && p.Point != nil {
		if s, ok := p.spot(*p.Point); ok {
			all = append(all, s)
		}
		return all
	}
	for _, d := range p.Places {
		s, ok := p.spot(d)
		if !ok {
			continue
		}
		if label(f, p.Label) == d.id() {
			return []spot{s}
		}
		all = append(all, s)
	}
	return all
}

func (p places) required() string {
	if len(p.Places) == 0 {
		return fmt.Sprintf("taken within %s of the place of the task", metres(p.RadiusM))
	}
	low, high := math.Inf(1), 0.0
	for _, d := range p.Places {
		if s, ok := p.spot(d); ok {
			low, high = math.Min(low, s.radiusM), math.Max(high, s.radiusM)
		}
	}
	if low >= high {
		return fmt.Sprintf("taken within %s of the place its %s label names", metres(high), p.Label)
	}
	return fmt.Sprintf("taken within the radius (%s to %s) of the place its %s label names", metres(low), metres(high), p.Label)
}

// label returns a label without the spaces around it.
func label(f *File, name string) string { return strings.TrimSpace(f.Labels[name]) }

// nearestSpot returns the fence that a position fits best: one it is inside of, or the nearest.
func nearestSpot(spots []spot, at Point, accuracyM float64) (spot, FenceVerdict, float64) {
	best, verdict, distance := spots[0], Outside, math.Inf(1)
	rank := map[FenceVerdict]int{Inside: 0, Uncertain: 1, Outside: 2}
	for _, s := range spots {
		v, d := Geofence(s.point, at.Lat, at.Lng, accuracyM, s.radiusM)
		if rank[v] < rank[verdict] || rank[v] == rank[verdict] && d < distance {
			best, verdict, distance = s, v, d
		}
	}
	return best, verdict, distance
}
