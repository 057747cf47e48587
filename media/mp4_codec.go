package media

import (
	"math"
	"strings"
)

// sampleEntry is what stsd says of a track (ISO/IEC 14496-12, 8.5.2).
type sampleEntry struct {
	code          string // four characters
	codec         string // our name
	width, height int
	channels      int
	rate          int // Hz
	bits          *int
	coreRate      int // of HE-AAC: what its AAC core runs at
	coreChannels  int
	frameBytes    int       // of plain PCM: bytes of a sample over all channels
	pcm           pcmLayout // of plain PCM
}

var videoCodecs = map[string]string{
	"avc1": "h264", "avc3": "h264", "dva1": "h264", "hvc1": "hevc", "hev1": "hevc", "dvh1": "hevc", "dvhe": "hevc",
	"av01": "av1", "vp08": "vp8", "vp09": "vp9", "s263": "h263", "h263": "h263", "jpeg": "mjpeg", "mjpa": "mjpeg", "mjpb": "mjpeg",
	"apch": "prores", "apcn": "prores", "apcs": "prores", "apco": "prores", "ap4h": "prores", "ap4x": "prores",
	"m2v1": "mpeg2video", "mp2v": "mpeg2video", "png ": "png", "SVQ3": "svq3", "dvc ": "dvvideo", "dvcp": "dvvideo", "vvc1": "vvc",
}

var audioCodecs = map[string]string{
	"alac": "alac", "Opus": "opus", "fLaC": "flac", ".mp3": "mp3", "ms\x00\x55": "mp3", "samr": "amr_nb", "sawb": "amr_wb",
	"ac-3": "ac3", "ec-3": "eac3", "ulaw": "pcm_mulaw", "alaw": "pcm_alaw", "ima4": "adpcm_ima_qt", "QDM2": "qdm2", "mp4a": "aac",
}

// mpeg2Prefixes are the many names of XDCAM, HDV and IMX streams.
var mpeg2Prefixes = []string{"xd5", "xdv", "xdh", "xd4", "mx5", "mx4", "mx3", "hdv", "xdx"}

// objectTypes are the codecs of an elementary stream descriptor (mp4ra.org, object types).
var objectTypes = map[byte]string{
	0x20: "mpeg4", 0x21: "h264", 0x23: "hevc", 0x40: "aac", 0x60: "mpeg2video", 0x61: "mpeg2video", 0x62: "mpeg2video",
	0x63: "mpeg2video", 0x64: "mpeg2video", 0x65: "mpeg2video", 0x66: "aac", 0x67: "aac", 0x68: "aac", 0x69: "mp3",
	0x6a: "mpeg1video", 0x6b: "mp3", 0x6c: "mjpeg", 0xa5: "ac3", 0xa6: "eac3", 0xa9: "dts", 0xad: "opus", 0xdd: "vorbis",
}

func (in *input) readSampleEntry(stsd box, t *track) {
	_ = in.boxes(stsd.start+8, stsd.end, func(b box) error {
		e := &t.entry
		if e.code != "" {
			return nil
		}
		e.code = b.name
		switch t.handler {
		case "vide":
			in.videoEntry(b, e)
		case "soun":
			in.audioEntry(b, e)
		}
		return nil
	})
}

func (in *input) videoEntry(b box, e *sampleEntry) {
	v := in.body(b, 78)
	if len(v) < 28 {
		return
	}
	e.width, e.height = int(be.Uint16(v[24:])), int(be.Uint16(v[26:]))
	code := e.code
	inner, _ := in.children(box{start: b.start + 78, end: b.end})
	if code == "encv" {
		sinf, _ := in.children(inner["sinf"])
		code = string(in.body(sinf["frma"], 4))
	}
	e.codec = videoCodecs[code]
	if code == "mp4v" {
		e.codec = "mpeg4"
		if object, _ := in.elementary(inner["esds"]); objectTypes[object] != "" {
			e.codec = objectTypes[object]
		}
	}
	for _, p := range mpeg2Prefixes {
		if strings.HasPrefix(code, p) {
			e.codec = "mpeg2video"
		}
	}
	if e.codec == "" {
		e.codec = strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(code, "")))
	}
}

