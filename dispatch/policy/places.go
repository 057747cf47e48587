package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tidwall/gjson"
)

// place is somewhere people are not sent, or only after a review: a circle or a polygon.
type place struct {
	ID       string       `yaml:"id"`
	Kind     string       `yaml:"kind"` // military, nuclear, prison, hazard, …: for the reader
	Name     string       `yaml:"name"`
	Category string       `yaml:"category"`
	Severity Severity     `yaml:"severity"`
	Lat      float64      `yaml:"lat"`
	Lng      float64      `yaml:"lng"`
	RadiusM  float64      `yaml:"radius_m"`
	Polygon  [][2]float64 `yaml:"polygon"` // longitude, latitude, as GeoJSON has it
}

func (p place) check() error {
	switch {
	case p.ID == "" || p.Name == "":
		return errors.New("id and name are required")
	case !slices.Contains(Categories, p.Category):
		return fmt.Errorf("category %q is none of %v", p.Category, Categories)
	case p.Severity != Block && p.Severity != Review:
		return fmt.Errorf("severity %q is neither block nor review", p.Severity)
	case len(p.Polygon) == 0 && (p.RadiusM <= 0 || math.Abs(p.Lat) > 90 || math.Abs(p.Lng) > 180):
		return errors.New("give a polygon of longitude and latitude pairs, or lat, lng and radius_m above 0")
	case len(p.Polygon) > 0 && len(p.Polygon) < 3:
		return errors.New("a polygon needs three points or more")
	}
	return nil
}

func (p place) ring() []point {
	ring := make([]point, len(p.Polygon))
	for i, c := range p.Polygon {
		ring[i] = point{lat: c[1], lng: c[0]}
	}
	return ring
}

func (p place) holds(at point) bool {
	if len(p.Polygon) > 0 {
		return inside(at, p.ring())
	}
	return distance(at, point{p.Lat, p.Lng}) <= p.RadiusM
}

// restricted names the restricted places that the task sends somebody to: each place at
// most once, where it is first met.
func (s *Screener) restricted(root gjson.Result) []Match {
	if len(s.places) == 0 {
		return nil
	}
	var out []Match
	hit := make([]bool, len(s.places))
	visit := func(path string, at point) {
		for i, p := range s.places {
			if !hit[i] && p.holds(at) {
				hit[i] = true
				out = append(out, Match{ID: p.ID, Category: p.Category, Severity: p.Severity, Matched: p.Name, Path: path,
					Fix: "Choose a place outside " + p.Name + "; it is on the list of restricted places."})
			}
		}
	}
	object := func(path string, o gjson.Result) {
		if lat, lng := o.Get("lat"), o.Get("lng"); lat.Type == gjson.Number && lng.Type == gjson.Number {
			visit(path, point{lat.Num, lng.Num})
		}
	}
	object("location", root.Get("location"))
	for _, list := range []string{"task_spec.stores", "task_spec.placements"} {
		i := 0
		root.Get(list).ForEach(func(_, o gjson.Result) bool {
			object(fmt.Sprintf("%s[%d]", list, i), o)
			i++
			return i < 1000
		})
	}
	if ring := outerRing(root.Get(areaPath)); len(ring) > 0 {
		for _, at := range append(ring, middle(ring)) {
			visit(areaPath, at)
		}
		for i, p := range s.places { // a small place inside a large area
			at := point{p.Lat, p.Lng}
			if len(p.Polygon) > 0 {
				at = middle(p.ring())
			}
			if !hit[i] && inside(at, ring) {
				visit(areaPath, at)
			}
		}
	}
	return out
}
