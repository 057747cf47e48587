package qa

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/humandispatch/humandispatch/media"
)

// podcast is what the checks of a recording need to know of the task.
type podcast struct {
	Speakers int  `json:"speakers"`
	Isolated bool `json:"isolated"`
}

// layout says which file or channel is whose: a file per speaker by label, or
// one file whose channels are the speakers' tracks in order; and the mix.
type layout struct {
	tracks   []heard // speakers' own tracks
	mixes    []heard
	unnamed  []*File // files that say neither speaker nor mix, and are no multichannel recording
	repeated []*File // files labelled with a speaker who has a track already
	blind    bool    // an unreadable file could hold what is missing
}

func (p podcast) layout(in *Input) layout {
	var l layout
	if p.Speakers == 0 {
		return l // not a recording of speakers
	}
	var unlabelled []*File
	seen := map[string]bool{}
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		if f.Kind != media.KindAudio {
			continue
		}
		speaker := label(f, "speaker")
		switch {
		case isMix(f) || !p.Isolated && speaker == "":
			l.mixes = append(l.mixes, heard{file: f, channel: -1})
		case speaker == "":
			unlabelled = append(unlabelled, f)
			l.blind = l.blind || !f.Facts.OK
		default:
			if seen[speaker] {
				l.repeated = append(l.repeated, f)
			}
			seen[speaker] = true
			l.tracks = append(l.tracks, heard{file: f, channel: -1, alone: true})
		}
	}
	if len(l.tracks) == 0 {
		if many := p.multichannel(unlabelled); many != nil {
			for c := range channels(many) {
				h := heard{file: many, channel: c, alone: c < p.Speakers}
				if h.alone {
					l.tracks = append(l.tracks, h)
				} else {
					l.mixes = append(l.mixes, h)
				}
			}
			for _, f := range unlabelled {
				if f != many {
					l.mixes = append(l.mixes, heard{file: f, channel: -1})
				}
			}
			return l
		}
	}
	// A file without label beyond the speakers' tracks can only be the mix.
	for _, f := range unlabelled {
		if len(l.tracks)+len(l.unnamed) >= p.Speakers && len(l.mixes) == 0 {
			l.mixes = append(l.mixes, heard{file: f, channel: -1})
			continue
		}
		l.unnamed = append(l.unnamed, f)
	}
	return l
}

// multichannel picks the file that holds all speakers: the one with the most channels.
func (p podcast) multichannel(files []*File) *File {
	var best *File
	for _, f := range files {
		if n := channels(f); n >= p.Speakers && n > 0 && (best == nil || n > channels(best)) {
			best = f
		}
	}
	return best
}

func channels(f *File) int {
	if !f.Facts.OK || len(f.Facts.AudioTracks) == 0 {
		return 0
	}
	return f.Facts.AudioTracks[0].Channels
}

// isMix reads the label mix, set to anything but a no, or a speaker called mix.
func isMix(f *File) bool {
	if strings.EqualFold(label(f, "speaker"), "mix") {
		return true
	}
	v, ok := f.Labels["mix"]
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "false", "no", "0":
		return false
	}
	return ok
}

// of returns the sounds of one file, channel by channel when its channels differ in role.
func (l layout) of(f *File) []heard {
	var out []heard
	for _, h := range append(l.tracks[:len(l.tracks):len(l.tracks)], l.mixes...) {
		if h.file == f {
			out = append(out, h)
		}
	}
	return out
}

func audioTracks(in *Input, req Requirement) Check {
	p, err := params[podcast](req)
	if err != nil {
		return mistaken(req, err)
	}
	l := p.layout(in)
	need := p.Speakers
	required := fmt.Sprintf("%s, one for each speaker, and a mix", plural(p.Speakers, "track"))
	if !p.Isolated {
		need, required = 0, "a recording"
	}
	tracks, mixes := len(l.tracks)+len(l.unnamed), len(l.mixes)
	c := blank(req, required)
	for _, f := range in.Submission.Files {
		if f.Kind == media.KindAudio {
			c.Files = append(c.Files, f.ID)
		}
	}
	c.Measured = fmt.Sprintf("%s, %s", plural(tracks, "speaker's track"), mixCount(mixes))
	if !p.Isolated {
		mixes += tracks
		c.Measured = plural(mixes, "recording")
	}
	var lacking []string
	if tracks < need {
		lacking = append(lacking, plural(need-tracks, "more speaker's track"))
	}
	if mixes == 0 {
		lacking = append(lacking, "a mix")
	}
	switch {
	case len(lacking) == 0:
	case l.blind:
		c.Measured += "; skipped, unreadable files without a label may hold the rest"
	default:
		c.Verdict = Fail
		c.Fix = "Deliver " + strings.Join(lacking, " and ") + ": a file for each speaker labelled speaker and a file labelled mix, or one multichannel file and a mix."
	}
	return c
}

func mixCount(n int) string {
	if n == 1 {
		return "1 mix"
	}
	return fmt.Sprintf("%d mixes", n)
}

