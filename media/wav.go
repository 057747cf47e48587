package media

import "math"

// pcmData is plain sound inside a file: where it lies and how to read it.
type pcmData struct {
	pcmLayout
	channels, rate int
	off, n         int64 // bytes
}

// readWAV reads RIFF WAVE, RF64 and BW64 (EBU Tech 3306).
func readWAV(in *input, f *Facts) error {
	_, err := openWAV(in, f)
	return err
}

// Format tags of RFC 2361 and their names.
var waveCodecs = map[uint16]string{
	2: "adpcm_ms", 0x11: "adpcm_ima_wav", 0x31: "gsm_ms", 0x50: "mp2", 0x55: "mp3", 0xff: "aac", 0x1610: "aac", 0x2000: "ac3",
}

// waveChunks may follow an empty data chunk; anything else behind one is sound.
var waveChunks = map[string]bool{"": true, "LIST": true, "fact": true, "bext": true, "cue ": true, "smpl": true, "id3 ": true, "iXML": true}

const (
	waveInteger    = 1
	waveFloat      = 3
	waveALaw       = 6
	waveMuLaw      = 7
	waveExtensible = 0xfffe
)

func openWAV(in *input, f *Facts) (pcmData, error) {
	var d pcmData
	var order byteOrder = le
	if string(in.upTo(0, 4)) == "RIFX" {
		order = be
	}
	var tag uint16
	var align, perSecond int64
	var format []byte
	var longData, samples int64 = -1, -1
	off := int64(12)
	found := false
	declared := int64(0)
	for range 10_000 {
		head, err := in.bytes(off, 8)
		if err != nil {
			break
		}
		n := int64(order.Uint32(head[4:]))
		body := off + 8
		switch string(head[:4]) {
		case "ds64":
			if v := in.upTo(body, 24); len(v) == 24 {
				longData = int64(order.Uint64(v[8:]))
			}
		case "fmt ":
			if format == nil {
				format = in.upTo(body, int(min(n, 64)))
			}
		case "fact":
			if v := in.upTo(body, 4); len(v) == 4 && n >= 4 {
				samples = int64(order.Uint32(v))
			}
		case "data":
			if found {
				break
			}
			found = true
			if n == math.MaxUint32 && longData >= 0 {
				n = longData
			}
			declared = n
			d.off, d.n = body, min(n, in.size-body)
			if n == math.MaxUint32 || n == 0 && !waveChunks[string(in.upTo(body, 4))] {
				// A recorder that never came back to write the size.
				d.n, declared = in.size-body, 0
			}
			n = d.n
		}
		off = body + n + n&1
	}
	if len(format) < 16 {
		return d, broken("it has no format chunk")
	}
	if !found {
		return d, broken("it has no data chunk")
	}
	tag, d.channels, d.rate = order.Uint16(format), int(order.Uint16(format[2:])), int(order.Uint32(format[4:]))
	perSecond, align, d.bits = int64(order.Uint32(format[8:])), int64(order.Uint16(format[12:])), int(order.Uint16(format[14:]))
	valid := d.bits
	if tag == waveExtensible && len(format) >= 26 {
		if v := int(order.Uint16(format[18:])); v > 0 && v <= d.bits {
			valid = v
		}
		tag = order.Uint16(format[24:])
	}
	if d.channels == 0 || d.rate == 0 || d.rate > 10_000_000 {
		return d, broken("it declares %d channels at %d Hz", d.channels, d.rate)
	}
	track := AudioTrack{Channels: d.channels, SampleRate: d.rate}
	d.little = order == le
	switch tag {
	case waveInteger:
		d.unsigned = d.bytes() == 1
	case waveFloat:
		d.float = true
	case waveALaw: // both are of 8 bits, whatever the header says
		d.law, d.bits, valid = 'a', 8, 8
	case waveMuLaw:
		d.law, d.bits, valid = 'u', 8, 8
	default:
		track.Codec = waveCodecs[tag]
		if track.Codec == "" {
			return d, broken("its sound has the unknown format number %d", tag)
		}
	}
	seconds, header := 0.0, 0.0
	if track.Codec == "" {
		if !d.valid() {
			return d, broken("it declares %d bits a sample", d.bits)
		}
		track.Codec = d.name()
		track.BitsPerSample = ptr(valid)
		frame := int64(d.channels * d.bytes())
		wide := d.pcmLayout
		wide.bits = int(align) / d.channels * 8
		if align > frame && align%int64(d.channels) == 0 && wide.valid() {
			d.pcmLayout = wide // samples in wider boxes, to the left of them
		} else {
			align = frame
		}
		seconds = float64(d.n/align) / float64(d.rate)
		header = float64(declared/align) / float64(d.rate)
	} else {
		if perSecond == 0 {
			return d, broken("it declares no bytes a second")
		}
		seconds = float64(d.n) / float64(perSecond)
		header = float64(declared) / float64(perSecond)
		// ADPCM: blocks of a fixed number of samples, which the format chunk tells.
		if per := samplesPerBlock(tag, format, order); per > 0 && align > 0 {
			seconds = float64(d.n/align) * float64(per) / float64(d.rate)
			header = float64(declared/align) * float64(per) / float64(d.rate)
			track.BitsPerSample = ptr(d.bits)
		}
		if exact := float64(samples) / float64(d.rate); samples > 0 && math.Abs(exact-seconds) < 0.5 {
			seconds = exact
		}
		d.pcmLayout = pcmLayout{}
	}
	f.AudioTracks = []AudioTrack{track}
	f.DurationS = ptr(round(seconds))
	if declared > 0 {
		f.HeaderDurationS = ptr(round(header))
	}
	return d, nil
}

