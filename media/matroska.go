package media

import (
	"math"
	"strings"
	"time"
)

// Elements of Matroska that facts are made of (RFC 9559, section 5).
const (
	ebmlDocType          = 0x4282
	mkSegment            = 0x18538067
	mkInfo               = 0x1549a966
	mkTimestampScale     = 0x2ad7b1
	mkDuration           = 0x4489
	mkDateUTC            = 0x4461
	mkTracks             = 0x1654ae6b
	mkTrackEntry         = 0xae
	mkTrackNumber        = 0xd7
	mkTrackType          = 0x83
	mkCodecID            = 0x86
	mkCodecPrivate       = 0x63a2
	mkDefaultDuration    = 0x23e383
	mkVideo              = 0xe0
	mkPixelWidth         = 0xb0
	mkPixelHeight        = 0xba
	mkProjection         = 0x7670
	mkProjectionRoll     = 0x7675
	mkAudio              = 0xe1
	mkSamplingFrequency  = 0xb5
	mkOutputFrequency    = 0x78b5
	mkChannels           = 0x9f
	mkBitDepth           = 0x6264
	mkCluster            = 0x1f43b675
	mkTimestamp          = 0xe7
	mkSimpleBlock        = 0xa3
	mkBlockGroup         = 0xa0
	mkBlock              = 0xa1
	mkBlockDuration      = 0x9b
	mkCues               = 0x1c53bb6b
	mkSeekHead           = 0x114d9b74
	mkTags, mkAttachment = 0x1254c367, 0x1941a469
)

// matroska is what the head of a file says and its clusters show.
type matroska struct {
	in       *input
	scale    float64 // seconds a tick
	duration float64 // ticks, as claimed
	tracks   map[uint64]*mkTrack
	order    []*mkTrack
	clusters []element
}

type mkTrack struct {
	kind          uint64 // 1 video, 2 audio, 17 subtitles
	codec         string
	private       []byte
	width, height int
	roll          float64
	frame         float64 // default duration, seconds
	rate          float64
	channels      int
	bits          int

	blocks      int64 // counted
	first, last float64
	end         float64
	packets     []packet
}

// readMatroska reads MKV and WebM: tracks from the head, the end of the film from
// its last blocks.
func readMatroska(in *input, f *Facts) error {
	m := &matroska{in: in, scale: 1e-3, tracks: map[uint64]*mkTrack{}}
	docType := ""
	var segment element
	in.elements(0, in.size, func(e element) bool {
		switch e.id {
		case 0x1a45dfa3:
			in.elements(e.start, e.end, func(c element) bool {
				if c.id == ebmlDocType {
					docType = in.mkString(c)
				}
				return true
			})
		case mkSegment:
			segment = e
			return false
		}
		return !e.cut
	})
	if docType != "webm" {
		f.Format = "mkv"
	}
	if segment.id == 0 {
		return broken("it holds no segment")
	}
	m.walk(segment, f)
	if len(m.order) == 0 {
		return broken("it declares no tracks")
	}
	m.measure()
	m.facts(f)
	return nil
}

func (m *matroska) walk(segment element, f *Facts) {
	in := m.in
	for start := segment.start; len(m.clusters) < maxBoxes; {
		e, ok := in.element(start, segment.end)
		if !ok {
			return
		}
		switch e.id {
		case mkInfo:
			in.elements(e.start, e.end, func(c element) bool {
				switch c.id {
				case mkTimestampScale:
					if v := in.mkUint(c); v > 0 && v < 1e12 {
						m.scale = float64(v) / 1e9
					}
				case mkDuration:
					m.duration = in.mkFloat(c)
				case mkDateUTC: // nanoseconds since 2001
					if v := int64(in.mkUint(c)); v > 0 {
						at := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(v))
						f.CapturedAt, f.CapturedAtOffset = ptr(at.Format(wallClock)), ptr("+00:00")
					}
				}
				return true
			})
		case mkTracks:
			in.elements(e.start, e.end, func(c element) bool {
				if c.id == mkTrackEntry && len(m.order) < 200 {
					m.track(c)
				}
				return true
			})
		case mkCluster:
			if e.unknown {
				e.end = m.openEnd(e)
			}
			m.clusters = append(m.clusters, e)
		case mkSegment:
			return
		}
		start = e.end
	}
}

