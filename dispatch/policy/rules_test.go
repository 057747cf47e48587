package policy

import (
	"io/fs"
	"testing"

	"go.yaml.in/yaml/v3"
)

func ruleSources(t testing.TB) []ruleFile {
	t.Helper()
	names, err := fs.Glob(embedded, "rules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var out []ruleFile
	for _, name := range names {
		data, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var f ruleFile
		if err := yaml.Unmarshal(data, &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, f)
	}
	return out
}

// screenExample screens a text as the rule would see it.
func screenExample(r ruleSource, text string) Decision {
	template := ""
	if len(r.Templates) > 0 {
		template = r.Templates[0]
	}
	return Default().screen([]field{{path: "brief", text: text}}, template, r.Path, false)
}

func TestEveryRuleMatchesItsExamplesAndSparesItsNearMisses(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range ruleSources(t) {
		for _, r := range f.Rules {
			seen[f.Category] = true
			if len(r.Examples) == 0 || len(r.NearMisses) == 0 || len(r.Languages) == 0 {
				t.Errorf("%s: examples, near misses and languages are required", r.ID)
			}
			for _, text := range r.Examples {
				hit := false
				for _, m := range screenExample(r, text).Rules {
					hit = hit || m.ID == r.ID
				}
				if !hit {
					t.Errorf("%s does not match its example %q", r.ID, text)
				}
			}
			for _, text := range r.NearMisses {
				if d := screenExample(r, text); d.Decision != Allow {
					t.Errorf("near miss of %s: %q is stopped: %+v", r.ID, text, d.Rules)
				}
			}
		}
	}
	for _, c := range Categories {
		if !seen[c] {
			t.Errorf("no rule of category %s", c)
		}
	}
}
