package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// labelled is one brief of testdata/*.jsonl: what people would read of a task, and
// what it is. docs/policy.md says which parts were tuned on and which only measured.
type labelled struct {
	Group    string         `json:"group"`
	Category string         `json:"category"`
	TaskType string         `json:"task_type"`
	Title    string         `json:"title"`
	Brief    string         `json:"brief"`
	Spec     map[string]any `json:"task_spec"`

	Label string          `json:"label"` // the group, in the files that hold whole bodies
	Body  json.RawMessage `json:"body"`
}

func (l labelled) group() string {
	if l.Label != "" {
		return l.Label
	}
	return l.Group
}

func (l labelled) body(t testing.TB) []byte {
	t.Helper()
	if l.Body != nil {
		return l.Body
	}
	spec := l.Spec
	if l.TaskType == "STREET_TEAM_DISTRIBUTION" {
		spec = map[string]any{"area": squareKilometre, "item_count": 500, "permit_reference": "City permit 2026-1187"}
		for k, v := range l.Spec {
			spec[k] = v
		}
	}
	body, err := json.Marshal(map[string]any{
		"task_type": l.TaskType, "title": l.Title, "brief": l.Brief, "task_spec": spec,
		"location": map[string]any{"mode": "onsite", "address": "12 Market Square, Springfield", "lat": 48.2, "lng": 16.37},
		"schedule": map[string]any{"start_at": "2026-06-12T10:00:00+02:00", "duration_hours": 4},
		"budget":   map[string]any{"currency": "EUR", "pricing_model": "fixed", "max_total": 600},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

var groups = []string{"honest", "plain", "disguised", "language"}

// learned are the files of testdata that the weights were learned from, each by one
// author or about one thing.
var learned = strings.Fields(`labelled fresh paraphrases bodies_a bodies_b britain america agents languages honest covers trades twins twins_languages
	disguises evaluator short languages_everyday breadth first agents_formal short_everyday languages_firms disguises_mixed languages_regions disguises_formal walks_of_life lists`)

// measured are the files that are only measured.
var measured = strings.Fields(`second third`)

var squareKilometre = map[string]any{"type": "Polygon", "coordinates": [][][2]float64{{{16.37, 48.2}, {16.38, 48.2}, {16.38, 48.207}, {16.37, 48.207}, {16.37, 48.2}}}}

func readLabelled(t testing.TB, file string) []labelled {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []labelled
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var l labelled
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// TestLabelled measures the screening on briefs that nothing was tuned or learned on,
// each file by an author who knew neither rules nor weights, and holds it to what is
// required. With -v it prints the table of docs/policy.md, and with POLICY_SHOW set what
// went wrong.
func TestLabelled(t *testing.T) {
	t.Parallel()
	type count struct{ n, stopped int }
	table := "| part | group | briefs | stopped | share | required |\n|---|---|---:|---:|---:|---|\n"
	required := map[string]float64{"honest": 0.02, "plain": 0.95, "disguised": 0.90, "language": 0.80}
	row := func(name string, parts []string, hold bool) {
		counts := map[string]*count{}
		for _, part := range parts {
			for _, l := range readLabelled(t, "testdata/"+part+".jsonl") {
				d, err := Default().Task(l.body(t))
				if err != nil {
					t.Fatal(err)
				}
				c := counts[l.group()]
				if c == nil {
					c = &count{}
					counts[l.group()] = c
				}
				c.n++
				if d.Decision != Allow {
					c.stopped++
				}
				if (d.Decision != Allow) == (l.group() == "honest") && os.Getenv("POLICY_SHOW") != "" {
					t.Logf("%s %s %s: %s | %s %v", part, l.group(), l.Category, l.Title, l.Brief, d.Rules)
				}
			}
		}
		for _, g := range groups {
			c := counts[g]
			if c == nil {
				continue
			}
			share, sign := float64(c.stopped)/float64(c.n), "≥"
			ok := share >= required[g]
			if g == "honest" {
				sign, ok = "≤", share <= required[g]
			}
			table += fmt.Sprintf("| %s | %s | %d | %d | %.1f %% | %s %.0f %% |\n", name, g, c.n, c.stopped, 100*share, sign, 100*required[g])
			if hold && !ok {
				t.Errorf("%s: %.1f %% of %s briefs stopped, required %s %.0f %%", name, 100*share, g, sign, 100*required[g])
			}
		}
	}
	for _, part := range measured {
		row(part, []string{part}, false)
	}
	row("measured, together", measured, true)
	row("learned from", learned, false)
	t.Log("\n" + table)
}
