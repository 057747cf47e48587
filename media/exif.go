package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/rwcarlsen/goexif/exif"
	"github.com/rwcarlsen/goexif/tiff"
)

// Tags of EXIF that facts are made of (CIPA DC-008, sections 4.6.4 to 4.6.6).
const (
	tagMake               = 0x010f
	tagModel              = 0x0110
	tagOrientation        = 0x0112
	tagXMP                = 0x02bc
	tagICC                = 0x8773
	tagExifIFD            = 0x8769
	tagGPSIFD             = 0x8825
	tagDateTimeOriginal   = 0x9003
	tagDateTimeDigitized  = 0x9004
	tagOffsetOriginal     = 0x9011
	tagOffsetDigitized    = 0x9012
	tagColorSpace         = 0xa001
	tagInteropIFD         = 0xa005
	tagInteropIndex       = 0x0001
	tagGPSLatRef          = 1
	tagGPSLat             = 2
	tagGPSLngRef          = 3
	tagGPSLng             = 4
	tagGPSTime            = 7
	tagGPSDate            = 0x1d
	maxIFDEntries         = 1000
	maxEXIFValue          = 1 << 20
	exifWhole             = "Exif\x00\x00"
	exifDate              = "2006:01:02 15:04:05"
	wallClock             = "2006-01-02T15:04:05"
	typeShort, typeLong   = 3, 4
	typeASCII, typeLongU8 = 2, 16
)

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// ifdEntry is a directory entry whose value was found inside the block.
type ifdEntry struct {
	tag, typ uint16
	count    uint64
	value    []byte
}

// tiffBlock walks directories of a TIFF structure: EXIF, classic TIFF, BigTIFF.
// It checks each count and offset before anything is read, which the EXIF
// library behind it does not.
type tiffBlock struct {
	order   byteOrder
	big     bool
	at      func(off int64, n int) ([]byte, error)
	visited map[int64]bool
	first   int64 // offset of the first directory
}

// openTIFF reads the header; at fetches bytes by offset from it.
func openTIFF(at func(off int64, n int) ([]byte, error)) (*tiffBlock, error) {
	h, err := at(0, 8)
	if err != nil {
		return nil, err
	}
	t := &tiffBlock{at: at, visited: map[int64]bool{}}
	switch string(h[:2]) {
	case "II":
		t.order = le
	case "MM":
		t.order = be
	default:
		return nil, broken("no TIFF byte order mark")
	}
	switch t.order.Uint16(h[2:]) {
	case 43:
		h, err = at(8, 8)
		if err != nil {
			return nil, err
		}
		t.big, t.first = true, int64(t.order.Uint64(h))
	default: // 42; some cameras write their own number
		t.first = int64(t.order.Uint32(h[4:]))
	}
	return t, nil
}

var tiffTypeSize = [...]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8}

// ifd returns the entries of the directory at off that can be read, by tag, and
// the offset of the next directory. A directory already seen gives none.
func (t *tiffBlock) ifd(off int64) (entries map[uint16]ifdEntry, next int64) {
	if off <= 0 || t.visited[off] {
		return nil, 0
	}
	t.visited[off] = true
	countSize, entrySize, inline := 2, 12, 4
	if t.big {
		countSize, entrySize, inline = 8, 20, 8
	}
	b, err := t.at(off, countSize)
	if err != nil {
		return nil, 0
	}
	n := uint64(t.order.Uint16(b))
	if t.big {
		n = t.order.Uint64(b)
	}
	n = min(n, maxIFDEntries)
	entries = make(map[uint16]ifdEntry, n)
	for i := range int64(n) {
		b, err := t.at(off+int64(countSize)+i*int64(entrySize), entrySize)
		if err != nil {
			return entries, 0
		}
		e := ifdEntry{tag: t.order.Uint16(b), typ: t.order.Uint16(b[2:])}
		e.count = uint64(t.order.Uint32(b[4:]))
		if t.big {
			e.count = t.order.Uint64(b[4:])
		}
		if int(e.typ) >= len(tiffTypeSize) || tiffTypeSize[e.typ] == 0 || e.count > maxEXIFValue {
			continue
		}
		size := int(e.count * tiffTypeSize[e.typ])
		field := b[entrySize-inline:]
		if size <= inline {
			e.value = field[:size]
		} else {
			if size > maxEXIFValue || !wanted[e.tag] {
				continue
			}
			at := int64(t.order.Uint32(field))
			if t.big {
				at = int64(t.order.Uint64(field))
			}
			if e.value, err = t.at(at, size); err != nil {
				continue
			}
		}
		if _, seen := entries[e.tag]; !seen {
			entries[e.tag] = e
		}
	}
	b, err = t.at(off+int64(countSize)+int64(n)*int64(entrySize), inline)
	if err != nil {
		return entries, 0
	}
	if t.big {
		return entries, int64(t.order.Uint64(b))
	}
	return entries, int64(t.order.Uint32(b))
}

