package media

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/humandispatch/humandispatch/media/internal/jpegscale"
)

const (
	// measureEdge is the long edge, in pixels, pictures are measured at.
	measureEdge = 1024
	// reducedEdge is what a JPEG's own reduction has to leave. A little less than
	// measureEdge will do: 4032 pixels become 1008.
	reducedEdge = 960
	// maxUnpacked is the most pixels unpacked at full size; larger pictures are
	// measured only where they can be read at reduced size.
	maxUnpacked = 64_000_000
	// maxModern is the same for HEIC and AVIF, whose decoders need more room.
	maxModern = 26_000_000
	// maxPicture is the largest picture file read into memory, in bytes.
	maxPicture = 192 << 20
	// borderShare is the width of the border ring as a share of the short edge.
	borderShare = 0.05
	whiteLevel  = 240
)

// HashDistance is how many of the 64 bits of two perceptual hashes differ.
func HashDistance(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// measurePicture decodes the picture and measures it upright.
func measurePicture(in *input, f *Facts) error {
	if in.size > maxPicture {
		return leave("a picture file over %d MB is not unpacked", maxPicture>>20)
	}
	img, err := unpack(in, f)
	if err != nil {
		return err
	}
	small := upright(reduce(img), f)
	s := &ImageSignals{PHash: perceptualHash(small)}
	luma := lumaOf(small)
	b := small.Bounds()
	s.Focus = focus(luma, b.Dx(), b.Dy())
	s.histograms(small, luma)
	f.Signals.Image = s
	return nil
}

// unpack decodes f's picture, at reduced size where the format allows it.
func unpack(in *input, f *Facts) (image.Image, error) {
	pixels := *f.Width * *f.Height
	if f.Format == "jpeg" {
		return unpackJPEG(in, pixels)
	}
	limit := maxUnpacked
	if f.Format == "heic" || f.Format == "avif" {
		limit = maxModern
	}
	if pixels > limit {
		return nil, leave("a %s picture over %d megapixels is not unpacked", f.Format, limit/1_000_000)
	}
	r := bufio.NewReaderSize(in.section(0, in.size), 64<<10)
	var img image.Image
	var err error
	switch f.Format {
	case "png":
		img, err = png.Decode(r)
	case "gif":
		img, err = gif.Decode(r)
	case "bmp":
		img, err = bmp.Decode(r)
		if errors.Is(err, bmp.ErrUnsupported) {
			return nil, leave("this kind of BMP cannot be unpacked here")
		}
	case "tiff":
		if v := in.upTo(0, 4); string(v) == "II+\x00" || string(v) == "MM\x00+" {
			return nil, leave("a BigTIFF picture is not unpacked")
		}
		img, err = tiff.Decode(bytes.NewReader(readAll(in)))
		var unsupported tiff.UnsupportedError
		if errors.As(err, &unsupported) {
			return nil, notMeasured{err.Error()}
		}
	case "webp":
		if still := in.upTo(12, 9); len(still) == 9 && string(still[:4]) == "VP8X" && still[8]&2 != 0 {
			return nil, leave("an animated WebP is not unpacked")
		}
		img, err = webp.Decode(r)
	case "heic":
		img, err = heic.Decode(r)
	case "avif":
		img, err = avif.Decode(r)
	default:
		return nil, leave("no decoder for %s", f.Format)
	}
	if err != nil && limit == maxModern {
		// All its bytes are there, and its decoder does not say what it missed.
		line, _, _ := strings.Cut(err.Error(), "\n")
		return nil, leave("its picture could not be unpacked here: %s", line)
	}
	if err != nil {
		return nil, broken("its picture cannot be decoded: %v", err)
	}
	if b := img.Bounds(); b.Dx() > 2**f.Width+64 || b.Dy() > 2**f.Height+64 && b.Dx()*b.Dy() > limit {
		return nil, broken("its picture is %d x %d pixels, its header says %d x %d", b.Dx(), b.Dy(), *f.Width, *f.Height)
	}
	return img, nil
}

func readAll(in *input) []byte {
	b := make([]byte, in.size)
	n, _ := in.r.ReadAt(b, 0)
	return b[:n]
}

// unpackJPEG reads no more of a large picture than measuring it takes.
func unpackJPEG(in *input, pixels int) (image.Image, error) {
	data := readAll(in)
	img, err := jpegscale.Decode(data, reducedEdge)
	if err == nil {
		return img, nil
	}
	if !errors.Is(err, jpegscale.ErrUnsupported) {
		return nil, err
	}
	if pixels > maxUnpacked {
		return nil, leave("a progressive JPEG over %d megapixels is not unpacked", maxUnpacked/1_000_000)
	}
	full, err := jpeg.Decode(bytes.NewReader(data))
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return nil, notMeasured{err.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, jpegscale.ErrTruncated
	case err != nil:
		return nil, err
	}
	return full, nil
}

// reduce brings a picture to measureEdge, averaging; smaller ones stay as they are.
func reduce(img image.Image) *image.NRGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	long := max(w, h)
	if ycc, ok := img.(*image.YCbCr); ok {
		if long > measureEdge {
			return averageYCbCr(ycc, max(1, w*measureEdge/long), max(1, h*measureEdge/long))
		}
		return averageYCbCr(ycc, w, h)
	}
	// Always a copy in NRGBA: imaging panics on palette indices out of range.
	flat := image.NewNRGBA(image.Rect(0, 0, w, h))
	white := image.NewUniform(image.White.C)
	draw.Draw(flat, flat.Bounds(), white, image.Point{}, draw.Src)
	switch p := img.(type) {
	case *image.Paletted:
		drawPaletted(flat, p)
	default:
		draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Over)
	}
	if long <= measureEdge {
		return flat
	}
	return imaging.Resize(flat, max(1, w*measureEdge/long), max(1, h*measureEdge/long), imaging.Box)
}

