package templates

import (
	"encoding/json"
	"testing"
	"time"
)

var now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func TestSamplePayloadsAreValid(t *testing.T) {
	t.Parallel()
	all := All()
	if len(all) != 10 {
		t.Fatalf("%d templates, want 10", len(all))
	}
	for _, tpl := range all {
		t.Run(tpl.TaskType, func(t *testing.T) {
			t.Parallel()
			task, problems := Validate(tpl.SamplePayload, now)
			for _, p := range problems {
				t.Errorf("%s: found %s, expected %s; %s", p.Path, p.Found, p.Expected, p.Fix)
			}
			again, err := json.Marshal(task)
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := Validate(again, now); len(problems) > 0 {
				t.Errorf("the task with its defaults is not valid itself: %v", problems)
			}
			for _, r := range tpl.Resolve(task) {
				for k, v := range r.Params {
					if s, ok := v.(string); ok && len(s) > 0 && s[0] == '$' {
						t.Errorf("%s: parameter %s is unresolved: %s", r.Check, k, s)
					}
				}
			}
		})
	}
}
