package mediatest

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Sound is what a clip's audio track holds.
type Sound int

// The sounds of a clip.
const (
	Tone        Sound = iota // PCM, 16 bit, 48 kHz, a steady tone: decodable without any codec
	NoSound                  // no audio track at all
	SilentSound              // PCM, all zero
	ClippedTone              // PCM, driven far into full scale
	AACTone                  // AAC-LC, 48 kHz mono
)

// Clip describes a film file. The zero value is 10 s of 1080 x 1920 at 30
// frames a second with a tone. Every frame decodes.
type Clip struct {
	Width, Height int     // coded size, even; 0 gives 1080 x 1920
	Seconds       float64 // 0 gives 10
	FrameRate     float64 // 0 gives 30
	Rotation      int     // degrees clockwise: 0, 90, 180, 270
	Seed          int64
	Sound         Sound

	QuickTime     bool      // a .mov instead of an .mp4
	CapturedAt    time.Time // creation date with offset; zero for none
	Location      *Position // ©xyz atom; nil for none
	Captions      []string  // texts of a tx3g track, spread over the duration; none without
	HeaderSeconds float64   // what the headers claim; 0 tells the truth
	IndexFirst    bool      // moov before mdat ("fast start")
}

//go:embed fixtures/tone-48000-mono.aac
var aacTone []byte

const (
	clipRate       = 48000
	movieTimescale = 1000
)

// mp4Track is one track as its tables need it.
type mp4Track struct {
	handler, codec string // handler type; codec is the sample entry, complete
	timescale      uint32
	delta          uint32   // duration of a sample in timescale units
	sizes          []uint32 // bytes of each sample
	deltas         []uint32 // when they differ
	perChunk       int
	data           []byte
	width, height  int
	rotation       int
	keyOnlyFirst   bool
}

func (t mp4Track) duration() uint64 {
	if t.deltas != nil {
		var sum uint64
		for _, d := range t.deltas {
			sum += uint64(d)
		}
		return sum
	}
	return uint64(t.delta) * uint64(len(t.sizes))
}

// MP4 returns c as an MP4 (or QuickTime) file.
func MP4(c Clip) []byte {
	c.Width, c.Height = orInt(c.Width, 1080), orInt(c.Height, 1920)
	c.Seconds, c.FrameRate = orFloat(c.Seconds, 10), orFloat(c.FrameRate, 30)
	tracks := []mp4Track{c.video()}
	switch c.Sound {
	case NoSound:
	case AACTone:
		tracks = append(tracks, aacTrack(c.Seconds))
	default:
		tracks = append(tracks, c.pcmTrack())
	}
	if len(c.Captions) > 0 {
		tracks = append(tracks, c.captionTrack())
	}

	brand := "isom\x00\x00\x02\x00isomiso2avc1mp41"
	if c.QuickTime {
		brand = "qt  \x00\x00\x02\x00qt  "
	}
	ftyp := box("ftyp", []byte(brand))
	var payload []byte
	for _, t := range tracks {
		payload = append(payload, t.data...)
	}
	mdat := box("mdat", payload)
	if !c.IndexFirst {
		return concat(ftyp, mdat, c.moov(tracks, uint32(len(ftyp)+8)))
	}
	size := len(c.moov(tracks, 0))
	return concat(ftyp, c.moov(tracks, uint32(len(ftyp)+size+8)), mdat)
}

func (c Clip) video() mp4Track {
	v := h264{c.Width, c.Height, c.Seed}
	n := max(1, int(math.Round(c.Seconds*c.FrameRate)))
	scale, delta := frameClock(c.FrameRate)
	t := mp4Track{
		handler: "vide", timescale: scale, delta: delta, perChunk: n,
		width: c.Width, height: c.Height, rotation: c.Rotation, keyOnlyFirst: true,
	}
	for i := range n {
		nal := v.key
		if i > 0 {
			nal = func() []byte { return v.same(i) }
		}
		b := nal()
		t.sizes = append(t.sizes, uint32(len(b)+4))
		t.data = binary.BigEndian.AppendUint32(t.data, uint32(len(b)))
		t.data = append(t.data, b...)
	}
	sps, pps := v.sps(), v.pps()
	config := append([]byte{1, sps[1], sps[2], sps[3], 0xff, 0xe1}, byte(len(sps)>>8), byte(len(sps)))
	config = append(append(config, sps...), 1, byte(len(pps)>>8), byte(len(pps)))
	config = append(config, pps...)
	entry := concat(make([]byte, 6), u16(1), make([]byte, 16), u16(c.Width), u16(c.Height),
		u32(0x480000), u32(0x480000), u32(0), u16(1), make([]byte, 32), u16(24), u16(0xffff), box("avcC", config))
	t.codec = string(box("avc1", entry))
	return t
}