// wanted are the tags whose longer values are fetched at all.
var wanted = map[uint16]bool{
	tagMake: true, tagModel: true, tagXMP: true, tagICC: true, tagDateTimeOriginal: true, tagDateTimeDigitized: true,
	tagOffsetOriginal: true, tagOffsetDigitized: true, tagGPSLat: true, tagGPSLng: true, tagGPSTime: true, tagGPSDate: true,
}

func (t *tiffBlock) uint(e ifdEntry) (uint64, bool) {
	switch {
	case e.typ == 1 && len(e.value) >= 1:
		return uint64(e.value[0]), true
	case e.typ == typeShort && len(e.value) >= 2:
		return uint64(t.order.Uint16(e.value)), true
	case (e.typ == typeLong || e.typ == 13) && len(e.value) >= 4:
		return uint64(t.order.Uint32(e.value)), true
	case (e.typ == typeLongU8 || e.typ == 18) && len(e.value) >= 8:
		return t.order.Uint64(e.value), true
	}
	return 0, false
}

// readEXIF takes the facts of an EXIF block (a TIFF structure in memory). A
// broken block gives the facts that can still be read, none of them invented.
// turn says that its orientation decides how the picture is shown.
func readEXIF(block []byte, f *Facts, turn bool) {
	block = bytes.TrimPrefix(block, []byte(exifWhole))
	t, err := openTIFF(func(off int64, n int) ([]byte, error) {
		if off < 0 || n < 0 || off > int64(len(block)) || int64(n) > int64(len(block))-off {
			return nil, errTruncated
		}
		return block[off:][:n], nil
	})
	if err != nil {
		return
	}
	root, _ := t.ifd(t.first)
	t.facts(root, f, turn)
}

// facts takes what the first directory and the ones below it say.
func (t *tiffBlock) facts(root map[uint16]ifdEntry, f *Facts, turn bool) {
	below := func(in map[uint16]ifdEntry, tag uint16) map[uint16]ifdEntry {
		off, ok := t.uint(in[tag])
		if !ok || off > math.MaxInt64 {
			return nil
		}
		entries, _ := t.ifd(int64(off))
		return entries
	}
	if o, ok := t.uint(root[tagOrientation]); ok && o >= 1 && o <= 8 {
		f.Orientation = ptr(int(o))
		if turn && f.Width != nil {
			f.setDisplay(o >= 5)
		}
	}
	sub := below(root, tagExifIFD)
	gps := below(root, tagGPSIFD)
	x := t.decode(root, sub, gps)
	if x == nil {
		return
	}
	if f.Camera == nil {
		f.Camera = text(strings.TrimSpace(stringOf(x, exif.Make) + " " + stringOf(x, exif.Model)))
	}
	t.captureTime(x, sub, f)
	if f.GPS == nil {
		f.GPS = gpsOf(x)
	}
	if f.GPSTime == nil {
		f.GPSTime = gpsTimeOf(x)
	}
	if f.ColorProfile == nil {
		switch space, ok := t.uint(sub[tagColorSpace]); {
		case ok && space == 1:
			f.ColorProfile = ptr("sRGB")
		case ok && (space == 2 || space == 0xffff && strings.HasPrefix(asciiOf(below(sub, tagInteropIFD)[tagInteropIndex]), "R03")):
			f.ColorProfile = ptr("Adobe RGB")
		}
	}
}

