package templates

import (
	"encoding/json"
	"strings"

	"github.com/humandispatch/humandispatch/qa"
)

// Resolve returns the acceptance tests of one task, references replaced by the
// task's values. A reference to a field the task does not have becomes nil.
func (t Template) Resolve(task Task) []qa.Requirement {
	fields := task.fields()
	out := make([]qa.Requirement, len(t.AcceptanceTests))
	for i, test := range t.AcceptanceTests {
		out[i] = qa.Requirement{Check: test.Check, Blocking: test.Blocking, Description: test.Description}
		if test.Params != nil {
			out[i].Params, _ = resolve(test.Params, fields).(map[string]any)
		}
	}
	return out
}

// fields is the task as plain JSON values, for references.
func (t Task) fields() map[string]any {
	var out map[string]any
	raw, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil // a task that Validate did not return
	}
	return out
}

func resolve(v any, fields map[string]any) any {
	switch v := v.(type) {
	case string:
		path, ok := strings.CutPrefix(v, "$")
		if !ok {
			return v
		}
		var at any = fields
		for _, step := range strings.Split(path, ".") {
			object, _ := at.(map[string]any)
			at = object[step]
		}
		return at
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = resolve(x, fields)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = resolve(x, fields)
		}
		return out
	}
	return v
}

// Input puts together what qa.Judge needs.
func Input(task Task, tpl Template, submission qa.Submission, checkIns []qa.CheckIn) qa.Input {
	in := qa.Input{
		TaskType:        tpl.TaskType,
		TemplateVersion: tpl.Version,
		Task: qa.Task{
			Onsite:     task.Location.Mode == "onsite",
			StartAt:    task.Schedule.StartAt,
			EndAt:      task.Schedule.End(),
			DeadlineAt: task.Deadline(tpl),
		},
		Requirements: tpl.Resolve(task),
		Submission:   submission,
		CheckIns:     checkIns,
	}
	for _, d := range task.Deliverables {
		in.Task.Deliverables = append(in.Task.Deliverables, qa.Deliverable{Kind: qa.Kind(d.Kind), Count: d.Count, Format: d.Format})
	}
	return in
}
