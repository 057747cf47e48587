package qa

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/humandispatch/humandispatch/media"
)

func photoResolution(in *Input, req Requirement) Check {
	p, err := params[struct {
		Edge  string `json:"edge"` // long or short
		MinPx int    `json:"min_px"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("%s edge of at least %d px", p.Edge, p.MinPx), func(f *File) finding {
		w, h := f.Facts.DisplayWidth, f.Facts.DisplayHeight
		if w == nil || h == nil {
			return unmeasured("the file does not tell its size")
		}
		edge := max(*w, *h)
		if p.Edge == "short" {
			edge = min(*w, *h)
		}
		measured := fmt.Sprintf("%s edge %d px (%d × %d)", p.Edge, edge, *w, *h)
		if edge < p.MinPx {
			return failed(measured, fmt.Sprintf("Upload the original at full size: the %s edge is %d px and must have at least %d px.", p.Edge, edge, p.MinPx))
		}
		return passed(measured, float64(edge-p.MinPx))
	}, media.KindPhoto)
}

// photoSharpness fails what is clearly blurred: little fine detail, both as such
// and for the picture's contrast, as a sharp picture of a plain thing has little
// detail but little contrast too.
func photoSharpness(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinFocus  float64 `json:"min_focus"`
		MinDetail float64 `json:"min_detail"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	judgesExposure := slices.ContainsFunc(in.Requirements, func(r Requirement) bool { return r.Check == "photo.exposure" })
	required := fmt.Sprintf("focus measure of at least %g, or at least %g of the luma variance", p.MinFocus, p.MinDetail)
	return each(in, req, required, func(f *File) finding {
		if why := missing(f, "image"); why != "" {
			return unmeasured(why)
		}
		image := f.Facts.Signals.Image
		if dark, bright := extremes(image.LumaHistogram, whiteFrom); judgesExposure && max(dark, bright) >= emptyShare {
			return passed("skipped, no picture to be sharp: photo.exposure judges it", math.Inf(1))
		}
		detail := image.Focus / (variance(image.LumaHistogram) + 1)
		measured := fmt.Sprintf("focus measure %.1f, %.4f of the luma variance", image.Focus, detail)
		if image.Focus < p.MinFocus && detail < p.MinDetail {
			return failed(measured, fmt.Sprintf("Take it again in focus and hold still: this one is blurred (focus measure %.1f, at least %g needed).", image.Focus, p.MinFocus))
		}
		return passed(measured, max(image.Focus/p.MinFocus, detail/p.MinDetail))
	}, media.KindPhoto)
}

// variance of luma in levels squared, from its histogram of bands of 4 levels.
func variance(histogram [64]float64) float64 {
	mean, square := 0.0, 0.0
	for band, share := range histogram {
		level := float64(4*band) + 1.5
		mean += share * level
		square += share * level * level
	}
	return max(0, square-mean*mean)
}

// Luma levels beyond which a pixel says nothing, and the share of such pixels
// that leaves no picture. White products on white need the stricter pair.
const (
	blackBelow      = 32
	whiteFrom       = 224
	whiteFromStrict = 240
	emptyShare      = 0.98
	emptyStrict     = 0.995
)

// extremes returns the shares of a luma histogram that are nearly black, and at
// the level white or over. A band is 4 levels wide.
func extremes(histogram [64]float64, white int) (dark, bright float64) {
	for band, share := range histogram {
		if band*4 < blackBelow {
			dark += share
		}
		if band*4 >= white {
			bright += share
		}
	}
	return dark, bright
}

func photoExposure(in *Input, req Requirement) Check {
	p, err := params[struct {
		Background string `json:"background"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	white, share := whiteFrom, emptyShare
	if p.Background == "white" {
		white, share = whiteFromStrict, emptyStrict
	}
	required := fmt.Sprintf("at most %g %% of the picture under level %d, at most %g %% at level %d or over", 100*emptyShare, blackBelow, 100*share, white)
	return each(in, req, required, func(f *File) finding {
		if why := missing(f, "image"); why != "" {
			return unmeasured(why)
		}
		histogram := f.Facts.Signals.Image.LumaHistogram
		if p.Background == "white" {
			histogram = f.Facts.Signals.Image.LumaInner
		}
		dark, bright := extremes(histogram, white)
		switch {
		case dark >= emptyShare:
			return failed(fmt.Sprintf("nearly black: %.1f %% under level %d", 100*dark, blackBelow), "Take it again with more light: this one is nearly black.")
		case bright >= share:
			return failed(fmt.Sprintf("nearly white: %.1f %% at level %d or over", 100*bright, white), "Take it again with less light: this one is nearly white.")
		}
		return passed(fmt.Sprintf("%.1f %% dark, %.1f %% bright", 100*dark, 100*bright), 1-max(dark, bright))
	}, media.KindPhoto)
}

func photoBackground(in *Input, req Requirement) Check {
	p, err := params[struct {
		Background    string  `json:"background"`
		MinWhiteShare float64 `json:"min_white_share"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	if p.Background != "white" {
		c := blank(req, "no white background")
		c.Measured = "not asked for"
		return c
	}
	required := fmt.Sprintf("at least %g %% of the border at 240 or over in all channels", 100*p.MinWhiteShare)
	return each(in, req, required, func(f *File) finding {
		if why := missing(f, "image"); why != "" {
			return unmeasured(why)
		}
		share := f.Facts.Signals.Image.BorderWhite
		measured := fmt.Sprintf("%.1f %% of the border is white", 100*share)
		if share < p.MinWhiteShare {
			return failed(measured, fmt.Sprintf("Put the product on pure white up to the border: %.0f %% of the border is white, %g %% is needed.", 100*share, 100*p.MinWhiteShare))
		}
		return passed(measured, share-p.MinWhiteShare)
	}, media.KindPhoto)
}

func photoColorSpace(in *Input, req Requirement) Check {
	return each(in, req, "sRGB", func(f *File) finding {
		profile := f.Facts.ColorProfile
		switch {
		case profile == nil:
			return passed("no profile, read as sRGB", 1)
		case strings.Contains(strings.ToLower(*profile), "srgb"):
			return passed("sRGB", 0)
		}
		return failed("another colour profile than sRGB", "Export it in sRGB: other profiles look wrong in many browsers.")
	}, media.KindPhoto)
}

func photoReused(in *Input, req Requirement) Check {
	p, err := params[struct {
		SameBits int `json:"same_bits"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	const required = "not seen in earlier work"
	if in.NoIndex {
		c := blank(req, required)
		c.Measured = "no earlier files at hand to compare with"
		return c
	}
	const fix = "Take a new picture: this one was used in earlier work."
	return each(in, req, required, func(f *File) finding {
		switch {
		case f.Reused == nil:
			return passed("not seen before", 64)
		case f.Reused.Exact:
			return failed("the same file as in earlier work", fix)
		case f.Reused.Distance <= p.SameBits:
			return failed(fmt.Sprintf("the same picture as in earlier work (%d of 64 bits differ)", f.Reused.Distance), fix)
		}
		return passed(fmt.Sprintf("like a picture of earlier work (%d of 64 bits differ)", f.Reused.Distance), float64(f.Reused.Distance))
	}, media.KindPhoto)
}