// decode hands the checked entries, and nothing else, to the EXIF library.
func (t *tiffBlock) decode(root, sub, gps map[uint16]ifdEntry) *exif.Exif {
	keep := func(from map[uint16]ifdEntry, tags ...uint16) (out []ifdEntry) {
		for _, tag := range tags {
			if e, ok := from[tag]; ok {
				out = append(out, e)
			}
		}
		return out
	}
	all := [3][]ifdEntry{
		keep(root, tagMake, tagModel),
		keep(sub, tagDateTimeOriginal, tagDateTimeDigitized),
		keep(gps, tagGPSLatRef, tagGPSLat, tagGPSLngRef, tagGPSLng, tagGPSTime, tagGPSDate),
	}
	mark := "II"
	if t.order == be {
		mark = "MM"
	}
	b := t.u16([]byte(mark), 42)
	b = t.u32(b, 8)
	// Pointers in the first directory: where the two below it will stand.
	sizes := [3]int{}
	for i, entries := range all {
		sizes[i] = 6 + 12*len(entries)
		for _, e := range entries {
			if len(e.value) > 4 {
				sizes[i] += len(e.value)
			}
		}
	}
	at := uint32(8 + sizes[0] + 24)
	for i, tag := range []uint16{tagExifIFD, tagGPSIFD} {
		all[0] = append(all[0], ifdEntry{tag, typeLong, 1, t.u32(nil, at)})
		at += uint32(sizes[i+1])
	}
	for _, entries := range all {
		data := uint32(len(b) + 6 + 12*len(entries))
		var values []byte
		b = t.u16(b, uint16(len(entries)))
		for _, e := range entries {
			b = t.u32(t.u16(t.u16(b, e.tag), e.typ), uint32(e.count))
			if len(e.value) <= 4 {
				b = append(append(b, e.value...), make([]byte, 4-len(e.value))...)
				continue
			}
			b = t.u32(b, data+uint32(len(values)))
			values = append(values, e.value...)
		}
		b = append(t.u32(b, 0), values...)
	}
	x, err := exif.Decode(bytes.NewReader(b))
	if err != nil && (x == nil || exif.IsCriticalError(err)) {
		return nil
	}
	return x
}

func (t *tiffBlock) u16(b []byte, v uint16) []byte { return t.order.AppendUint16(b, v) }
func (t *tiffBlock) u32(b []byte, v uint32) []byte { return t.order.AppendUint32(b, v) }

func asciiOf(e ifdEntry) string {
	if e.typ != typeASCII {
		return ""
	}
	s, _, _ := strings.Cut(string(e.value), "\x00")
	return strings.TrimSpace(strings.ToValidUTF8(s, ""))
}

func stringOf(x *exif.Exif, name exif.FieldName) string {
	tag, err := x.Get(name)
	if err != nil {
		return ""
	}
	s, err := tag.StringVal()
	if err != nil {
		return ""
	}
	s, _, _ = strings.Cut(s, "\x00")
	return strings.TrimSpace(strings.ToValidUTF8(s, ""))
}

// text is nil for an empty string: an absent fact.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// captureTime prefers the moment of exposure to that of digitisation; the time a
// file was last changed is neither.
func (t *tiffBlock) captureTime(x *exif.Exif, sub map[uint16]ifdEntry, f *Facts) {
	if f.CapturedAt != nil {
		return
	}
	for _, source := range []struct {
		name   exif.FieldName
		offset uint16
	}{{exif.DateTimeOriginal, tagOffsetOriginal}, {exif.DateTimeDigitized, tagOffsetDigitized}} {
		at, err := time.Parse(exifDate, exifTime(stringOf(x, source.name)))
		if err != nil || at.Year() < 1 {
			continue
		}
		f.CapturedAt = ptr(at.Format(wallClock))
		f.CapturedAtOffset = offsetOf(asciiOf(sub[source.offset]))
		return
	}
}

