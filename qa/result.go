// Package qa holds the check catalogue and the judge: facts, submission,
// check-ins and task in, verdicts out. It is pure; it knows no database and no HTTP.
package qa

import "time"

// Verdict is the outcome of one check.
type Verdict string

// The three verdicts. A blocking check that is inconclusive goes to a reviewer.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Inconclusive Verdict = "inconclusive"
)

// Check is one judged check with its evidence.
type Check struct {
	ID       string    `json:"id" doc:"Check id of the catalogue, such as photo.location"`
	Blocking bool      `json:"blocking" doc:"True when a fail or inconclusive verdict stops acceptance; false for an advisory check"`
	Verdict  Verdict   `json:"verdict" enum:"pass,fail,inconclusive"`
	Required string    `json:"required" doc:"What the template or the task asks for, with units"`
	Measured string    `json:"measured" doc:"What was found, with units"`
	Files    []string  `json:"files" doc:"Ids (offline: paths) of the files the verdict concerns"`
	Fix      string    `json:"fix" doc:"What the talent should do, in one sentence; empty when the check passed"`
	Override *Override `json:"override,omitempty" doc:"A reviewer's decision that replaces the verdict"`
}

// Override is a reviewer's decision about one check.
type Override struct {
	Verdict Verdict   `json:"verdict" enum:"pass,fail"`
	Reason  string    `json:"reason"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Report is the result of one QA run. The key overallPass is camel case because
// the public contract has it so.
type Report struct {
	OverallPass     bool    `json:"overallPass"`
	Summary         string  `json:"summary"`
	EngineVersion   string  `json:"engine_version"`
	TemplateVersion string  `json:"template_version"`
	Checks          []Check `json:"checks"`
}