func (in *input) audioEntry(b box, e *sampleEntry) {
	v := in.body(b, 64)
	if len(v) < 28 {
		return
	}
	version := be.Uint16(v[8:])
	bits := int(be.Uint16(v[18:]))
	e.channels, e.rate = int(be.Uint16(v[16:])), int(be.Uint32(v[24:])>>16)
	skip := int64(28)
	flags := uint32(0)
	switch {
	case version == 1:
		skip += 16
	case version == 2 && len(v) >= 64:
		skip += 36
		if rate := math.Float64frombits(be.Uint64(v[32:])); rate > 0 && rate < 1e7 {
			e.rate = int(rate)
		}
		e.channels, bits, flags = int(be.Uint32(v[40:])), int(be.Uint32(v[48:])), be.Uint32(v[52:])
	}
	inner, _ := in.children(box{start: b.start + skip, end: b.end})
	if wave, ok := inner["wave"]; ok {
		more, _ := in.children(wave)
		for name, c := range more {
			if _, seen := inner[name]; !seen {
				inner[name] = c
			}
		}
	}
	code := e.code
	if code == "enca" {
		sinf, _ := in.children(inner["sinf"])
		code = string(in.body(sinf["frma"], 4))
	}
	if p, ok := pcmCode(code, bits, flags, in, inner); ok && e.channels > 0 && e.channels <= 256 {
		e.pcm, e.codec, e.bits = p, p.name(), ptr(p.bits)
		e.frameBytes = e.channels * p.bytes()
		return
	}
	if e.codec = audioCodecs[code]; e.codec == "" {
		e.codec = strings.ToLower(strings.TrimSpace(strings.ToValidUTF8(code, "")))
	}
	switch code {
	case "mp4a":
		object, config := in.elementary(inner["esds"])
		if objectTypes[object] != "" {
			e.codec = objectTypes[object]
		}
		if e.codec == "aac" {
			e.audioConfig(config)
		}
	case "alac":
		// The cookie: Apple Lossless, "ALACSpecificConfig", behind four bytes of flags.
		if c := in.body(inner["alac"], 64); len(c) >= 28 {
			e.bits, e.channels, e.rate = ptr(int(c[9])), int(c[13]), int(be.Uint32(c[24:]))
		}
	case "fLaC":
		if c := in.body(inner["dfLa"], 64); len(c) >= 42 {
			e.rate, e.channels, bits = flacFormat(c[8:])
			e.bits = ptr(bits)
		}
	case "samr", "sawb": // the entry's own numbers are constants (TS 26.244, 6.5)
		e.channels, e.rate = 1, 8000
		if code == "sawb" {
			e.rate = 16000
		}
	case "ac-3":
		e.dolby(in.body(inner["dac3"], 8), 8+2)
	case "ec-3":
		e.dolby(in.body(inner["dec3"], 8), 16+2+5+2+3)
	case "Opus":
		e.rate = 48000 // what every Opus decoder gives (RFC 7845, 5.1)
		if c := in.body(inner["dOps"], 2); len(c) == 2 {
			e.channels = int(c[1])
		}
	}
}

// dolby reads the channels of a dac3 or dec3 box, whose audio coding mode stands
// at the given bit (ETSI TS 102 366, annex F); the sample entry always says two.
func (e *sampleEntry) dolby(b []byte, at int) {
	r := bitReader{b: b, at: at}
	mode, low := r.bits(3), r.bits(1)
	if !r.short {
		e.channels = [...]int{2, 1, 2, 3, 3, 4, 4, 5}[mode] + int(low)
	}
}

