package mediatest

import (
	_ "embed"
	"encoding/binary"
	"math"
)

// Voice is what a recording holds.
type Voice int

// The voices. Speech of different seeds has different phrases and pauses, so
// that two recordings can be told apart by their envelope.
const (
	Speech  Voice = iota // phrases and pauses over a faint noise floor
	Humming              // a steady tone
	Noise                // white noise at -20 dBFS
	Silence              // nothing at all
	Clipped              // speech driven into full scale
)

// Recording describes a sound file. The zero value is 5 s of speech, mono, 48 kHz, 24 bit.
type Recording struct {
	Seconds    float64 // 0 gives 5
	SampleRate int     // Hz; 0 gives 48000
	Bits       int     // 8, 16, 24 or 32; 0 gives 24
	Float      bool    // 32-bit IEEE float samples
	Channels   int     // 0 gives 1
	Seed       int64   // channel n speaks with the voice of Seed + n
	Same       bool    // all channels speak with the voice of Seed
	Voice      Voice
	NoiseFloor float64 // dBFS of the noise under speech; 0 gives -66
	Extensible bool    // WAVE_FORMAT_EXTENSIBLE
	RF64       bool    // EBU Tech 3306 header with 64-bit sizes
}

//go:embed fixtures/tone-44100-mono.mp3
var mp3Tone []byte

// MP3 returns a 44.1 kHz mono tone of about seconds, constant bit rate, without tags.
func MP3(seconds float64) []byte {
	var frames [][]byte
	for b := mp3Tone; len(b) >= 4; {
		n := 144 * 32000 / 44100 // MPEG-1 layer III at 32 kbit/s
		n += int(b[2] >> 1 & 1)
		frames = append(frames, b[:n])
		b = b[n:]
	}
	frames = frames[3 : len(frames)-2]
	var out []byte
	for i := range max(1, int(math.Round(seconds*44100/1152))) {
		out = append(out, frames[i%len(frames)]...)
	}
	return out
}

// WAV returns r as a RIFF (or RF64) WAVE file.
func WAV(r Recording) []byte {
	r.Seconds, r.SampleRate = orFloat(r.Seconds, 5), orInt(r.SampleRate, 48000)
	r.Bits, r.Channels = orInt(r.Bits, 24), orInt(r.Channels, 1)
	if r.Float {
		r.Bits = 32
	}
	n := int(math.Round(r.Seconds * float64(r.SampleRate)))
	align := r.Channels * r.Bits / 8
	data := make([]byte, n*align)
	for ch := range r.Channels {
		seed := r.Seed
		if !r.Same {
			seed += int64(ch)
		}
		r.fill(data[ch*r.Bits/8:], align, n, seed)
	}

	tag := uint16(1)
	if r.Float {
		tag = 3
	}
	le := binary.LittleEndian
	format := le.AppendUint16(nil, tag)
	if r.Extensible {
		format = le.AppendUint16(nil, 0xfffe)
	}
	format = le.AppendUint16(format, uint16(r.Channels))
	format = le.AppendUint32(format, uint32(r.SampleRate))
	format = le.AppendUint32(format, uint32(r.SampleRate*align))
	format = le.AppendUint16(format, uint16(align))
	format = le.AppendUint16(format, uint16(r.Bits))
	if r.Extensible {
		format = le.AppendUint16(format, 22)
		format = le.AppendUint16(format, uint16(r.Bits))
		format = le.AppendUint32(format, 0)
		format = le.AppendUint16(format, tag)
		format = append(format, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	body := append([]byte("WAVE"), chunk("fmt ", format)...)
	if r.RF64 {
		ds64 := le.AppendUint64(nil, uint64(4+36+len(chunk("fmt ", format))+8+len(data)))
		ds64 = le.AppendUint64(ds64, uint64(len(data)))
		ds64 = le.AppendUint64(ds64, uint64(n))
		body = concat([]byte("WAVE"), chunk("ds64", le.AppendUint32(ds64, 0)), chunk("fmt ", format),
			[]byte("data\xff\xff\xff\xff"), data)
		return concat([]byte("RF64\xff\xff\xff\xff"), body)
	}
	return chunk("RIFF", append(body, chunk("data", data)...))
}

func chunk(name string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32(append(make([]byte, 0, len(body)+9), name...), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// fill writes one channel; out starts at its first sample and step leads to the next.
func (r Recording) fill(out []byte, step, n int, seed int64) {
	next := r.voice(seed)
	for i := range n {
		v := max(-1, min(1, next()))
		at := out[i*step:]
		if r.Float {
			binary.LittleEndian.PutUint32(at, math.Float32bits(float32(v)))
			continue
		}
		top := float64(uint64(1)<<(r.Bits-1)) - 1
		s := int32(math.RoundToEven(v * top))
		switch r.Bits {
		case 8:
			at[0] = byte(s + 128)
		case 16:
			binary.LittleEndian.PutUint16(at, uint16(s))
		case 24:
			at[0], at[1], at[2] = byte(s), byte(s>>8), byte(s>>16)
		case 32:
			binary.LittleEndian.PutUint32(at, uint32(s))
		}
	}
}

// voice returns a source of samples between -1 and 1 (beyond them when clipped).
func (r Recording) voice(seed int64) func() float64 {
	rnd := newRandom(seed, 11)
	pitch := 110 + float64(rnd.intn(130))
	noise := func() float64 { return 2*rnd.float() - 1 }
	switch r.Voice {
	case Silence:
		return func() float64 { return 0 }
	case Noise:
		return func() float64 { return 0.17 * noise() }
	case Humming:
		return oscillator(pitch*2, r.SampleRate, 0.2)
	}
	gain := 0.3
	if r.Voice == Clipped {
		gain = 6
	}
	floor := math.Pow(10, orFloat(r.NoiseFloor, -66)/20) * math.Sqrt(3) // uniform noise of that RMS
	low, mid, high := oscillator(pitch, r.SampleRate, gain), oscillator(pitch*2.01, r.SampleRate, gain/2), oscillator(pitch*7.3, r.SampleRate, gain/6)
	left, target, level := 0, 0.0, 0.0
	glide := 1 - math.Exp(-1/(0.02*float64(r.SampleRate))) // 20 ms attack
	return func() float64 {
		if left == 0 {
			// A syllable of 80 to 300 ms, or a pause of up to a second.
			left = r.SampleRate * (80 + rnd.intn(220)) / 1000
			target = 0.25 + 0.75*rnd.float()
			if rnd.intn(5) == 0 {
				left, target = r.SampleRate*(200+rnd.intn(800))/1000, 0
			}
		}
		left--
		level += (target - level) * glide
		return level*(low()+mid()+high()) + floor*noise()
	}
}

// oscillator returns a sine by rotation: no trigonometry per sample.
func oscillator(frequency float64, rate int, amplitude float64) func() float64 {
	s, c := math.Sincos(2 * math.Pi * frequency / float64(rate))
	x, y := amplitude, 0.0
	return func() float64 {
		x, y = x*c-y*s, x*s+y*c
		return y
	}
}

// AAC returns a 48 kHz mono tone of about seconds as raw AAC-LC (ADTS) frames.
func AAC(seconds float64) []byte {
	var out []byte
	for n := max(2, int(seconds*clipRate/1024)); n > 0; {
		for b := aacTone; len(b) > 7 && n > 0; n-- {
			size := int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5
			out = append(out, b[:size]...)
			b = b[size:]
		}
	}
	return out
}
