package jpegscale

import (
	"encoding/binary"
	"errors"
)

const lookBits = 10

// huffman is one table of ITU-T T.81 annex C, codes up to lookBits by lookup.
type huffman struct {
	set    bool
	look   [1 << lookBits]uint16 // length << 8 | value; 0: longer than lookBits
	least  [17]int32             // smallest code of a length
	most   [17]int32             // largest code of a length, -1 for none
	offset [17]int32             // of its first value
	values [256]byte
}

func (d *decoder) huffmanTables(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 || b[0]>>4 > 1 || b[0]&15 > 3 {
			return errors.New("a broken Huffman table")
		}
		t := &d.dc[b[0]&15]
		if b[0]>>4 == 1 {
			t = &d.ac[b[0]&15]
		}
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if n > 256 || len(b) < 17+n {
			return errors.New("a broken Huffman table")
		}
		if !t.build(b[1:17], b[17:17+n]) {
			return errors.New("a Huffman table with too many codes")
		}
		b = b[17+n:]
	}
	return nil
}

func (t *huffman) build(counts, values []byte) bool {
	*t = huffman{set: true}
	copy(t.values[:], values)
	code, at := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		t.least[length], t.most[length], t.offset[length] = code, code+n-1, at
		if n == 0 {
			t.most[length] = -1
		}
		if code+n > 1<<length {
			return false
		}
		if length <= lookBits {
			for i := range n {
				entry := uint16(length)<<8 | uint16(values[at+i])
				first := (code + i) << (lookBits - length)
				for j := range int32(1) << (lookBits - length) {
					t.look[first+j] = entry
				}
			}
		}
		code = (code + n) << 1
		at += n
	}
	return true
}

// bitReader reads entropy-coded data, taking out stuffed zero bytes. Behind a
// marker or the end it gives zeros and counts them.
type bitReader struct {
	b     []byte
	at    int
	acc   uint64
	n     uint // bits in acc
	short uint // bits given that are not there
	bad   bool
}

func (r *bitReader) fill() {
	for r.n <= 32 {
		if r.at+4 <= len(r.b) {
			v := binary.BigEndian.Uint32(r.b[r.at:])
			// No byte of v is 0xff when the complement has no zero byte.
			if c := ^v; (c-0x01010101)&^c&0x80808080 == 0 {
				r.acc = r.acc<<32 | uint64(v)
				r.n += 32
				r.at += 4
				return
			}
		}
		if r.at >= len(r.b) {
			r.pad()
			return
		}
		v := r.b[r.at]
		if v == 0xff {
			if r.at+1 >= len(r.b) || r.b[r.at+1] != 0 {
				r.pad()
				return
			}
			r.at++
		}
		r.at++
		r.acc = r.acc<<8 | uint64(v)
		r.n += 8
	}
}

func (r *bitReader) pad() {
	r.acc <<= 32
	r.n += 32
	r.short += 32
}

func (r *bitReader) huffman(t *huffman) byte {
	if r.n < 32 {
		r.fill()
	}
	if e := t.look[r.acc>>(r.n-lookBits)&(1<<lookBits-1)]; e != 0 {
		r.n -= uint(e >> 8)
		return byte(e)
	}
	code := int32(r.acc >> (r.n - lookBits) & (1<<lookBits - 1))
	for length := uint(lookBits + 1); length <= 16; length++ {
		code = code<<1 | int32(r.acc>>(r.n-length)&1)
		if t.most[length] >= code && code >= t.least[length] {
			r.n -= length
			return t.values[t.offset[length]+code-t.least[length]]
		}
	}
	r.bad = true
	return 0
}

// extend reads a value of size bits (F.2.2.1). After a code of at most 16 bits,
// 16 more are always there.
func (r *bitReader) extend(size uint) int32 {
	if size == 0 {
		return 0
	}
	r.n -= size
	v := int32(r.acc >> r.n & (1<<size - 1))
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}

// position is where the next marker stands.
func (r *bitReader) position() int { return r.at - int(r.unread()) }

// unread is how many whole bytes were taken but not used; stuffed ones are found
// again by the search for the marker.
func (r *bitReader) unread() uint {
	if r.short > r.n {
		return 0
	}
	return (r.n - r.short) / 8
}

func (r *bitReader) restart(marker byte) error {
	at := r.position()
	for at+1 < len(r.b) && !(r.b[at] == 0xff && r.b[at+1] != 0 && r.b[at+1] != 0xff) {
		at++
	}
	if at+1 >= len(r.b) {
		return ErrTruncated
	}
	if r.b[at+1] != marker {
		return errors.New("a missing restart marker")
	}
	*r = bitReader{b: r.b, at: at + 2}
	return nil
}
