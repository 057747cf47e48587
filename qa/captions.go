package qa

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"github.com/humandispatch/humandispatch/media"
)

func isCaptionFormat(format string) bool {
	return family(format) == "srt" || family(format) == "vtt"
}

// isSidecar says whether a document is a caption file.
func isSidecar(f *File) bool {
	return f.Kind == media.KindDocument && (isCaptionFormat(f.Facts.Format) || isCaptionFormat(path.Ext(f.base())))
}

// base is the file's own name, without folders of either kind of slash.
func (f *File) base() string {
	name := f.Name
	if name == "" {
		name = f.ID
	}
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

func stem(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
}

// sidecarOf says whether a caption file belongs to a clip: the same base name,
// or that and a language, as in clip.en.srt.
func sidecarOf(sidecar, clip *File) bool {
	s, c := stem(sidecar.base()), stem(clip.base())
	return s == c || strings.HasPrefix(s, c+".")
}

func captionsPresent(in *Input, req Requirement) Check {
	p, err := params[struct {
		Required bool `json:"required"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	if !p.Required {
		c := blank(req, "no captions")
		c.Measured = "not asked for"
		return c
	}
	return each(in, req, "a caption track, or an .srt or .vtt file of the same base name", func(f *File) finding {
		if n := f.Facts.CaptionTracks; n != nil && *n > 0 {
			return passed(plural(*n, "caption track"), 1)
		}
		for i := range in.Submission.Files {
			s := &in.Submission.Files[i]
			switch {
			case !isSidecar(s) || !sidecarOf(s, f):
			case !s.Facts.OK:
				return passed("captions in "+s.ID+", which is unreadable", 0)
			case strings.TrimSpace(s.Facts.CaptionText) != "":
				return passed("captions in "+s.ID, 1)
			}
		}
		return failed("no captions", "Add captions to it: a caption track, or an .srt or .vtt file with the clip's name.")
	}, media.KindVideo)
}

func captionsClaims(in *Input, req Requirement) Check {
	p, err := params[struct {
		Claims []string `json:"claims"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	var claims []string
	for _, c := range p.Claims {
		if strings.TrimSpace(c) != "" {
			claims = append(claims, c)
		}
	}
	c := blank(req, "none of the blocked claims in captions")
	if len(claims) == 0 {
		c.Measured = "no claims are blocked"
		return c
	}
	videos, notes := readable(in, media.KindVideo)
	documents, _ := readable(in, media.KindDocument)
	var findings []finding
	for _, f := range append(videos, documents...) {
		text := f.Facts.CaptionText
		var found finding
		switch {
		case f.Kind == media.KindDocument && !isSidecar(f):
			continue
		case text == "" && f.Facts.CaptionTracks != nil && *f.Facts.CaptionTracks > 0:
			found = unmeasured("the text of its caption track could not be read")
		default:
			found = passed("no blocked claim", 0)
			for _, claim := range claims {
				if claimed(text, claim) {
					found = failed("says "+quoted(claim), fmt.Sprintf("Take the claim %s out of its captions and out of what is said.", quoted(claim)))
					break
				}
			}
		}
		found.file = f.ID
		findings = append(findings, found)
	}
	return conclude(req, c.Required, "no captions", findings, notes)
}

// claimed says whether text contains a claim, however it is written: other
// letters that look the same, digits for letters, spaced out, or with marks and
// invisible characters between. Whole words only.
func claimed(text, claim string) bool {
	for _, leet := range []*strings.Replacer{asWritten, leetDigits, leetSigns} {
		for _, marks := range []bool{false, true} {
			wanted := words(claim, leet, marks)
			if len(wanted) > 0 && contains(words(text, leet, marks), wanted) {
				return true
			}
		}
	}
	return false
}

// contains looks for the wanted words one after the other, where either side
// may have split a word by spaces or marks.
func contains(text, wanted []string) bool {
	joined := strings.Join(wanted, "")
	for i := range text {
		// The plain case: the same words.
		if len(text)-i >= len(wanted) && slices.Equal(text[i:i+len(wanted)], wanted) {
			return true
		}
		// Spaced out: single letters and short pieces that make up the claim.
		rest, pieces := joined, 0
		for j := i; j < len(text) && rest != ""; j++ {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, text[j]); !ok {
				break
			}
			pieces++
			if rest == "" && (pieces == 1 || spaced(text[i:i+pieces])) {
				return true
			}
		}
	}
	return false
}

// spaced says whether words look like one word pulled apart: mostly single letters.
func spaced(pieces []string) bool {
	single := 0
	for _, p := range pieces {
		if len([]rune(p)) == 1 {
			single++
		}
	}
	return 2*single >= len(pieces)
}

// Digits and signs, and the letters they stand for. A sign may also be just a
// sign ("cures!"), so the text is read each way.
var (
	asWritten  = strings.NewReplacer()
	leetDigits = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "9", "g")
	leetSigns  = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "9", "g",
		"@", "a", "$", "s", "€", "e", "!", "i", "|", "i", "+", "t", "(", "c")
)

// words folds a text to its words: NFKC, invisible characters and accents
// removed, case folded, digits and signs read as leet says, look-alikes brought
// to one skeleton. Marks end a word, or with drop vanish inside it ("guaran-teed").
func words(s string, leet *strings.Replacer, drop bool) []string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r), r == '\u115f', r == '\u3164':
			return -1 // invisible, or an accent
		}
		return r
	}, norm.NFKD.String(norm.NFKC.String(s)))
	s = leet.Replace(strings.ToLower(s))
	// The skeleton maps m to rn, and l, 1 and I to one letter; both sides get the same.
	s = strings.ToLower(confusables.Skeleton(s))
	wordRune := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	if drop {
		s = strings.Map(func(r rune) rune {
			if wordRune(r) || unicode.IsSpace(r) {
				return r
			}
			return -1
		}, s)
	}
	return strings.FieldsFunc(s, func(r rune) bool { return !wordRune(r) })
}
