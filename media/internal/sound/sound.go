// Package sound measures decoded sound: levels, clipping, loudness and an
// envelope that tells recordings apart. It knows samples, no files.
package sound

import (
	"math"
	"slices"
)

const (
	// silentLevel is the level in dBFS under which a window is silent.
	silentLevel = -60
	// floorLevel stands for digital silence, which has no level, in dBFS.
	floorLevel = -120
	// envelopeBlocks is how many blocks of 100 ms an envelope keeps: ten minutes.
	envelopeBlocks = 6000
)

// Channel is what was measured of one channel; shares are 0 to 1, levels dBFS.
type Channel struct {
	SilentShare, ClippedShare, NoiseFloor, Peak float64
	// Fingerprint is the brightness of the sound in dB, then its level in dBFS
	// for each 100 ms.
	Fingerprint []float32
}

// Result is what was measured of all channels.
type Result struct {
	Channels                                    []Channel
	Loudness                                    *float64 // LUFS; nil when too short or silent
	SilentShare, ClippedShare, NoiseFloor, Peak float64
}

// Meter takes samples as they are decoded.
type Meter struct {
	channels []*channel
	block    int     // samples of 100 ms
	filled   int     // of the block under way
	full     float32 // a sample of this size is at full scale
}

type channel struct {
	pre, rlb biquad

	sum, steep, loud float64 // of the block under way: squares, of differences, K-weighted
	last             float32
	peak             float32
	run              int // samples at full scale in a row
	runSign          float32
	clipped          int64
	samples          int64
	totalSum, steepS float64
	levels           []float32 // mean square of each block
	energies         []float64 // K-weighted mean square of each block
}

// NewMeter returns a meter for interleaved samples. bits is the width of the
// samples where they have one, 0 otherwise: it decides what is full scale.
func NewMeter(channels, rate, bits int) *Meter {
	m := &Meter{block: max(1, rate/10), full: 0.9999}
	if bits >= 8 && bits <= 24 {
		// The largest positive value is one step under 1.
		m.full = float32(1 - 1.5/math.Ldexp(1, bits-1))
	}
	for range channels {
		c := &channel{}
		c.pre, c.rlb = kWeighting(float64(rate))
		m.channels = append(m.channels, c)
	}
	return m
}

// Add takes interleaved samples, whole frames of them.
func (m *Meter) Add(samples []float32) {
	n := len(m.channels)
	for len(samples) >= n {
		frames := min(len(samples)/n, m.block-m.filled)
		part := samples[:frames*n]
		samples = samples[frames*n:]
		for i, c := range m.channels {
			c.add(part[i:], n, m.full)
		}
		if m.filled += frames; m.filled == m.block {
			m.endBlock()
		}
	}
}

func (c *channel) add(samples []float32, step int, full float32) {
	sum, steep, loud, peak, last := c.sum, c.steep, c.loud, c.peak, c.last
	pre, rlb := c.pre, c.rlb
	for i := 0; i < len(samples); i += step {
		v := samples[i]
		size := v
		if size < 0 {
			size = -size
		}
		if size > peak {
			peak = size
		}
		if size >= full {
			c.atFullScale(v)
		} else {
			c.run = 0
		}
		x := float64(v)
		difference := x - float64(last)
		last = v
		sum += x * x
		steep += difference * difference
		y := pre.b0*x + pre.z1
		pre.z1 = pre.b1*x - pre.a1*y + pre.z2
		pre.z2 = pre.b2*x - pre.a2*y
		z := rlb.b0*y + rlb.z1
		rlb.z1 = rlb.b1*y - rlb.a1*z + rlb.z2
		rlb.z2 = rlb.b2*y - rlb.a2*z
		loud += z * z
	}
	// Denormals of a filter that rings out into silence would slow everything down.
	for _, z := range []*float64{&pre.z1, &pre.z2, &rlb.z1, &rlb.z2} {
		if math.Abs(*z) < 1e-30 {
			*z = 0
		}
	}
	c.samples += int64((len(samples) + step - 1) / step)
	c.sum, c.steep, c.loud, c.peak, c.last = sum, steep, loud, peak, last
	c.pre, c.rlb = pre, rlb
}

func (c *channel) atFullScale(v float32) {
	if c.run > 0 && v*c.runSign < 0 {
		c.run = 0
	}
	c.run++
	c.runSign = v
	switch {
	case c.run == 3:
		c.clipped += 3
	case c.run > 3:
		c.clipped++
	}
}

func (m *Meter) endBlock() {
	for _, c := range m.channels {
		n := float64(m.filled)
		c.levels = append(c.levels, float32(c.sum/n))
		c.energies = append(c.energies, c.loud/n)
		c.totalSum += c.sum
		c.steepS += c.steep
		c.sum, c.steep, c.loud = 0, 0, 0
	}
	m.filled = 0
}

