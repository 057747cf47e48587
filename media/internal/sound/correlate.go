package sound

import "math"

const (
	// maxShift is how far two recordings of the same may be apart, in blocks.
	maxShift = 50
	// minOverlap is how much has to be left to compare, in blocks.
	minOverlap = 20
	// quiet is how far under a recording's loudest level its envelope is looked
	// at, in dB: what lies below is the room, not the voice.
	quiet = 45
	// flat is the standard deviation in dB under which an envelope says nothing.
	flat = 0.7
)

// Correlate says how alike two fingerprints are, 0 to 1. Gain and a shift of up
// to five seconds do not matter. Sound without any envelope, like a steady tone,
// is compared by its brightness. Silence is like nothing.
func Correlate(a, b []float32) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	x, okX := envelope(a[1:])
	y, okY := envelope(b[1:])
	if !okX || !okY {
		return 0
	}
	if deviation(x) < flat && deviation(y) < flat {
		if math.Abs(float64(a[0]-b[0])) < 0.05 {
			return 1
		}
		return 0
	}
	best, at := 0.0, 0
	for shift := -maxShift; shift <= maxShift; shift++ {
		if r := pearson(x, y, shift); r > best {
			best, at = r, shift
		}
	}
	// Recordings start between blocks: half a block either way.
	between := make([]float64, len(y)-1)
	for i := range between {
		between[i] = (y[i] + y[i+1]) / 2
	}
	for shift := at - 1; shift <= at+1; shift++ {
		best = max(best, pearson(x, between, shift))
	}
	return min(best, 1)
}

// envelope smooths over two blocks and cuts off what is quiet; ok is false for silence.
func envelope(levels []float32) (out []float64, ok bool) {
	top := float32(math.Inf(-1))
	for _, v := range levels {
		top = max(top, v)
	}
	if top < silentLevel {
		return nil, false
	}
	bottom := float64(top) - quiet
	out = make([]float64, max(1, len(levels)-1))
	for i := range out {
		next := levels[min(i+1, len(levels)-1)]
		out[i] = (max(float64(levels[i]), bottom) + max(float64(next), bottom)) / 2
	}
	return out, true
}

func deviation(v []float64) float64 {
	sum, squares := 0.0, 0.0
	for _, x := range v {
		sum += x
		squares += x * x
	}
	n := float64(len(v))
	return math.Sqrt(max(0, squares/n-sum*sum/n/n))
}

// pearson correlates x with y moved by shift, over what overlaps.
func pearson(x, y []float64, shift int) float64 {
	if shift > 0 {
		x = x[min(shift, len(x)):]
	} else {
		y = y[min(-shift, len(y)):]
	}
	n := min(len(x), len(y))
	if n < minOverlap && shift != 0 || n < 3 {
		return 0
	}
	x, y = x[:n], y[:n]
	var sx, sy, sxx, syy, sxy float64
	for i, a := range x {
		b := y[i]
		sx += a
		sy += b
		sxx += a * a
		syy += b * b
		sxy += a * b
	}
	m := float64(n)
	vx, vy := sxx-sx*sx/m, syy-sy*sy/m
	if vx <= 1e-9 || vy <= 1e-9 {
		return 0
	}
	return (sxy - sx*sy/m) / math.Sqrt(vx*vy)
}
