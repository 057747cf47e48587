package media

import (
	"bytes"
	"context"
	"image/jpeg"
	"math"
	"os/exec"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

func signals(t testing.TB, b []byte) *Signals {
	t.Helper()
	f := probe(t, b, true)
	if !f.OK || f.Signals == nil {
		t.Fatalf("no signals: %+v", f.Error)
	}
	return f.Signals
}

func picture(t testing.TB, p mediatest.Photo) *ImageSignals {
	t.Helper()
	s := signals(t, mediatest.JPEG(p))
	if s.Image == nil {
		t.Fatalf("not measured: %v", s.NotMeasured)
	}
	return s.Image
}

func TestBlurredIsToldFromSharpAtEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{800, 600}, {1600, 1200}, {2000, 2600}, {4032, 3024}, {8300, 1000}} {
		sharp := picture(t, mediatest.Photo{Width: size[0], Height: size[1], Seed: 1})
		blurred := picture(t, mediatest.Photo{Width: size[0], Height: size[1], Seed: 1, Look: mediatest.Blurred})
		if sharp.Focus < 100 || blurred.Focus > 20 {
			t.Errorf("%v: focus %v when sharp, %v when blurred", size, sharp.Focus, blurred.Focus)
		}
	}
}

func TestExposureAndBorder(t *testing.T) {
	t.Parallel()
	share := func(h [64]float64, from, to int) (sum float64) {
		for _, v := range h[from:to] {
			sum += v
		}
		return sum
	}
	black := picture(t, mediatest.Photo{Look: mediatest.Black})
	white := picture(t, mediatest.Photo{Look: mediatest.Overexposed})
	product := picture(t, mediatest.Photo{Look: mediatest.WhiteBackground, Seed: 2})
	scene := picture(t, mediatest.Photo{Seed: 2})
	if share(black.LumaHistogram, 0, 5) < 0.99 || share(white.LumaHistogram, 58, 64) < 0.99 {
		t.Error("black is not dark or white not bright")
	}
	if product.BorderWhite < 0.99 || scene.BorderWhite > 0.1 {
		t.Errorf("border %v of a product shot, %v of a scene", product.BorderWhite, scene.BorderWhite)
	}
	if share(product.LumaInner, 60, 64) >= share(product.LumaHistogram, 60, 64) {
		t.Error("the ring is still in the inner histogram")
	}
	for _, s := range []*ImageSignals{black, white, product, scene} {
		if sum := share(s.LumaHistogram, 0, 64); math.Abs(sum-1) > 1e-3 {
			t.Errorf("the histogram sums to %v", sum)
		}
	}
}

func TestSamePictureIsRecognised(t *testing.T) {
	t.Parallel()
	first := mediatest.Photo{Width: 1600, Height: 1200, Seed: 5}
	hash := picture(t, first).PHash
	again := first
	again.Quality = 40
	scaled := first
	scaled.Width, scaled.Height = 4000, 3000
	png := signals(t, mediatest.PNG(mediatest.Photo{Width: 800, Height: 600, Seed: 5})).Image
	for name, other := range map[string]uint64{"at a lower quality": picture(t, again).PHash, "larger": picture(t, scaled).PHash, "as PNG": png.PHash} {
		if d := HashDistance(hash, other); d > 6 {
			t.Errorf("the same picture %s: %d bits apart", name, d)
		}
	}
	for seed := range int64(12) {
		if d := HashDistance(hash, picture(t, mediatest.Photo{Width: 800, Height: 600, Seed: 100 + seed}).PHash); d < 14 {
			t.Errorf("another picture, seed %d: %d bits apart", 100+seed, d)
		}
	}
}

