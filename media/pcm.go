package media

import (
	"fmt"
	"math"
)

// pcmLayout is how one plain sample lies in a file.
type pcmLayout struct {
	bits     int // 8 to 64
	little   bool
	unsigned bool
	float    bool
	law      byte // 'a' or 'u' for the companded ones of ITU-T G.711
}

func (p pcmLayout) bytes() int { return (p.bits + 7) / 8 }

func (p pcmLayout) valid() bool {
	if p.float {
		return p.bits == 32 || p.bits == 64
	}
	return p.bits >= 1 && p.bits <= 32
}

// name is the codec's name as ffmpeg has it, which everyone knows.
func (p pcmLayout) name() string {
	switch p.law {
	case 'a':
		return "pcm_alaw"
	case 'u':
		return "pcm_mulaw"
	}
	sign, end := "s", "be"
	if p.little {
		end = "le"
	}
	if p.unsigned {
		sign = "u"
	}
	if p.float {
		sign = "f"
	}
	bits := p.bytes() * 8
	if bits == 8 {
		end = ""
	}
	return fmt.Sprintf("pcm_%s%d%s", sign, bits, end)
}

// decode writes channel-interleaved samples of b, -1 to 1, into out and returns
// how many there were.
func (p pcmLayout) decode(b []byte, out []float32) int {
	width := p.bytes()
	n := min(len(b)/width, len(out))
	switch {
	case p.law == 'a' || p.law == 'u':
		lawTable := &muLaw
		if p.law == 'a' {
			lawTable = &aLaw
		}
		for i := range n {
			out[i] = lawTable[b[i]]
		}
	case p.float && width == 4:
		for i := range n {
			v := p.u32(b[4*i:])
			out[i] = finite(float64(math.Float32frombits(v)))
		}
	case p.float:
		for i := range n {
			out[i] = finite(math.Float64frombits(uint64(p.u32(b[8*i+p.high():]))<<32 | uint64(p.u32(b[8*i+4-p.high():]))))
		}
	case width == 1 && p.unsigned:
		for i := range n {
			out[i] = float32(int(b[i])-128) / 128
		}
	case width == 1:
		for i := range n {
			out[i] = float32(int8(b[i])) / 128
		}
	case width == 2 && p.little:
		for i := range n {
			out[i] = float32(int16(uint16(b[2*i])|uint16(b[2*i+1])<<8)) * (1.0 / 32768)
		}
	case width == 2:
		for i := range n {
			out[i] = float32(int16(uint16(b[2*i+1])|uint16(b[2*i])<<8)) * (1.0 / 32768)
		}
	case width == 3 && p.little:
		for i, j := 0, 0; i < n; i, j = i+1, j+3 {
			out[i] = float32(int32(uint32(b[j])<<8|uint32(b[j+1])<<16|uint32(b[j+2])<<24)) * (1.0 / (1 << 31))
		}
	case width == 3:
		for i, j := 0, 0; i < n; i, j = i+1, j+3 {
			out[i] = float32(int32(uint32(b[j+2])<<8|uint32(b[j+1])<<16|uint32(b[j])<<24)) * (1.0 / (1 << 31))
		}
	default:
		for i := range n {
			out[i] = float32(int32(p.u32(b[4*i:]))) * (1.0 / (1 << 31))
		}
	}
	return n
}

func (p pcmLayout) u32(b []byte) uint32 {
	if p.little {
		return le.Uint32(b)
	}
	return be.Uint32(b)
}

// high is where the more significant half of eight bytes lies.
func (p pcmLayout) high() int {
	if p.little {
		return 4
	}
	return 0
}

func finite(v float64) float32 {
	if math.IsNaN(v) || math.Abs(v) > 1e6 {
		return 0
	}
	return float32(v)
}

// The tables of ITU-T G.711, section 3 and 4.
var aLaw, muLaw = func() (a, u [256]float32) {
	for i := range 256 {
		v := i ^ 0x55
		mantissa, exponent := v&15, v>>4&7
		x := mantissa<<4 + 8
		if exponent > 0 {
			x = (x + 0x100) << (exponent - 1)
		}
		if v&0x80 == 0 {
			x = -x
		}
		a[i] = float32(x) / 32768

		v = ^i & 0xff
		x = ((v&15)<<3+0x84)<<(v>>4&7) - 0x84
		if v&0x80 != 0 {
			x = -x
		}
		u[i] = float32(x) / 32768
	}
	return a, u
}()
