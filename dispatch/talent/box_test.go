package talent

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func (b box) holds(lat, lng float64) bool {
	if lat < b.latMin || lat > b.latMax {
		return false
	}
	for _, s := range b.lng {
		if lng >= s.min && lng <= s.max {
			return true
		}
	}
	return false
}

// haversine is written apart from the table's function, to check one by the other.
func haversine(lat1, lng1, lat2, lng2 float64) float64 {
	s1, s2 := math.Sin(radians(lat2-lat1)/2), math.Sin(radians(lng2-lng1)/2)
	return 2 * earthKm * math.Asin(math.Min(1, math.Sqrt(s1*s1+math.Cos(radians(lat1))*math.Cos(radians(lat2))*s2*s2)))
}

// Half of the points are drawn where boxes are hard: poles, equator, antimeridian.
var (
	lats = rapid.OneOf(rapid.Float64Range(-90, 90), rapid.SampledFrom([]float64{-90, -89.999, -85, 0, 85, 89.5, 89.999999, 90}))
	lngs = rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, -179.9999, -179, 0, 179, 179.9999, 180}))
)

// away is the point at a distance and bearing (radians) from another.
func away(lat, lng, km, bearing float64) (float64, float64) {
	phi, d := radians(lat), km/earthKm
	phi2 := math.Asin(math.Max(-1, math.Min(1, math.Sin(phi)*math.Cos(d)+math.Cos(phi)*math.Sin(d)*math.Cos(bearing))))
	lambda := radians(lng) + math.Atan2(math.Sin(bearing)*math.Sin(d)*math.Cos(phi), math.Cos(d)-math.Sin(phi)*math.Sin(phi2))
	lng2 := math.Mod(degrees(lambda)+540, 360) - 180
	return degrees(phi2), lng2
}

func TestBoxLosesNobodyWithinTheDistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lat, lng := lats.Draw(t, "lat"), lngs.Draw(t, "lng")
		km := rapid.Float64Range(0.001, maxRadiusKm).Draw(t, "km")
		// Points on the rim are the ones that a box may miss.
		share := rapid.SampledFrom([]float64{1, 0.999999999, 0.99, 0.5}).Draw(t, "share")
		lat2, lng2 := away(lat, lng, km*share, rapid.Float64Range(0, 2*math.Pi).Draw(t, "bearing"))
		if haversine(lat, lng, lat2, lng2) <= km && !boxAround(lat, lng, km).holds(lat2, lng2) {
			t.Fatalf("%v km around (%v, %v) loses (%v, %v): %+v", km, lat, lng, lat2, lng2, boxAround(lat, lng, km))
		}
	})
}

func TestBoxHoldsBothNamesOfTheAntimeridian(t *testing.T) {
	t.Parallel()
	for _, lng := range []float64{-180, 180, 179.99, -179.99} {
		b := boxAround(10, lng, 50)
		if !b.holds(10, 180) || !b.holds(10, -180) {
			t.Errorf("around %v: %+v", lng, b)
		}
	}
}

func TestBoxIsSmall(t *testing.T) {
	t.Parallel()
	b := boxAround(43.65, -79.38, 50)
	if height := b.latMax - b.latMin; height > 0.91 {
		t.Errorf("height %v degrees", height)
	}
	if width := b.lng[0].max - b.lng[0].min; width > 1.25 || b.lng[1] != noSpan {
		t.Errorf("spans %+v", b.lng)
	}
}
