package media

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// fuzzReader runs one reader over mutated files: it must answer without a panic,
// with facts that can be stored and read again, and without wandering off.
func fuzzReader(f *testing.F, name string, seeds ...[]byte) {
	var format format
	for _, candidate := range formats {
		if candidate.name == name {
			format = candidate
		}
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		facts := Facts{OK: true, Kind: format.kind, Format: name}
		in := newInput(bytes.NewReader(b), int64(len(b)))
		if err := format.read(in, &facts); err != nil {
			return
		}
		checkFacts(t, facts)
	})
}

func checkFacts(t *testing.T, facts Facts) {
	t.Helper()
	stored, err := json.Marshal(facts)
	if err != nil {
		t.Fatalf("facts cannot be stored: %v", err)
	}
	var again Facts
	if err := json.Unmarshal(stored, &again); err != nil {
		t.Fatalf("facts cannot be read again: %v", err)
	}
	if g := facts.GPS; g != nil && (g.Lat < -90 || g.Lat > 90 || g.Lng < -180 || g.Lng > 180 || g.Lat == 0 && g.Lng == 0) {
		t.Fatalf("an impossible position %+v", *g)
	}
	if d := facts.DurationS; d != nil && *d < 0 {
		t.Fatalf("a duration of %v s", *d)
	}
}

var fuzzPhoto = mediatest.Photo{
	Width: 32, Height: 24, Orientation: 6, GPS: &mediatest.Position{Lat: 43.65, Lng: -79.38}, Make: "Acme", Model: "One",
	CapturedAt: time.Date(2026, 5, 4, 10, 30, 0, 0, time.UTC), XMPGPS: &mediatest.Position{Lat: 1, Lng: 2}, ColorProfile: "Display P3",
}

func FuzzJPEG(f *testing.F) {
	fuzzReader(f, "jpeg", mediatest.JPEG(fuzzPhoto), mediatest.JPEG(mediatest.Photo{Width: 8, Height: 8}))
}

func FuzzPNG(f *testing.F)  { fuzzReader(f, "png", mediatest.PNG(fuzzPhoto)) }
func FuzzGIF(f *testing.F)  { fuzzReader(f, "gif", encoded(f, "gif", 20, 10)) }
func FuzzTIFF(f *testing.F) { fuzzReader(f, "tiff", encoded(f, "tiff", 20, 10), sampleBigTIFF(20, 10)) }
func FuzzWebP(f *testing.F) { fuzzReader(f, "webp", sampleWebP(300, 200, exifOf(f, fuzzPhoto))) }

func FuzzHEIF(f *testing.F) {
	fuzzReader(f, "heic", sampleHEIF("heic", 4032, 3024, 3, exifOf(f, fuzzPhoto)), sampleHEIF("avif", 64, 48, 0, exifOf(f, fuzzPhoto)))
}

func FuzzMP4(f *testing.F) {
	small := mediatest.Clip{Width: 32, Height: 48, Seconds: 0.2, Location: fuzzPhoto.GPS, CapturedAt: fuzzPhoto.CapturedAt, Captions: []string{"one", "two"}}
	quick := small
	quick.QuickTime, quick.IndexFirst, quick.Sound, quick.Rotation = true, true, mediatest.AACTone, 90
	fuzzReader(f, "mp4", mediatest.MP4(small), mediatest.MP4(quick), fragmented())
}

func FuzzMatroska(f *testing.F) {
	fuzzReader(f, "webm", sampleMatroska("webm", 1, false), sampleMatroska("matroska", 1, true))
}

func FuzzWAV(f *testing.F) {
	fuzzReader(f, "wav", mediatest.WAV(mediatest.Recording{Seconds: 0.01}), sampleADPCM(3), mediatest.WAV(mediatest.Recording{Seconds: 0.01, Extensible: true, RF64: true, Channels: 3}))
}

func FuzzAIFF(f *testing.F) {
	fuzzReader(f, "aiff", sampleAIFF("", 2, 44100, 16, 20), sampleAIFF("sowt", 1, 48000, 24, 20))
}

func FuzzFLAC(f *testing.F) {
	fuzzReader(f, "flac", sampleFLAC(f, 1, 44100, 16, 2, true), sampleFLAC(f, 2, 48000, 16, 2, false))
}

