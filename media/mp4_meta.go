package media

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// readUserData reads moov/udta: QuickTime's international text (©xyz, ©day, ©mak,
// ©mod), the 3GPP location box, and the metadata some writers put inside.
func (m *movie) readUserData(udta box, f *Facts) {
	in := m.in
	var maker, model string
	_ = in.boxes(udta.start, udta.end, func(b box) error {
		switch b.name {
		case "\xa9xyz":
			setLocation(in.userText(b), f)
		case "\xa9day":
			if f.CapturedAt == nil {
				setISOTime(in.userText(b), f)
			}
		case "\xa9mak", "manu":
			maker = in.userText(b)
		case "\xa9mod", "modl":
			model = in.userText(b)
		case "loci":
			if f.GPS == nil {
				f.GPS = loci(in.body(b, 512))
			}
		case "meta":
			m.readMetadata(b, f)
		case "XMP_":
			readXMP(in.body(b, 1<<20), f)
		}
		return nil
	})
	if f.Camera == nil {
		f.Camera = text(strings.TrimSpace(maker + " " + model))
	}
}

// userText reads text behind a length and a language; some writers leave both out.
func (in *input) userText(b box) string {
	v := in.body(b, 1024)
	if len(v) >= 4 && int(be.Uint16(v)) <= len(v)-4 {
		v = v[4:][:be.Uint16(v)]
	}
	return strings.TrimSpace(strings.Trim(strings.ToValidUTF8(string(v), ""), "\x00"))
}

// readMetadata reads a meta box with named keys (QuickTime file format, metadata).
func (m *movie) readMetadata(meta box, f *Facts) {
	in := m.in
	// ISO's meta is a full box, QuickTime's is not.
	if v := in.body(meta, 8); len(v) == 8 && string(v[4:8]) != "hdlr" && be.Uint32(v) == 0 {
		meta.start += 4
	}
	parts, _ := in.children(meta)
	var names []string
	if keys, ok := parts["keys"]; ok {
		_ = in.boxes(keys.start+8, keys.end, func(b box) error {
			if len(names) < 1000 {
				names = append(names, string(in.body(b, 256)))
			}
			return nil
		})
	}
	values := map[string]string{}
	_ = in.boxes(parts["ilst"].start, parts["ilst"].end, func(b box) error {
		name := b.name
		if i := int(be.Uint32([]byte(b.name))); i >= 1 && i <= len(names) {
			name = names[i-1]
		}
		data, _ := in.children(b)
		if v := in.body(data["data"], 1024); len(v) > 8 {
			values[name] = metadataText(v[:8], v[8:])
		}
		return nil
	})
	const apple, android = "com.apple.quicktime.", "com.android."
	setLocation(values[apple+"location.ISO6709"], f)
	setLocation(values["\xa9xyz"], f)
	for _, name := range []string{apple + "creationdate", "\xa9day"} {
		// Apple's date has the place's own offset: better than the header's UTC.
		if values[name] != "" && (f.CapturedAt == nil || name[0] == 'c') && setISOTime(values[name], f) {
			break
		}
	}
	if f.Camera == nil {
		maker, model := values[apple+"make"], values[apple+"model"]
		if maker+model == "" {
			maker, model = values[android+"manufacturer"], values[android+"model"]
		}
		f.Camera = text(strings.TrimSpace(maker + " " + model))
	}
}

// metadataText decodes UTF-8 (type 1) and UTF-16 (type 2) values.
func metadataText(head, v []byte) string {
	if be.Uint32(head)&0xffffff == 2 {
		units := make([]uint16, len(v)/2)
		for i := range units {
			units[i] = be.Uint16(v[2*i:])
		}
		return strings.TrimSpace(string(utf16.Decode(units)))
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(v), ""))
}

// setLocation records an ISO 6709 position unless there is one already.
func setLocation(s string, f *Facts) {
	if f.GPS == nil {
		f.GPS = iso6709(s)
	}
}

// iso6709 reads "+43.6532-079.3832+76/": degrees, degrees and minutes, or degrees,
// minutes and seconds, told apart by the digits before the point (ISO 6709, annex H).
func iso6709(s string) *GPS {
	var parts []string
	for i := 0; i < len(s) && len(parts) < 2; {
		if s[i] != '+' && s[i] != '-' {
			return nil
		}
		j := i + 1
		for j < len(s) && (s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
			j++
		}
		parts = append(parts, s[i:j])
		i = j
	}
	if len(parts) < 2 {
		return nil
	}
	lat, ok1 := iso6709Angle(parts[0], 2)
	lng, ok2 := iso6709Angle(parts[1], 3)
	if !ok1 || !ok2 {
		return nil
	}
	return position(lat, lng, "container")
}

// iso6709Angle reads one angle whose degrees have the given number of digits.
func iso6709Angle(s string, degrees int) (float64, bool) {
	digits := s[1:]
	whole, _, _ := strings.Cut(digits, ".")
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, false
	}
	switch len(whole) - degrees {
	case 2:
		d := math.Floor(v / 100)
		v = d + (v-d*100)/60
	case 4:
		d := math.Floor(v / 10000)
		minutes := math.Floor((v - d*10000) / 100)
		v = d + minutes/60 + (v-d*10000-minutes*100)/3600
	}
	if s[0] == '-' {
		v = -v
	}
	return v, true
}

// loci is the location box of 3GPP (TS 26.244, 8.13): longitude first, 16.16 fixed point.
func loci(v []byte) *GPS {
	if len(v) < 6 {
		return nil
	}
	_, rest := cString(v[6:])
	if len(rest) < 9 {
		return nil
	}
	fixed := func(b []byte) float64 { return float64(int32(be.Uint32(b))) / 65536 }
	return position(fixed(rest[5:]), fixed(rest[1:]), "container")
}
