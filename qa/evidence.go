package qa

import (
	"fmt"
	"strings"
	"time"
)

// clockTolerance is how far a camera's clock may be from the GPS clock before
// the GPS clock is believed instead.
const clockTolerance = 2 * time.Minute

// position returns where a file was taken: the file's own GPS, or else what the
// portal recorded. AccuracyM is 0 for a position in the file.
func position(f *File) (at Point, accuracyM float64, ok bool) {
	if g := f.Facts.GPS; g != nil {
		return Point{g.Lat, g.Lng}, 0, true
	}
	if p := f.PortalCapture; p != nil {
		return Point{p.Lat, p.Lng}, p.AccuracyM, true
	}
	return Point{}, 0, false
}

// noLocation is the finding for a file without any position.
func noLocation() finding {
	return failed("no location in the file", "Upload the original with its location, or take it inside the portal: many phones and browsers strip the location.")
}

// noTime is the finding for a file without any capture time.
func noTime() finding {
	return failed("no capture time in the file", "Upload the original with its capture time, or take it inside the portal.")
}

// capturedAt returns when a file was taken. The camera's clock counts, read in
// its own offset or else in that of the schedule, unless the GPS clock
// disagrees. A file without either has the portal's time, if taken there.
func capturedAt(f *File, place *time.Location) (time.Time, bool) {
	clock, ok := cameraClock(f, place)
	gps := f.Facts.GPSTime
	switch {
	case gps != nil && (!ok || gps.Sub(clock).Abs() > clockTolerance):
		return *gps, true
	case ok:
		return clock, true
	case f.PortalCapture != nil && !f.PortalCapture.At.IsZero():
		return f.PortalCapture.At, true
	}
	return time.Time{}, false
}

func cameraClock(f *File, place *time.Location) (time.Time, bool) {
	if f.Facts.CapturedAt == nil {
		return time.Time{}, false
	}
	wall, err := time.ParseInLocation("2006-01-02T15:04:05", strings.Replace(*f.Facts.CapturedAt, " ", "T", 1), place)
	if err != nil {
		return time.Time{}, false
	}
	if offset := f.Facts.CapturedAtOffset; offset != nil {
		if zone, err := time.Parse("Z07:00", *offset); err == nil {
			_, seconds := zone.Zone()
			_, assumed := wall.Zone()
			wall = wall.Add(time.Duration(assumed-seconds) * time.Second)
		}
	}
	return wall, true
}

// placeZone is the fixed offset of the place, as schedule.start_at has it.
func placeZone(in *Input) *time.Location {
	_, seconds := in.Task.StartAt.Zone()
	return time.FixedZone("", seconds)
}

// stamp prints a time in the offset of the place.
func stamp(t time.Time, place *time.Location) string {
	return t.In(place).Format("2006-01-02 15:04:05 -07:00")
}

// span prints how long something lasted, to the minute or finer.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 3*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 72*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
