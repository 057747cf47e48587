package templates

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// body returns a template's sample payload, changed.
func body(t *testing.T, taskType string, change func(task map[string]any)) []byte {
	t.Helper()
	tpl, _ := Get(taskType)
	var task map[string]any
	if err := json.Unmarshal(tpl.SamplePayload, &task); err != nil {
		t.Fatal(err)
	}
	change(task)
	raw, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// put sets a field by its path, such as schedule.start_at; nil removes it.
func put(path string, v any) func(map[string]any) {
	return func(task map[string]any) {
		steps := strings.Split(path, ".")
		at := task
		for _, s := range steps[:len(steps)-1] {
			at = at[s].(map[string]any)
		}
		if last := steps[len(steps)-1]; v == nil {
			delete(at, last)
		} else {
			at[last] = v
		}
	}
}

func paths(problems []Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, p.Path)
	}
	slices.Sort(out)
	return out
}

const (
	product  = "PRODUCT_PHOTO_ECOMM"
	clips    = "UGC_VERTICAL_BATCH"
	audit    = "RETAIL_AUDIT_PHOTO_CHECK"
	street   = "STREET_TEAM_DISTRIBUTION"
	staffing = "POPUP_EVENT_STAFFING"
	podcast  = "PODCAST_ON_SITE_CAPTURE"
	outside  = "OOH_ASSET_VERIFICATION"
)