func TestPicturesAreMeasuredUpright(t *testing.T) {
	t.Parallel()
	upright := picture(t, mediatest.Photo{Width: 900, Height: 600, Seed: 3}).PHash
	// The camera lay on its side: pixels turned, and a mark that says so.
	img, err := jpeg.Decode(bytes.NewReader(mediatest.JPEG(mediatest.Photo{Width: 900, Height: 600, Seed: 3})))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, imaging.Rotate90(img), nil); err != nil {
		t.Fatal(err)
	}
	mark := mediatest.JPEG(mediatest.Photo{Width: 8, Height: 8, Orientation: 6})
	segment := mark[2 : 4+int(be.Uint16(mark[4:]))]
	turned := join(b.Bytes()[:2], segment, b.Bytes()[2:])
	if d := HashDistance(upright, signals(t, turned).Image.PHash); d > 4 {
		t.Errorf("turned by its orientation: %d bits apart", d)
	}
}

func TestPixelsThatCannotBeDecodedAreUnreadable(t *testing.T) {
	t.Parallel()
	photo := mediatest.JPEG(mediatest.Photo{Width: 2400, Height: 1600, Seed: 1})
	small := mediatest.JPEG(mediatest.Photo{Width: 600, Height: 400, Seed: 1})
	png := mediatest.PNG(mediatest.Photo{Width: 300, Height: 200})
	for name, b := range map[string][]byte{"large": photo[:len(photo)/2], "small": small[:len(small)/2], "png": png[:len(png)/2]} {
		if f := probe(t, b, true); f.OK {
			t.Errorf("%s: half a picture was measured", name)
		}
	}
}

func TestEveryPictureFormatIsMeasured(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"png16", "gif", "bmp", "tiff"} {
		if s := signals(t, encoded(t, format, 1500, 700)); s.Image == nil || s.Image.Focus == 0 {
			t.Errorf("%s: %v", format, s.NotMeasured)
		}
	}
	if s := signals(t, sampleBigTIFF(20, 10)); s.NotMeasured["image"] == "" {
		t.Error("a BigTIFF without pixels was measured")
	}
}

func recording(t testing.TB, r mediatest.Recording) *AudioSignals {
	t.Helper()
	s := signals(t, mediatest.WAV(r))
	if s.Audio == nil {
		t.Fatalf("not measured: %v", s.NotMeasured)
	}
	return s.Audio
}

func TestSoundIsMeasured(t *testing.T) {
	t.Parallel()
	speech := recording(t, mediatest.Recording{Seconds: 10, Seed: 1})
	if speech.SilentShare > 0.5 || speech.ClippedShare > 0 || speech.NoiseFloor > -60 || speech.Loudness == nil || *speech.Loudness > -12 || *speech.Loudness < -24 {
		t.Errorf("speech: %+v, loudness %v", *speech, value(speech.Loudness))
	}
	if silence := recording(t, mediatest.Recording{Voice: mediatest.Silence}); silence.SilentShare != 1 || silence.Loudness != nil || silence.Peak > -100 {
		t.Errorf("silence: %+v", *silence)
	}
	for _, bits := range []int{8, 16, 24, 32} {
		if clipped := recording(t, mediatest.Recording{Voice: mediatest.Clipped, Bits: bits}); clipped.ClippedShare < 0.05 || clipped.Peak < -0.1 {
			t.Errorf("clipped at %d bits: %v, peak %v", bits, clipped.ClippedShare, clipped.Peak)
		}
	}
	if noise := recording(t, mediatest.Recording{Voice: mediatest.Noise}); noise.NoiseFloor < -25 || noise.ClippedShare > 0 {
		t.Errorf("noise: %+v", *noise)
	}
	several := recording(t, mediatest.Recording{Seconds: 10, Channels: 3, SampleRate: 44100, Float: true})
	if len(several.Channels) != 3 || several.Channels[0].Peak == several.Channels[1].Peak {
		t.Errorf("%d channels", len(several.Channels))
	}
}

