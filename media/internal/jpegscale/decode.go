// Package jpegscale decodes baseline JPEG pictures at a half, a quarter or an
// eighth of their size, straight from the coefficients that size needs. What it
// cannot do (progressive, arithmetic, CMYK, 12 bit) it says with ErrUnsupported;
// the standard library decodes that.
package jpegscale

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// ErrUnsupported is returned for kinds of JPEG this package leaves to others.
var ErrUnsupported = errors.New("not a baseline JPEG in grey or YCbCr")

// ErrTruncated is returned when the data end before the picture does.
var ErrTruncated = errors.New("the picture data end too early")

type component struct {
	id      byte
	h, v    int // sampling factors
	quant   int
	dcTable int
	acTable int
	dc      int32
	plane   []byte
	stride  int
	blocksX int // over whole MCUs
	blocksY int
	shownX  int // that the picture needs, for scans of one component
	shownY  int
}

type decoder struct {
	b          []byte
	at         int
	quant      [4][64]int32 // natural order
	dc, ac     [4]huffman
	comps      []component
	w, h       int
	mcuX, mcuY int
	n          int // pixels a block's side becomes
	restart    int
	bits       bitReader
	scanned    int
}

// Decode returns the picture in b so reduced that its longer side is still at
// least edge pixels. Reductions are by 2, 4 or 8; a picture that allows none
// gives ErrUnsupported.
func Decode(b []byte, edge int) (*image.YCbCr, error) {
	d := &decoder{b: b, at: 2}
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return nil, errors.New("not a JPEG file")
	}
	for {
		marker, body, err := d.segment()
		if err != nil {
			return nil, err
		}
		switch {
		case marker == 0xc0 || marker == 0xc1:
			err = d.frame(body, edge)
		case marker >= 0xc2 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return nil, ErrUnsupported
		case marker == 0xc4:
			err = d.huffmanTables(body)
		case marker == 0xdb:
			err = d.quantTables(body)
		case marker == 0xdd && len(body) >= 2:
			d.restart = int(binary.BigEndian.Uint16(body))
		case marker == 0xee && len(body) >= 12 && string(body[:5]) == "Adobe" && body[11] != 1:
			return nil, ErrUnsupported // RGB or CMYK
		case marker == 0xda:
			if err = d.scan(body); err == nil && d.scanned == len(d.comps) {
				return d.picture(), nil
			}
		case marker == 0xd9:
			return nil, ErrTruncated
		}
		if err != nil {
			return nil, err
		}
	}
}

// segment returns the next marker and what stands behind it.
func (d *decoder) segment() (marker byte, body []byte, err error) {
	for d.at+1 < len(d.b) && (d.b[d.at] != 0xff || d.b[d.at+1] == 0xff || d.b[d.at+1] == 0) {
		d.at++
	}
	if d.at+2 > len(d.b) {
		return 0, nil, ErrTruncated
	}
	marker = d.b[d.at+1]
	d.at += 2
	if marker == 0xd9 || marker == 1 || marker >= 0xd0 && marker <= 0xd8 {
		return marker, nil, nil
	}
	if d.at+2 > len(d.b) {
		return 0, nil, ErrTruncated
	}
	n := int(binary.BigEndian.Uint16(d.b[d.at:]))
	if n < 2 || d.at+n > len(d.b) {
		return 0, nil, ErrTruncated
	}
	body = d.b[d.at+2 : d.at+n]
	d.at += n
	return marker, body, nil
}

func (d *decoder) quantTables(b []byte) error {
	for len(b) > 0 {
		precision, id := b[0]>>4, b[0]&15
		size := 64 << precision
		if precision > 1 || id > 3 || len(b) < 1+size {
			return errors.New("a broken quantisation table")
		}
		for i := range 64 {
			v := int32(b[1+i<<precision])
			if precision == 1 {
				v = v<<8 | int32(b[2+2*i])
			}
			d.quant[id][natural[i]] = v
		}
		b = b[1+size:]
	}
	return nil
}

