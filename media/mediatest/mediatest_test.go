package mediatest_test

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"testing"
	"time"

	"github.com/rwcarlsen/goexif/exif"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

func TestPhotosDecodeAtTheirSize(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"jpeg": mediatest.JPEG(mediatest.Photo{Width: 333, Height: 251}),
		"png":  mediatest.PNG(mediatest.Photo{Width: 333, Height: 251, Orientation: 6}),
	} {
		img, format, err := image.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if format != name || img.Bounds().Dx() != 333 || img.Bounds().Dy() != 251 {
			t.Errorf("%s decoded as %s of %v", name, format, img.Bounds())
		}
	}
}

func TestSameArgumentsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	p := mediatest.Photo{Width: 64, Height: 48, Seed: 3}
	if !bytes.Equal(mediatest.JPEG(p), mediatest.JPEG(p)) {
		t.Error("JPEG differs from one call to the next")
	}
	c := mediatest.Clip{Width: 64, Height: 48, Seconds: 0.5, Seed: 3}
	if !bytes.Equal(mediatest.MP4(c), mediatest.MP4(c)) {
		t.Error("MP4 differs from one call to the next")
	}
	r := mediatest.Recording{Seconds: 0.2, Seed: 3}
	if !bytes.Equal(mediatest.WAV(r), mediatest.WAV(r)) {
		t.Error("WAV differs from one call to the next")
	}
}

func TestMetadataIsReadByAnIndependentReader(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 10, 30, 0, 0, time.FixedZone("", -4*3600))
	x, err := exif.Decode(bytes.NewReader(mediatest.JPEG(mediatest.Photo{
		Width: 32, Height: 32, CapturedAt: at, GPS: &mediatest.Position{Lat: -33.8568, Lng: 151.2153}, Make: "Acme",
	})))
	if err != nil {
		t.Fatal(err)
	}
	lat, lng, err := x.LatLong()
	if err != nil || abs(lat+33.8568) > 1e-6 || abs(lng-151.2153) > 1e-6 {
		t.Errorf("position %v, %v, %v", lat, lng, err)
	}
	tag, err := x.Get(exif.DateTimeOriginal)
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := tag.StringVal(); s != "2026:05:04 10:30:00" {
		t.Errorf("capture time %q", s)
	}
}

func TestMoveGoesTheDistance(t *testing.T) {
	t.Parallel()
	p := mediatest.Position{Lat: 60, Lng: 10}.Move(2000, 1000)
	if abs(p.Lat-60.0179864) > 1e-6 || abs(p.Lng-10.0179864) > 1e-6 {
		t.Errorf("moved to %v", p)
	}
}

func abs(v float64) float64 { return max(v, -v) }
