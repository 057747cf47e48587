package talent

import "math"

// earthKm is the mean radius of the Earth (IUGG); the table's talent_km uses it too.
const earthKm = 6371.0088

// box holds every point within a distance of another, and some more: two spans
// of longitude, the second empty unless the box crosses the antimeridian.
type box struct {
	latMin, latMax float64
	lng            [2]span
}

type span struct{ min, max float64 }

var noSpan = span{1, 0}

// boxAround returns the box of all points within km of a point.
func boxAround(lat, lng, km float64) box {
	// A hundred-thousandth of a degree, about a metre, is more than rounding can lose.
	const slack = 1e-5
	angle := km / earthKm
	b := box{latMin: lat - degrees(angle) - slack, latMax: lat + degrees(angle) + slack}
	// The box reaches a pole: every meridian is within it.
	if b.latMin <= -90 || b.latMax >= 90 {
		b.lng = [2]span{{-180, 180}, noSpan}
		return b
	}
	// The widest longitude lies on the tangent meridian, not at the point's own latitude.
	width := degrees(math.Asin(math.Min(1, math.Sin(math.Min(angle, math.Pi/2))/math.Cos(radians(lat))))) + slack
	west, east := lng-width, lng+width
	switch {
	case width >= 180:
		b.lng = [2]span{{-180, 180}, noSpan}
	case west <= -180:
		b.lng = [2]span{{-180, east}, {west + 360, 180}}
	case east >= 180:
		b.lng = [2]span{{west, 180}, {-180, east - 360}}
	default:
		b.lng = [2]span{{west, east}, noSpan}
	}
	return b
}

func degrees(rad float64) float64 { return rad * 180 / math.Pi }
func radians(deg float64) float64 { return deg * math.Pi / 180 }
