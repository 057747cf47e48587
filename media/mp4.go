package media

import (
	"math"
	"slices"
	"time"
)

// movie is what the index of an MP4 or MOV file says.
type movie struct {
	in        *input
	timescale uint32
	claimed   uint64 // header duration in timescale units; 0 when it does not say
	created   time.Time
	tracks    []*track
	extends   map[uint32]trackDefaults
}

// track is one track, its samples measured against the bytes that are there.
type track struct {
	id        uint32
	handler   string // vide, soun, sbtl, subt, text, ...
	timescale uint32
	header    uint64 // media header's duration
	rotation  int
	chapters  []uint32 // tracks that only name chapters of this one
	edits     []edit
	entry     sampleEntry

	samples  int64  // present in the file
	duration uint64 // of those, in timescale units
	tables   sampleTables
	packets  []packet // of fragments: where the samples of sound and captions lie
}

type edit struct {
	duration uint64 // movie timescale
	start    int64  // media timescale; -1 for an empty edit
}

type trackDefaults struct{ duration, size uint32 }

// readMP4 reads the index of MP4, MOV, M4V, M4A and 3GP files, fragmented or not.
func readMP4(in *input, f *Facts) error {
	m, err := openMovie(in, f)
	if err != nil {
		return err
	}
	m.facts(f)
	if f.Kind == KindVideo {
		m.captions(f)
	}
	return nil
}

// xmpUUID marks a box that holds an XMP packet (Adobe XMP specification part 3, MPEG-4).
const xmpUUID = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"

