package mediatest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"time"
)

// Look is what a photo shows.
type Look int

// The looks. Pictures of different seeds differ to the eye and to a perceptual
// hash; the same seed in another look keeps its composition.
const (
	Sharp           Look = iota // hard edges and fine texture all over
	Blurred                     // the same picture without any edge
	Black                       // nearly black
	Overexposed                 // nearly white
	WhiteBackground             // a product in the middle of a pure white ground
)

// Photo describes a picture file. The zero value is a sharp 1200 x 900 picture
// without metadata.
type Photo struct {
	Width, Height int // coded size in pixels; 0 gives 1200 x 900
	Seed          int64
	Look          Look
	Quality       int // JPEG quality 1 to 100; 0 gives 85
	Grain         int // amplitude of sensor noise in luma levels, 0 for none; 4 gives a camera\'s file size

	CapturedAt time.Time // DateTimeOriginal as the clock shows it in its location, with OffsetTimeOriginal; zero for none
	NoOffset   bool      // leave OffsetTimeOriginal out
	GPS        *Position // EXIF position; nil for none
	GPSTime    time.Time // time of the fix; zero takes CapturedAt when there is a position
	NoGPSTime  bool      // leave the time of the fix out

	Orientation  int       // EXIF 1 to 8; 0 for none
	Make, Model  string    // camera; empty for none
	XMPGPS       *Position // position in an XMP packet (JPEG only); nil for none
	ColorProfile string    // description of an embedded ICC profile; empty for none
}

// JPEG returns p as a baseline JPEG file.
func JPEG(p Photo) []byte {
	var coded bytes.Buffer
	if err := jpeg.Encode(&coded, p.render(), &jpeg.Options{Quality: orInt(p.Quality, 85)}); err != nil {
		panic(err) // sizes over 65535, a mistake of the caller
	}
	out := append(make([]byte, 0, coded.Len()+4096), 0xff, 0xd8)
	segment := func(marker byte, parts ...string) {
		n := 2
		for _, s := range parts {
			n += len(s)
		}
		out = append(out, 0xff, marker, byte(n>>8), byte(n))
		for _, s := range parts {
			out = append(out, s...)
		}
	}
	if x := p.exif(); x != nil {
		segment(0xe1, "Exif\x00\x00", string(x))
	}
	if p.XMPGPS != nil {
		segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00", xmpPacket(*p.XMPGPS))
	}
	if p.ColorProfile != "" {
		segment(0xe2, "ICC_PROFILE\x00\x01\x01", string(iccProfile(p.ColorProfile)))
	}
	return append(out, coded.Bytes()[2:]...)
}

// PNG returns p as an 8-bit PNG file, its EXIF in an eXIf chunk.
func PNG(p Photo) []byte {
	src := p.render()
	var coded bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&coded, toRGBA(src)); err != nil {
		panic(err)
	}
	x := p.exif()
	if x == nil {
		return coded.Bytes()
	}
	const afterIHDR = 8 + 25
	b := coded.Bytes()
	out := append([]byte(nil), b[:afterIHDR]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(x)))
	start := len(out)
	out = append(append(out, "eXIf"...), x...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	return append(out, b[afterIHDR:]...)
}

func xmpPacket(at Position) string {
	return `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="` + xmpCoordinate(at.Lat, "N", "S") +
		`" exif:GPSLongitude="` + xmpCoordinate(at.Lng, "E", "W") + `"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

const cells = 12 // along the long side of the composition

// render paints straight into YCbCr 4:2:0, which the JPEG encoder takes as it is.
func (p Photo) render() *image.YCbCr {
	w, h := orInt(p.Width, 1200), orInt(p.Height, 900)
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	flat := func(y, c byte) {
		fill(img.Y, y)
		fill(img.Cb, c)
		fill(img.Cr, c)
	}
	switch p.Look {
	case Black:
		flat(3, 128)
		p.speckle(img, 0, 6)
		return img
	case Overexposed:
		flat(252, 128)
		p.speckle(img, 249, 6)
		return img
	case WhiteBackground:
		flat(255, 128)
		p.paint(img, image.Rect(w/4&^1, h/5&^1, w*3/4, h*4/5))
		return img
	}
	p.paint(img, img.Bounds())
	p.grain(img)
	return img
}

func (p Photo) grain(img *image.YCbCr) {
	if p.Grain == 0 {
		return
	}
	r := newRandom(p.Seed, 9)
	var bits uint64
	for i, v := range img.Y {
		if i%8 == 0 {
			bits = r.next()
		}
		noise := int(bits&255)*(2*p.Grain+1)>>8 - p.Grain
		bits >>= 8
		img.Y[i] = byte(max(0, min(255, int(v)+noise)))
	}
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

func (p Photo) speckle(img *image.YCbCr, base byte, spread int) {
	r := newRandom(p.Seed, 7)
	for i := 0; i < len(img.Y); i += 5 {
		img.Y[i] = base + byte(r.intn(spread))
	}
}

// paint lays a grid of coloured cells over area. Sharp cells have hard borders
// and stripes of their own direction and width; blurred ones flow into each other.
func (p Photo) paint(img *image.YCbCr, area image.Rectangle) {
	r := newRandom(p.Seed, 1)
	type cell struct {
		y, cb, cr     int
		stripe, shift int
		across        bool
	}
	var grid [cells + 1][cells + 1]cell
	for j := range grid {
		for i := range grid[j] {
			grid[j][i] = cell{
				y: 40 + r.intn(160), cb: 88 + r.intn(80), cr: 88 + r.intn(80),
				stripe: 12 + r.intn(30), shift: 2 + r.intn(3), across: r.intn(2) == 0,
			}
		}
	}
	w, h := area.Dx(), area.Dy()
	// The stripes scale with the picture, so that it looks alike at every size.
	unit := max(1, max(w, h)/600)
	for y := range h {
		gy := y * cells * 256 / h
		j, fy := gy>>8, gy&255
		row := img.Y[img.YOffset(area.Min.X, area.Min.Y+y):]
		for x := range w {
			gx := x * cells * 256 / w
			c := &grid[j][gx>>8]
			if p.Look != Blurred {
				v := c.y
				at := x
				if c.across {
					at = y
				}
				if at/unit>>c.shift&1 == 0 {
					v += c.stripe
				}
				row[x] = byte(v)
				continue
			}
			i, fx := gx>>8, gx&255
			top := grid[j][i].y*(256-fx) + grid[j][i+1].y*fx
			bottom := grid[j+1][i].y*(256-fx) + grid[j+1][i+1].y*fx
			row[x] = byte((top*(256-fy) + bottom*fy + 1<<15) >> 16)
		}
		if y&1 == 0 {
			at := img.COffset(area.Min.X, area.Min.Y+y)
			for x := 0; x < w; x += 2 {
				c := &grid[j][x*cells/w]
				img.Cb[at+x/2], img.Cr[at+x/2] = byte(c.cb), byte(c.cr)
			}
		}
	}
}

func toRGBA(src *image.YCbCr) *image.RGBA {
	b := src.Bounds()
	out := image.NewRGBA(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			out.Set(x, y, src.YCbCrAt(x, y))
		}
	}
	return out
}