func TestWrongTasks(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	for _, c := range []struct {
		name, taskType string
		change         func(m)
		want           []string
	}{
		{"no title", product, put("title", nil), []string{"title"}},
		{"a short title", product, put("title", "ab"), []string{"title"}},
		{"a number for a title", product, put("title", 7), []string{"title"}},
		{"a long brief", product, put("brief", strings.Repeat("x", 5001)), []string{"brief"}},
		{"an unknown field", product, put("titel", "x"), []string{"titel"}},
		{"an unknown template", product, put("task_type", "PRODUCT_PHOTO"), []string{"task_type"}},
		{"no template", product, put("task_type", nil), []string{"task_type"}},

		{"an unknown mode", product, put("location.mode", "hybrid"), []string{"location.mode"}},
		{"remote where that cannot be", audit, put("location.mode", "remote"), []string{"location.mode"}},
		{"onsite without a place", product, put("location", m{"mode": "onsite"}), []string{"location"}},
		{"a latitude alone", product, put("location.lng", nil), []string{"location.lng"}},
		{"a latitude off the Earth", product, put("location.lat", 91), []string{"location.lat"}},
		{"a radius too small", product, put("location.radius_m", 10), []string{"location.radius_m"}},
		{"a radius too large", product, put("location.radius_m", 5001), []string{"location.radius_m"}},

		{"a start without offset", product, put("schedule.start_at", "2026-04-22T10:00:00"), []string{"schedule.start_at"}},
		{"a start that is no time", product, put("schedule.start_at", "tomorrow"), []string{"schedule.start_at"}},
		{"a start that never was", product, put("schedule.start_at", "2026-02-30T10:00:00Z"), []string{"schedule.start_at"}},
		{"a start in a lifetime", product, put("schedule.start_at", "2126-04-22T10:00:00Z"), []string{"schedule.start_at"}},
		{"no end", product, put("schedule.duration_hours", nil), []string{"schedule.duration_hours"}},
		{"no hours", product, put("schedule.duration_hours", 0), []string{"schedule.duration_hours"}},
		{"over a week", product, put("schedule.duration_hours", 169), []string{"schedule.duration_hours"}},
		{"an end before the start", product, put("schedule", m{"start_at": "2026-04-22T10:00:00Z", "end_at": "2026-04-22T09:00:00Z"}), []string{"schedule.end_at"}},
		{"an end and hours that disagree", product, put("schedule.end_at", "2026-04-22T11:00:00-04:00"), []string{"schedule.duration_hours"}},
		{"a deadline before the start", product, put("schedule.deadline_at", "2026-04-21T11:00:00-04:00"), []string{"schedule.deadline_at"}},

		{"nothing to pay", product, put("budget.max_total", 0), []string{"budget.max_total"}},
		{"less than nothing", product, put("budget.max_total", -5), []string{"budget.max_total"}},
		{"too many decimals", product, put("budget.max_total", json.Number("10.001")), []string{"budget.max_total"}},
		{"decimals of yen", product, put("budget", m{"currency": "JPY", "pricing_model": "fixed", "max_total": 10.5}), []string{"budget.max_total"}},
		{"a tiny exponent", product, put("budget.max_total", json.Number("1e-3")), []string{"budget.max_total"}},
		{"a huge amount", product, put("budget.max_total", json.Number("1e308")), []string{"budget.max_total"}},
		{"an endless amount", product, put("budget.max_total", json.Number("1e999999999")), []string{"budget.max_total"}},
		{"an amount of nearly nothing", product, put("budget.max_total", json.Number("1e-999999999")), []string{"budget.max_total"}},
		{"text for an amount", product, put("budget.max_total", "3000"), []string{"budget.max_total"}},
		{"NaN as text", product, put("budget.max_total", "NaN"), []string{"budget.max_total"}},
		{"an unknown currency", product, put("budget.currency", "XYZ"), []string{"budget.currency"}},
		{"small letters", product, put("budget.currency", "cad"), []string{"budget.currency"}},
		{"an unknown pricing model", product, put("budget.pricing_model", "free"), []string{"budget.pricing_model"}},

		{"nothing to deliver", product, put("deliverables", []any{}), []string{"deliverables"}},
		{"none of them", product, put("deliverables", []m{{"kind": "photo", "count": 0, "format": "jpg"}}), []string{"deliverables[0].count"}},
		{"half of one", product, put("deliverables", []m{{"kind": "photo", "count": 30.5, "format": "jpg"}}), []string{"deliverables[0].count"}},
		{"another kind", product, put("deliverables", []m{{"kind": "video", "count": 30, "format": "mp4"}}), []string{"deliverables"}},
		{"a format of another kind", product, put("deliverables", []m{{"kind": "photo", "count": 30, "format": "mp4"}}), []string{"deliverables[0].format"}},
		{"fewer than the spec describes", product, put("deliverables", []m{{"kind": "photo", "count": 29, "format": "jpg"}}), []string{"deliverables[0].count"}},

		{"an angle twice", product, put("task_spec.angles", []string{"front", "front", "back"}), []string{"task_spec.angles[1]"}},
		{"an angle that is a number", product, put("task_spec.angles", []any{1, "front"}), []string{"task_spec.angles[0]"}},
		{"an unknown background", product, put("task_spec.background", "green"), []string{"task_spec.background"}},
		{"an unknown key", product, put("task_spec.colour", "red"), []string{"task_spec.colour"}},
		{"no product", product, put("task_spec.product_count", 0), []string{"task_spec.product_count"}},
		{"no spec", product, put("task_spec", nil), []string{"task_spec"}},
		{"a list for a spec", product, put("task_spec", []any{}), []string{"task_spec"}},
		{"two clips", clips, put("task_spec.clip_count", 2), []string{"task_spec.clip_count"}},
		{"shortest over longest", clips, put("task_spec.clip_seconds", m{"min": 50, "max": 20}), []string{"task_spec.clip_seconds.min"}},
		{"shortest over the longest by default", clips, put("task_spec.clip_seconds", m{"min": 61}), []string{"task_spec.clip_seconds.min"}},
		{"no stores", audit, put("task_spec.stores", []any{}), []string{"task_spec.stores"}},
		{"a store twice", audit, put("task_spec.stores", []m{{"store_id": "S1", "name": "a", "lat": 1, "lng": 1}, {"store_id": "S1", "name": "b", "lat": 1, "lng": 1}}), []string{"task_spec.stores[1].store_id"}},
		{"a store without a place", audit, put("task_spec.stores", []m{{"store_id": "S1", "name": "a"}, {"store_id": "S2", "name": "a", "lat": 1, "lng": 1}}), []string{"task_spec.stores[0].lat", "task_spec.stores[0].lng"}},
		{"a choice without choices", audit, put("task_spec.questions", []m{{"id": "q", "text": "?", "type": "choice"}}), []string{"task_spec.questions[0].choices"}},
		{"an unknown view", outside, put("task_spec.views", []string{"wide", "near"}), []string{"task_spec.views[1]"}},
		{"no permit", street, put("task_spec.permit_reference", nil), []string{"task_spec.permit_reference"}},
		{"an empty permit", street, put("task_spec.permit_reference", ""), []string{"task_spec.permit_reference"}},
		{"a point for an area", street, put("task_spec.area", m{"type": "Point", "coordinates": []float64{1, 2}}), []string{"task_spec.area.coordinates[0]", "task_spec.area.coordinates[1]", "task_spec.area.type"}},
		{"an area that crosses itself", street, put("task_spec.area", m{"type": "Polygon", "coordinates": [][][]float64{{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}}}), []string{"task_spec.area"}},
		{"an area that is not closed", street, put("task_spec.area", m{"type": "Polygon", "coordinates": [][][]float64{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}), []string{"task_spec.area"}},
		{"a shift that ends before it starts", staffing, put("task_spec.shift.end_at", "2026-09-12T10:00:00-04:00"), []string{"task_spec.shift.end_at"}},
		{"no roles", staffing, put("task_spec.roles", []any{}), []string{"task_spec.roles"}},
		{"an odd sample rate", podcast, put("task_spec.sample_rate", 22050), []string{"task_spec.sample_rate"}},
		{"no minutes", podcast, put("task_spec.minutes", 0), []string{"task_spec.minutes"}},

		{"a rating of six", clips, put("talent_requirements.min_rating", 6), []string{"talent_requirements.min_rating"}},
		{"metadata that is text", product, put("metadata", "x"), []string{"metadata"}},
		{"everything at once", product, func(task m) {
			put("title", "")(task)
			put("schedule.start_at", "soon")(task)
			put("budget.max_total", -1)(task)
			put("task_spec.angles", []any{1})(task)
			put("task_spec.color", 1)(task)
			put("location.mode", "here")(task)
		}, []string{"budget.max_total", "location.mode", "schedule.start_at", "task_spec.angles[0]", "task_spec.color", "title"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Validate(body(t, c.taskType, c.change), now)
			if got := paths(problems); !slices.Equal(got, c.want) {
				t.Errorf("problems at %v, want %v: %+v", got, c.want, problems)
			}
			for _, p := range problems {
				if p.Found == "" || p.Expected == "" || p.Fix == "" {
					t.Errorf("incomplete: %+v", p)
				}
			}
		})
	}
}

func TestRightTasks(t *testing.T) {
	t.Parallel()
	type m = map[string]any
	for _, c := range []struct {
		name, taskType string
		change         func(m)
	}{
		{"the start is past", product, put("schedule.start_at", "2020-04-22T10:00:00-04:00")},
		{"an end instead of hours", product, put("schedule", m{"start_at": "2026-04-22T10:00:00-04:00", "end_at": "2026-04-22T16:00:00-04:00"})},
		{"an end and hours that agree", product, put("schedule.end_at", "2026-04-22T16:00:00-04:00")},
		{"whole numbers with a point", product, put("task_spec.product_count", json.Number("10.0"))},
		{"an amount with an exponent", product, put("budget.max_total", json.Number("3e3"))},
		{"three decimals of dinars", product, put("budget", m{"currency": "KWD", "pricing_model": "hourly", "max_total": json.Number("10.125")})},
		{"capital formats", product, put("deliverables", []m{{"kind": "photo", "count": 30, "format": "JPG"}})},
		{"more than the spec describes", product, put("deliverables", []m{{"kind": "photo", "count": 40, "format": "jpg"}})},
		{"no address but a point", product, put("location", m{"mode": "onsite", "lat": 1, "lng": 2})},
		{"remote products", product, put("location", m{"mode": "remote"})},
		{"metadata of any shape", product, put("metadata", m{"simulate": m{"blurry": true}, "n": json.Number("12345678901234567890")})},
		{"an area over 5 km², which is for policy to refuse", street, put("task_spec.area", m{"type": "Polygon", "coordinates": [][][]float64{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}}})},
		{"no hooks", clips, put("task_spec.hook_prompts", []string{})},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, problems := Validate(body(t, c.taskType, c.change), now); len(problems) > 0 {
				t.Errorf("%+v", problems)
			}
		})
	}
}

