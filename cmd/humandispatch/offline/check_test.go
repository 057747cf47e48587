package offline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/cmd/humandispatch/offline"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/templates"
)

func TestBadInputIsExplained(t *testing.T) {
	t.Parallel()
	tpl, _ := templates.Get("OOH_ASSET_VERIFICATION")
	good := map[string]string{
		"task.json":       string(tpl.SamplePayload),
		"submission.json": `{"files": [{"path": "a.jpg", "kind": "photo", "labels": {"asset_id": "BB-0417", "view": "wide"}}]}`,
		"checkins.json":   `[{"kind": "in", "lat": 43.65, "lng": -79.38, "accuracy_m": 10, "captured_at": "2026-05-21T09:00:00-04:00"}]`,
		"a.jpg":           string(photo(1)),
	}
	for _, c := range []struct{ name, file, content, says string }{
		{"nothing wrong", "", "", ""},
		{"a version of the future", "task.json", strings.Replace(string(tpl.SamplePayload), "{", `{"id": "task_01", "status": "open", "template_version": "9.0.0", `, 1), `template_version: found "9.0.0"`},
		{"no task", "task.json", "-", "the task cannot be read"},
		{"a task that is not JSON", "task.json", "{", "the task is not valid"},
		{"a task of no template", "task.json", `{"task_type": "NONE"}`, "task_type: found \"NONE\""},
		{"a wrong field", "task.json", strings.Replace(string(tpl.SamplePayload), `"day"`, `"noon"`, 1), "task_spec.daypart: found \"noon\"; expected one of \"any\", \"day\", \"night\""},
		{"no submission", "submission.json", "-", "the submission cannot be read"},
		{"a submission that is not JSON", "submission.json", "[", "the submission is not valid"},
		{"no files", "submission.json", `{}`, "files: found nothing"},
		{"an unknown kind", "submission.json", `{"files": [{"path": "a.jpg", "kind": "image"}]}`, "files[0].kind: found \"image\""},
		{"an unknown field", "submission.json", `{"files": [{"path": "a.jpg", "kind": "photo", "lables": {}}]}`, "lables"},
		{"neither path nor id", "submission.json", `{"files": [{"kind": "photo"}]}`, "files[0]: found neither"},
		{"an id without a server", "submission.json", `{"files": [{"file_id": "file_01", "kind": "photo"}]}`, "offline a file is named by its path"},
		{"a file that is not there", "a.jpg", "-", "files[0]: the file cannot be opened"},
		{"a folder for a file", "submission.json", `{"files": [{"path": ".", "kind": "photo"}]}`, "is not a file"},
		{"no check-ins", "checkins.json", "-", "the check-ins cannot be read"},
		{"a check-in of no kind", "checkins.json", `[{"kind": "on", "lat": 1, "lng": 1, "captured_at": "2026-05-21T09:00:00-04:00"}]`, "[0].kind: found \"on\""},
		{"a check-in off the Earth", "checkins.json", `[{"kind": "in", "lat": 91, "lng": 1, "captured_at": "2026-05-21T09:00:00-04:00"}]`, "[0]: expected lat"},
		{"a check-in without a time", "checkins.json", `[{"kind": "in", "lat": 1, "lng": 1}]`, "[0].captured_at"},
		{"an accuracy under nothing", "checkins.json", `[{"kind": "in", "lat": 1, "lng": 1, "accuracy_m": -1, "captured_at": "2026-05-21T09:00:00-04:00"}]`, "[0].accuracy_m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, content := range good {
				if name == c.file {
					content = c.content
				}
				if content == "-" {
					continue
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr bytes.Buffer
			path := func(name string) string { return filepath.Join(dir, name) }
			code := offline.Check(context.Background(), path("task.json"), path("submission.json"), path("checkins.json"), prober, &stdout, &stderr)
			if c.file == "" {
				if code == offline.BadInput {
					t.Errorf("exit %d: %s", code, stderr.String())
				}
				return
			}
			if code != offline.BadInput || stdout.Len() > 0 {
				t.Errorf("exit %d with output %s", code, stdout.String())
			}
			if !strings.Contains(stderr.String(), c.says) {
				t.Errorf("says %q, want %q in it", stderr.String(), c.says)
			}
		})
	}
}

