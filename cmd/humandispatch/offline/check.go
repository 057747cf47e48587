// Package offline judges a submission on disk as the server would: the logic of
// `humandispatch check`. It knows no database and no HTTP.
package offline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/templates"
)

// Exit codes of Check.
const (
	Passed    = 0
	NotPassed = 1
	BadInput  = 2
)

// Prober reads the facts of one file; *media.Prober does.
type Prober interface {
	Probe(ctx context.Context, src media.Source, signals bool) (media.Facts, error)
}

// Answer is what Check prints: the body of GET /v1/work_orders/{id}/qa, without
// the ids that only a server gives.
type Answer struct {
	QA Run `json:"qa"`
}

// Run is one QA run.
type Run struct {
	OverallPass     bool       `json:"overallPass"`
	RunID           *string    `json:"run_id"`
	WorkOrderID     *string    `json:"work_order_id"`
	Revision        *int       `json:"revision"`
	Status          string     `json:"status"`
	EngineVersion   string     `json:"engine_version"`
	TemplateVersion string     `json:"template_version"`
	Summary         string     `json:"summary"`
	Checks          []qa.Check `json:"checks"`
	StartedAt       time.Time  `json:"started_at"`
	CompletedAt     time.Time  `json:"completed_at"`
}

// Check judges the submission in one file against the task in another, with the
// check-ins of a third unless checkinsPath is empty. Paths in the submission are
// relative to its own file. It prints the answer to stdout and returns Passed or
// NotPassed; the task may be a POST /v1/tasks body or a task as the API returns
// it. On bad input it says on stderr what to correct and returns BadInput.
func Check(ctx context.Context, taskPath, submissionPath, checkinsPath string, prober Prober, stdout, stderr io.Writer) int {
	started := time.Now()
	in, err := input(ctx, taskPath, submissionPath, checkinsPath, prober)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return BadInput
	}
	report := qa.Judge(in)
	answer := Answer{Run{
		OverallPass:     report.OverallPass,
		Status:          "completed",
		EngineVersion:   report.EngineVersion,
		TemplateVersion: report.TemplateVersion,
		Summary:         report.Summary,
		Checks:          report.Checks,
		StartedAt:       started.UTC(),
		CompletedAt:     time.Now().UTC(),
	}}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if err := out.Encode(answer); err != nil {
		fmt.Fprintln(stderr, err)
		return BadInput
	}
	if report.OverallPass {
		return Passed
	}
	return NotPassed
}

func input(ctx context.Context, taskPath, submissionPath, checkinsPath string, prober Prober) (qa.Input, error) {
	raw, err := os.ReadFile(taskPath)
	if err != nil {
		return qa.Input{}, fmt.Errorf("the task cannot be read: %w", err)
	}
	raw, version := ordered(raw)
	task, problems := templates.Read(raw)
	if len(problems) > 0 {
		var b strings.Builder
		fmt.Fprintf(&b, "%s: the task is not valid:", taskPath)
		for _, p := range problems {
			fmt.Fprintf(&b, "\n  %s: found %s; expected %s. %s", orTask(p.Path), p.Found, p.Expected, p.Fix)
		}
		return qa.Input{}, errors.New(b.String())
	}
	tpl, _ := templates.Get(task.TaskType)
	if version != "" {
		known := false
		if tpl, known = templates.GetVersion(task.TaskType, version); !known {
			return qa.Input{}, fmt.Errorf("%s: template_version: found %q; this program does not have that version of %s", taskPath, version, task.TaskType)
		}
	}

	raw, err = os.ReadFile(submissionPath)
	if err != nil {
		return qa.Input{}, fmt.Errorf("the submission cannot be read: %w", err)
	}
	refs, answers, message, err := qa.ParseSubmission(raw)
	if err != nil {
		return qa.Input{}, fmt.Errorf("%s: the submission is not valid:\n%w", submissionPath, err)
	}
	submission := qa.Submission{Answers: answers, Message: message}
	submission.Files, err = probeAll(ctx, filepath.Dir(submissionPath), refs, prober)
	if err != nil {
		return qa.Input{}, fmt.Errorf("%s: %w", submissionPath, err)
	}

	var checkIns []qa.CheckIn
	if checkinsPath != "" {
		if raw, err = os.ReadFile(checkinsPath); err != nil {
			return qa.Input{}, fmt.Errorf("the check-ins cannot be read: %w", err)
		}
		if checkIns, err = qa.ParseCheckIns(raw); err != nil {
			return qa.Input{}, fmt.Errorf("%s: the check-ins are not valid:\n%w", checkinsPath, err)
		}
	}
	in := templates.Input(task, tpl, submission, checkIns)
	in.NoIndex = true
	return in, nil
}

// ordered takes a task as the API returns it back to the body it was made from:
// the fields a server adds are dropped, the template's version is kept apart.
// Any other body comes back as it is.
func ordered(raw []byte) (body []byte, version string) {
	var task map[string]json.RawMessage
	if json.Unmarshal(raw, &task) != nil || task["id"] == nil || task["template_version"] == nil {
		return raw, ""
	}
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(task["template_version"], &version) != nil || json.Unmarshal(templates.TaskSchema(), &schema) != nil {
		return raw, ""
	}
	maps.DeleteFunc(task, func(field string, _ json.RawMessage) bool { return schema.Properties[field] == nil })
	body, err := json.Marshal(task)
	if err != nil {
		return raw, ""
	}
	return body, version
}

func orTask(path string) string {
	if path == "" {
		return "(the whole task)"
	}
	return path
}

// probeAll reads the facts of every file, several at a time.
func probeAll(ctx context.Context, dir string, refs []qa.FileRef, prober Prober) ([]qa.File, error) {
	files := make([]qa.File, len(refs))
	errs := make([]error, len(refs))
	slots := make(chan struct{}, runtime.NumCPU())
	var wait sync.WaitGroup
	for i, ref := range refs {
		if ref.Path == "" {
			errs[i] = fmt.Errorf("files[%d]: found file_id %q; offline a file is named by its path", i, ref.FileID)
			continue
		}
		path := ref.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			facts, err := probe(ctx, path, prober)
			if err != nil {
				errs[i] = fmt.Errorf("files[%d]: %w", i, err)
			}
			files[i] = qa.File{ID: ref.Path, Name: filepath.Base(ref.Path), Kind: ref.Kind, Labels: ref.Labels, Note: ref.Note, Facts: facts}
		})
	}
	wait.Wait()
	return files, errors.Join(errs...)
}

func probe(ctx context.Context, path string, prober Prober) (media.Facts, error) {
	f, err := os.Open(path)
	if err != nil {
		return media.Facts{}, fmt.Errorf("the file cannot be opened: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return media.Facts{}, err
	}
	if !info.Mode().IsRegular() {
		return media.Facts{}, fmt.Errorf("%s is not a file", path)
	}
	return prober.Probe(ctx, media.Source{File: f, Size: info.Size(), Name: filepath.Base(path)}, true)
}