// frameClock returns a timescale and a frame duration for rate; 29.97 and its like become 30000/1001.
func frameClock(rate float64) (timescale, delta uint32) {
	if whole := math.Round(rate); math.Abs(rate-whole) < 1e-6 {
		return uint32(whole) * 512, 512
	}
	if ntsc := math.Round(rate * 1.001); math.Abs(rate-ntsc/1.001) < 0.005 {
		return uint32(ntsc) * 1000, 1001
	}
	return uint32(math.Round(rate * 1000)), 1000
}

func (c Clip) pcmTrack() mp4Track {
	n := int(c.Seconds * clipRate)
	t := mp4Track{handler: "soun", timescale: clipRate, delta: 1, perChunk: clipRate / 2, sizes: make([]uint32, n), data: make([]byte, 2*n)}
	amplitude := 3000.0
	switch c.Sound {
	case SilentSound:
		amplitude = 0
	case ClippedTone:
		amplitude = 200000
	}
	frequency := 330 + float64(newRandom(c.Seed, 5).intn(400))
	for i := range t.sizes {
		t.sizes[i] = 2
		v := math.Round(amplitude * math.Sin(2*math.Pi*frequency*float64(i)/clipRate))
		binary.LittleEndian.PutUint16(t.data[2*i:], uint16(int16(max(-32768, min(32767, v)))))
	}
	t.codec = string(box("sowt", audioEntry(1, 16, clipRate)))
	return t
}

func audioEntry(channels, bits, rate int) []byte {
	return concat(make([]byte, 6), u16(1), make([]byte, 8), u16(channels), u16(bits), u32(0), u16(rate), u16(0))
}

// aacTrack repeats the frames of the committed tone for as long as asked.
func aacTrack(seconds float64) mp4Track {
	var frames [][]byte
	for b := aacTone; len(b) > 7; {
		n := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5
		frames = append(frames, b[7:n])
		b = b[n:]
	}
	t := mp4Track{handler: "soun", timescale: clipRate, delta: 1024, perChunk: 16}
	steady := frames[4 : len(frames)-4]
	for i := range max(1, int(seconds*clipRate/1024)) {
		f := steady[i%len(steady)]
		t.sizes = append(t.sizes, uint32(len(f)))
		t.data = append(t.data, f...)
	}
	// ISO/IEC 14496-1 descriptors around the AudioSpecificConfig: AAC-LC, 48 kHz, mono.
	esds := concat(u32(0), []byte{3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0}, u32(48000), u32(48000), []byte{5, 2, 0x11, 0x88, 6, 1, 2})
	esds[5] = byte(len(esds) - 6)
	t.codec = string(box("mp4a", concat(audioEntry(1, 16, clipRate), box("esds", esds))))
	return t
}

func (c Clip) captionTrack() mp4Track {
	t := mp4Track{handler: "sbtl", timescale: 1000, perChunk: len(c.Captions)}
	each := uint32(c.Seconds * 1000 / float64(len(c.Captions)))
	for _, s := range c.Captions {
		t.deltas = append(t.deltas, each)
		t.sizes = append(t.sizes, uint32(len(s)+2))
		t.data = append(append(t.data, u16(len(s))...), s...)
	}
	entry := concat(make([]byte, 6), u16(1), u32(0), []byte{1, 255, 0, 0, 0, 255}, make([]byte, 8),
		[]byte{0, 0, 0, 0, 0, 1, 0, 18, 255, 255, 255, 255}, box("ftab", concat(u16(1), u16(1), []byte{4}, []byte("Sans"))))
	t.codec = string(box("tx3g", entry))
	return t
}

// moov builds the index for tracks whose data lie one after the other from offset on.
func (c Clip) moov(tracks []mp4Track, offset uint32) []byte {
	claimed := uint32(math.Round(orFloat(c.HeaderSeconds, c.Seconds) * movieTimescale))
	created := secondsSince1904(c.CapturedAt)
	unity := concat(u32(0x10000), make([]byte, 12), u32(0x10000), make([]byte, 12), u32(0x40000000))
	body := box("mvhd", concat(u32(0), u32(int(created)), u32(int(created)), u32(movieTimescale), u32(int(claimed)),
		u32(0x10000), u16(0x100), make([]byte, 10), unity, make([]byte, 24), u32(len(tracks)+1)))
	for i, t := range tracks {
		body = append(body, c.trak(t, i+1, offset, claimed, created)...)
		offset += uint32(len(t.data))
	}
	var user []byte
	if c.Location != nil {
		user = append(user, textAtom("\xa9xyz", fmt.Sprintf("%+08.4f%+09.4f/", c.Location.Lat, c.Location.Lng))...)
	}
	if !c.CapturedAt.IsZero() {
		user = append(user, textAtom("\xa9day", c.CapturedAt.Format("2006-01-02T15:04:05-0700"))...)
	}
	if user != nil {
		body = append(body, box("udta", user)...)
	}
	return box("moov", body)
}