// Result closes the measurement.
func (m *Meter) Result() Result {
	if m.filled >= m.block/2 || m.filled > 0 && len(m.channels[0].levels) == 0 {
		m.endBlock()
	}
	r := Result{NoiseFloor: floorLevel, Peak: floorLevel}
	var together []float64 // mean square of 400 ms windows over all channels
	var clipped, samples int64
	for _, c := range m.channels {
		windows := windowsOf(c.levels)
		out := Channel{
			SilentShare: silentShare(windows), NoiseFloor: percentile(windows, 0.1),
			Peak: level(float64(c.peak) * float64(c.peak)), Fingerprint: c.fingerprint(),
		}
		if c.samples > 0 {
			out.ClippedShare = float64(c.clipped) / float64(c.samples)
		}
		clipped += c.clipped
		samples += c.samples
		r.Peak = max(r.Peak, out.Peak)
		if together == nil {
			together = make([]float64, len(windows))
		}
		for i, w := range windows {
			together[i] += w / float64(len(m.channels))
		}
		r.Channels = append(r.Channels, out)
	}
	r.SilentShare, r.NoiseFloor = silentShare(together), percentile(together, 0.1)
	if samples > 0 {
		r.ClippedShare = float64(clipped) / float64(samples)
	}
	r.Loudness = m.loudness()
	return r
}

// windowsOf joins blocks into windows of 400 ms; what is left over counts as one
// when it is all there is.
func windowsOf(blocks []float32) (windows []float64) {
	for len(blocks) >= 4 {
		windows = append(windows, float64(blocks[0]+blocks[1]+blocks[2]+blocks[3])/4)
		blocks = blocks[4:]
	}
	if len(windows) == 0 && len(blocks) > 0 {
		sum := 0.0
		for _, b := range blocks {
			sum += float64(b)
		}
		windows = append(windows, sum/float64(len(blocks)))
	}
	return windows
}

func silentShare(windows []float64) float64 {
	if len(windows) == 0 {
		return 1
	}
	silent := 0
	for _, w := range windows {
		if level(w) < silentLevel {
			silent++
		}
	}
	return float64(silent) / float64(len(windows))
}

func percentile(windows []float64, share float64) float64 {
	if len(windows) == 0 {
		return floorLevel
	}
	sorted := slices.Sorted(slices.Values(windows))
	return level(sorted[int(share*float64(len(sorted)-1))])
}

// level is a mean square in dBFS, where a square wave at full scale is 0.
func level(meanSquare float64) float64 {
	if meanSquare <= 1e-12 {
		return floorLevel
	}
	return math.Round(1000*10*math.Log10(meanSquare))/1000 + 0 // no negative zero
}

func (c *channel) fingerprint() []float32 {
	n := min(len(c.levels), envelopeBlocks)
	out := make([]float32, 0, n+1)
	brightness := 0.0
	if c.totalSum > 0 && c.steepS > 0 {
		brightness = 10 * math.Log10(c.steepS/c.totalSum)
	}
	out = append(out, tenth(brightness*10)/10)
	for _, l := range c.levels[:n] {
		out = append(out, tenth(max(level(float64(l)), -100)))
	}
	return out
}

func tenth(v float64) float32 { return float32(math.Round(v*10) / 10) }

// biquad is a second-order filter in transposed direct form II.
type biquad struct{ b0, b1, b2, a1, a2, z1, z2 float64 }

// kWeighting returns the two filters of ITU-R BS.1770-4, annex 1, for any sample
// rate: the analogue prototypes behind the tabulated 48 kHz coefficients, warped.
func kWeighting(rate float64) (pre, rlb biquad) {
	f0, gain, q := 1681.974450955533, 3.999843853973347, 0.7071752369554196
	k := math.Tan(math.Pi * min(f0/rate, 0.49))
	vh := math.Pow(10, gain/20)
	vb := math.Pow(vh, 0.4996667741545416)
	a0 := 1 + k/q + k*k
	pre = biquad{
		b0: (vh + vb*k/q + k*k) / a0, b1: 2 * (k*k - vh) / a0, b2: (vh - vb*k/q + k*k) / a0,
		a1: 2 * (k*k - 1) / a0, a2: (1 - k/q + k*k) / a0,
	}
	f0, q = 38.13547087602444, 0.5003270373238773
	k = math.Tan(math.Pi * f0 / rate)
	a0 = 1 + k/q + k*k
	rlb = biquad{b0: 1, b1: -2, b2: 1, a1: 2 * (k*k - 1) / a0, a2: (1 - k/q + k*k) / a0}
	return pre, rlb
}

// loudness is the gated integrated loudness (annex 1): blocks of 400 ms every
// 100 ms, first gate -70 LUFS, second 10 LU under the mean of what passed it.
// Every channel counts alike: of a recording with a channel a speaker there is
// no left, right or surround.
func (m *Meter) loudness() *float64 {
	if len(m.channels) == 0 {
		return nil
	}
	n := len(m.channels[0].energies) - 3
	if n < 1 {
		return nil
	}
	blocks := make([]float64, 0, n)
	for i := range n {
		sum := 0.0
		for _, c := range m.channels {
			e := c.energies[i:][:4]
			sum += (e[0] + e[1] + e[2] + e[3]) / 4
		}
		blocks = append(blocks, sum)
	}
	const offset = -0.691
	threshold := math.Pow(10, (-70-offset)/10)
	mean, any := meanOver(blocks, threshold)
	if !any {
		return nil
	}
	mean, any = meanOver(blocks, max(threshold, mean/10))
	if !any {
		return nil
	}
	lufs := math.Round(100*(offset+10*math.Log10(mean))) / 100
	return &lufs
}

func meanOver(blocks []float64, threshold float64) (float64, bool) {
	sum, n := 0.0, 0
	for _, b := range blocks {
		if b > threshold {
			sum += b
			n++
		}
	}
	return sum / float64(max(n, 1)), n > 0
}
