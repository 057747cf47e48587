package offline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/cmd/humandispatch/offline"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/templates"
)

var prober *remembering

func TestMain(m *testing.M) {
	media.ChildMain()
	p := media.NewProber(media.Options{})
	prober = &remembering{prober: p}
	code := m.Run()
	p.Close()
	os.Exit(code)
}

// remembering probes each content once, as most files of a variation are those
// of the clean scene.
type remembering struct {
	prober offline.Prober
	facts  sync.Map // by extension and checksum
}

func (r *remembering) Probe(ctx context.Context, src media.Source, signals bool) (media.Facts, error) {
	content, err := io.ReadAll(io.NewSectionReader(src.File, 0, src.Size))
	if err != nil {
		return media.Facts{}, err
	}
	key := fmt.Sprintf("%s %x", filepath.Ext(src.Name), sha256.Sum256(content))
	probe, _ := r.facts.LoadOrStore(key, sync.OnceValues(func() (media.Facts, error) {
		facts, err := r.prober.Probe(ctx, src, signals)
		if err != nil {
			return facts, err
		}
		return stored(facts)
	}))
	return probe.(func() (media.Facts, error))()
}

// stored takes facts through JSON, as a server keeps them between reading and judging.
func stored(facts media.Facts) (back media.Facts, err error) {
	raw, err := json.Marshal(facts)
	if err != nil {
		return back, err
	}
	return back, json.Unmarshal(raw, &back)
}

var made sync.Map

// once makes the file that a description stands for, and makes it only once.
func once(description any, make func() []byte) []byte {
	key, err := json.Marshal(description)
	if err != nil {
		panic(err)
	}
	content, _ := made.LoadOrStore(fmt.Sprintf("%T %s", description, key), sync.OnceValue(make))
	return content.(func() []byte)()
}

// The place and time of every scene: Toronto, a Wednesday in June.
var (
	place = mediatest.Position{Lat: 43.6544, Lng: -79.3807}
	zone  = time.FixedZone("", -4*3600)
	start = time.Date(2026, 6, 10, 12, 0, 0, 0, zone)
)

type object = map[string]any

// file is one file of a submission.
type file struct {
	path   string
	kind   string
	labels map[string]string
	bytes  []byte
}

// scene is a task, a submission and check-ins, as a test changes them.
type scene struct {
	taskType string
	location object
	schedule object
	asked    []object
	spec     object
	files    []file
	answers  object
	checkins []object
	extra    object   // further fields of the task, as a server adds
	ignore   []string // advisory checks that the generated media do not care for
}

func (s *scene) file(path string) *file {
	i := slices.IndexFunc(s.files, func(f file) bool { return f.path == path })
	return &s.files[i]
}

func (s *scene) remove(path string) {
	s.files = slices.DeleteFunc(s.files, func(f file) bool { return f.path == path })
}

func (s *scene) task() object {
	task := object{
		"task_type": s.taskType, "title": "A task", "location": s.location, "schedule": s.schedule,
		"budget":       object{"currency": "CAD", "pricing_model": "fixed", "max_total": 100},
		"deliverables": s.asked, "task_spec": s.spec,
	}
	maps.Copy(task, s.extra)
	return task
}

// onsite is a scene at the place, with somebody checked in.
func onsite(taskType string, spec object, asked ...object) *scene {
	return &scene{
		taskType: taskType,
		location: object{"mode": "onsite", "address": "Toronto, ON", "lat": place.Lat, "lng": place.Lng},
		schedule: object{"start_at": start.Format(time.RFC3339), "duration_hours": 4},
		asked:    asked,
		spec:     spec,
		checkins: []object{checkin("in", "", place.Move(40, 30), start)},
	}
}

func ask(kind string, count int, format string) object {
	return object{"kind": kind, "count": count, "format": format}
}

func checkin(kind, person string, at mediatest.Position, when time.Time) object {
	c := object{"kind": kind, "lat": at.Lat, "lng": at.Lng, "accuracy_m": 12, "captured_at": when.Format(time.RFC3339)}
	if person != "" {
		c["person"] = person
	}
	return c
}

// run judges the scene offline and returns the answer and the exit code.
func (s *scene) run(t *testing.T) (offline.Run, int) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var refs []object
	for _, f := range s.files {
		if err := os.WriteFile(filepath.Join(dir, f.path), f.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		ref := object{"path": f.path, "kind": f.kind}
		if f.labels != nil {
			ref["labels"] = f.labels
		}
		refs = append(refs, ref)
	}
	submission := object{"files": refs, "message": "All done."}
	if s.answers != nil {
		submission["answers"] = s.answers
	}
	checkins := ""
	if s.checkins != nil {
		checkins = write("checkins.json", s.checkins)
	}
	var stdout, stderr bytes.Buffer
	code := offline.Check(context.Background(), write("task.json", s.task()), write("submission.json", submission), checkins, prober, &stdout, &stderr)
	if code == offline.BadInput {
		t.Fatalf("bad input: %s", stderr.String())
	}
	var answer offline.Answer
	if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.QA, code
}