func drawPaletted(dst *image.NRGBA, src *image.Paletted) {
	b := src.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			i := int(src.ColorIndexAt(b.Min.X+x, b.Min.Y+y))
			if i < len(src.Palette) {
				if _, _, _, a := src.Palette[i].RGBA(); a > 0 {
					dst.Set(x, y, src.Palette[i])
				}
			}
		}
	}
}

// averageYCbCr makes each pixel of a w x h picture the mean of those it covers.
func averageYCbCr(src *image.YCbCr, w, h int) *image.NRGBA {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	y := averagePlane(src.Y, src.YStride, sw, sh, w, h)
	cw, ch := sw, sh
	switch src.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		cw = (sw + 1) / 2
	case image.YCbCrSubsampleRatio420:
		cw, ch = (sw+1)/2, (sh+1)/2
	case image.YCbCrSubsampleRatio440:
		ch = (sh + 1) / 2
	case image.YCbCrSubsampleRatio411:
		cw = (sw + 3) / 4
	case image.YCbCrSubsampleRatio410:
		cw, ch = (sw+3)/4, (sh+1)/2
	}
	cb := averagePlane(src.Cb, src.CStride, cw, ch, w, h)
	cr := averagePlane(src.Cr, src.CStride, cw, ch, w, h)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range y {
		// JFIF: full-range BT.601, in 16-bit fixed point.
		l, b, r := int32(y[i])<<16+1<<15, int32(cb[i])-128, int32(cr[i])-128
		p := out.Pix[4*i:][:4]
		p[0], p[1], p[2], p[3] = clamp8((l+91881*r)>>16), clamp8((l-22554*b-46802*r)>>16), clamp8((l+116130*b)>>16), 255
	}
	return out
}

func clamp8(v int32) byte { return byte(max(0, min(255, v))) }

// averagePlane scales a plane, averaging when it shrinks and repeating when it grows.
func averagePlane(src []byte, stride, sw, sh, w, h int) []byte {
	out := make([]byte, w*h)
	sums := make([]uint32, w)
	from, to := make([]int, w), make([]int, w)
	for x := range w {
		from[x] = min(x*sw/w, sw-1)
		to[x] = max(from[x]+1, (x+1)*sw/w)
	}
	for y := range h {
		top := min(y*sh/h, sh-1)
		bottom := max(top+1, (y+1)*sh/h)
		clear(sums)
		for line := top; line < bottom; line++ {
			row := src[line*stride:][:sw]
			for x := range sums {
				s := uint32(0)
				for _, v := range row[from[x]:to[x]] {
					s += uint32(v)
				}
				sums[x] += s
			}
		}
		row := out[y*w:][:w]
		for x, s := range sums {
			n := uint32((to[x] - from[x]) * (bottom - top))
			row[x] = byte((s + n/2) / n)
		}
	}
	return out
}