func openMovie(in *input, f *Facts) (*movie, error) {
	m := &movie{in: in, extends: map[uint32]trackDefaults{}}
	major, _ := brands(in.upTo(0, 64), in)
	found, data := false, false
	err := in.boxes(0, in.size, func(b box) error {
		switch b.name {
		case "moov":
			if found {
				return nil
			}
			found = true
			if b.cut {
				return broken("its index is cut off")
			}
			return m.readIndex(b, f)
		case "mdat":
			data = true
		case "uuid":
			if v := in.body(b, 1<<20); len(v) > 16 && string(v[:16]) == xmpUUID {
				readXMP(v[16:], f)
			}
		case "moof":
			data = true
			return m.readFragment(b)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch {
	case !found && data:
		return nil, broken("it holds media but no index (moov) that says what they are; the recording was probably not finished")
	case !found:
		return nil, broken("it holds no index (moov)")
	}
	if len(m.tracks) == 0 {
		return nil, broken("it holds no tracks")
	}
	switch {
	case major == "qt  " || major == "":
		f.Format = "mov"
	case major[:3] == "M4V":
		f.Format = "m4v"
	case major[:2] == "3g":
		f.Format = "3gp"
	case major[:3] == "M4A" || major[:3] == "M4B" || major[:3] == "M4P":
		f.Format = "m4a"
	}
	return m, nil
}

// facts turns the tracks into facts.
func (m *movie) facts(f *Facts) {
	chapter := map[uint32]bool{}
	for _, t := range m.tracks {
		for _, id := range t.chapters {
			chapter[id] = true
		}
	}
	m.tracks = slices.DeleteFunc(m.tracks, func(t *track) bool { return chapter[t.id] })
	f.Kind = KindAudio
	captions := 0
	longest := 0.0
	header := 0.0
	for _, t := range m.tracks {
		switch t.handler {
		case "vide":
			longest, header = max(longest, m.seconds(t)), max(header, t.headerSeconds())
			if f.Kind == KindVideo {
				continue
			}
			f.Kind = KindVideo
			m.videoFacts(t, f)
		case "soun":
			longest, header = max(longest, m.seconds(t)), max(header, t.headerSeconds())
			f.AudioTracks = append(f.AudioTracks, AudioTrack{
				Codec: t.entry.codec, Channels: t.entry.channels, SampleRate: t.entry.rate,
				BitsPerSample: t.entry.bits, DurationS: ptr(round(m.seconds(t))),
			})
		case "sbtl", "subt", "text", "clcp":
			captions++
		}
	}
	f.DurationS = ptr(round(longest))
	if m.timescale > 0 && m.claimed > 0 {
		header = float64(m.claimed) / float64(m.timescale)
	}
	if header > 0 {
		f.HeaderDurationS = ptr(round(header))
	}
	if f.Kind == KindVideo {
		f.CaptionTracks = ptr(captions)
		if f.Format == "m4a" {
			f.Format = "mp4"
		}
	} else if f.Format == "mp4" {
		f.Format = "m4a"
	}
	if f.CapturedAt == nil && m.created.Year() > 1970 {
		// The movie header counts in UTC (ISO/IEC 14496-12, 8.2.2).
		f.CapturedAt, f.CapturedAtOffset = ptr(m.created.Format(wallClock)), ptr("+00:00")
	}
}

func (m *movie) videoFacts(t *track, f *Facts) {
	if w, h := t.entry.width, t.entry.height; w > 0 && h > 0 {
		f.Width, f.Height = ptr(w), ptr(h)
		f.setDisplay(t.rotation%180 == 90)
	}
	f.Rotation = ptr(t.rotation)
	if t.entry.codec != "" {
		f.VideoCodec = ptr(t.entry.codec)
	}
	if t.samples > 0 && t.duration > 0 && t.timescale > 0 {
		f.FrameRate = ptr(roundTo(float64(t.samples)*float64(t.timescale)/float64(t.duration), 1e4))
	}
}

// seconds is how long t plays: the samples present, within the edits.
func (m *movie) seconds(t *track) float64 {
	if t.timescale == 0 {
		return 0
	}
	present := float64(t.duration) / float64(t.timescale)
	if m.timescale == 0 {
		return present
	}
	total, any := 0.0, false
	for _, e := range t.edits {
		if e.start < 0 {
			continue // a pause before the track begins
		}
		length := float64(e.duration) / float64(m.timescale)
		if e.duration == 0 {
			return present
		}
		rest := present
		// Small starts skip decoding delay, which the samples' own clock leaves out.
		if start := float64(e.start) / float64(t.timescale); start > 1 {
			rest = max(0, present-start)
		}
		total += min(length, rest)
		any = true
	}
	if !any {
		return present
	}
	return min(total, max(present, 0)*float64(len(t.edits)))
}

func (t *track) headerSeconds() float64 {
	if t.timescale == 0 {
		return 0
	}
	return float64(t.header) / float64(t.timescale)
}

// round keeps microseconds, which is finer than any clock in these files.
func round(s float64) float64 { return roundTo(s, 1e6) }

func roundTo(v, unit float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Round(v*unit) / unit
}

// readIndex reads moov.
func (m *movie) readIndex(moov box, f *Facts) error {
	return m.in.boxes(moov.start, moov.end, func(b box) error {
		switch b.name {
		case "mvhd":
			created, scale, duration := m.clock(b)
			m.timescale, m.claimed = scale, duration
			if created > 0 && created < 1<<33 {
				m.created = time.Unix(int64(created)-2082844800, 0).UTC() // since 1904
			}
		case "trak":
			if len(m.tracks) >= 200 {
				return broken("it declares over 200 tracks")
			}
			t, err := m.readTrack(b)
			if err != nil {
				return err
			}
			if t != nil {
				m.tracks = append(m.tracks, t)
			}
		case "mvex":
			return m.in.boxes(b.start, b.end, func(c box) error {
				if v := m.in.body(c, 24); c.name == "trex" && len(v) == 24 {
					m.extends[be.Uint32(v[4:])] = trackDefaults{be.Uint32(v[12:]), be.Uint32(v[16:])}
				}
				if v := m.in.body(c, 12); c.name == "mehd" && m.claimed == 0 && len(v) >= 8 {
					m.claimed = uint64(be.Uint32(v[4:]))
					if v[0] == 1 && len(v) == 12 {
						m.claimed = be.Uint64(v[4:])
					}
				}
				return nil
			})
		case "udta":
			m.readUserData(b, f)
		case "meta":
			m.readMetadata(b, f)
		}
		return nil
	})
}

// clock reads the head common to mvhd and mdhd; an unknown duration is 0.
func (m *movie) clock(b box) (created uint64, scale uint32, duration uint64) {
	v := m.in.body(b, 36)
	if len(v) >= 32 && v[0] == 1 {
		created, scale, duration = be.Uint64(v[4:]), be.Uint32(v[20:]), be.Uint64(v[24:])
	} else if len(v) >= 20 {
		created, scale, duration = uint64(be.Uint32(v[4:])), be.Uint32(v[12:]), uint64(be.Uint32(v[16:]))
		if duration == math.MaxUint32 {
			duration = 0
		}
	}
	if duration > 1<<56 {
		duration = 0
	}
	return created, scale, duration
}

func (m *movie) readTrack(trak box) (*track, error) {
	in := m.in
	parts, _ := in.children(trak)
	mdia, _ := in.children(parts["mdia"])
	minf, _ := in.children(mdia["minf"])
	stbl, _ := in.children(minf["stbl"])
	hdlr := in.body(mdia["hdlr"], 12)
	if len(hdlr) < 12 {
		return nil, nil
	}
	t := &track{handler: string(hdlr[8:12])}
	if v := in.body(parts["tkhd"], 96); len(v) >= 84 {
		t.id = be.Uint32(v[12:])
		at := 40
		if v[0] == 1 && len(v) >= 96 {
			t.id, at = be.Uint32(v[20:]), 52
		}
		t.rotation = rotation(v[at:])
	}
	_, t.timescale, t.header = m.clock(mdia["mdhd"])
	if tref, _ := in.children(parts["tref"]); tref["chap"].size() > 0 {
		v := in.body(tref["chap"], 64)
		for ; len(v) >= 4; v = v[4:] {
			t.chapters = append(t.chapters, be.Uint32(v))
		}
	}
	edts, _ := in.children(parts["edts"])
	t.edits = in.edits(edts["elst"])
	in.readSampleEntry(stbl["stsd"], t)
	t.tables = sampleTables{stbl["stts"], stbl["stsz"], stbl["stz2"], stbl["stsc"], stbl["stco"], stbl["co64"]}
	if err := t.tables.measure(in, t); err != nil {
		return nil, err
	}
	if t.entry.codec == "mp3" {
		// The sample entry says two channels whatever the frames hold.
		t.each(in, 1, func(p packet) bool {
			if f, ok := parseMPEG(in.upTo(p.off, 4)); ok {
				t.entry.channels, t.entry.rate = f.channels, f.rate
			}
			return false
		})
	}
	return t, nil
}

// rotation tells the quarter turn of a track's matrix, clockwise (8.3.2).
func rotation(m []byte) int {
	a, b := int32(be.Uint32(m)), int32(be.Uint32(m[4:]))
	switch degrees := math.Round(math.Atan2(float64(b), float64(a))*180/math.Pi/90) * 90; degrees {
	case 90:
		return 90
	case -90:
		return 270
	case 180, -180:
		return 180
	}
	return 0
}

func (in *input) edits(elst box) (out []edit) {
	c := cursor{b: in.body(elst, 64<<10)}
	version := c.uint(1)
	c.skip(3)
	n := c.uint(4)
	for range n {
		var e edit
		if version == 1 {
			e.duration, e.start = c.uint(8), int64(c.uint(8))
		} else {
			e.duration, e.start = c.uint(4), int64(int32(c.uint(4)))
		}
		c.skip(4)
		if c.short {
			return out
		}
		out = append(out, e)
	}
	return out
}

// audible returns the first sound track, the one whose signals are measured.
func (m *movie) audible() *track {
	i := slices.IndexFunc(m.tracks, func(t *track) bool { return t.handler == "soun" })
	if i < 0 {
		return nil
	}
	return m.tracks[i]
}

// byID finds a track, nil when there is none.
func (m *movie) byID(id uint32) *track {
	for _, t := range m.tracks {
		if t.id == id {
			return t
		}
	}
	return nil
}