// exifTime brings a date written with other separators into the standard's form.
func exifTime(s string) string {
	if len(s) < 19 {
		return s
	}
	b := []byte(s[:19])
	for _, i := range []int{4, 7} {
		if b[i] == '-' || b[i] == '/' {
			b[i] = ':'
		}
	}
	if b[10] == 'T' {
		b[10] = ' '
	}
	return string(b)
}

// offsetOf returns s as "+02:00" when it is an offset from UTC, else nil.
func offsetOf(s string) *string {
	for _, layout := range []string{"-07:00", "-0700", "Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			if _, seconds := at.Zone(); seconds < -14*3600 || seconds > 14*3600 {
				return nil
			}
			return ptr(at.Format("-07:00"))
		}
	}
	return nil
}

// position returns a location unless it is out of range or the null island that
// devices without a fix report.
func position(lat, lng float64, source string) *GPS {
	if math.IsNaN(lat) || math.IsNaN(lng) || math.Abs(lat) > 90 || math.Abs(lng) > 180 || lat == 0 && lng == 0 {
		return nil
	}
	return &GPS{Lat: lat, Lng: lng, Source: source}
}

func gpsOf(x *exif.Exif) *GPS {
	lat, ok1 := coordinate(x, exif.GPSLatitude, exif.GPSLatitudeRef, "N", "S")
	lng, ok2 := coordinate(x, exif.GPSLongitude, exif.GPSLongitudeRef, "E", "W")
	if !ok1 || !ok2 {
		return nil
	}
	return position(lat, lng, "exif")
}

// coordinate reads degrees, minutes and seconds. Without its reference, or with
// parts out of range, there is no telling where the picture was taken.
func coordinate(x *exif.Exif, name, refName exif.FieldName, positive, negative string) (float64, bool) {
	tag, err := x.Get(name)
	if err != nil || tag.Format() != tiff.RatVal || tag.Count == 0 || tag.Count > 3 {
		return 0, false
	}
	v, unit := 0.0, 1.0
	for i := range int(tag.Count) {
		num, den, err := tag.Rat2(i)
		if err != nil || num < 0 {
			return 0, false
		}
		if den <= 0 {
			if i == 0 || num != 0 {
				return 0, false
			}
			den = 1 // 0/0: the part was not measured
		}
		part := float64(num) / float64(den)
		if i > 0 && part > 60 {
			return 0, false
		}
		v += part / unit
		unit *= 60
	}
	switch ref := strings.ToUpper(stringOf(x, refName)); {
	case strings.HasPrefix(ref, positive):
		return v, true
	case strings.HasPrefix(ref, negative):
		return -v, true
	}
	return 0, false
}

func gpsTimeOf(x *exif.Exif) *time.Time {
	day, err := time.Parse("2006:01:02", strings.ReplaceAll(stringOf(x, exif.GPSDateStamp), "-", ":"))
	if err != nil {
		return nil
	}
	tag, err := x.Get(exif.GPSTimeStamp)
	if err != nil || tag.Format() != tiff.RatVal || tag.Count != 3 {
		return nil
	}
	var parts [3]float64
	for i, top := range []float64{24, 60, 61} {
		num, den, err := tag.Rat2(i)
		if err != nil || num < 0 || den <= 0 {
			return nil
		}
		if parts[i] = float64(num) / float64(den); parts[i] >= top {
			return nil
		}
	}
	seconds := parts[0]*3600 + parts[1]*60 + parts[2]
	return ptr(day.Add(time.Duration(math.Round(seconds*1000)) * time.Millisecond))
}
