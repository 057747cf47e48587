package media

import (
	"bytes"
	"testing"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// camera is a 12-megapixel file of a camera's size.
func camera() []byte {
	return mediatest.JPEG(mediatest.Photo{
		Width: 4032, Height: 3024, Seed: 1, Quality: 90, Grain: 4, Orientation: 6,
		GPS: &mediatest.Position{Lat: 43.65, Lng: -79.38}, Make: "Acme", Model: "One",
	})
}

func benchmarkRead(b *testing.B, data []byte, signals bool) {
	b.ReportAllocs()
	for b.Loop() {
		if f := read(newInput(bytes.NewReader(data), int64(len(data))), request{Signals: signals}); !f.OK {
			b.Fatal(f.Error)
		}
	}
}

func BenchmarkJPEGFacts(b *testing.B)   { benchmarkRead(b, camera(), false) }
func BenchmarkJPEGSignals(b *testing.B) { benchmarkRead(b, camera(), true) }
func BenchmarkMP4Facts(b *testing.B) {
	benchmarkRead(b, mediatest.MP4(mediatest.Clip{Seconds: 30, Sound: mediatest.AACTone}), false)
}

func BenchmarkWAVSignals(b *testing.B) {
	benchmarkRead(b, mediatest.WAV(mediatest.Recording{Seconds: 600, Channels: 2, Bits: 16}), true)
}
