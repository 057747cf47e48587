package policy

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"
)

func streetTask(t *testing.T, change func(task map[string]any)) Decision {
	t.Helper()
	task := map[string]any{
		"task_type": streetTeam, "title": "Bakery leaflets", "brief": "Hand out leaflets to adults on the square.",
		"schedule":  map[string]any{"start_at": "2026-06-12T10:00:00+02:00", "duration_hours": 4.0},
		"task_spec": map[string]any{"area": squareKilometre, "item_count": 500, "permit_reference": "SN-2026-4411"},
	}
	change(task)
	body, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Default().Task(body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestStreetTeamGates(t *testing.T) {
	t.Parallel()
	permit := func(text string) func(map[string]any) {
		return func(task map[string]any) {
			spec := maps.Clone(task["task_spec"].(map[string]any))
			spec["permit_reference"] = text
			task["task_spec"] = spec
		}
	}
	at := func(start string, hours float64) func(map[string]any) {
		return func(task map[string]any) {
			task["schedule"] = map[string]any{"start_at": start, "duration_hours": hours}
		}
	}
	area := func(degrees float64) func(map[string]any) {
		return func(task map[string]any) {
			ring := [][2]float64{{16.37, 48.2}, {16.37 + degrees, 48.2}, {16.37 + degrees, 48.2 + degrees}, {16.37, 48.2 + degrees}, {16.37, 48.2}}
			task["task_spec"] = map[string]any{"permit_reference": "SN-1", "area": map[string]any{"type": "Polygon", "coordinates": [][][2]float64{ring}}}
		}
	}
	brief := func(text string) func(map[string]any) { return func(task map[string]any) { task["brief"] = text } }
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		want   Severity
		id     string
	}{
		{"as it should be", func(map[string]any) {}, Allow, ""},
		{"numbered permit", permit("Permit No. 4411/26"), Allow, ""},
		{"fake permit", permit("FAKE-123"), Block, gatePermit},
		{"disguised fake", permit("f4ke permit"), Block, gatePermit},
		{"pending", permit("Pending, applied for last week"), Block, gatePermit},
		{"none", permit("none"), Block, gatePermit},
		{"not applicable", permit("N/A"), Block, gatePermit},
		{"blank", permit(" - "), Block, gatePermit},
		{"no permit", permit("we have no permit"), Block, "illegal_distribution.permit"},
		{"German pending", permit("Genehmigung beantragt"), Block, gatePermit},
		{"night", at("2026-06-12T23:00:00+02:00", 2), Block, gateDaylight},
		{"into the night", at("2026-12-12T14:00:00+01:00", 6), Block, gateDaylight},
		{"summer evening", at("2026-06-20T18:00:00+02:00", 3), Allow, ""},
		{"several days", at("2026-06-12T10:00:00+02:00", 48), Block, gateDaylight},
		{"4 km²", area(0.0205), Allow, ""},
		{"9 km²", area(0.031), Block, gateArea},
		{"drone", brief("Film the leaflets from a drone."), Review, "illegal_distribution.street_review"},
		{"school", brief("Hand out leaflets in front of the school."), Review, "illegal_distribution.street_review"},
		{"not the school", brief("Avoid the school and the clinic."), Allow, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := streetTask(t, test.change)
			if d.Decision != test.want || test.id != "" && (len(d.Rules) == 0 || d.Rules[0].ID != test.id) {
				t.Errorf("got %+v, want %s %s", d, test.want, test.id)
			}
		})
	}
}

func TestSunElevation(t *testing.T) {
	t.Parallel()
	// NOAA's solar calculator: Vienna, solar noon at the June solstice, and midnight.
	for _, test := range []struct {
		at   string
		want float64
	}{{"2026-06-21T10:56:00Z", 65.2}, {"2026-06-20T22:56:00Z", -18.4}} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := sunElevation(at, point{48.2082, 16.3738}); got < test.want-0.5 || got > test.want+0.5 {
			t.Errorf("%s: %.2f°, want %.1f°", test.at, got, test.want)
		}
	}
}

