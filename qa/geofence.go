package qa

import "math"

// Point is a position in degrees (WGS 84).
type Point struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// FenceVerdict says where a reported position stands to a fence, its accuracy counted.
type FenceVerdict string

// The verdicts of a fence.
const (
	Inside    FenceVerdict = "inside"
	Uncertain FenceVerdict = "uncertain"
	Outside   FenceVerdict = "outside"
)

const earthRadiusM = 6371008.8 // mean radius, IUGG

// Distance returns the great-circle distance in metres.
func Distance(a, b Point) float64 {
	const rad = math.Pi / 180
	dLat := (b.Lat - a.Lat) * rad / 2
	dLng := (b.Lng - a.Lng) * rad / 2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Sin(dLng)*math.Sin(dLng)
	return 2 * earthRadiusM * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Geofence judges a reported position against a circle. It is inside when the
// whole accuracy circle is within the radius, outside when none of it is, and
// uncertain when they overlap. The distance to the centre is in metres.
func Geofence(centre Point, lat, lng, accuracyM, radiusM float64) (FenceVerdict, float64) {
	d := Distance(centre, Point{lat, lng})
	return fence(d, accuracyM, radiusM), d
}

// fence compares a distance with a limit, both in metres.
func fence(distanceM, accuracyM, limitM float64) FenceVerdict {
	accuracyM = math.Max(0, accuracyM)
	switch {
	case distanceM+accuracyM <= limitM:
		return Inside
	case distanceM-accuracyM > limitM:
		return Outside
	default:
		return Uncertain
	}
}