func (d *decoder) frame(b []byte, edge int) error {
	if d.comps != nil {
		return errors.New("two frame headers")
	}
	if len(b) < 6 || b[0] != 8 {
		return ErrUnsupported
	}
	d.h, d.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	count := int(b[5])
	if count != 1 && count != 3 || len(b) < 6+3*count || d.w == 0 || d.h == 0 {
		return ErrUnsupported
	}
	for d.n = 8; d.n > 1 && max(d.w, d.h)*d.n/2/8 >= edge; {
		d.n /= 2
	}
	if d.n == 8 {
		return ErrUnsupported
	}
	hMax, vMax := 1, 1
	for i := range count {
		c := component{id: b[6+3*i], h: int(b[7+3*i] >> 4), v: int(b[7+3*i] & 15), quant: int(b[8+3*i])}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quant > 3 {
			return errors.New("broken sampling factors")
		}
		hMax, vMax = max(hMax, c.h), max(vMax, c.v)
		d.comps = append(d.comps, c)
	}
	if count == 1 { // the factors of a lone component mean nothing (A.2.2)
		d.comps[0].h, d.comps[0].v, hMax, vMax = 1, 1, 1, 1
	}
	if d.ratio() < 0 {
		return ErrUnsupported
	}
	d.mcuX, d.mcuY = (d.w+8*hMax-1)/(8*hMax), (d.h+8*vMax-1)/(8*vMax)
	for i := range d.comps {
		c := &d.comps[i]
		c.blocksX, c.blocksY = d.mcuX*c.h, d.mcuY*c.v
		c.shownX = (d.w*c.h/hMax + 7) / 8
		c.shownY = (d.h*c.v/vMax + 7) / 8
		if d.w*c.h%hMax != 0 {
			c.shownX = ((d.w*c.h+hMax-1)/hMax + 7) / 8
		}
		if d.h*c.v%vMax != 0 {
			c.shownY = ((d.h*c.v+vMax-1)/vMax + 7) / 8
		}
		c.stride = c.blocksX * d.n
		c.plane = make([]byte, c.stride*c.blocksY*d.n)
	}
	return nil
}

// ratio names the subsampling as the image package does, -1 when it cannot.
func (d *decoder) ratio() image.YCbCrSubsampleRatio {
	if len(d.comps) == 1 {
		return image.YCbCrSubsampleRatio444
	}
	y, cb, cr := d.comps[0], d.comps[1], d.comps[2]
	if cb.h != cr.h || cb.v != cr.v || y.h%cb.h != 0 || y.v%cb.v != 0 {
		return -1
	}
	switch [2]int{y.h / cb.h, y.v / cb.v} {
	case [2]int{1, 1}:
		return image.YCbCrSubsampleRatio444
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411
	}
	return -1
}

func (d *decoder) picture() *image.YCbCr {
	scaled := func(v int) int { return max(1, (v*d.n+7)/8) }
	y := &d.comps[0]
	img := &image.YCbCr{
		Y: y.plane, YStride: y.stride, SubsampleRatio: d.ratio(),
		Rect: image.Rect(0, 0, scaled(d.w), scaled(d.h)),
	}
	if len(d.comps) == 3 {
		img.Cb, img.Cr, img.CStride = d.comps[1].plane, d.comps[2].plane, d.comps[1].stride
		return img
	}
	img.CStride = y.stride
	img.Cb = make([]byte, len(y.plane))
	for i := range img.Cb {
		img.Cb[i] = 128
	}
	img.Cr = img.Cb
	return img
}

// scan decodes one scan: all components interleaved, or one alone.
func (d *decoder) scan(b []byte) error {
	if d.comps == nil {
		return errors.New("picture data before the frame header")
	}
	if len(b) < 1 || len(b) < 1+2*int(b[0]) {
		return ErrTruncated
	}
	var chosen []*component
	for i := range int(b[0]) {
		for j := range d.comps {
			if c := &d.comps[j]; c.id == b[1+2*i] {
				c.dcTable, c.acTable = int(b[2+2*i]>>4), int(b[2+2*i]&15)
				if c.dcTable > 3 || c.acTable > 3 || !d.dc[c.dcTable].set || !d.ac[c.acTable].set {
					return errors.New("a scan without its Huffman tables")
				}
				chosen = append(chosen, c)
				break
			}
		}
	}
	if len(chosen) != int(b[0]) || len(chosen) == 0 || len(chosen) != 1 && len(chosen) != len(d.comps) {
		return ErrUnsupported
	}
	d.bits = bitReader{b: d.b, at: d.at}
	unitsX, unitsY := d.mcuX, d.mcuY
	if len(chosen) == 1 {
		unitsX, unitsY = chosen[0].shownX, chosen[0].shownY
	}
	left := d.restart
	next := byte(0xd0)
	for i := range unitsX * unitsY {
		if d.restart > 0 && left == 0 {
			if err := d.bits.restart(next); err != nil {
				return err
			}
			next = 0xd0 | (next+1)&7
			left = d.restart
			for _, c := range chosen {
				c.dc = 0
			}
		}
		left--
		x, y := i%unitsX, i/unitsX
		if err := d.unit(chosen, x, y); err != nil {
			return fmt.Errorf("%w at %d %% of the picture", err, 100*i/(unitsX*unitsY))
		}
	}
	for _, c := range chosen {
		c.dc = 0
	}
	d.scanned += len(chosen)
	d.at = d.bits.position()
	return nil
}