// openEnd finds where a cluster of unknown size ends: at the next element of its own level.
func (m *matroska) openEnd(cluster element) int64 {
	end := cluster.start
	m.in.elements(cluster.start, cluster.end, func(e element) bool {
		switch e.id {
		case mkCluster, mkCues, mkSegment, mkTags, mkSeekHead, mkInfo, mkTracks, mkAttachment:
			return false
		}
		end = e.end
		return true
	})
	return end
}

func (m *matroska) track(entry element) {
	in := m.in
	t := &mkTrack{channels: 1, rate: 8000, first: math.Inf(1), last: math.Inf(-1)}
	number, output := uint64(0), 0.0
	in.elements(entry.start, entry.end, func(e element) bool {
		switch e.id {
		case mkTrackNumber:
			number = in.mkUint(e)
		case mkTrackType:
			t.kind = in.mkUint(e)
		case mkCodecID:
			t.codec = in.mkString(e)
		case mkCodecPrivate:
			t.private = in.upTo(e.start, int(min(e.end-e.start, 4096)))
		case mkDefaultDuration:
			t.frame = float64(in.mkUint(e)) / 1e9
		case mkVideo, mkAudio:
			in.elements(e.start, e.end, func(c element) bool {
				switch c.id {
				case mkPixelWidth:
					t.width = int(min(in.mkUint(c), 1<<20))
				case mkPixelHeight:
					t.height = int(min(in.mkUint(c), 1<<20))
				case mkSamplingFrequency:
					t.rate = in.mkFloat(c)
				case mkOutputFrequency:
					output = in.mkFloat(c)
				case mkChannels:
					t.channels = int(min(in.mkUint(c), 1024))
				case mkBitDepth:
					t.bits = int(min(in.mkUint(c), 1024))
				case mkProjection:
					in.elements(c.start, c.end, func(p element) bool {
						if p.id == mkProjectionRoll {
							t.roll = in.mkFloat(p)
						}
						return true
					})
				}
				return true
			})
		}
		return true
	})
	if output > 0 {
		t.rate = output
	}
	if number > 0 && m.tracks[number] == nil {
		m.tracks[number] = t
		m.order = append(m.order, t)
	}
}

// Blocks of the first clusters give the frame rate, those of the last ones the
// end; the ones between are counted only while the file is small.
const (
	mkHeadBytes = 1 << 20
	mkWholeFile = 32 << 20
)

func (m *matroska) measure() {
	for i, c := range m.clusters {
		whole := m.in.size <= mkWholeFile
		if !whole && i > 0 && i < len(m.clusters)-2 && m.in.fetched > mkHeadBytes {
			continue
		}
		m.cluster(c)
	}
}

func (m *matroska) cluster(c element) {
	in := m.in
	base := 0.0
	in.elements(c.start, c.end, func(e element) bool {
		switch e.id {
		case mkTimestamp:
			base = float64(in.mkUint(e))
		case mkSimpleBlock:
			m.block(e, base, 0)
		case mkBlockGroup:
			var block element
			lasts := 0.0
			in.elements(e.start, e.end, func(g element) bool {
				switch g.id {
				case mkBlock:
					block = g
				case mkBlockDuration:
					lasts = float64(in.mkUint(g))
				}
				return true
			})
			if block.id != 0 {
				m.block(block, base, lasts)
			}
		}
		return true
	})
}

func (m *matroska) block(e element, base, lasts float64) {
	b := m.in.upTo(e.start, int(min(e.end-e.start, 16)))
	number, width := ebmlSize(b)
	if width == 0 || len(b) < width+3 || e.cut {
		return
	}
	if b[width+2]&8 != 0 {
		return // never shown: what later frames are predicted from
	}
	t := m.tracks[uint64(number)]
	if t == nil {
		return
	}
	at := base + float64(int16(be.Uint16(b[width:])))
	frames := int64(1)
	if b[width+2]&6 != 0 && len(b) > width+3 {
		frames = int64(b[width+3]) + 1 // lacing: several frames in a block
	}
	t.blocks += frames
	t.first, t.last = min(t.first, at), max(t.last, at)
	end := at*m.scale + float64(frames)*t.frame
	if lasts > 0 {
		end = (at + lasts) * m.scale
	}
	t.end = max(t.end, end)
	if t.kind == 17 && len(t.packets) < 100_000 {
		t.packets = append(t.packets, packet{e.start + int64(width) + 3, int(e.end-e.start) - width - 3})
	}
}

