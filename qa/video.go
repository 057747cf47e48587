package qa

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/humandispatch/humandispatch/media"
)

// durationSlack allows for the last frame and the padding of encoders, in seconds.
const durationSlack = 0.1

func videoDuration(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinS float64 `json:"min_s"`
		MaxS float64 `json:"max_s"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	required := fmt.Sprintf("%g to %g s", p.MinS, p.MaxS)
	if p.MinS == 0 {
		required = fmt.Sprintf("at most %g s", p.MaxS)
	}
	return each(in, req, required, func(f *File) finding {
		if f.Facts.DurationS == nil {
			return unmeasured("the file has no samples to count")
		}
		d := *f.Facts.DurationS
		measured := fmt.Sprintf("%.2f s", d)
		if h := f.Facts.HeaderDurationS; h != nil && math.Abs(*h-d) > 1 {
			measured += fmt.Sprintf(" of samples (the header claims %.2f s)", *h)
		}
		switch {
		case d < p.MinS-durationSlack:
			return failed(measured, fmt.Sprintf("Deliver a longer one: this one lasts %.1f s and must last at least %g s.", d, p.MinS))
		case d > p.MaxS+durationSlack:
			return failed(measured, fmt.Sprintf("Cut it shorter: this one lasts %.1f s and may last at most %g s.", d, p.MaxS))
		}
		return passed(measured, min(d-p.MinS, p.MaxS-d))
	}, media.KindVideo)
}

func videoAspect(in *Input, req Requirement) Check {
	p, err := params[struct {
		Ratio     string  `json:"ratio"`
		Tolerance float64 `json:"tolerance"`
		Photos    bool    `json:"photos"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	w, h, ok := strings.Cut(p.Ratio, ":")
	rw, errW := strconv.ParseFloat(w, 64)
	rh, errH := strconv.ParseFloat(h, 64)
	if !ok || errW != nil || errH != nil || rw <= 0 || rh <= 0 {
		return mistaken(req, fmt.Errorf("ratio %q", p.Ratio))
	}
	kinds := []media.Kind{media.KindVideo}
	if p.Photos {
		kinds = append(kinds, media.KindPhoto)
	}
	return each(in, req, fmt.Sprintf("%s after rotation, ± %g %%", p.Ratio, 100*p.Tolerance), func(f *File) finding {
		w, h := f.Facts.DisplayWidth, f.Facts.DisplayHeight
		if w == nil || h == nil || *w <= 0 || *h <= 0 {
			return unmeasured("the file does not tell its size")
		}
		off := math.Abs(float64(*w)/float64(*h)*rh/rw - 1)
		measured := fmt.Sprintf("%d × %d upright", *w, *h)
		if off > p.Tolerance+1e-9 {
			return failed(measured, fmt.Sprintf("Export it as %s: it is %d × %d after rotation.", p.Ratio, *w, *h))
		}
		return passed(measured, p.Tolerance-off)
	}, kinds...)
}

func videoResolution(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinShortEdgePx int `json:"min_short_edge_px"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("short edge of at least %d px", p.MinShortEdgePx), func(f *File) finding {
		w, h := f.Facts.DisplayWidth, f.Facts.DisplayHeight
		if w == nil || h == nil {
			return unmeasured("the file does not tell its size")
		}
		edge := min(*w, *h)
		measured := fmt.Sprintf("short edge %d px (%d × %d)", edge, *w, *h)
		if edge < p.MinShortEdgePx {
			return failed(measured, fmt.Sprintf("Record or export it larger: the short edge is %d px and must have at least %d px.", edge, p.MinShortEdgePx))
		}
		return passed(measured, float64(edge-p.MinShortEdgePx))
	}, media.KindVideo)
}

func videoFrameRate(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinFPS float64 `json:"min_fps"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("at least %g frames a second", p.MinFPS), func(f *File) finding {
		if f.Facts.FrameRate == nil {
			return unmeasured("the file does not tell its frames")
		}
		rate := *f.Facts.FrameRate
		measured := fmt.Sprintf("%.2f frames a second", rate)
		if rate < p.MinFPS {
			return failed(measured, fmt.Sprintf("Record or export it at 24 frames a second or more: it has %.1f.", rate))
		}
		return passed(measured, rate-p.MinFPS)
	}, media.KindVideo)
}

func videoAudioTrack(in *Input, req Requirement) Check {
	return each(in, req, "at least one audio track", func(f *File) finding {
		n := len(f.Facts.AudioTracks)
		if n == 0 {
			return failed("no audio track", "Export it with its sound: it has no audio track.")
		}
		return passed(plural(n, "audio track"), float64(n))
	}, media.KindVideo)
}
