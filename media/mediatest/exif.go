package mediatest

import (
	"encoding/binary"
	"fmt"
	"math"
)

// TIFF 6.0 section 2 and CIPA DC-008 (Exif 2.32) sections 4.6.2 to 4.6.6.
const (
	tiffByte     = 1
	tiffASCII    = 2
	tiffShort    = 3
	tiffLong     = 4
	tiffRational = 5
)

type tiffEntry struct {
	tag, typ uint16
	count    uint32
	value    []byte
}

func ascii(tag uint16, s string) tiffEntry {
	return tiffEntry{tag, tiffASCII, uint32(len(s) + 1), append([]byte(s), 0)}
}

func short(tag, v uint16) tiffEntry {
	return tiffEntry{tag, tiffShort, 1, binary.BigEndian.AppendUint16(nil, v)}
}

func long(tag uint16, v uint32) tiffEntry {
	return tiffEntry{tag, tiffLong, 1, binary.BigEndian.AppendUint32(nil, v)}
}

func rationals(tag uint16, pairs ...uint32) tiffEntry {
	e := tiffEntry{tag: tag, typ: tiffRational, count: uint32(len(pairs) / 2)}
	for _, p := range pairs {
		e.value = binary.BigEndian.AppendUint32(e.value, p)
	}
	return e
}

// appendIFD writes one directory at the end of b; entries must be sorted by tag.
func appendIFD(b []byte, entries []tiffEntry) []byte {
	data := uint32(len(b) + 2 + 12*len(entries) + 4)
	b = binary.BigEndian.AppendUint16(b, uint16(len(entries)))
	var tail []byte
	for _, e := range entries {
		b = binary.BigEndian.AppendUint16(b, e.tag)
		b = binary.BigEndian.AppendUint16(b, e.typ)
		b = binary.BigEndian.AppendUint32(b, e.count)
		if len(e.value) <= 4 {
			b = append(b, e.value...)
			b = append(b, make([]byte, 4-len(e.value))...)
			continue
		}
		b = binary.BigEndian.AppendUint32(b, data+uint32(len(tail)))
		tail = append(tail, e.value...)
		if len(tail)%2 == 1 {
			tail = append(tail, 0)
		}
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, tail...)
}

// exif returns the TIFF block that holds p's metadata, nil when there is none.
func (p Photo) exif() []byte {
	var ifd0, sub, gps []tiffEntry
	if p.Make != "" {
		ifd0 = append(ifd0, ascii(0x010f, p.Make))
	}
	if p.Model != "" {
		ifd0 = append(ifd0, ascii(0x0110, p.Model))
	}
	if p.Orientation != 0 {
		ifd0 = append(ifd0, short(0x0112, uint16(p.Orientation)))
	}
	if !p.CapturedAt.IsZero() {
		sub = append(sub, ascii(0x9003, p.CapturedAt.Format("2006:01:02 15:04:05")))
		if !p.NoOffset {
			sub = append(sub, ascii(0x9011, p.CapturedAt.Format("-07:00")))
		}
	}
	gpsAt := p.GPSTime
	if p.GPS != nil {
		latRef, lngRef := "N", "E"
		if p.GPS.Lat < 0 {
			latRef = "S"
		}
		if p.GPS.Lng < 0 {
			lngRef = "W"
		}
		gps = append(gps,
			tiffEntry{0, tiffByte, 4, []byte{2, 3, 0, 0}},
			ascii(1, latRef), degrees(2, p.GPS.Lat),
			ascii(3, lngRef), degrees(4, p.GPS.Lng))
		if gpsAt.IsZero() && !p.NoGPSTime {
			gpsAt = p.CapturedAt
		}
	}
	if !gpsAt.IsZero() {
		at := gpsAt.UTC()
		gps = append(gps,
			rationals(7, uint32(at.Hour()), 1, uint32(at.Minute()), 1, uint32(at.Second()), 1),
			ascii(0x1d, at.Format("2006:01:02")))
	}
	if len(ifd0)+len(sub)+len(gps) == 0 {
		return nil
	}

	// The pointers come last in IFD0; their values are known once its size is.
	build := func(subAt, gpsAt uint32) []byte {
		entries := ifd0
		if len(sub) > 0 {
			entries = append(entries[:len(entries):len(entries)], long(0x8769, subAt))
		}
		if len(gps) > 0 {
			entries = append(entries[:len(entries):len(entries)], long(0x8825, gpsAt))
		}
		return appendIFD([]byte("MM\x00\x2a\x00\x00\x00\x08"), entries)
	}
	subStart := uint32(len(build(0, 0)))
	gpsStart := subStart
	if len(sub) > 0 {
		gpsStart = uint32(len(appendIFD(make([]byte, subStart), sub)))
	}
	b := build(subStart, gpsStart)
	if len(sub) > 0 {
		b = appendIFD(b, sub)
	}
	if len(gps) > 0 {
		b = appendIFD(b, gps)
	}
	return b
}

// degrees is degrees, minutes and seconds to a ten-thousandth of a second (3 mm).
func degrees(tag uint16, v float64) tiffEntry {
	units := uint64(math.Round(math.Abs(v) * 3600 * 10000))
	return rationals(tag,
		uint32(units/36000000), 1,
		uint32(units/600000%60), 1,
		uint32(units%600000), 10000)
}

// iccProfile is a minimal display profile with the given description (ICC.1:2001 section 6).
func iccProfile(description string) []byte {
	desc := append([]byte("desc\x00\x00\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(description)+1))...)
	desc = append(desc, description...)
	desc = append(desc, make([]byte, 1+12+67)...)
	p := make([]byte, 128, 256)
	copy(p[8:], "\x02\x10\x00\x00mntrRGB XYZ ")
	copy(p[36:], "acsp")
	p = binary.BigEndian.AppendUint32(p, 1)
	p = append(p, "desc"...)
	p = binary.BigEndian.AppendUint32(p, 144)
	p = binary.BigEndian.AppendUint32(p, uint32(len(desc)))
	p = append(p, desc...)
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	return p
}

// xmpCoordinate is XMP's form of a coordinate, "52,30.123456N".
func xmpCoordinate(v float64, positive, negative string) string {
	ref := positive
	if v < 0 {
		ref, v = negative, -v
	}
	whole := math.Floor(v)
	return fmt.Sprintf("%d,%.6f%s", int(whole), (v-whole)*60, ref)
}
