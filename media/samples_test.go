package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// The files mediatest does not make, built byte by byte or by other encoders.

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func u16(v int) []byte { return be.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte { return be.AppendUint32(nil, uint32(v)) }
func u64(v int) []byte { return be.AppendUint64(nil, uint64(v)) }

func bmffBox(name string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(u32(len(body)+8), []byte(name), body)
}

// exifOf takes the EXIF block out of a generated photo.
func exifOf(t testing.TB, p mediatest.Photo) []byte {
	t.Helper()
	p.Width, p.Height = 16, 16
	b := mediatest.JPEG(p)
	if string(b[6:12]) != exifWhole {
		t.Fatal("the photo has no EXIF")
	}
	return b[12 : 4+int(be.Uint16(b[4:]))]
}

// sampleHEIF is a still picture whose size, turn and EXIF can be read; its pixels cannot.
func sampleHEIF(brand string, width, height, turns int, exif []byte) []byte {
	kind := map[string]string{"heic": "hvc1", "avif": "av01"}[brand]
	info := func(id int, kind string) []byte {
		return bmffBox("infe", []byte{2, 0, 0, 0}, u16(id), u16(0), []byte(kind), []byte{0})
	}
	ftyp := bmffBox("ftyp", []byte(brand), u32(0), []byte("mif1"+brand))
	build := func(at int) []byte {
		location := func(id, off, n int) []byte { return join(u16(id), u16(0), u16(1), u32(off), u32(n)) }
		return bmffBox("meta", u32(0),
			bmffBox("hdlr", u32(0), u32(0), []byte("pict"), make([]byte, 13)),
			bmffBox("pitm", u32(0), u16(1)),
			bmffBox("iinf", u32(0), u16(2), info(1, kind), info(2, "Exif")),
			bmffBox("iprp",
				bmffBox("ipco", bmffBox("ispe", u32(0), u32(width), u32(height)), bmffBox("irot", []byte{byte(turns)})),
				bmffBox("ipma", u32(0), u32(1), u16(1), []byte{2, 1, 0x82})),
			bmffBox("iloc", u32(0), []byte{0x44, 0}, u16(2), location(1, at, 4), location(2, at+4, len(exif)+4)))
	}
	at := len(ftyp) + len(build(0)) + 8
	return join(ftyp, build(at), bmffBox("mdat", u32(0), u32(0), exif))
}

func sampleWebP(width, height int, exif []byte) []byte {
	chunk := func(name string, body []byte) []byte {
		out := join([]byte(name), le.AppendUint32(nil, uint32(len(body))), body)
		return append(out, make([]byte, len(body)%2)...)
	}
	three := func(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }
	frame := join([]byte{0x10, 0, 0, 0x9d, 1, 0x2a}, le.AppendUint16(nil, uint16(width)), le.AppendUint16(nil, uint16(height)))
	body := join([]byte("WEBP"), chunk("VP8X", join([]byte{8, 0, 0, 0}, three(width-1), three(height-1))), chunk("VP8 ", frame), chunk("EXIF", exif))
	return chunk("RIFF", body)
}

func sampleBigTIFF(width, height int) []byte {
	entry := func(tag, v int) []byte { return join(u16(tag), u16(3), u64(1), u16(v), make([]byte, 6)) }
	return join([]byte("MM\x00+\x00\x08\x00\x00"), u64(16), u64(3), entry(0x100, width), entry(0x101, height), entry(0x112, 6), u64(0))
}

func samplePicture(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.NRGBA{byte(x * 7), byte(y * 5), byte(x ^ y), 255})
		}
	}
	return img
}