func TestTheContractsExample(t *testing.T) {
	t.Parallel()
	task, problems := Validate([]byte(`{
		"task_type": "PRODUCT_PHOTO_ECOMM",
		"title": "Spring PDP shots — 10 SKUs",
		"location": {"mode": "onsite", "address": "Toronto, ON"},
		"schedule": {"start_at": "2026-04-22T10:00:00-04:00", "duration_hours": 6},
		"budget": {"currency": "CAD", "pricing_model": "fixed", "max_total": 3000},
		"deliverables": [{"kind": "photo", "count": 30, "format": "jpg"}],
		"task_spec": {"product_count": 10, "background": "white", "angles": ["front", "45deg", "detail"]}
	}`), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	var spec map[string]any
	if err := json.Unmarshal(task.TaskSpec, &spec); err != nil {
		t.Fatal(err)
	}
	if spec["retouch_level"] != "light" || spec["min_long_edge_px"] != 2000.0 {
		t.Errorf("defaults are not filled in: %s", task.TaskSpec)
	}
	if task.Location.RadiusM != 150 || task.Budget.MaxTotal != "3000" {
		t.Errorf("%+v", task)
	}
	tpl, _ := Get(task.TaskType)
	if got := task.Deadline(tpl).Format(time.RFC3339); got != "2026-04-24T16:00:00-04:00" {
		t.Errorf("deadline %s", got)
	}
}

func TestBodiesThatAreNoTask(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"nothing": "", "not JSON": "{", "cut short": `{"title": "x`, "two values": "{} {}", "a list": "[]", "null": "null", "text": `"x"`,
		"deep": strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "a NUL": `{"title": "a\u0000b"}`,
		"not UTF-8": "{\"title\": \"\xff\"}", "a key twice": `{"title": "abc", "title": "def"}`, "NaN": `{"budget": NaN}`,
	} {
		if _, problems := Validate([]byte(raw), now); len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
	}
}

