package dispatch

import (
	"fmt"
	"slices"

	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/qa"
)

// CaptionsPolicy is a check that a report has beyond its template's when the policy
// rules refuse what the captions of its files say. Like any other it fails the work
// until talent takes the words out or a reviewer overrides it.
const CaptionsPolicy = "captions.policy"

// screenCaptions returns the check that fails, or nil when no caption is refused, and
// the decision on each that is.
func (d *Dispatch) screenCaptions(files []qa.File) (*qa.Check, []policy.Decision) {
	var check *qa.Check
	var refused []policy.Decision
	for _, f := range files {
		decision, blocked := d.screenCaption(f)
		if !blocked {
			continue
		}
		refused = append(refused, decision)
		worst := decision.Rules[0]
		if check == nil {
			check = &qa.Check{ID: CaptionsPolicy, Blocking: true, Verdict: qa.Fail, Required: "captions that the policy rules do not refuse",
				Measured: fmt.Sprintf("%s says %q (rule %s of %s)", f.Name, worst.Matched, worst.ID, decision.RuleSet), Fix: worst.Fix}
		}
		check.Files = append(check.Files, f.ID)
	}
	return check, refused
}

// screenCaption reads a file's captions in pieces that overlap, for one reading has an end.
func (d *Dispatch) screenCaption(f qa.File) (policy.Decision, bool) {
	const overlap = 1 << 10
	text := f.Facts.CaptionText
	for {
		piece := text[:min(len(text), policy.MaxRead)]
		if decision := d.Screener.Text(f.ID, piece); decision.Decision == policy.Block {
			return decision, true
		}
		if len(piece) == len(text) {
			return policy.Decision{}, false
		}
		text = text[policy.MaxRead-overlap:]
	}
}

// withCaptions puts the check in a report in place of an earlier run's.
func withCaptions(report qa.Report, check *qa.Check) qa.Report {
	report.Checks = slices.DeleteFunc(slices.Clone(report.Checks), func(c qa.Check) bool { return c.ID == CaptionsPolicy })
	if check != nil {
		report.Checks = append(report.Checks, *check)
	}
	report.Settle()
	return report
}
