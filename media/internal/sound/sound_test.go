package sound_test

import (
	"math"
	"testing"

	"github.com/humandispatch/humandispatch/media/internal/sound"
)

func sine(rate int, seconds, frequency, dBFS float64) []float32 {
	out := make([]float32, int(seconds*float64(rate)))
	for i := range out {
		out[i] = float32(math.Pow(10, dBFS/20) * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return out
}

// EBU Tech 3341 and BS.1770: a 997 Hz sine at full scale in one channel is -3.01 LUFS.
func TestLoudnessOfReferenceTones(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{44100, 48000, 96000} {
		for _, level := range []float64{0, -20, -40} {
			m := sound.NewMeter(1, rate, 24)
			m.Add(sine(rate, 5, 997, level))
			r := m.Result()
			if r.Loudness == nil || math.Abs(*r.Loudness-(level-3.01)) > 0.05 {
				t.Errorf("%d Hz at %v dBFS: %v", rate, level, *r.Loudness)
			}
			if math.Abs(r.Peak-level) > 0.05 || math.Abs(r.NoiseFloor-(level-3.01)) > 0.05 {
				t.Errorf("%d Hz at %v dBFS: peak %v, floor %v", rate, level, r.Peak, r.NoiseFloor)
			}
		}
	}
}

// Tech 3341 case 3: what lies under the relative gate does not count.
func TestLoudnessIsGated(t *testing.T) {
	t.Parallel()
	m := sound.NewMeter(2, 48000, 24)
	for _, part := range []struct{ seconds, level float64 }{{10, -36}, {60, -23}, {10, -36}} {
		mono := sine(48000, part.seconds, 1000, part.level)
		both := make([]float32, 0, 2*len(mono))
		for _, v := range mono {
			both = append(both, v, v)
		}
		m.Add(both)
	}
	if l := m.Result().Loudness; l == nil || math.Abs(*l+23) > 0.1 {
		t.Errorf("%v LUFS", *l)
	}
}

func TestClippingCountsRunsOfThree(t *testing.T) {
	t.Parallel()
	m := sound.NewMeter(1, 1000, 16)
	samples := make([]float32, 1000)
	copy(samples[100:], []float32{1, 1})          // two: a peak, not clipping
	copy(samples[200:], []float32{1, 1, 1, 1, 1}) // five
	copy(samples[300:], []float32{1, 1, -1, -1})  // never three on one side
	copy(samples[400:], []float32{-1, -1, -1})    // three
	m.Add(samples)
	if got := m.Result().ClippedShare; math.Abs(got-0.008) > 1e-9 {
		t.Errorf("share %v", got)
	}
}

func TestWindowsOfSilence(t *testing.T) {
	t.Parallel()
	m := sound.NewMeter(1, 1000, 16)
	m.Add(append(make([]float32, 2000), sine(1000, 2, 100, -30)...))
	if got := m.Result().SilentShare; got != 0.5 {
		t.Errorf("share %v", got)
	}
	if r := sound.NewMeter(1, 48000, 16).Result(); r.SilentShare != 1 || r.Loudness != nil {
		t.Errorf("no samples at all: %+v", r)
	}
}