func audioDuration(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinMinutes     float64 `json:"min_minutes"`
		MaxDifferenceS float64 `json:"max_difference_s"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	const slack = 0.01 // seconds, for rounding
	var shortest, longest float64
	var first, last *File
	required := fmt.Sprintf("at least %g min each, all within %g s of each other", p.MinMinutes, p.MaxDifferenceS)
	c := each(in, req, required, func(f *File) finding {
		if f.Facts.DurationS == nil {
			return unmeasured("the file has no samples to count")
		}
		d := *f.Facts.DurationS
		if first == nil || d < shortest {
			shortest, first = d, f
		}
		if last == nil || d > longest {
			longest, last = d, f
		}
		measured := fmt.Sprintf("%.2f s", d)
		if d < 60*p.MinMinutes-slack {
			return failed(measured, fmt.Sprintf("Deliver the whole recording: this one lasts %.1f s and must last at least %g s.", d, 60*p.MinMinutes))
		}
		return passed(measured, d-60*p.MinMinutes)
	}, media.KindAudio)
	if first != nil && longest-shortest > p.MaxDifferenceS+slack {
		apart := fmt.Sprintf("tracks differ by %.2f s (%s: %.2f s, %s: %.2f s)", longest-shortest, first.ID, shortest, last.ID, longest)
		if c.Verdict == Fail {
			c.Measured += "; " + apart
			return c
		}
		c.Verdict, c.Measured, c.Files = Fail, apart, []string{first.ID, last.ID}
		c.Fix = fmt.Sprintf("Export all tracks from the same start to the same end: they differ by %.1f s (allowed %g s).", longest-shortest, p.MaxDifferenceS)
	}
	return c
}

func audioIsolation(in *Input, req Requirement) Check {
	p, err := params[struct {
		podcast
		MaxCorrelation float64 `json:"max_correlation"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	required := fmt.Sprintf("correlation of at most %g between speakers' tracks", p.MaxCorrelation)
	tracks := p.layout(in).tracks
	var findings []finding
	concerned := map[Verdict][]string{}
	for i, a := range tracks {
		for _, b := range tracks[:i] {
			if !a.file.Facts.OK || !b.file.Facts.OK {
				continue // file.readable says so
			}
			found := compareTracks(b, a, p.MaxCorrelation)
			findings = append(findings, found)
			concerned[found.verdict] = append(concerned[found.verdict], b.file.ID, a.file.ID)
		}
	}
	c := conclude(req, required, "fewer than two speakers' tracks to compare", findings, nil)
	c.Files = append(c.Files, concerned[c.Verdict]...)
	slices.Sort(c.Files)
	c.Files = slices.Compact(c.Files)
	return c
}

func compareTracks(a, b heard, limit float64) finding {
	sa, whyA := a.first()
	sb, whyB := b.first()
	if why := whyA + whyB; why != "" {
		return unmeasured(why)
	}
	r := media.Correlation(sa, sb)
	pair := fmt.Sprintf("%s%s and %s%s correlate at %.2f", a.name(), a.file.ID, b.name(), b.file.ID, r)
	sameFile := a.file != b.file && a.file.Facts.SHA256 == b.file.Facts.SHA256
	switch {
	case r <= limit && !sameFile:
		return passed(pair, limit-r)
	case !sameFile && !sameColour(sa.Fingerprint, sb.Fingerprint):
		return passed(pair+" in level, but are different sounds", 0)
	}
	return failed(pair, fmt.Sprintf("Deliver each speaker's own microphone: %s%s and %s%s are the same recording.", a.name(), a.file.ID, b.name(), b.file.ID))
}

// maxColourDB is how far apart in brightness two copies of one recording may be.
const maxColourDB = 0.5

// maxRippleDB is how far the levels of two copies of one steady sound may wander
// from each other. Fingerprints are rounded to 0.1 dB, which moves a copy at
// another gain by 0.04 dB; two stretches of the same kind of noise differ by over 0.12 dB.
const maxRippleDB = 0.08

// sameColour tells sounds apart that only rise and fall together, as two voices
// taking turns evenly or two kinds of noise. A fingerprint starts with the
// brightness of the sound in dB, then has its level in dBFS for each 100 ms.
func sameColour(a, b []float32) bool {
	n := min(len(a), len(b))
	if n < 3 {
		return true // too short to tell
	}
	if math.Abs(float64(a[0]-b[0])) > maxColourDB {
		return false
	}
	mean := func(v []float32) (m float64) {
		for _, x := range v {
			m += float64(x) / float64(len(v))
		}
		return m
	}
	a, b = a[1:n], b[1:n]
	meanA, meanB := mean(a), mean(b)
	var spreadA, spreadB, apart float64 // squares
	for i := range a {
		x, y := float64(a[i])-meanA, float64(b[i])-meanB
		spreadA, spreadB, apart = spreadA+x*x, spreadB+y*y, apart+(x-y)*(x-y)
	}
	const steadyDB = 0.7
	count := float64(len(a))
	steady := max(spreadA, spreadB)/count < steadyDB*steadyDB
	return !steady || apart/count < maxRippleDB*maxRippleDB
}

// first is the sound that stands for a track when tracks are compared.
func (h heard) first() (media.ChannelSignals, string) {
	if h.channel < 0 {
		h.channel = 0
	}
	return h.signals()
}
