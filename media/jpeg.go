package media

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf16"
)

// readJPEG walks the marker segments up to the first scan (ITU-T T.81, annex B).
func readJPEG(in *input, f *Facts) error {
	var exifBlock, xmp, flir []byte
	var profile iccParts
	seen, scan := false, false
	off := int64(2)
	for range 1000 {
		head, err := in.bytes(off, 4)
		if err != nil {
			break
		}
		if head[0] != 0xff {
			// Some writers pad their segments; decoders go on at the next marker.
			next := bytes.IndexByte(in.upTo(off, 4096), 0xff)
			if next < 0 {
				return broken("no marker where one belongs, at byte %d", off)
			}
			off += int64(next)
			continue
		}
		marker := head[1]
		switch {
		case marker == 0xff: // fill byte
			off++
			continue
		case marker == 0x00, marker == 0x01, marker >= 0xd0 && marker <= 0xd8:
			off += 2
			continue
		}
		if marker == 0xd9 || marker == 0xda {
			scan = marker == 0xda
			break
		}
		length := int64(be.Uint16(head[2:]))
		if length < 2 {
			return broken("a segment of %d bytes at byte %d", length, off)
		}
		body := func() []byte { return in.upTo(off+4, int(length-2)) }
		switch {
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			b := body()
			if len(b) < 6 {
				return errTruncated
			}
			if err := f.setSize(int64(be.Uint16(b[3:])), int64(be.Uint16(b[1:]))); err != nil {
				return err
			}
			seen = true
		case marker == 0xe1:
			b := body()
			switch {
			case exifBlock == nil && bytes.HasPrefix(b, []byte(exifWhole)):
				exifBlock = b
			case xmp == nil && bytes.HasPrefix(b, []byte("http://ns.adobe.com/xap/1.0/\x00")):
				xmp = b[29:]
			case bytes.HasPrefix(b, []byte("FLIR\x00\x01")) && len(b) > 8 && len(flir) < 4<<20:
				flir = append(flir, b[8:]...)
			}
		case marker == 0xe2:
			profile.add(body())
		}
		off += 2 + length
	}
	if !seen {
		return broken("no picture header before the data")
	}
	if !scan {
		return broken("it ends before the picture data")
	}
	f.ColorProfile = profile.description()
	if exifBlock != nil {
		readEXIF(exifBlock, f, true)
	}
	if xmp != nil {
		readXMP(xmp, f)
	}
	if f.GPS == nil {
		f.GPS = flirPosition(flir)
	}
	return nil
}

// flirPosition reads the position record of a thermal camera's own block, the
// only place some of them write it to: a directory of records, that of the
// position being of type 0x2b.
func flirPosition(b []byte) *GPS {
	if len(b) < 64 || string(b[:4]) != "FFF\x00" {
		return nil
	}
	directory, count := uint64(be.Uint32(b[24:])), be.Uint32(b[28:])
	for i := range uint64(min(count, 200)) {
		at := directory + 32*i
		if at+32 > uint64(len(b)) {
			return nil
		}
		off := uint64(be.Uint32(b[at+12:]))
		if be.Uint16(b[at:]) != 0x2b || off+32 > uint64(len(b)) {
			continue
		}
		r := b[off:]
		lat, lng := math.Abs(math.Float64frombits(le.Uint64(r[16:]))), math.Abs(math.Float64frombits(le.Uint64(r[24:])))
		switch r[8] {
		case 'S':
			lat = -lat
		case 'N':
		default:
			return nil
		}
		switch r[10] {
		case 'W':
			lng = -lng
		case 'E':
		default:
			return nil
		}
		return position(lat, lng, "flir")
	}
	return nil
}

// iccParts gathers a profile spread over APP2 segments (ICC.1:2010, annex B.4).
type iccParts [][]byte

func (p *iccParts) add(segment []byte) {
	if len(segment) < 14 || !bytes.HasPrefix(segment, []byte("ICC_PROFILE\x00")) || len(*p) > 255 {
		return
	}
	i := int(segment[12])
	for len(*p) <= i {
		*p = append(*p, nil)
	}
	(*p)[i] = segment[14:]
}

func (p iccParts) description() *string {
	return iccDescription(bytes.Join(p, nil))
}

// iccDescription returns the profile's name from its description tag (ICC.1:2010,
// sections 7.2, 9.2.41 and 10.13), nil when it has none.
func iccDescription(p []byte) *string {
	if len(p) < 132 || string(p[36:40]) != "acsp" {
		return nil
	}
	for i := range min(be.Uint32(p[128:]), 100) {
		at := 132 + 12*int(i)
		if at+12 > len(p) {
			return nil
		}
		if string(p[at:at+4]) != "desc" {
			continue
		}
		off, size := uint64(be.Uint32(p[at+4:])), uint64(be.Uint32(p[at+8:]))
		if off > uint64(len(p)) || size > uint64(len(p))-off {
			return nil
		}
		return descriptionText(p[off:][:size])
	}
	return nil
}

func descriptionText(d []byte) *string {
	switch {
	case len(d) >= 12 && string(d[:4]) == "desc":
		n := min(int(be.Uint32(d[8:])), len(d)-12)
		s, _, _ := strings.Cut(string(d[12:12+max(n, 0)]), "\x00")
		return text(strings.TrimSpace(strings.ToValidUTF8(s, "")))
	case len(d) >= 28 && string(d[:4]) == "mluc" && be.Uint32(d[8:]) > 0:
		n, off := uint64(be.Uint32(d[20:])), uint64(be.Uint32(d[24:]))
		if off > uint64(len(d)) || n > uint64(len(d))-off || n > 1024 {
			return nil
		}
		units := make([]uint16, n/2)
		for i := range units {
			units[i] = be.Uint16(d[off+2*uint64(i):])
		}
		return text(strings.TrimSpace(strings.Trim(string(utf16.Decode(units)), "\x00")))
	}
	return nil
}
