package qa

import (
	"math"
	"time"
)

// Between these elevations, civil twilight, the light is neither day nor night
// and a picture counts as either.
const (
	dayAboveDeg   = -6.0
	nightBelowDeg = 0.0
)

// SunElevation returns the sun's elevation in degrees over the horizon, without
// refraction. It follows the low-precision solar coordinates of the Astronomical
// Almanac (as NOAA's solar calculator does), within 0.02 degrees from 1950 to 2050.
func SunElevation(t time.Time, at Point) float64 {
	const rad = math.Pi / 180
	j2000 := time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)
	days := t.Sub(j2000).Hours() / 24
	meanLongitude := math.Mod(280.460+0.9856474*days, 360)
	meanAnomaly := math.Mod(357.528+0.9856003*days, 360) * rad
	ecliptic := (meanLongitude + 1.915*math.Sin(meanAnomaly) + 0.020*math.Sin(2*meanAnomaly)) * rad
	obliquity := (23.439 - 0.0000004*days) * rad
	rightAscension := math.Atan2(math.Cos(obliquity)*math.Sin(ecliptic), math.Cos(ecliptic))
	declination := math.Asin(math.Sin(obliquity) * math.Sin(ecliptic))
	siderealDeg := math.Mod(280.46061837+360.98564736629*days, 360)
	hourAngle := (siderealDeg+at.Lng)*rad - rightAscension
	sine := math.Sin(at.Lat*rad)*math.Sin(declination) + math.Cos(at.Lat*rad)*math.Cos(declination)*math.Cos(hourAngle)
	return math.Asin(math.Max(-1, math.Min(1, sine))) / rad
}
