package qa

import (
	"encoding/json"
	"fmt"
	"math"
)

// Polygon is a GeoJSON polygon (RFC 7946 section 3.1.6): the outer ring first,
// then holes, each ring closed (its last position repeats its first).
type Polygon [][]Point

// maxPositions bounds the quadratic search for crossing edges.
const maxPositions = 2000

// UnmarshalJSON reads a GeoJSON Polygon geometry. Whether it is a valid area is
// for Validate to say.
func (p *Polygon) UnmarshalJSON(b []byte) error {
	var g struct {
		Type        string        `json:"type"`
		Coordinates [][][]float64 `json:"coordinates"`
	}
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &g); err != nil {
		return err
	}
	if g.Type != "Polygon" {
		return fmt.Errorf("the geometry is a %q, not a Polygon", g.Type)
	}
	*p = nil
	for _, ring := range g.Coordinates {
		var points []Point
		for _, c := range ring {
			if len(c) < 2 {
				return fmt.Errorf("a position has %d numbers; it needs longitude and latitude", len(c))
			}
			points = append(points, Point{Lat: c[1], Lng: c[0]})
		}
		*p = append(*p, points)
	}
	return nil
}

// Validate says what keeps the polygon from being an area, nil when nothing does.
func (p Polygon) Validate() error {
	if len(p) == 0 {
		return fmt.Errorf("the polygon has no ring")
	}
	total := 0
	for i, ring := range p {
		total += len(ring)
		if total > maxPositions {
			return fmt.Errorf("the polygon has over %d positions", maxPositions)
		}
		if len(ring) < 4 {
			return fmt.Errorf("ring %d has %d positions; a closed ring has at least 4", i, len(ring))
		}
		if ring[0] != ring[len(ring)-1] {
			return fmt.Errorf("ring %d is not closed: its last position differs from its first", i)
		}
		for _, c := range ring {
			if !(math.Abs(c.Lat) <= 90 && math.Abs(c.Lng) <= 180) {
				return fmt.Errorf("position [%g, %g] is not on Earth; the order is longitude, latitude", c.Lng, c.Lat)
			}
		}
		if ringAreaM2(p.local(ring)) < 1 {
			return fmt.Errorf("ring %d encloses no area", i)
		}
		if crosses(p.local(ring)) {
			return fmt.Errorf("ring %d crosses or touches itself", i)
		}
		if i > 0 {
			for _, c := range ring[1:] {
				if !inRing(c, p[0]) && p.ringDistance(c, p[0]) > 0.01 {
					return fmt.Errorf("hole %d reaches outside the outer ring", i)
				}
			}
		}
	}
	return nil
}

// AreaKm2 returns the area in square kilometres, holes left out.
func (p Polygon) AreaKm2() float64 {
	total := 0.0
	for i, ring := range p {
		a := ringAreaM2(p.local(ring))
		if i > 0 {
			a = -a
		}
		total += a
	}
	return total / 1e6
}

// Contains says whether a point lies in the area and in no hole.
func (p Polygon) Contains(at Point) bool {
	if len(p) == 0 || !inRing(at, p[0]) {
		return false
	}
	for _, hole := range p[1:] {
		if inRing(at, hole) {
			return false
		}
	}
	return true
}

// DistanceM returns how far a point is from the area in metres, 0 inside it.
func (p Polygon) DistanceM(at Point) float64 {
	if p.Contains(at) {
		return 0
	}
	return p.edgeDistance(at)
}

// edgeDistance is how far a point is from the nearest edge of any ring.
func (p Polygon) edgeDistance(at Point) float64 {
	best := math.Inf(1)
	for _, ring := range p {
		best = math.Min(best, p.ringDistance(at, ring))
	}
	return best
}

// ringDistance is the distance to the nearest edge, on a plane tangent at the point.
func (p Polygon) ringDistance(at Point, ring []Point) float64 {
	best := math.Inf(1)
	for i := 1; i < len(ring); i++ {
		a, b := project(at, ring[i-1]), project(at, ring[i])
		best = math.Min(best, segmentDistance(a, b))
	}
	return best
}

type xy struct{ x, y float64 } // metres

// project puts a point on the plane that touches the Earth at origin.
func project(origin, at Point) xy {
	const rad = math.Pi / 180
	return xy{
		x: (at.Lng - origin.Lng) * rad * earthRadiusM * math.Cos(origin.Lat*rad),
		y: (at.Lat - origin.Lat) * rad * earthRadiusM,
	}
}

// local projects a ring around the polygon's first position.
func (p Polygon) local(ring []Point) []xy {
	mean := 0.0
	for _, c := range ring {
		mean += c.Lat / float64(len(ring))
	}
	out := make([]xy, len(ring))
	for i, c := range ring {
		out[i] = project(Point{Lat: mean, Lng: ring[0].Lng}, c)
	}
	return out
}

func ringAreaM2(ring []xy) float64 {
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		sum += ring[i-1].x*ring[i].y - ring[i].x*ring[i-1].y
	}
	return math.Abs(sum) / 2
}

// segmentDistance is the distance of the segment ab from the origin.
func segmentDistance(a, b xy) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = math.Max(0, math.Min(1, -(a.x*dx+a.y*dy)/l))
	}
	return math.Hypot(a.x+t*dx, a.y+t*dy)
}

// inRing is the even-odd rule.
func inRing(at Point, ring []Point) bool {
	in := false
	for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
		a, b := ring[i], ring[j]
		if (a.Lat > at.Lat) != (b.Lat > at.Lat) &&
			at.Lng < (b.Lng-a.Lng)*(at.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lng {
			in = !in
		}
	}
	return in
}

// crosses says whether two edges that are not neighbours meet.
func crosses(ring []xy) bool {
	n := len(ring) - 1
	for i := range n {
		for j := i + 2; j < n; j++ {
			if i == 0 && j == n-1 {
				continue
			}
			if segmentsMeet(ring[i], ring[i+1], ring[j], ring[j+1]) {
				return true
			}
		}
	}
	return false
}

func segmentsMeet(a, b, c, d xy) bool {
	side := func(p, q, r xy) float64 { return (q.x-p.x)*(r.y-p.y) - (q.y-p.y)*(r.x-p.x) }
	on := func(p, q, r xy) bool {
		return math.Min(p.x, q.x) <= r.x && r.x <= math.Max(p.x, q.x) && math.Min(p.y, q.y) <= r.y && r.y <= math.Max(p.y, q.y)
	}
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if (s1 > 0) != (s2 > 0) && (s3 > 0) != (s4 > 0) && s1 != 0 && s2 != 0 && s3 != 0 && s4 != 0 {
		return true
	}
	return s1 == 0 && on(a, b, c) || s2 == 0 && on(a, b, d) || s3 == 0 && on(c, d, a) || s4 == 0 && on(c, d, b)
}