// expect says what a scene's checks must come to: the blocking ones that fail,
// those that are inconclusive, the advisory ones that fail. All others pass.
type expect struct {
	failed, open, advised []string
}

func (s *scene) expect(t *testing.T, want expect) offline.Run {
	t.Helper()
	got, code := s.run(t)
	var have expect
	for _, c := range got.Checks {
		switch {
		case c.Verdict == qa.Fail && c.Blocking:
			have.failed = append(have.failed, c.ID)
		case c.Verdict == qa.Inconclusive && c.Blocking:
			have.open = append(have.open, c.ID)
		case c.Verdict == qa.Fail && !slices.Contains(s.ignore, c.ID):
			have.advised = append(have.advised, c.ID)
		}
		if c.Verdict == qa.Fail && (c.Fix == "" || c.Measured == "" || c.Required == "") {
			t.Errorf("%s fails without saying all of why: %+v", c.ID, c)
		}
	}
	same := func(kind string, have, want []string) {
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("%s: %v, want %v", kind, have, want)
			for _, c := range got.Checks {
				if c.Verdict != qa.Pass && (slices.Contains(have, c.ID) || slices.Contains(want, c.ID)) {
					t.Logf("%s %s: required %s; measured %s; fix: %s", c.ID, c.Verdict, c.Required, c.Measured, c.Fix)
				}
			}
		}
	}
	same("failed", have.failed, want.failed)
	same("inconclusive", have.open, want.open)
	same("advisory fails", have.advised, want.advised)
	wantPass := len(want.failed)+len(want.open) == 0
	if got.OverallPass != wantPass || (code == offline.Passed) != wantPass {
		t.Errorf("overallPass %v with exit code %d; summary: %s", got.OverallPass, code, got.Summary)
	}
	return got
}

// variation changes a clean scene in one way.
type variation struct {
	name   string
	change func(*scene)
	want   expect
}

func fails(checks ...string) expect { return expect{failed: checks} }

// vary runs a clean scene and each of its variations, and asks that every
// blocking check of the template has a variation that fails it alone.
func vary(t *testing.T, clean func() *scene, variations ...variation) {
	t.Helper()
	t.Run("clean", func(t *testing.T) {
		t.Parallel()
		clean().expect(t, expect{})
	})
	alone := map[string]bool{}
	for _, v := range variations {
		if len(v.want.failed) == 1 {
			alone[v.want.failed[0]] = true
		}
		if len(v.want.failed)+len(v.want.open) == 1 && len(v.want.open) == 1 {
			alone[v.want.open[0]] = true
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := clean()
			v.change(s)
			s.expect(t, v.want)
		})
	}
	tpl, _ := templates.Get(clean().taskType)
	var untested []string
	for _, test := range tpl.AcceptanceTests {
		// Offline there is no index of earlier work.
		if test.Blocking && !alone[test.Check] && test.Check != "photo.reused" {
			untested = append(untested, test.Check)
		}
	}
	if len(untested) > 0 {
		t.Errorf("no variation fails %s alone", strings.Join(untested, ", "))
	}
}

// photo is a JPEG taken at the place during the schedule, unless changed.
func photo(seed int64, change ...func(*mediatest.Photo)) []byte {
	at := place
	p := mediatest.Photo{Seed: seed, CapturedAt: start.Add(time.Hour + time.Duration(seed)*time.Minute), GPS: &at}
	for _, c := range change {
		c(&p)
	}
	return once(p, func() []byte { return mediatest.JPEG(p) })
}

func size(w, h int) func(*mediatest.Photo) {
	return func(p *mediatest.Photo) { p.Width, p.Height = w, h }
}

func look(l mediatest.Look) func(*mediatest.Photo) {
	return func(p *mediatest.Photo) { p.Look = l }
}

func moved(north, east float64) func(*mediatest.Photo) {
	return func(p *mediatest.Photo) { at := p.GPS.Move(north, east); p.GPS = &at }
}

func at(pos mediatest.Position) func(*mediatest.Photo) {
	return func(p *mediatest.Photo) { p.GPS = &pos }
}

func taken(when time.Time) func(*mediatest.Photo) {
	return func(p *mediatest.Photo) { p.CapturedAt = when }
}

func labels(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// replace gives one file other content.
func replace(path string, content []byte) func(*scene) {
	return func(s *scene) { s.file(path).bytes = content }
}

// garbage is a file that no decoder takes.
var garbage = bytes.Repeat([]byte("\x00\x01not a picture"), 100)
