package media

import (
	"bytes"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// XMP may hold what EXIF does not: editors and some telephones move the position
// there (Adobe XMP specification part 2, section 2.1 of the EXIF schema).

// readXMP takes position and capture time from a packet, where EXIF had none.
func readXMP(packet []byte, f *Facts) {
	needGPS := f.GPS == nil && bytes.Contains(packet, []byte("GPSLatitude"))
	needTime := f.CapturedAt == nil && (bytes.Contains(packet, []byte("DateTimeOriginal")) || bytes.Contains(packet, []byte("DateCreated")))
	if !needGPS && !needTime || len(packet) > 4<<20 {
		return
	}
	values := xmpValues(packet)
	if needGPS {
		lat, ok1 := xmpCoordinate(values["GPSLatitude"], 'N', 'S')
		lng, ok2 := xmpCoordinate(values["GPSLongitude"], 'E', 'W')
		if ok1 && ok2 {
			f.GPS = position(lat, lng, "xmp")
		}
	}
	if !needTime {
		return
	}
	for _, name := range []string{"DateTimeOriginal", "DateCreated"} {
		if setISOTime(values[name], f) {
			return
		}
	}
}

// xmpValues returns the simple properties of interest, as attributes or elements.
func xmpValues(packet []byte) map[string]string {
	values := map[string]string{}
	interesting := func(n xml.Name) bool {
		switch n.Local {
		case "GPSLatitude", "GPSLongitude", "DateTimeOriginal":
			return strings.Contains(n.Space, "exif")
		case "DateCreated":
			return strings.Contains(n.Space, "photoshop")
		}
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(packet))
	d.Strict = false
	inside := ""
	for range 100_000 {
		token, err := d.RawToken()
		if err != nil {
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			// Raw tokens keep the prefix as the space; exif and photoshop are what everyone writes.
			inside = ""
			if interesting(t.Name) {
				inside = t.Name.Local
			}
			for _, a := range t.Attr {
				if interesting(a.Name) {
					values[a.Name.Local] = a.Value
				}
			}
		case xml.CharData:
			if inside != "" {
				values[inside] = strings.TrimSpace(string(t))
				inside = ""
			}
		}
	}
	return values
}

// xmpCoordinate reads "DDD,MM,SSk" and "DDD,MM.mmk", k being the direction.
func xmpCoordinate(s string, positive, negative byte) (float64, bool) {
	if len(s) < 2 {
		return 0, false
	}
	direction := s[len(s)-1] &^ 0x20
	v, unit := 0.0, 1.0
	for _, part := range strings.SplitN(s[:len(s)-1], ",", 3) {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || n < 0 || math.IsInf(n, 0) || unit > 1 && n > 60 {
			return 0, false
		}
		v += n / unit
		unit *= 60
	}
	switch direction {
	case positive:
		return v, true
	case negative:
		return -v, true
	}
	return 0, false
}

// setISOTime records an ISO 8601 time as the moment of capture.
func setISOTime(s string, f *Facts) bool {
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00"} {
		at, err := time.Parse(layout, s) // accepts a fraction of a second as well
		if err != nil {
			continue
		}
		f.CapturedAt, f.CapturedAtOffset = ptr(at.Format(wallClock)), nil
		if strings.Contains(layout, "07") {
			f.CapturedAtOffset = offsetOf(at.Format("-07:00"))
		}
		return true
	}
	return false
}