// upright turns the picture as its EXIF orientation says. HEIC and AVIF decoders
// have turned theirs already.
func upright(img *image.NRGBA, f *Facts) *image.NRGBA {
	if f.Orientation == nil || f.Format == "heic" || f.Format == "avif" {
		return img
	}
	switch *f.Orientation {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img)
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img)
	}
	return img
}

// lumaOf returns BT.601 luma, 0 to 255.
func lumaOf(img *image.NRGBA) []byte {
	out := make([]byte, len(img.Pix)/4)
	for i := range out {
		p := img.Pix[4*i:][:3]
		out[i] = byte((19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16)
	}
	return out
}

// focus is the variance of the Laplacian: the classic measure of sharpness.
func focus(luma []byte, w, h int) float64 {
	if w < 3 || h < 3 {
		return 0
	}
	var sum, squares int64
	for y := 1; y < h-1; y++ {
		up, row, down := luma[(y-1)*w:][:w], luma[y*w:][:w], luma[(y+1)*w:][:w]
		for x := 1; x < w-1; x++ {
			v := int64(up[x]) + int64(down[x]) + int64(row[x-1]) + int64(row[x+1]) - 4*int64(row[x])
			sum += v
			squares += v * v
		}
	}
	n := float64((w - 2) * (h - 2))
	mean := float64(sum) / n
	return math.Round(100*(float64(squares)/n-mean*mean)) / 100
}

// histograms counts luma over all and without the border ring, and how white the ring is.
func (s *ImageSignals) histograms(img *image.NRGBA, luma []byte) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	ring := max(1, int(borderShare*float64(min(w, h))))
	var all, inner [64]int
	white, border := 0, 0
	for y := range h {
		edgeRow := y < ring || y >= h-ring
		for x := range w {
			i := y*w + x
			band := luma[i] >> 2
			all[band]++
			if !edgeRow && x >= ring && x < w-ring {
				inner[band]++
				continue
			}
			border++
			if p := img.Pix[4*i:][:3]; p[0] >= whiteLevel && p[1] >= whiteLevel && p[2] >= whiteLevel {
				white++
			}
		}
	}
	insides := max(1, w*h-border)
	for i := range all {
		s.LumaHistogram[i] = roundTo(float64(all[i])/float64(w*h), 1e6)
		s.LumaInner[i] = roundTo(float64(inner[i])/float64(insides), 1e6)
	}
	s.BorderWhite = roundTo(float64(white)/float64(max(1, border)), 1e6)
}

// perceptualHash is the sign of the 64 lowest frequencies, but the mean, of the
// picture at 32 x 32, against their median.
func perceptualHash(img *image.NRGBA) uint64 {
	const n, low = 32, 8
	luma := lumaOf(imaging.Resize(img, n, n, imaging.Box))
	var rows [n][low + 1]float64
	for y := range n {
		for u := range low + 1 {
			for x := range n {
				rows[y][u] += float64(luma[y*n+x]) * cosines[u][x]
			}
		}
	}
	var values []float64
	for v := range low + 1 {
		for u := range low + 1 {
			if u == 0 && v == 0 || len(values) == 64 {
				continue
			}
			sum := 0.0
			for y := range n {
				sum += rows[y][u] * cosines[v][y]
			}
			values = append(values, sum)
		}
	}
	sorted := slices.Sorted(slices.Values(values))
	median := (sorted[31] + sorted[32]) / 2
	hash := uint64(0)
	for i, v := range values {
		if v > median {
			hash |= 1 << i
		}
	}
	return hash
}

var cosines = func() (c [9][32]float64) {
	for u := range c {
		for x := range c[u] {
			c[u][x] = math.Cos(math.Pi * float64(u) * (2*float64(x) + 1) / 64)
		}
	}
	return c
}()
