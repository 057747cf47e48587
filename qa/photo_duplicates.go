package qa

import (
	"fmt"
	"math"
	"slices"

	"github.com/humandispatch/humandispatch/media"
)

// photoDuplicates compares every photo with every other: the same bytes, or the
// same picture encoded again. Pictures that are only alike are mentioned.
func photoDuplicates(in *Input, req Requirement) Check {
	p, err := params[struct {
		SameBits  int `json:"same_bits"`
		AlikeBits int `json:"alike_bits"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	files, notes := readable(in, media.KindPhoto)
	var findings []finding
	var alike, twins []string
	blind := 0
	for i, f := range files {
		found := passed("all different", 0)
		if missing(f, "image") != "" {
			blind++
		}
		for _, earlier := range files[:i] {
			if found.verdict == Fail {
				break
			}
			const fix = "Take another picture for %s: it shows the same as %s."
			if f.Facts.SHA256 != "" && f.Facts.SHA256 == earlier.Facts.SHA256 {
				found = failed("the same file as "+earlier.ID, fmt.Sprintf(fix, f.ID, earlier.ID))
				twins = append(twins, earlier.ID)
				continue
			}
			distance, ok := pictureDistance(f, earlier)
			switch {
			case !ok:
			case distance <= p.SameBits && sameTones(f, earlier):
				found = failed(fmt.Sprintf("the same picture as %s (%d of 64 bits differ)", earlier.ID, distance), fmt.Sprintf(fix, f.ID, earlier.ID))
				twins = append(twins, earlier.ID)
			case distance <= p.AlikeBits && len(alike) < 5:
				alike = append(alike, fmt.Sprintf("%s and %s (%d bits)", earlier.ID, f.ID, distance))
			}
		}
		found.file = f.ID
		findings = append(findings, found)
	}
	if blind > 0 {
		notes = append(notes, "compared by their bytes only: "+plural(blind, "file"))
	}
	if len(alike) > 0 {
		notes = append(notes, "for information, near-alike: "+shortList(alike))
	}
	c := conclude(req, "no picture twice: other bytes, and over "+fmt.Sprint(p.SameBits)+" of 64 perceptual bits different", "no photo to compare", findings, notes)
	for _, id := range twins {
		if !slices.Contains(c.Files, id) {
			c.Files = append(c.Files, id)
		}
	}
	if c.Verdict == Pass && len(findings) > 0 {
		c.Measured = fmt.Sprintf("%s, all different", plural(len(files), "photo"))
		if len(notes) > 0 {
			c.Measured += "; " + shortList(notes)
		}
	}
	return c
}

// pictureDistance is the number of perceptual bits in which two pictures differ.
func pictureDistance(a, b *File) (int, bool) {
	if missing(a, "image") != "" || missing(b, "image") != "" {
		return 0, false
	}
	return media.HashDistance(a.Facts.Signals.Image.PHash, b.Facts.Signals.Image.PHash), true
}

// Encoding a picture again leaves its tones where they are: on average it moves
// them by less than 2 of 256 levels, and hardly any by over 8. Plain pictures of
// different things can share a perceptual hash; their tones tell them apart.
const (
	maxToneShift  = 2.0  // luma levels
	maxMovedShare = 0.02 // share of pixels moved by over two bands of 4 levels
)

func sameTones(a, b *File) bool {
	x, y := a.Facts.Signals.Image, b.Facts.Signals.Image
	return closeTones(x.LumaHistogram, y.LumaHistogram) && closeTones(x.LumaInner, y.LumaInner)
}

// closeTones compares two histograms by the earth mover's distance between them,
// and by the share that stays unmatched when two bands of difference are allowed.
func closeTones(x, y [64]float64) bool {
	const allowed = 2
	var a, b [64]float64 // cumulative
	shift, sumA, sumB := 0.0, 0.0, 0.0
	for i := range x {
		sumA, sumB = sumA+x[i], sumB+y[i]
		a[i], b[i] = sumA, sumB
		shift += 4 * math.Abs(sumA-sumB)
	}
	moved := 0.0
	for i := range a {
		j := min(i+allowed, len(a)-1)
		moved = max(moved, a[i]-b[j], b[i]-a[j])
	}
	return shift <= maxToneShift && moved <= maxMovedShare
}
