package policy

import (
	"math"
	"time"
)

// earthRadius is the mean radius in metres (IUGG R1).
const earthRadius = 6_371_008.8

// point is a position in degrees, WGS 84.
type point struct{ lat, lng float64 }

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

// distance is the great-circle distance in metres (haversine).
func distance(a, b point) float64 {
	dLat, dLng := radians(b.lat-a.lat), radians(b.lng-a.lng)
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(radians(a.lat))*math.Cos(radians(b.lat))*math.Pow(math.Sin(dLng/2), 2)
	return 2 * earthRadius * math.Asin(math.Sqrt(math.Min(1, h)))
}

// ringArea is the area in m² inside a ring on the sphere (Chamberlain and Duquette,
// JPL 07-03), which is within 0.5 % of the ellipsoid's.
func ringArea(ring []point) float64 {
	var sum float64
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		dLng := math.Remainder(b.lng-a.lng, 360)
		sum += radians(dLng) * (2 + math.Sin(radians(a.lat)) + math.Sin(radians(b.lat)))
	}
	return math.Abs(sum) * earthRadius * earthRadius / 2
}

// inside reports whether a point is within a ring, by counting the crossings to its east.
func inside(p point, ring []point) bool {
	in := false
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		if (a.lat > p.lat) != (b.lat > p.lat) && p.lng < a.lng+(p.lat-a.lat)/(b.lat-a.lat)*(b.lng-a.lng) {
			in = !in
		}
	}
	return in
}

// sunElevation is the height of the sun's centre in degrees, without refraction
// (Astronomical Almanac low-precision formulas, good to 0.1° until 2050).
func sunElevation(at time.Time, p point) float64 {
	d := float64(at.UnixMilli())/86_400_000 - 10_957.5 // days since J2000.0
	anomaly := radians(357.529 + 0.98560028*d)
	mean := 280.459 + 0.98564736*d
	ecliptic := radians(mean + 1.915*math.Sin(anomaly) + 0.020*math.Sin(2*anomaly))
	tilt := radians(23.439 - 0.00000036*d)
	ascension := math.Atan2(math.Cos(tilt)*math.Sin(ecliptic), math.Cos(ecliptic))
	declination := math.Asin(math.Sin(tilt) * math.Sin(ecliptic))
	sidereal := radians(math.Mod(280.46061837+360.98564736629*d, 360))
	hour := sidereal + radians(p.lng) - ascension
	lat := radians(p.lat)
	return math.Asin(math.Sin(lat)*math.Sin(declination)+math.Cos(lat)*math.Cos(declination)*math.Cos(hour)) * 180 / math.Pi
}