func TestABodyThatIsWrongAllOverIsListedInPart(t *testing.T) {
	t.Parallel()
	wrong := make([]int, 5000)
	_, problems := Validate(body(t, clips, put("task_spec.hook_prompts", wrong)), now)
	if len(problems) != maxProblems+1 || problems[maxProblems].Found != "4900 more problems" {
		t.Errorf("%d problems, the last %+v", len(problems), problems[len(problems)-1])
	}
}

func TestMetadataAndOffsetAreReturnedAsGiven(t *testing.T) {
	t.Parallel()
	raw := body(t, product, put("metadata", map[string]any{"n": json.Number("12345678901234567890"), "b": "<&>"}))
	task, problems := Validate(raw, now)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if !strings.Contains(string(task.Metadata), "12345678901234567890") {
		t.Errorf("metadata: %s", task.Metadata)
	}
	out, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), `"start_at":"2026-04-22T10:00:00-04:00"`) {
		t.Errorf("the offset is lost: %s", out)
	}
}

func TestDefaultsDoNotLeakBetweenTasks(t *testing.T) {
	t.Parallel()
	bare := put("task_spec.clip_seconds", nil)
	first, _ := Validate(body(t, clips, bare), now)
	changed, _ := Validate(body(t, clips, put("task_spec.clip_seconds", map[string]any{"max": 20})), now)
	second, _ := Validate(body(t, clips, bare), now)
	if string(first.TaskSpec) != string(second.TaskSpec) {
		t.Errorf("%s\n%s", first.TaskSpec, second.TaskSpec)
	}
	if !strings.Contains(string(changed.TaskSpec), `"clip_seconds":{"max":20,"min":9}`) {
		t.Errorf("%s", changed.TaskSpec)
	}
}

func FuzzValidate(f *testing.F) {
	for _, tpl := range All() {
		f.Add([]byte(tpl.SamplePayload))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		task, problems := Validate(raw, now)
		if len(problems) > 0 {
			return
		}
		again, err := json.Marshal(task)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := Validate(again, now); len(problems) > 0 {
			t.Fatalf("valid once, not twice: %+v\n%s", problems, raw)
		}
	})
}
