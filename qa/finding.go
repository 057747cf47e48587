package qa

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/humandispatch/humandispatch/media"
)

// finding is what one file gave one check. Texts name files by id and never
// repeat what the talent wrote: reports are read by agents.
type finding struct {
	file     string // id
	verdict  Verdict
	measured string
	fix      string
	margin   float64 // how far from the limit; the smallest is shown when all pass
}

func passed(measured string, margin float64) finding {
	return finding{verdict: Pass, measured: measured, margin: margin}
}

func failed(measured, fix string) finding {
	return finding{verdict: Fail, measured: measured, fix: fix}
}

// askReviewer is the fix of a check that nobody but a reviewer can settle.
const askReviewer = "Nothing to do: a reviewer will look at it."

// unmeasured is a finding that could not be made; why is the reason.
func unmeasured(why string) finding {
	return finding{verdict: Inconclusive, measured: "not measured: " + why, fix: askReviewer}
}

// blank is the check of a requirement before its verdict.
func blank(req Requirement, required string) Check {
	return Check{ID: req.Check, Blocking: req.Blocking, Verdict: Pass, Required: required, Files: []string{}}
}

// params reads a requirement's parameters into a struct with JSON tags.
func params[T any](req Requirement) (T, error) {
	var p T
	raw, err := json.Marshal(req.Params)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	return p, err
}

// mistaken is the check of a requirement whose parameters cannot be read: a
// template made for another engine.
func mistaken(req Requirement, err error) Check {
	c := blank(req, "")
	c.Verdict, c.Measured, c.Fix = Inconclusive, "not measured: the template's parameters are unreadable: "+err.Error(), askReviewer
	return c
}

// conclude makes one check of its findings: the worst verdict counts, and the
// files that caused it are shown. Notes say what was left out and why.
func conclude(req Requirement, required, nothing string, findings []finding, notes []string) Check {
	c := blank(req, required)
	for _, v := range []Verdict{Fail, Inconclusive} {
		if slices.ContainsFunc(findings, func(f finding) bool { return f.verdict == v }) {
			c.Verdict = v
			break
		}
	}
	var shown []finding
	for _, f := range findings {
		if f.verdict == c.Verdict {
			shown = append(shown, f)
			if f.file != "" && !slices.Contains(c.Files, f.file) {
				c.Files = append(c.Files, f.file)
			}
		}
	}
	switch {
	case len(findings) == 0:
		c.Measured = nothing
	case c.Verdict == Pass:
		c.Measured = closest(shown)
	default:
		c.Measured = several(shown, len(findings))
		c.Fix = shown[0].fix
		if more := len(c.Files) - 1; more > 0 && c.Verdict == Fail {
			c.Fix = strings.TrimSuffix(c.Fix, ".") + fmt.Sprintf(", and see to %s with the same fault.", plural(more, "more file"))
		}
	}
	if len(notes) > 0 {
		if c.Measured != "" {
			c.Measured += "; "
		}
		c.Measured += strings.Join(notes, "; ")
	}
	return c
}

// closest shows the finding nearest to its limit.
func closest(findings []finding) string {
	least := slices.MinFunc(findings, func(a, b finding) int {
		switch {
		case a.margin < b.margin:
			return -1
		case a.margin > b.margin:
			return 1
		}
		return 0
	})
	if len(findings) == 1 || least.file == "" {
		return least.measured
	}
	if !slices.ContainsFunc(findings, func(f finding) bool { return f.measured != least.measured }) {
		return fmt.Sprintf("%s, all %s", least.measured, plural(len(findings), "file"))
	}
	return fmt.Sprintf("%s in %s, the closest call of %s", least.measured, least.file, plural(len(findings), "file"))
}

func several(findings []finding, of int) string {
	const most = 5
	var parts []string
	for i, f := range findings {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(findings)-most))
			break
		}
		if f.file == "" {
			parts = append(parts, f.measured)
		} else {
			parts = append(parts, f.file+": "+f.measured)
		}
	}
	text := strings.Join(parts, "; ")
	if of > 1 && len(findings) < of {
		text += fmt.Sprintf(" (%d of %d)", len(findings), of)
	}
	return text
}

// each judges every readable file of the given kinds, and says which files it skipped.
func each(in *Input, req Requirement, required string, judge func(*File) finding, kinds ...media.Kind) Check {
	files, notes := readable(in, kinds...)
	findings := make([]finding, 0, len(files))
	for _, f := range files {
		found := judge(f)
		found.file = f.ID
		findings = append(findings, found)
	}
	nothing := "no " + join(kinds) + " to measure"
	if len(notes) > 0 {
		nothing = ""
	}
	return conclude(req, required, nothing, findings, notes)
}

// readable returns the files of the given kinds, if they were asked for, whose content is of that kind
// too. Others are named in the notes: file.readable and file.format judge those.
func readable(in *Input, kinds ...media.Kind) (files []*File, notes []string) {
	var broken, other []string
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		switch {
		case !slices.Contains(kinds, f.Kind) || !in.Task.asks(f.Kind):
		case !f.Facts.OK:
			broken = append(broken, f.ID)
		case f.Facts.Kind != f.Kind:
			other = append(other, f.ID)
		default:
			files = append(files, f)
		}
	}
	if len(broken) > 0 {
		notes = append(notes, "skipped, unreadable: "+shortList(broken))
	}
	if len(other) > 0 {
		notes = append(notes, "skipped, not what it was declared as: "+shortList(other))
	}
	return files, notes
}

func shortList(items []string) string {
	const most = 5
	if len(items) > most {
		return strings.Join(items[:most], ", ") + fmt.Sprintf(" and %d more", len(items)-most)
	}
	return strings.Join(items, ", ")
}

func join(kinds []media.Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, " or ")
}

// plural counts a noun: 1 file, 2 files.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// metres prints a distance as a person says it.
func metres(m float64) string {
	if m < 1000 {
		return fmt.Sprintf("%.0f m", m)
	}
	return fmt.Sprintf("%.1f km", m/1000)
}

// quoted prints a name that a person typed, safely and shortly.
func quoted(s string) string {
	const most = 40
	r := []rune(s)
	if len(r) > most {
		r = append(r[:most], '…')
	}
	return fmt.Sprintf("%q", string(r))
}

// missing returns why signals of a group are missing, empty when they are there.
func missing(f *File, group string) string {
	s := f.Facts.Signals
	if s == nil {
		return "the file was probed without signals"
	}
	if why, ok := s.NotMeasured[group]; ok {
		return why
	}
	if group == "image" && s.Image == nil || group == "audio" && s.Audio == nil {
		return "no " + group + " signals were taken"
	}
	return ""
}