func TestSameRecordingIsRecognised(t *testing.T) {
	t.Parallel()
	channel := func(r mediatest.Recording) ChannelSignals { return recording(t, r).Channels[0] }
	first := channel(mediatest.Recording{Seconds: 30, Seed: 1})
	if r := Correlation(first, channel(mediatest.Recording{Seconds: 30, Seed: 1, Bits: 16, NoiseFloor: -60})); r < 0.97 {
		t.Errorf("the same at another depth: %v", r)
	}
	// The same, started 1.35 s later and half as loud.
	data := mediatest.WAV(mediatest.Recording{Seconds: 30, Seed: 1, Bits: 16})
	late := append([]byte(nil), data[:44]...)
	for i := 44 + int(1.35*48000)*2; i+1 < len(data); i += 2 {
		late = le.AppendUint16(late, uint16(int16(le.Uint16(data[i:]))/2))
	}
	if r := Correlation(first, signals(t, late).Audio.Channels[0]); r < 0.95 {
		t.Errorf("the same later and quieter: %v", r)
	}
	for seed := range int64(8) {
		if r := Correlation(first, channel(mediatest.Recording{Seconds: 30, Seed: 50 + seed})); r > 0.7 {
			t.Errorf("another speaker, seed %d: %v", 50+seed, r)
		}
	}
	hum := channel(mediatest.Recording{Voice: mediatest.Humming, Seed: 1})
	if r := Correlation(hum, channel(mediatest.Recording{Voice: mediatest.Humming, Seed: 1, Bits: 16})); r != 1 {
		t.Errorf("the same tone: %v", r)
	}
	if r := Correlation(hum, channel(mediatest.Recording{Voice: mediatest.Humming, Seed: 2})); r > 0.5 {
		t.Errorf("another tone: %v", r)
	}
	silent := channel(mediatest.Recording{Voice: mediatest.Silence})
	if r := Correlation(silent, silent); r != 0 {
		t.Errorf("silence: %v", r)
	}
}

func TestEverySoundFormatIsMeasured(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"flac": sampleFLAC(t, 2, 48000, 24, 60, true), "mp3": mediatest.MP3(2), "aiff": sampleAIFF("", 2, 44100, 16, 44100),
		"film": mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 2}),
	} {
		s := signals(t, b)
		if s.Audio == nil || s.Audio.Loudness == nil || s.Audio.SilentShare > 0 {
			t.Errorf("%s: %v, %+v", name, s.NotMeasured, s.Audio)
		}
	}
	mono := signals(t, mediatest.MP3(2)).Audio
	if len(mono.Channels) != 1 {
		t.Errorf("a mono MP3 has %d channels", len(mono.Channels))
	}
	if s := signals(t, mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 2, Sound: mediatest.SilentSound})); s.Audio.SilentShare != 1 {
		t.Errorf("a silent film: %+v", s.Audio)
	}
	if s := signals(t, mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 2, Sound: mediatest.ClippedTone})); s.Audio.ClippedShare < 0.3 {
		t.Errorf("a clipped film: %v", s.Audio.ClippedShare)
	}
}

func TestSoundWithoutADecoderIsSaidSo(t *testing.T) {
	t.Parallel()
	film := mediatest.MP4(mediatest.Clip{Width: 64, Height: 48, Seconds: 3, Sound: mediatest.AACTone})
	f, err := own(t, Options{FFmpeg: "none"}).Probe(context.Background(), Source{Reader: bytes.NewReader(film), Size: int64(len(film))}, true)
	if err != nil || !f.OK || f.Signals.Audio != nil || f.Signals.NotMeasured["audio"] == "" {
		t.Errorf("%v, %+v", err, f.Signals)
	}
	// With ffmpeg the same files are measured; without it this says the same once more.
	_, missing := exec.LookPath("ffmpeg")
	for name, b := range map[string][]byte{"film": film, "bare": mediatest.AAC(3)} {
		s := signals(t, b)
		if (s.Audio != nil) != (missing == nil) {
			t.Fatalf("%s: %v", name, s.NotMeasured)
		}
		if s.Audio != nil && (s.Audio.SilentShare > 0.2 || s.Audio.Peak < -20 || len(s.Audio.Channels) != 1) {
			t.Errorf("%s: %+v", name, s.Audio)
		}
	}
}