func TestTaskAsTheAPIReturnsIt(t *testing.T) {
	t.Parallel()
	s := productScene()
	s.extra = object{"id": "task_01", "status": "booked", "template_version": "1.0.0", "next_actions": []any{}, "created_at": "2026-06-01T00:00:00Z"}
	s.expect(t, expect{})
}

// TestAnswerIsShapedAsTheServers holds the keys that integrators read.
func TestAnswerIsShapedAsTheServers(t *testing.T) {
	t.Parallel()
	run, _ := productScene().run(t)
	raw, err := json.Marshal(offline.Answer{QA: run})
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"overallPass", "run_id", "work_order_id", "revision", "status", "engine_version", "template_version", "summary", "checks", "started_at", "completed_at"} {
		if _, ok := answer["qa"][key]; !ok {
			t.Errorf("no key %s", key)
		}
	}
	check := answer["qa"]["checks"].([]any)[0].(map[string]any)
	for _, key := range []string{"id", "blocking", "verdict", "required", "measured", "files", "fix"} {
		if _, ok := check[key]; !ok {
			t.Errorf("no key %s in a check", key)
		}
	}
}

// TestPreflightAgreesWithTheRun judges single photos as preflight does: what it
// says of a file must be what the run says of it later.
func TestPreflightAgreesWithTheRun(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(retailScene().task())
	if err != nil {
		t.Fatal(err)
	}
	task, problems := templates.Read(raw)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	tpl, _ := templates.Get(task.TaskType)
	for name, content := range map[string][]byte{
		"good": photo(1), "far": photo(1, moved(2000, 0)), "small": photo(1, size(700, 500)), "late": photo(1, taken(start.AddDate(0, 0, 2))), "broken": garbage,
	} {
		path := filepath.Join(t.TempDir(), "a.jpg")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := prober.Probe(context.Background(), media.Source{File: f, Size: int64(len(content)), Name: "a.jpg"}, true)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		submission := qa.Submission{Files: []qa.File{{ID: "file_1", Kind: media.KindPhoto, Labels: labels("store_id", "S1"), Facts: facts}}}
		in := templates.Input(task, tpl, submission, nil)
		all := map[string]qa.Check{}
		for _, c := range qa.Judge(in).Checks {
			all[c.ID] = c
		}
		preflight := qa.PerFile(in)
		for _, c := range preflight.Checks {
			if !reflect.DeepEqual(c, all[c.ID]) {
				t.Errorf("%s: preflight says %+v, the run %+v", name, c, all[c.ID])
			}
		}
		if preflight.OverallPass != (name == "good") {
			t.Errorf("%s: preflight passes: %v (%s)", name, preflight.OverallPass, preflight.Summary)
		}
	}
}

// TestRealPhotosAreNeitherBlurredNorDuplicates reads a folder of real pictures
// beside the project when there is one.
func TestRealPhotosAreNeitherBlurredNorDuplicates(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../../shared/corpus/good/jpeg-*/*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var files []qa.File
	for _, path := range append(paths, writeGenerated(t)...) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		facts, err := prober.Probe(context.Background(), media.Source{File: f, Size: info.Size(), Name: path}, true)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if facts.OK && *facts.Width > 100 {
			files = append(files, qa.File{ID: filepath.Base(path), Kind: media.KindPhoto, Facts: facts})
		}
	}
	tpl, _ := templates.Get("EVENT_PHOTO_COVERAGE")
	var tests []qa.Requirement
	for _, test := range tpl.AcceptanceTests {
		switch test.Check {
		case "photo.sharpness", "photo.exposure", "photo.duplicates":
			tests = append(tests, qa.Requirement{Check: test.Check, Blocking: true, Params: test.Params})
		}
	}
	report := qa.Judge(qa.Input{Requirements: tests, Submission: qa.Submission{Files: files}})
	for _, c := range report.Checks {
		if c.Verdict != qa.Pass {
			t.Errorf("%s %s: %s", c.ID, c.Verdict, c.Measured)
		}
	}
}

// writeGenerated writes sharp pictures of twenty seeds, in colour and on white.
func writeGenerated(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for seed := range int64(20) {
		for name, l := range map[string]mediatest.Look{"sharp": mediatest.Sharp, "white": mediatest.WhiteBackground} {
			path := filepath.Join(dir, name+string(rune('a'+seed))+".jpg")
			if err := os.WriteFile(path, photo(seed, size(640, 480), look(l)), 0o644); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
	}
	return paths
}