func encoded(t testing.TB, format string, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	img := samplePicture(w, h)
	switch format {
	case "png16":
		deep := image.NewNRGBA64(img.Rect)
		for i := range deep.Pix {
			deep.Pix[i] = byte(i)
		}
		err = png.Encode(&b, deep)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "bmp":
		err = bmp.Encode(&b, img)
	case "tiff":
		err = tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleAIFF(compression string, channels, rate, bits, frames int) []byte {
	exponent := 16383 + 63
	mantissa := uint64(rate)
	for mantissa>>63 == 0 {
		mantissa <<= 1
		exponent--
	}
	common := join(u16(channels), u32(frames), u16(bits), u16(exponent), binary.BigEndian.AppendUint64(nil, mantissa))
	kind := "AIFF"
	if compression != "" {
		kind = "AIFC"
		common = join(common, []byte(compression), []byte{0, 0})
	}
	data := make([]byte, frames*channels*bits/8)
	for i := range data {
		data[i] = byte(i * 37)
	}
	chunk := func(name string, body []byte) []byte { return join([]byte(name), u32(len(body)), body) }
	return chunk("FORM", join([]byte(kind), chunk("COMM", common), chunk("SSND", join(u64(0), data))))
}

// sampleADPCM is a WAV file of blocks of 256 bytes that hold 500 samples each.
func sampleADPCM(blocks int) []byte {
	short := func(v int) []byte { return le.AppendUint16(nil, uint16(v)) }
	long := func(v int) []byte { return le.AppendUint32(nil, uint32(v)) }
	format := join(short(2), short(1), long(22050), long(11_000), short(256), short(4), short(2), short(500))
	data := make([]byte, 256*blocks)
	return join([]byte("RIFF"), long(28+len(format)+len(data)), []byte("WAVEfmt "), long(len(format)), format, []byte("data"), long(len(data)), data)
}

// sampleFLAC encodes a tone with another's encoder; total 0 leaves the length out.
func sampleFLAC(t testing.TB, channels, rate, bits, frames int, total bool) []byte {
	t.Helper()
	const block = 1024
	var b bytes.Buffer
	info := &meta.StreamInfo{BlockSizeMin: block, BlockSizeMax: block, SampleRate: uint32(rate), NChannels: uint8(channels), BitsPerSample: uint8(bits)}
	if total {
		info.NSamples = uint64(frames * block)
	}
	e, err := flac.NewEncoder(&b, info)
	if err != nil {
		t.Fatal(err)
	}
	layout := map[int]frame.Channels{1: frame.ChannelsMono, 2: frame.ChannelsLR, 3: frame.ChannelsLRC}[channels]
	for n := range frames {
		f := &frame.Frame{Header: frame.Header{
			HasFixedBlockSize: true, BlockSize: block, SampleRate: uint32(rate), Channels: layout, BitsPerSample: uint8(bits), Num: uint64(n),
		}}
		for ch := range channels {
			s := &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, NSamples: block, Samples: make([]int32, block)}
			for i := range s.Samples {
				s.Samples[i] = int32(math.Sin(float64((n*block+i)*(ch+1))/20) * 0.5 * float64(int(1)<<(bits-1)))
			}
			f.Subframes = append(f.Subframes, s)
		}
		if err := e.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	out := b.Bytes()
	if !total {
		out[21] &= 0xf0 // the encoder may have counted
		copy(out[22:26], []byte{0, 0, 0, 0})
	}
	return out
}

// sampleOgg has the header page of a codec and one page that ends at a sample.
func sampleOgg(head []byte, last int64) []byte {
	page := func(flags byte, position int64, body []byte) []byte {
		return join([]byte("OggS\x00"), []byte{flags}, le.AppendUint64(nil, uint64(position)), []byte{1, 2, 3, 4}, make([]byte, 8), []byte{1, byte(len(body))}, body)
	}
	return join(page(2, 0, head), page(0, last/2, make([]byte, 100)), page(4, last, make([]byte, 100)))
}

func opusHead(channels, skip int) []byte {
	return join([]byte("OpusHead\x01"), []byte{byte(channels)}, le.AppendUint16(nil, uint16(skip)), make([]byte, 7))
}

func vorbisHead(channels, rate int) []byte {
	return join([]byte("\x01vorbis"), make([]byte, 4), []byte{byte(channels)}, le.AppendUint32(nil, uint32(rate)), make([]byte, 14))
}

// ebml is an element with an eight-byte size, or an open one.
func ebml(id int, parts ...[]byte) []byte {
	body := join(parts...)
	return join(ebmlID(id), binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(body))), body)
}

func ebmlOpen(id int, parts ...[]byte) []byte {
	return join(ebmlID(id), []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, join(parts...))
}

func ebmlID(id int) []byte { return bytes.TrimLeft(u32(id), "\x00") }

// sampleMatroska has video at 25 frames a second, stereo sound and captions, a
// cluster a second; live leaves sizes and duration open.
func sampleMatroska(docType string, seconds int, live bool) []byte {
	number := func(id, v int) []byte { return ebml(id, u32(v)) }
	text := func(id int, s string) []byte { return ebml(id, []byte(s)) }
	float := func(id int, v float64) []byte {
		return ebml(id, binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	}
	info := number(mkTimestampScale, 1_000_000)
	if !live {
		info = join(info, float(mkDuration, float64(seconds*1000+500)))
	}
	tracks := ebml(mkTracks,
		ebml(mkTrackEntry, number(mkTrackNumber, 1), number(mkTrackType, 1), text(mkCodecID, "V_VP9"),
			ebml(mkVideo, number(mkPixelWidth, 720), number(mkPixelHeight, 1280))),
		ebml(mkTrackEntry, number(mkTrackNumber, 2), number(mkTrackType, 2), text(mkCodecID, "A_OPUS"),
			ebml(mkAudio, float(mkSamplingFrequency, 48000), number(mkChannels, 2))),
		ebml(mkTrackEntry, number(mkTrackNumber, 3), number(mkTrackType, 17), text(mkCodecID, "S_TEXT/UTF8")))
	block := func(track, at int, body string) []byte {
		return ebml(mkSimpleBlock, []byte{0x80 | byte(track)}, u16(at), []byte{0x80}, []byte(body))
	}
	var clusters []byte
	for s := range seconds {
		body := number(mkTimestamp, s*1000)
		for i := range 25 {
			body = join(body, block(1, i*40, "video"))
		}
		body = join(body, block(2, 0, "sound"), block(3, 100, "<i>spoken</i> words"))
		if live {
			clusters = join(clusters, ebmlOpen(mkCluster, body))
		} else {
			clusters = join(clusters, ebml(mkCluster, body))
		}
	}
	segment := join(ebml(mkInfo, info), tracks, clusters)
	head := ebml(0x1a45dfa3, text(ebmlDocType, docType))
	if live {
		return join(head, ebmlOpen(mkSegment, segment))
	}
	return join(head, ebml(mkSegment, segment))
}

const (
	sampleSRT = "1\r\n00:00:01,000 --> 00:00:03,000\r\nHello <b>there</b>\r\n\r\n2\r\n00:00:03,500 --> 00:00:05,000\r\nGeneral\r\n"
	sampleVTT = "WEBVTT\n\nNOTE nothing said\n\n00:01.000 --> 00:03.000 align:start\nHello <v Bob>there</v>\n"
)
