package media

import (
	"math"
	"strings"
)

// element is one EBML element (RFC 8794): its id and where its data lie.
type element struct {
	id         uint32
	start, end int64
	cut        bool // the file ends first
	unknown    bool // the size was left open, as live recordings do
}

// element reads the head of the element at off.
func (in *input) element(off, end int64) (e element, ok bool) {
	b := in.upTo(off, int(max(0, min(12, end-off))))
	if len(b) == 0 || b[0] == 0 {
		return e, false
	}
	n := 1
	for mask := byte(0x80); b[0]&mask == 0; mask >>= 1 {
		n++
	}
	if n > 4 || n >= len(b) {
		return e, false
	}
	for _, c := range b[:n] {
		e.id = e.id<<8 | uint32(c)
	}
	size, width := ebmlSize(b[n:])
	if width == 0 {
		return e, false
	}
	e.start = off + int64(n+width)
	if e.start > end {
		return e, false
	}
	e.unknown = size < 0
	if e.unknown || size > end-e.start {
		e.cut = !e.unknown
		e.end = end
		return e, true
	}
	e.end = e.start + size
	return e, true
}

// ebmlSize reads a size; -1 is "unknown". Width 0 says that there is none.
func ebmlSize(b []byte) (v int64, width int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	width = 1
	mask := byte(0x80)
	for b[0]&mask == 0 {
		mask >>= 1
		width++
	}
	if width > len(b) {
		return 0, 0
	}
	v = int64(b[0] &^ mask)
	ones := b[0]&^mask == mask-1
	for _, c := range b[1:width] {
		v = v<<8 | int64(c)
		ones = ones && c == 0xff
	}
	if ones {
		return -1, width
	}
	return v, width
}

// elements visits the elements between start and end until visit says stop.
func (in *input) elements(start, end int64, visit func(e element) (more bool)) {
	end = min(end, in.size)
	for range maxBoxes {
		e, ok := in.element(start, end)
		if !ok || !visit(e) {
			return
		}
		start = e.end
	}
}

func (in *input) mkUint(e element) (v uint64) {
	for _, c := range in.upTo(e.start, int(min(e.end-e.start, 8))) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (in *input) mkFloat(e element) float64 {
	switch b := in.upTo(e.start, int(min(e.end-e.start, 8))); len(b) {
	case 4:
		return float64(math.Float32frombits(be.Uint32(b)))
	case 8:
		return math.Float64frombits(be.Uint64(b))
	}
	return 0
}

func (in *input) mkString(e element) string {
	return strings.TrimRight(string(in.upTo(e.start, int(min(e.end-e.start, 256)))), "\x00")
}
