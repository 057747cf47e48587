// Package templates owns the ten task templates as data: their task_spec
// schemas, rules across fields, acceptance tests and sample payloads. It reads
// and validates tasks and says what QA must prove of each. It knows no HTTP and
// no database.
package templates

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Template is one kind of task that can be ordered. It is the answer of
// GET /v1/templates/{task_type}.
type Template struct {
	TaskType        string           `json:"task_type"`
	Version         string           `json:"version"`
	Name            string           `json:"name"`
	Description     string           `json:"description"`
	Risk            string           `json:"risk" enum:"low,medium,high"`
	LocationModes   []string         `json:"location_modes"`
	TurnaroundHours float64          `json:"turnaround_hours" doc:"Hours after the schedule's end until the deadline, when the task names neither"`
	Deliverables    []Asked          `json:"deliverables" doc:"What a task of this template must ask for"`
	TaskSpecSchema  json.RawMessage  `json:"task_spec_schema" doc:"JSON Schema (2020-12) of task_spec"`
	ValidationRules []Rule           `json:"validation_rules"`
	AcceptanceTests []AcceptanceTest `json:"acceptance_tests"`
	SamplePayload   json.RawMessage  `json:"sample_payload" doc:"A body for POST /v1/tasks that is accepted"`

	spec     *jsonschema.Schema
	defaults map[string]any // the task_spec schema as decoded, to fill defaults from
}

// Asked says which deliverables a task of the template must have.
type Asked struct {
	Kinds   []string `json:"kinds" doc:"Any one of these kinds"`
	Formats []string `json:"formats" doc:"Formats that may be asked for"`
	Count   []any    `json:"count" doc:"How many at least: the product of these numbers, fields of the task and lengths of its arrays"`
}

// Rule is a validation rule across fields.
type Rule struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

// AcceptanceTest names a check of the catalogue. A parameter that is a string
// starting with $ refers to a field of the task, such as
// $task_spec.clip_seconds.max; every other one is a literal.
type AcceptanceTest struct {
	Check       string         `json:"check"`
	Blocking    bool           `json:"blocking"`
	Description string         `json:"description"`
	Params      map[string]any `json:"params,omitempty"`
}

//go:embed data/*.json
var data embed.FS

// order is the order of the public documentation.
var order = []string{
	"PRODUCT_PHOTO_ECOMM", "UGC_VERTICAL_BATCH", "EVENT_PHOTO_COVERAGE", "EVENT_HIGHLIGHT_VIDEO", "ON_SITE_STORY_PACK",
	"RETAIL_AUDIT_PHOTO_CHECK", "OOH_ASSET_VERIFICATION", "STREET_TEAM_DISTRIBUTION", "POPUP_EVENT_STAFFING", "PODCAST_ON_SITE_CAPTURE",
}

// load reads the embedded templates once. They are part of the binary, so a
// mistake in them is one of the programmer's and panics.
var load = sync.OnceValue(func() []Template {
	all := make([]Template, 0, len(order))
	for _, name := range order {
		t, err := read(data, name)
		if err != nil {
			panic(fmt.Sprintf("templates: %s: %v", name, err))
		}
		all = append(all, t)
	}
	return all
})

func read(files fs.FS, name string) (Template, error) {
	var t Template
	raw, err := fs.ReadFile(files, "data/"+name+".json")
	if err != nil {
		return t, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return t, err
	}
	if t.spec, err = compile(name, t.TaskSpecSchema); err != nil {
		return t, err
	}
	return t, json.Unmarshal(t.TaskSpecSchema, &t.defaults)
}

// All returns every template, newest version each, in the order of the documentation.
func All() []Template {
	return append([]Template(nil), load()...)
}

// Get returns the newest version of a template.
func Get(taskType string) (Template, bool) {
	for _, t := range load() {
		if t.TaskType == taskType {
			return t, true
		}
	}
	return Template{}, false
}

// GetVersion returns one version of a template: the one a task was made from.
func GetVersion(taskType, version string) (Template, bool) {
	t, ok := Get(taskType)
	return t, ok && t.Version == version
}