func (d *decoder) unit(chosen []*component, x, y int) error {
	if len(chosen) == 1 {
		return d.block(chosen[0], x, y)
	}
	for _, c := range chosen {
		for v := range c.v {
			for h := range c.h {
				if err := d.block(c, x*c.h+h, y*c.v+v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// block decodes one block and writes its n x n pixels.
func (d *decoder) block(c *component, x, y int) error {
	r := &d.bits
	q := &d.quant[c.quant]
	size := r.huffman(&d.dc[c.dcTable])
	if size > 11 {
		return errors.New("a broken code")
	}
	c.dc += r.extend(uint(size))
	out := c.plane[y*d.n*c.stride+x*d.n:]
	var f [64]int32
	f[0] = c.dc * q[0]
	flat := true
	// The bits that rows and columns beyond the n-th have set.
	outside := byte(8-d.n) * 9
	table := &d.ac[c.acTable]
	for k := 1; k < 64; {
		rs := r.huffman(table)
		run, size := int(rs>>4), uint(rs&15)
		if size == 0 {
			if run != 15 {
				break
			}
			k += 16
			continue
		}
		k += run
		if k > 63 {
			return errors.New("a broken code")
		}
		if z := natural[k&63]; z&outside == 0 {
			f[z&63] = r.extend(size) * q[z&63]
			flat = false
		} else {
			r.n -= size
		}
		k++
	}
	if r.short > 64 {
		return ErrTruncated
	}
	if r.bad {
		return errors.New("a broken code")
	}
	switch {
	case flat || d.n == 1:
		v := clamp((f[0] + 4) >> 3)
		for j := range d.n {
			row := out[j*c.stride:][:d.n]
			for i := range row {
				row[i] = v
			}
		}
	case d.n == 2:
		idct2(&f, out, c.stride)
	default:
		idct4(&f, out, c.stride)
	}
	return nil
}

// natural maps the zigzag order of the file to rows and columns.
var natural = [64]byte{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

func clamp(v int32) byte {
	v += 128
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}

// The reduced transforms take the low frequencies of an 8-point cosine transform
// as those of a 2- or 4-point one; in 13-bit fixed point. The first coefficient
// counts 1/sqrt(8), the others 1/2 times their cosine, along both axes.
const (
	fixed   = 13
	dcScale = 2896 // 1/sqrt(8)
	half45  = 2896 // cos(45 degrees) / 2
	half22  = 3784 // cos(22.5 degrees) / 2
	half67  = 1567 // cos(67.5 degrees) / 2
)

func idct2(f *[64]int32, out []byte, stride int) {
	a, b := f[0]*dcScale, f[1]*half45
	c, d := f[8]*dcScale, f[9]*half45
	top0, top1 := (a+b)>>fixed, (a-b)>>fixed
	low0, low1 := (c+d)>>fixed, (c-d)>>fixed
	const round = 1 << (fixed - 1)
	out[0] = clamp((top0*dcScale + low0*half45 + round) >> fixed)
	out[1] = clamp((top1*dcScale + low1*half45 + round) >> fixed)
	out[stride] = clamp((top0*dcScale - low0*half45 + round) >> fixed)
	out[stride+1] = clamp((top1*dcScale - low1*half45 + round) >> fixed)
}

func idct4(f *[64]int32, out []byte, stride int) {
	var t [16]int32 // columns first; three bits more are kept between the passes
	for x := range 4 {
		f0, f1, f2, f3 := f[x]*dcScale, f[8+x], f[16+x]*half45, f[24+x]
		even0, even1 := f0+f2, f0-f2
		odd0, odd1 := f1*half22+f3*half67, f1*half67-f3*half22
		t[x] = (even0 + odd0) >> (fixed - 3)
		t[4+x] = (even1 + odd1) >> (fixed - 3)
		t[8+x] = (even1 - odd1) >> (fixed - 3)
		t[12+x] = (even0 - odd0) >> (fixed - 3)
	}
	const round = 1 << (fixed + 2)
	for y := range 4 {
		r := t[4*y:][:4]
		f0, f2 := r[0]*dcScale, r[2]*half45
		even0, even1 := f0+f2+round, f0-f2+round
		odd0, odd1 := r[1]*half22+r[3]*half67, r[1]*half67-r[3]*half22
		row := out[y*stride:][:4]
		row[0] = clamp((even0 + odd0) >> (fixed + 3))
		row[1] = clamp((even1 + odd1) >> (fixed + 3))
		row[2] = clamp((even1 - odd1) >> (fixed + 3))
		row[3] = clamp((even0 - odd0) >> (fixed + 3))
	}
}