func textAtom(name, s string) []byte {
	return box(name, concat(u16(len(s)), u16(0x15c7), []byte(s)))
}

func (c Clip) trak(t mp4Track, id int, offset, claimed, created uint32) []byte {
	matrix := map[int][4]uint32{ // a b c d of ISO/IEC 14496-12 8.3.2, 16.16
		0: {0x10000, 0, 0, 0x10000}, 90: {0, 0x10000, 0xffff0000, 0},
		180: {0xffff0000, 0, 0, 0xffff0000}, 270: {0, 0xffff0000, 0x10000, 0},
	}[t.rotation]
	m := concat(u32(int(matrix[0])), u32(int(matrix[1])), u32(0), u32(int(matrix[2])), u32(int(matrix[3])), u32(0), u32(0), u32(0), u32(0x40000000))
	volume := 0
	if t.handler == "soun" {
		volume = 0x100
	}
	tkhd := box("tkhd", concat(u32(7), u32(int(created)), u32(int(created)), u32(id), u32(0), u32(int(claimed)),
		make([]byte, 8), u16(0), u16(0), u16(volume), u16(0), m, u32(t.width<<16), u32(t.height<<16)))

	duration := t.duration()
	if c.HeaderSeconds > 0 {
		duration = uint64(c.HeaderSeconds * float64(t.timescale))
	}
	mdhd := box("mdhd", concat(u32(0), u32(int(created)), u32(int(created)), u32(int(t.timescale)), u32(int(duration)), u16(0x55c4), u16(0)))
	hdlr := box("hdlr", concat(u32(0), u32(0), []byte(t.handler), make([]byte, 12), []byte("\x00")))
	header := box("nmhd", u32(0))
	switch t.handler {
	case "vide":
		header = box("vmhd", concat(u32(1), make([]byte, 8)))
	case "soun":
		header = box("smhd", make([]byte, 8))
	}
	dinf := box("dinf", box("dref", concat(u32(0), u32(1), box("url ", u32(1)))))

	stts := concat(u32(0), u32(1), u32(len(t.sizes)), u32(int(t.delta)))
	if t.deltas != nil {
		stts = concat(u32(0), u32(len(t.deltas)))
		for _, d := range t.deltas {
			stts = concat(stts, u32(1), u32(int(d)))
		}
	}
	stbl := concat(box("stsd", concat(u32(0), u32(1), []byte(t.codec))), box("stts", stts))
	if t.keyOnlyFirst {
		stbl = append(stbl, box("stss", concat(u32(0), u32(1), u32(1)))...)
	}
	stbl = append(stbl, t.chunks(offset)...)
	minf := box("minf", concat(header, dinf, box("stbl", stbl)))
	return box("trak", concat(tkhd, box("mdia", concat(mdhd, hdlr, minf))))
}

// chunks returns stsc, stsz and stco.
func (t mp4Track) chunks(offset uint32) []byte {
	n := len(t.sizes)
	stsc := concat(u32(1), u32(t.perChunk), u32(1))
	if rest := n % t.perChunk; rest != 0 && n > t.perChunk {
		stsc = concat(stsc, u32(n/t.perChunk+1), u32(rest), u32(1))
	} else if n < t.perChunk {
		stsc = concat(u32(1), u32(n), u32(1))
	}
	var stco []byte
	same := true
	for i, size := range t.sizes {
		if i%t.perChunk == 0 {
			stco = append(stco, u32(int(offset))...)
		}
		offset += size
		same = same && size == t.sizes[0]
	}
	stsz := concat(u32(0), u32(int(t.sizes[0])), u32(n))
	if !same {
		stsz = concat(u32(0), u32(0), u32(n))
		for _, size := range t.sizes {
			stsz = append(stsz, u32(int(size))...)
		}
	}
	return concat(box("stsc", concat(u32(0), u32(len(stsc)/12), stsc)), box("stsz", stsz),
		box("stco", concat(u32(0), u32(len(stco)/4), stco)))
}

func box(name string, body []byte) []byte {
	b := make([]byte, 0, len(body)+8)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)+8))
	return append(append(b, name...), body...)
}

func concat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func u16(v int) []byte { return []byte{byte(v >> 8), byte(v)} }
func u32(v int) []byte { return []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)} }