var mkCodecs = map[string]string{
	"V_MPEG4/ISO/AVC": "h264", "V_MPEGH/ISO/HEVC": "hevc", "V_AV1": "av1", "V_VP8": "vp8", "V_VP9": "vp9", "V_MPEG2": "mpeg2video",
	"V_MPEG1": "mpeg1video", "V_THEORA": "theora", "V_MJPEG": "mjpeg", "V_PRORES": "prores", "V_MPEG4/ISO/ASP": "mpeg4",
	"A_AAC": "aac", "A_OPUS": "opus", "A_VORBIS": "vorbis", "A_FLAC": "flac", "A_MPEG/L3": "mp3", "A_MPEG/L2": "mp2", "A_AC3": "ac3",
	"A_EAC3": "eac3", "A_DTS": "dts", "A_ALAC": "alac", "A_TRUEHD": "truehd",
}

func (m *matroska) facts(f *Facts) {
	f.Kind = KindAudio
	captions := 0
	start, end := math.Inf(1), 0.0
	for _, t := range m.order {
		if t.blocks > 0 && (t.kind == 1 || t.kind == 2) {
			start, end = min(start, t.first*m.scale), max(end, t.end, t.last*m.scale+m.lastFrame(t))
		}
		switch t.kind {
		case 1:
			if f.Kind == KindVideo {
				continue
			}
			f.Kind = KindVideo
			m.videoFacts(t, f)
		case 2:
			f.AudioTracks = append(f.AudioTracks, t.audioFacts())
		case 17:
			captions++
		}
	}
	seconds := 0.0
	if end > 0 {
		seconds = max(0, end-start)
	}
	f.DurationS = ptr(round(seconds))
	if m.duration > 0 && m.duration < 1e15 {
		f.HeaderDurationS = ptr(round(m.duration * m.scale))
	}
	if f.Kind == KindVideo {
		f.CaptionTracks = ptr(captions)
		f.CaptionText = m.captionText()
	}
}

// lastFrame is how long the last block of t lasts when nothing says so: as long as the average.
func (m *matroska) lastFrame(t *mkTrack) float64 {
	if t.frame > 0 {
		return t.frame
	}
	if rate := m.frameRate(t); rate > 0 {
		return 1 / rate
	}
	return 0
}

// frameRate counts blocks over the time they span, where all were counted.
func (m *matroska) frameRate(t *mkTrack) float64 {
	span := (t.last - t.first) * m.scale
	if m.in.size <= mkWholeFile && t.blocks > 1 && span > 0 {
		return float64(t.blocks-1) / span
	}
	if t.frame > 0 {
		return 1 / t.frame
	}
	return 0
}

func (m *matroska) videoFacts(t *mkTrack, f *Facts) {
	f.Rotation = ptr((int(math.Round(-t.roll/90))*90%360 + 360) % 360)
	if t.width > 0 && t.height > 0 {
		f.Width, f.Height = ptr(t.width), ptr(t.height)
		f.setDisplay(*f.Rotation%180 == 90)
	}
	f.VideoCodec = text(mkCodecName(t.codec))
	if rate := m.frameRate(t); rate > 0 {
		f.FrameRate = ptr(roundTo(rate, 1e4))
	}
}

func mkCodecName(id string) string {
	if name := mkCodecs[id]; name != "" {
		return name
	}
	if strings.HasPrefix(id, "A_AAC") {
		return "aac"
	}
	_, name, _ := strings.Cut(strings.ToLower(strings.ToValidUTF8(id, "")), "_")
	return name
}

func (t *mkTrack) audioFacts() AudioTrack {
	a := AudioTrack{Codec: mkCodecName(t.codec), Channels: t.channels}
	if t.rate > 0 && t.rate < 1e7 {
		a.SampleRate = int(math.Round(t.rate))
	}
	switch {
	case strings.HasPrefix(t.codec, "A_PCM"):
		p := pcmLayout{bits: t.bits, little: !strings.HasSuffix(t.codec, "BIG"), float: strings.Contains(t.codec, "FLOAT"), unsigned: t.bits == 8}
		a.Codec, a.BitsPerSample = p.name(), ptr(t.bits)
	case a.Codec == "aac" && len(t.private) >= 2:
		e := sampleEntry{channels: a.Channels, rate: a.SampleRate}
		e.audioConfig(t.private)
		a.Channels, a.SampleRate = e.channels, e.rate
	case a.Codec == "opus":
		a.SampleRate = 48000
	case a.Codec == "flac" && len(t.private) >= 8+18:
		_, _, bits := flacFormat(t.private[8:])
		a.BitsPerSample = ptr(bits)
	}
	return a
}