// pcmCode knows the sample entries of plain PCM (QuickTime file format, sound media).
func pcmCode(code string, bits int, flags uint32, in *input, inner map[string]box) (pcmLayout, bool) {
	little := false
	if v := in.body(inner["enda"], 2); len(v) == 2 {
		little = v[1] == 1
	}
	switch code {
	case "sowt":
		return pcmLayout{bits: bits, little: true}, bits == 16 || bits == 8 || bits == 24
	case "twos":
		return pcmLayout{bits: bits}, bits == 16 || bits == 8 || bits == 24
	case "raw ":
		return pcmLayout{bits: bits, unsigned: bits == 8}, bits == 8 || bits == 16
	case "in24":
		return pcmLayout{bits: 24, little: little}, true
	case "in32":
		return pcmLayout{bits: 32, little: little}, true
	case "fl32":
		return pcmLayout{bits: 32, little: little, float: true}, true
	case "fl64":
		return pcmLayout{bits: 64, little: little, float: true}, true
	case "ulaw":
		return pcmLayout{bits: 8, law: 'u'}, true
	case "alaw":
		return pcmLayout{bits: 8, law: 'a'}, true
	case "lpcm": // flags of version 2: float 1, big endian 2
		p := pcmLayout{bits: bits, float: flags&1 == 1, little: flags&2 == 0}
		return p, p.valid()
	case "ipcm", "fpcm": // ISO/IEC 23003-5
		if v := in.body(inner["pcmC"], 6); len(v) == 6 {
			p := pcmLayout{bits: int(v[5]), little: v[4]&1 == 1, float: code == "fpcm"}
			return p, p.valid()
		}
	}
	return pcmLayout{}, false
}

// elementary finds object type and decoder configuration in an esds box (ISO/IEC 14496-1, 7.2.6).
func (in *input) elementary(esds box) (object byte, config []byte) {
	c := cursor{b: in.body(esds, 4096)}
	c.skip(4)
	for range 16 {
		tag := c.uint(1)
		n := uint64(0)
		for range 4 {
			b := c.uint(1)
			n = n<<7 | b&0x7f
			if b&0x80 == 0 {
				break
			}
		}
		if c.short {
			break
		}
		switch tag {
		case 3: // ES descriptor: flags say what stands before the ones inside
			c.skip(2)
			flags := c.uint(1)
			if flags&0x80 != 0 {
				c.skip(2)
			}
			if flags&0x40 != 0 {
				c.skip(int(c.uint(1)))
			}
			if flags&0x20 != 0 {
				c.skip(2)
			}
		case 4:
			object = byte(c.uint(1))
			c.skip(12)
		case 5:
			return object, c.take(int(min(n, uint64(len(c.b)))))
		default:
			c.skip(int(n))
		}
	}
	return object, nil
}

var aacRates = [...]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// audioConfig reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1): the rate
// and channels that come out of the decoder, so with SBR and PS when it says so.
func (e *sampleEntry) audioConfig(b []byte) {
	r := bitReader{b: b}
	object := r.objectType()
	rate := r.rate()
	channels := int(r.bits(4))
	if object == 5 || object == 29 {
		e.coreRate, e.coreChannels = rate, channels
		if extended := r.rate(); extended > 0 {
			rate = extended
		}
		if object == 29 && channels == 1 {
			channels = 2
		}
	}
	if r.short {
		return
	}
	if object == 2 && channels > 0 {
		// The extension may also stand behind the core's own configuration, where
		// old decoders do not look (1.6.6).
		r.bits(3)
		if r.bits(11) == 0x2b7 && r.bits(5) == 5 && r.bits(1) == 1 {
			if extended := r.rate(); extended > 0 && !r.short {
				e.coreRate, e.coreChannels = rate, channels
				rate = extended
			}
			if r.bits(11) == 0x548 && r.bits(1) == 1 && channels == 1 && !r.short {
				channels = 2
			}
		}
	}
	if rate > 0 {
		e.rate = rate
	}
	switch {
	case channels == 7:
		e.channels = 8
	case channels >= 1 && channels <= 6:
		e.channels = channels
	}
}

// bitReader reads bits from the left.
type bitReader struct {
	b     []byte
	at    int
	short bool
}

func (r *bitReader) bits(n int) (v uint32) {
	for range n {
		if r.at/8 >= len(r.b) {
			r.short = true
			return 0
		}
		v = v<<1 | uint32(r.b[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

func (r *bitReader) objectType() uint32 {
	if v := r.bits(5); v != 31 {
		return v
	}
	return 32 + r.bits(6)
}

func (r *bitReader) rate() int {
	i := r.bits(4)
	if i == 15 {
		return int(r.bits(24))
	}
	if int(i) < len(aacRates) {
		return aacRates[i]
	}
	return 0
}
