package qa

import (
	"fmt"
	"slices"
	"strings"
)

// EngineVersion changes whenever the same input could be judged differently.
const EngineVersion = "1.0.0"

// Judge runs every requirement of the input and reports each verdict with its
// evidence, in the order of the requirements. It is deterministic and pure.
func Judge(in Input) Report {
	return run(in, func(check) bool { return true })
}

// PerFile runs only the checks that judge a file by itself, as preflight does
// with files that are not yet submitted.
func PerFile(in Input) Report {
	return run(in, func(c check) bool { return c.perFile })
}

func run(in Input, wanted func(check) bool) Report {
	r := Report{EngineVersion: EngineVersion, TemplateVersion: in.TemplateVersion, Checks: []Check{}}
	for _, req := range in.Requirements {
		if len(in.Only) > 0 && !slices.Contains(in.Only, req.Check) {
			continue
		}
		c, ok := lookup(req.Check)
		if !ok {
			r.Checks = append(r.Checks, Check{ID: req.Check, Blocking: req.Blocking, Verdict: Inconclusive, Files: []string{},
				Measured: "this engine has no such check", Fix: "Ask a reviewer to look at it."})
			continue
		}
		if !wanted(c) {
			continue
		}
		r.Checks = append(r.Checks, c.judge(&in, req))
	}
	r.Settle()
	return r
}

// Settle recomputes OverallPass and Summary from the checks, overrides counted.
func (r *Report) Settle() {
	var failed, open, advised []string
	for _, c := range r.Checks {
		verdict := c.Verdict
		if c.Override != nil {
			verdict = c.Override.Verdict
		}
		switch {
		case verdict == Fail && c.Blocking:
			failed = append(failed, c.ID)
		case verdict == Inconclusive && c.Blocking:
			open = append(open, c.ID)
		case verdict == Fail:
			advised = append(advised, c.ID)
		}
	}
	r.OverallPass = len(failed) == 0 && len(open) == 0
	var parts []string
	if len(failed) > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d checks failed: %s", len(failed), len(r.Checks), strings.Join(failed, ", ")))
	}
	if len(open) > 0 {
		parts = append(parts, fmt.Sprintf("for a reviewer: %s", strings.Join(open, ", ")))
	}
	if r.OverallPass {
		parts = append(parts, fmt.Sprintf("all %d checks done, no blocking check failed", len(r.Checks)))
	}
	if len(advised) > 0 {
		parts = append(parts, "advice: "+strings.Join(advised, ", "))
	}
	r.Summary = strings.Join(parts, "; ") + "."
}