// samplesPerBlock is 0 for codecs that do not say.
func samplesPerBlock(tag uint16, format []byte, order byteOrder) int64 {
	if tag != 2 && tag != 0x11 || len(format) < 20 {
		return 0
	}
	return int64(order.Uint16(format[18:]))
}

// readAIFF reads AIFF and AIFF-C.
func readAIFF(in *input, f *Facts) error {
	_, err := openAIFF(in, f)
	return err
}

func openAIFF(in *input, f *Facts) (pcmData, error) {
	var d pcmData
	var frames int64
	codec := ""
	found := false
	known := true
	off := int64(12)
	for range 10_000 {
		head, err := in.bytes(off, 8)
		if err != nil {
			break
		}
		n, body := int64(be.Uint32(head[4:])), off+8
		switch string(head[:4]) {
		case "COMM":
			v := in.upTo(body, int(min(n, 64)))
			if len(v) < 18 {
				return d, errTruncated
			}
			d.channels, frames, d.bits = int(be.Uint16(v)), int64(be.Uint32(v[2:])), int(be.Uint16(v[6:]))
			d.rate = int(math.Round(extended(v[8:18])))
			if len(v) >= 22 {
				d.pcmLayout, codec, known = aiffCompression(string(v[18:22]), d.bits)
			}
		case "SSND":
			if v := in.upTo(body, 8); len(v) == 8 && !found {
				found = true
				skip := int64(be.Uint32(v))
				d.off, d.n = body+8+skip, min(n-8-skip, in.size-body-8-skip)
			}
		}
		off = body + n + n&1
	}
	if d.channels == 0 || d.rate <= 0 || d.rate > 10_000_000 || known && !d.valid() {
		return d, broken("its common chunk is missing or declares no sound")
	}
	if !found || d.n < 0 {
		return d, broken("it has no sound chunk")
	}
	track := AudioTrack{Codec: codec, Channels: d.channels, SampleRate: d.rate}
	header := float64(frames) / float64(d.rate)
	seconds := header
	if known {
		track.Codec, track.BitsPerSample = d.name(), ptr(d.bits)
		seconds = float64(min(d.n/int64(d.channels*d.bytes()), frames)) / float64(d.rate)
	} else {
		d.pcmLayout = pcmLayout{}
	}
	f.AudioTracks = []AudioTrack{track}
	f.DurationS, f.HeaderDurationS = ptr(round(seconds)), ptr(round(header))
	return d, nil
}

func aiffCompression(name string, bits int) (p pcmLayout, codec string, known bool) {
	switch name {
	case "NONE", "twos":
		return pcmLayout{bits: bits}, "", true
	case "sowt":
		return pcmLayout{bits: bits, little: true}, "", true
	case "fl32", "FL32":
		return pcmLayout{bits: 32, float: true}, "", true
	case "fl64", "FL64":
		return pcmLayout{bits: 64, float: true}, "", true
	case "in24":
		return pcmLayout{bits: 24}, "", true
	case "in32":
		return pcmLayout{bits: 32}, "", true
	case "alaw", "ALAW":
		return pcmLayout{bits: 8, law: 'a'}, "", true
	case "ulaw", "ULAW":
		return pcmLayout{bits: 8, law: 'u'}, "", true
	case "raw ":
		return pcmLayout{bits: bits, unsigned: true}, "", true
	case "ima4":
		return pcmLayout{bits: bits}, "adpcm_ima_qt", false
	}
	return pcmLayout{bits: bits}, name, false
}

// extended reads the 80-bit float of the IEEE 754 extended format.
func extended(b []byte) float64 {
	exponent := int(be.Uint16(b)&0x7fff) - 16383
	if exponent > 62 || exponent < 0 {
		return 0
	}
	return math.Ldexp(float64(be.Uint64(b[2:])), exponent-63)
}
