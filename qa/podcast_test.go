package qa

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/humandispatch/humandispatch/media"
)

// print makes a fingerprint: brightness, then levels rounded to 0.1 dB.
func print(brightness float64, level func(i int) float64) []float32 {
	out := []float32{float32(math.Round(brightness*10) / 10)}
	for i := range 120 {
		out = append(out, float32(math.Round(level(i)*10)/10))
	}
	return out
}

func TestSoundsThatAreTheSame(t *testing.T) {
	t.Parallel()
	noise := func(seed uint64, gain float64) func(int) float64 {
		r := rand.New(rand.NewPCG(seed, 1))
		return func(int) float64 { return -25 + gain + 0.09*r.NormFloat64() }
	}
	turns := func(i int) float64 {
		if i/10%2 == 0 {
			return -20
		}
		return -80
	}
	for _, c := range []struct {
		name string
		a, b []float32
		want bool
	}{
		{"a steady tone and its copy", print(-20, func(int) float64 { return -21 }), print(-20, func(int) float64 { return -27 }), true},
		{"two tones", print(-20, func(int) float64 { return -21 }), print(-16.7, func(int) float64 { return -21 }), false},
		{"noise and its copy", print(3, noise(1, 0)), print(3, noise(1, -6.03)), true},
		{"two noises", print(3, noise(1, 0)), print(3, noise(2, 0)), false},
		{"two voices in the same rhythm", print(-20, turns), print(-17, turns), false},
		{"one voice, twice", print(-20, turns), print(-20.2, turns), true},
		{"nothing", nil, nil, true},
	} {
		if got := sameColour(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func sound(id string, channels int, labels map[string]string) File {
	return File{ID: id, Kind: media.KindAudio, Labels: labels, Facts: media.Facts{
		OK: true, Kind: media.KindAudio, Format: "wav", AudioTracks: []media.AudioTrack{{Codec: "pcm", Channels: channels, SampleRate: 48000}}}}
}

func TestLayoutOfRecordings(t *testing.T) {
	t.Parallel()
	ana, ben, mix := map[string]string{"speaker": "Ana"}, map[string]string{"speaker": "Ben"}, map[string]string{"mix": "true"}
	broken := sound("x", 0, nil)
	broken.Facts = media.Facts{}
	for _, c := range []struct {
		name                           string
		files                          []File
		tracks, mixes, unnamed, repeat int
	}{
		{"a file each and a mix", []File{sound("a", 1, ana), sound("b", 1, ben), sound("m", 2, mix)}, 2, 1, 0, 0},
		{"the mix without label", []File{sound("m", 2, nil), sound("a", 1, ana), sound("b", 1, ben)}, 2, 1, 0, 0},
		{"a track without label", []File{sound("a", 1, ana), sound("b", 1, nil), sound("m", 2, mix)}, 1, 1, 1, 0},
		{"a speaker twice", []File{sound("a", 1, ana), sound("b", 1, ana), sound("m", 2, mix)}, 2, 1, 0, 1},
		{"mix said to be none", []File{sound("a", 1, ana), sound("b", 1, map[string]string{"speaker": "Ben", "mix": "false"})}, 2, 0, 0, 0},
		{"one file, mix beside it", []File{sound("m", 2, mix), sound("all", 2, nil)}, 2, 1, 0, 0},
		{"one file, mix in it", []File{sound("all", 4, nil)}, 2, 2, 0, 0},
		{"the file with more channels holds the speakers", []File{sound("m", 2, nil), sound("all", 6, nil)}, 2, 5, 0, 0},
		{"mono files without labels", []File{sound("a", 1, nil), sound("b", 1, nil), sound("m", 1, nil)}, 0, 1, 2, 0},
		{"nothing readable", []File{broken}, 0, 0, 1, 0},
	} {
		in := Input{Submission: Submission{Files: c.files}}
		l := podcast{Speakers: 2, Isolated: true}.layout(&in)
		if len(l.tracks) != c.tracks || len(l.mixes) != c.mixes || len(l.unnamed) != c.unnamed || len(l.repeated) != c.repeat {
			t.Errorf("%s: %d tracks, %d mixes, %d without name, %d repeated", c.name, len(l.tracks), len(l.mixes), len(l.unnamed), len(l.repeated))
		}
	}
}
