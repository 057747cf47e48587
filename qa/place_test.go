package qa

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestGeofenceCountsAccuracy(t *testing.T) {
	t.Parallel()
	centre := Point{43.6544, -79.3807}
	north := func(m float64) float64 { return centre.Lat + m/111195 }
	cases := []struct {
		metres, accuracy float64
		want             FenceVerdict
	}{
		{0, 10, Inside}, {100, 40, Inside}, {120, 0, Inside}, {120, 40, Uncertain},
		{170, 40, Uncertain}, {200, 40, Outside}, {0, 500, Uncertain}, {2000, 100, Outside}, {100, -5, Inside},
	}
	for _, c := range cases {
		got, d := Geofence(centre, north(c.metres), centre.Lng, c.accuracy, 150)
		if got != c.want || math.Abs(d-c.metres) > 1 {
			t.Errorf("%g m, give or take %g m: %s at %.1f m, want %s", c.metres, c.accuracy, got, d, c.want)
		}
	}
}

func TestDistanceAcrossTheDateLine(t *testing.T) {
	t.Parallel()
	if d := Distance(Point{0, 179.9995}, Point{0, -179.9995}); math.Abs(d-111.2) > 0.1 {
		t.Errorf("%.1f m, want 111.2 m", d)
	}
}

func polygon(t *testing.T, coordinates string) Polygon {
	t.Helper()
	var p Polygon
	if err := json.Unmarshal([]byte(`{"type":"Polygon","coordinates":`+coordinates+`}`), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

const withHole = `[[[0,0],[0.02,0],[0.02,0.02],[0,0.02],[0,0]],[[0.008,0.008],[0.012,0.008],[0.012,0.012],[0.008,0.012],[0.008,0.008]]]`

func TestPolygonWithHole(t *testing.T) {
	t.Parallel()
	p := polygon(t, withHole)
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	// 2.2239 km squared, less 0.4448 km squared.
	if a := p.AreaKm2(); math.Abs(a-(2.2239*2.2239-0.44478*0.44478)) > 0.01 {
		t.Errorf("%.3f km²", a)
	}
	for _, c := range []struct {
		at   Point
		want float64
	}{
		{Point{0.005, 0.005}, 0},
		{Point{0.01, 0.01}, 222.4},  // in the middle of the hole
		{Point{0.01, 0.021}, 111.2}, // east of it
		{Point{-0.0003, 0.01}, 33.4},
		{Point{0.021, 0.021}, 157.3}, // off the corner
	} {
		if d := p.DistanceM(c.at); math.Abs(d-c.want) > 0.5 {
			t.Errorf("%v is %.1f m from the area, want %.1f m", c.at, d, c.want)
		}
	}
}

func TestPolygonsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, coordinates := range map[string]string{
		"no ring":           `[]`,
		"three positions":   `[[[0,0],[1,1],[0,0]]]`,
		"not closed":        `[[[0,0],[1,0],[1,1],[0,1]]]`,
		"crosses itself":    `[[[0,0],[1,1],[1,0],[0,1],[0,0]]]`,
		"touches itself":    `[[[0,0],[2,0],[1,0.5],[1,0],[0,1],[0,0]]]`,
		"a line":            `[[[0,0],[1,1],[2,2],[0,0]]]`,
		"off the Earth":     `[[[0,95],[1,95],[1,96],[0,95]]]`,
		"hole outside":      `[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[2,2],[3,2],[3,3],[2,2]]]`,
		"the same position": `[[[0,0],[0,0],[0,0],[0,0]]]`,
	} {
		if err := polygon(t, coordinates).Validate(); err == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

func TestSunElevation(t *testing.T) {
	t.Parallel()
	toronto, london, sydney := Point{43.6532, -79.3832}, Point{51.5074, -0.1278}, Point{-33.8688, 151.2093}
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// From almanacs: noon heights are 90° less the latitude plus the declination;
	// the sun rises and sets at −0.83° for the eye, refraction counted.
	for _, c := range []struct {
		place Point
		when  string
		want  float64
	}{
		{toronto, "2026-06-21T13:19:30-04:00", 69.78},
		{toronto, "2026-12-21T12:15:30-05:00", 22.91},
		{london, "2026-03-20T12:08:00Z", 38.49},
		{sydney, "2026-12-22T12:53:30+11:00", 79.57},
		{toronto, "2026-06-21T05:36:00-04:00", -0.83},
		{london, "2026-12-21T15:53:30Z", -0.83},
	} {
		if got := SunElevation(at(c.when), c.place); math.Abs(got-c.want) > 0.3 {
			t.Errorf("%s at %v: %.2f°, want %.2f°", c.when, c.place, got, c.want)
		}
	}
	if e := SunElevation(at("2026-06-21T01:19:00-04:00"), toronto); e > -20 {
		t.Errorf("midnight in Toronto: %.1f°", e)
	}
}
