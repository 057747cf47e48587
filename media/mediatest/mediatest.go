// Package mediatest makes real media files in memory: photos, clips and
// recordings that any decoder accepts, with the content and the defects a test
// or a demonstration needs. The same arguments always give the same bytes.
//
// It owns generation only. It knows nothing of how facts are read or judged, so
// that a reader and its test cannot share a mistake.
package mediatest

import (
	"math"
	"time"
)

// Position is a place in degrees (WGS 84).
type Position struct{ Lat, Lng float64 }

// Move returns the position metersNorth and metersEast away, on a sphere of the
// Earth's mean radius; good to a metre over the few kilometres tests use.
func (p Position) Move(metersNorth, metersEast float64) Position {
	const metersPerDegree = 6371008.8 * math.Pi / 180
	return Position{
		Lat: p.Lat + metersNorth/metersPerDegree,
		Lng: p.Lng + metersEast/(metersPerDegree*math.Cos(p.Lat*math.Pi/180)),
	}
}

// random is a splitmix64 sequence: small, fast and the same on every Go release.
type random uint64

func newRandom(seed int64, salt uint64) *random {
	r := random(uint64(seed)*0x9e3779b97f4a7c15 ^ salt)
	r.next()
	return &r
}

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// intn returns a number in [0, n).
func (r *random) intn(n int) int { return int(r.next() % uint64(n)) }

// float returns a number in [0, 1).
func (r *random) float() float64 { return float64(r.next()>>11) / (1 << 53) }

func orInt(v, fallback int) int {
	if v == 0 {
		return fallback
	}
	return v
}

func orFloat(v, fallback float64) float64 {
	if v == 0 {
		return fallback
	}
	return v
}

// secondsSince1904 is the clock of QuickTime and MP4 headers.
func secondsSince1904(t time.Time) uint32 {
	if t.IsZero() {
		return 0
	}
	return uint32(t.Unix() + 2082844800)
}