func FuzzOgg(f *testing.F) {
	fuzzReader(f, "ogg", sampleOgg(opusHead(2, 312), 48000), sampleOgg(vorbisHead(1, 44100), 44100))
}

func FuzzMP3(f *testing.F)  { fuzzReader(f, "mp3", mediatest.MP3(0.2)) }
func FuzzADTS(f *testing.F) { fuzzReader(f, "aac", mediatest.AAC(0.2)) }

func FuzzCaptions(f *testing.F) {
	f.Add([]byte(sampleSRT))
	f.Add([]byte(sampleVTT))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := newInput(bytes.NewReader(b), int64(len(b)))
		if m := sniffText(in); m != nil {
			facts := Facts{OK: true, Kind: m.kind}
			if m.read(in, &facts) == nil {
				checkFacts(t, facts)
			}
		}
	})
}

// FuzzEXIF goes straight to the block, past the container's checks.
func FuzzEXIF(f *testing.F) {
	f.Add(exifOf(f, fuzzPhoto))
	f.Fuzz(func(t *testing.T, b []byte) {
		facts := Facts{OK: true, Kind: KindPhoto, Width: ptr(1), Height: ptr(2)}
		readEXIF(b, &facts, true)
		checkFacts(t, facts)
	})
}

func FuzzXMP(f *testing.F) {
	f.Add([]byte(`<x exif:GPSLatitude="43,39.1N" exif:GPSLongitude="79,22.8W"><exif:DateTimeOriginal>2026-05-04T10:30:00+02:00</exif:DateTimeOriginal></x>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		facts := Facts{OK: true, Kind: KindPhoto}
		readXMP(b, &facts)
		checkFacts(t, facts)
	})
}

// FuzzSniff is the whole way from first bytes to facts.
func FuzzSniff(f *testing.F) {
	f.Add(mediatest.JPEG(fuzzPhoto))
	f.Add([]byte(sampleSRT))
	f.Add(append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), mediatest.MP3(0.1)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if facts := read(newInput(bytes.NewReader(b), int64(len(b))), request{}); facts.OK {
			checkFacts(t, facts)
		}
	})
}

// fragmented is a film of two fragments, as telephones and browsers stream it.
func fragmented() []byte {
	full := bmffBox
	zero := make([]byte, 200)
	identity := join(u32(0x10000), zero[:12], u32(0x10000), zero[:12], u32(0x40000000))
	entry := full("avc1", zero[:6], u16(1), zero[:16], u16(1080), u16(1920), zero[:50])
	moov := full("moov",
		full("mvhd", u32(0), u32(0), u32(0), u32(1000), u32(0), u32(0x10000), u16(0x100), zero[:10], identity, zero[:24], u32(2)),
		full("trak",
			full("tkhd", u32(7), u32(0), u32(0), u32(1), u32(0), u32(0), zero[:16], identity, u32(1080<<16), u32(1920<<16)),
			full("mdia",
				full("mdhd", u32(0), u32(0), u32(0), u32(30000), u32(0), u32(0)),
				full("hdlr", u32(0), u32(0), []byte("vide"), zero[:13]),
				full("minf", full("stbl", full("stsd", u32(0), u32(1), entry),
					full("stts", u64(0)), full("stsc", u64(0)), full("stsz", u64(0), u32(0)), full("stco", u64(0)))))),
		full("mvex", full("trex", u32(0), u32(1), u32(1), u32(1000), u32(10), u32(0))))
	fragment := func(sequence int) []byte {
		build := func(offset int) []byte {
			return full("moof", full("mfhd", u32(0), u32(sequence)), full("traf",
				full("tfhd", u32(0x20000), u32(1)), full("tfdt", u32(0), u32((sequence-1)*60000)),
				full("trun", u32(0x000201), u32(60), u32(offset), bytes.Repeat(u32(10), 60))))
		}
		return join(build(len(build(0))+8), full("mdat", zero[:200], zero[:200], zero[:200]))
	}
	return join(full("ftyp", []byte("isom"), u32(0), []byte("isomiso5")), moov, fragment(1), fragment(2))
}