func TestRestrictedPlaces(t *testing.T) {
	t.Parallel()
	s, err := Load([]byte("places: [{id: place.depot, kind: rail, name: Tram depot, category: trespass, severity: review, polygon: [[16.30, 48.10], [16.31, 48.10], [16.31, 48.11], [16.30, 48.11]]}]"))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"location":{"lat":37.24,"lng":-115.80}}`:                                                         "place.groom_lake location",
		`{"location":{"lat":48.105,"lng":16.305}}`:                                                         "place.depot location",
		`{"task_spec":{"stores":[{"name":"A","lat":48,"lng":16},{"name":"B","lat":48.105,"lng":16.305}]}}`: "place.depot task_spec.stores[1]",
		`{"location":{"lat":48.2,"lng":16.37}}`:                                                            "",
	} {
		d, err := s.Task([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, m := range d.Rules {
			got += m.ID + " " + m.Path
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestDeploymentFileAddsAndDisables(t *testing.T) {
	t.Parallel()
	s, err := Load([]byte("disable: [drugs.advertise, drugs.learned]\nrules:\n  - {id: house.llamas, category: harassment, severity: review, fix: No llamas., match: ['llama+ ~3 race'], examples: [x], near_misses: [y]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := s.Text("brief", "Film the llamas in a race"); d.Decision != Review || d.Rules[0].ID != "house.llamas" {
		t.Errorf("added rule: %+v", d)
	}
	if d := s.Text("brief", "Photos of cannabis"); d.Decision != Allow {
		t.Errorf("disabled rule: %+v", d)
	}
	if s.RuleSet() == Default().RuleSet() {
		t.Error("another rule set has the same version")
	}
	for text, want := range map[string]string{
		"disable: [nothing.here]": "there is no rule",
		"rules: [{id: a, category: other, severity: block, fix: f, match: [x]}]":           "category",
		"rules: [{id: a, category: drugs, severity: block, fix: f, match: ['[nowhere]']}]": "not defined",
		"rules: [{id: a, category: drugs, severity: allow, fix: f, match: [x]}]":           "severity",
		"places: [{id: p, name: P, category: trespass, severity: block}]":                  "radius_m",
		"colour: red": "colour",
	} {
		if _, err := Load([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestWhatIsForbiddenToTalentIsNoReason(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"title":"Clips","task_spec":{"claims_blocklist":["cocaine","buy guns from our dealer"]}}`,
		`{"brief":"No weapons, no minors in frame, no nudity."}`,
		`{"brief":"Do not enter the building without permission and never follow guests home."}`,
		`{"brief":"Not allowed: guns, drugs, nude photos, filming children at the playground."}`,
		`{"brief":"Weapons and drugs are strictly prohibited."}`,
		`{"brief":"Keine Kinder fotografieren. Ne suivez pas mon ex. No sigas a mi vecina. Não filme crianças na escola."}`,
		`{"metadata":{"do_not":"climb over the fence"}}`,
	} {
		if d, err := Default().Task([]byte(body)); err != nil || d.Decision != Allow {
			t.Errorf("%s: %+v, %v", body, d, err)
		}
	}
	for _, body := range []string{
		`{"brief":"No need to tell her, just follow my ex home."}`,
		`{"brief":"No photos of staff, follow my ex home and film her."}`,
		`{"task_spec":{"hook_prompts":["Nice day","Sell us some cocaine"]}}`,
		`{"metadata":{"note":"deliver the rifles"}}`,
		`{"title":"a","title":"deliver two rifles"}`,
	} {
		if d, err := Default().Task([]byte(body)); err != nil || d.Decision != Block {
			t.Errorf("%s: %+v, %v", body, d, err)
		}
	}
}

func TestScreenAnswersEveryLineInOrder(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	in := strings.NewReader("{\"title\":\"Ten mugs on white\"}\n\n{\"task_spec\":{\"hook_prompts\":[\"hi\",\"deliver c0caine\"]}}")
	if code := RunScreen(Default(), "-", in, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || lines[0] != `{"decision":"allow","rules":[]}` || !strings.Contains(lines[1], `"matched":"deliver c0caine","path":"task_spec.hook_prompts[1]"`) {
		t.Errorf("printed %q", out.String())
	}
	for _, bad := range []string{"{", "[]", "7"} {
		if code := RunScreen(Default(), "-", strings.NewReader(bad), &out, &errs); code != 2 {
			t.Errorf("%q: exit %d", bad, code)
		}
	}
	if code := RunScreen(Default(), "/does/not/exist", nil, &out, &errs); code != 2 {
		t.Errorf("missing file: exit %d", code)
	}
}

func TestTooMuchTextIsNeverAllowedUnread(t *testing.T) {
	t.Parallel()
	if d := Default().Text("brief", strings.Repeat("lovely mugs ", 20_000)); d.Decision != Review || d.Rules[0].ID != TooLong {
		t.Errorf("got %+v", d)
	}
}

func FuzzTask(f *testing.F) {
	f.Add([]byte(`{"title":"f0llow m.y e x","brief":"c*c*i*n*e ﬀ ⓦⓔⓔⓓ \u200b"}`))
	f.Add([]byte(`{"task_type":"STREET_TEAM_DISTRIBUTION","task_spec":{"area":{"coordinates":[[[0,0],[1,1]]]},"permit_reference":"x"},"schedule":{"start_at":"2026-01-01T00:00:00Z","duration_hours":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Default().Task(body)
		if err != nil {
			return
		}
		for _, m := range d.Rules {
			if m.ID == "" || m.Category == "" || m.Fix == "" {
				t.Errorf("incomplete match %+v", m)
			}
		}
		if (d.Decision == Allow) != (len(d.Rules) == 0) {
			t.Errorf("decision %s with %d rules", d.Decision, len(d.Rules))
		}
	})
}
