package jpegscale_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"testing"

	"github.com/humandispatch/humandispatch/media/internal/jpegscale"
	"github.com/humandispatch/humandispatch/media/mediatest"
)

func TestReducedPictureIsTheFullOneAveraged(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]image.Point{
		"half":    {2100, 1501},
		"quarter": {4200, 333},
		"eighth":  {8200, 77},
	} {
		b := mediatest.JPEG(mediatest.Photo{Width: size.X, Height: size.Y, Seed: 4, Look: mediatest.Blurred})
		full, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		small, err := jpegscale.Decode(b, 1024)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		factor := (size.X + small.Rect.Dx() - 1) / small.Rect.Dx()
		want := full.(*image.YCbCr)
		worst := 0
		for y := 0; y < size.Y/factor; y++ {
			for x := 0; x < size.X/factor; x++ {
				sum := 0
				for j := range factor {
					for i := range factor {
						sum += int(want.Y[want.YOffset(x*factor+i, y*factor+j)])
					}
				}
				got := int(small.Y[small.YOffset(x, y)])
				worst = max(worst, got-sum/(factor*factor), sum/(factor*factor)-got)
			}
		}
		if worst > 12 {
			t.Errorf("%s: a pixel is off by %d", name, worst)
		}
	}
}

func TestCutOffPictureIsTruncated(t *testing.T) {
	t.Parallel()
	b := mediatest.JPEG(mediatest.Photo{Width: 2400, Height: 1800, Seed: 4})
	for _, n := range []int{len(b) / 2, len(b) - 100} {
		if _, err := jpegscale.Decode(b[:n], 1024); !errors.Is(err, jpegscale.ErrTruncated) {
			t.Errorf("cut at %d of %d: %v", n, len(b), err)
		}
	}
}

func TestSmallPicturesAreLeftToOthers(t *testing.T) {
	t.Parallel()
	if _, err := jpegscale.Decode(mediatest.JPEG(mediatest.Photo{}), 1024); !errors.Is(err, jpegscale.ErrUnsupported) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkDecode12MP(b *testing.B) {
	data := mediatest.JPEG(mediatest.Photo{Width: 4032, Height: 3024, Seed: 4, Quality: 92})
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := jpegscale.Decode(data, 1024); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mediatest.JPEG(mediatest.Photo{Width: 64, Height: 48}))
	f.Fuzz(func(t *testing.T, b []byte) {
		// A picture's size is checked before it comes here.
		if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err == nil && c.Width*c.Height > 1<<20 {
			return
		}
		if img, err := jpegscale.Decode(b, 16); err == nil && img.Rect.Empty() {
			t.Error("an empty picture")
		}
	})
}
