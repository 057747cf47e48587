package media

import (
	"bytes"
	"fmt"
)

// A format is told by its first bytes, never by a file's name.
type format struct {
	name  string
	kind  Kind
	match func(head []byte) bool
	read  func(in *input, f *Facts) error
}

func magic(s string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(s)) }
}

// riff matches a container whose type stands behind its size.
func riff(outer, inner string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[:4]) == outer && string(head[8:12]) == inner
	}
}

func either(a, b func([]byte) bool) func([]byte) bool {
	return func(head []byte) bool { return a(head) || b(head) }
}

// formats in the order they are tried; the loosest signatures come last.
var formats = []format{
	{"jpeg", KindPhoto, magic("\xff\xd8\xff"), readJPEG},
	{"png", KindPhoto, magic("\x89PNG\r\n\x1a\n"), readPNG},
	{"gif", KindPhoto, either(magic("GIF87a"), magic("GIF89a")), readGIF},
	{"bmp", KindPhoto, isBMP, readBMP},
	{"tiff", KindPhoto, isTIFF, readTIFF},
	{"webp", KindPhoto, riff("RIFF", "WEBP"), readWebP},
	{"heic", KindPhoto, isHEIF, readHEIF},
	{"mp4", KindVideo, isMP4, readMP4},
	{"webm", KindVideo, magic("\x1a\x45\xdf\xa3"), readMatroska},
	{"wav", KindAudio, either(riff("RIFF", "WAVE"), either(riff("RIFX", "WAVE"), either(riff("RF64", "WAVE"), riff("BW64", "WAVE")))), readWAV},
	{"aiff", KindAudio, either(riff("FORM", "AIFF"), riff("FORM", "AIFC")), readAIFF},
	{"flac", KindAudio, magic("fLaC"), readFLAC},
	{"ogg", KindAudio, magic("OggS"), readOgg},
	{"pdf", KindDocument, magic("%PDF-"), readNothing},
	{"aac", KindAudio, isADTS, readADTS},
	{"mp3", KindAudio, isMP3, readMP3},
}

func readNothing(*input, *Facts) error { return nil }

// read says what is in a file. It runs inside the child and may panic there.
func read(in *input, req request) Facts {
	if in.size == 0 {
		return unreadable("the file is empty")
	}
	f := Facts{OK: true}
	m := sniff(in)
	if m == nil {
		return unreadable("the content is of no format known here; expected a picture, a film, a recording or captions")
	}
	f.Kind, f.Format = m.kind, m.name
	err := m.read(in, &f)
	if err == nil && req.Signals {
		err = measure(in, req, &f)
	}
	if err != nil {
		bad := unreadable(fmt.Sprintf("%s: %v", f.Format, err))
		bad.Kind, bad.Format = f.Kind, f.Format
		return bad
	}
	return f
}

func sniff(in *input) *format {
	head := in.upTo(0, 64)
	for i := range formats {
		if formats[i].match(head) {
			return &formats[i]
		}
	}
	// An ID3 tag may stand before MP3, AAC and FLAC.
	if start := skipID3(in); start > 0 {
		after := in.upTo(start, 4)
		switch {
		case magic("fLaC")(after):
			return &format{"flac", KindAudio, nil, readFLAC}
		case isADTS(after):
			return &format{"aac", KindAudio, nil, readADTS}
		}
		return &format{"mp3", KindAudio, nil, readMP3}
	}
	return sniffText(in)
}

// maxPixels is the most a picture may declare: a little over the 200 megapixels
// of the largest telephone sensors.
const maxPixels = 202_000_000

// setSize records a picture's coded size, refusing what no camera makes and no
// machine should unpack.
func (f *Facts) setSize(w, h int64) error {
	if w <= 0 || h <= 0 {
		return broken("it declares a size of %d x %d pixels", w, h)
	}
	if w > maxPixels || h > maxPixels || w*h > maxPixels {
		return broken("it declares %d x %d pixels, more than the %d megapixels a picture may have", w, h, maxPixels/1_000_000)
	}
	f.Width, f.Height = ptr(int(w)), ptr(int(h))
	f.setDisplay(false)
	return nil
}

// setDisplay sets the size as shown, turned by a quarter or not.
func (f *Facts) setDisplay(turned bool) {
	f.DisplayWidth, f.DisplayHeight = ptr(*f.Width), ptr(*f.Height)
	if turned {
		f.DisplayWidth, f.DisplayHeight = f.DisplayHeight, f.DisplayWidth
	}
}
