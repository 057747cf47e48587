package qa

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/humandispatch/humandispatch/media"
)

var (
	noon  = time.Date(2026, 6, 10, 12, 0, 0, 0, time.FixedZone("", -4*3600))
	point = map[string]any{"lat": 43.6544, "lng": -79.3807}
)

func ptr[T any](v T) *T { return &v }

// readablePhoto is a photo with everything a check could ask for.
func readablePhoto(id string) File {
	return File{ID: id, Name: id + ".jpg", Kind: media.KindPhoto, Facts: media.Facts{
		OK: true, Kind: media.KindPhoto, Format: "jpeg", SHA256: id,
		DisplayWidth: ptr(3000), DisplayHeight: ptr(2000),
		CapturedAt: ptr("2026-06-10T12:30:00"), CapturedAtOffset: ptr("-04:00"),
		GPS: &media.GPS{Lat: 43.6544, Lng: -79.3807, Source: "exif"},
	}}
}

func one(req Requirement, files ...File) Check {
	report := Judge(Input{
		Task:         Task{Onsite: true, StartAt: noon, EndAt: noon.Add(2 * time.Hour)},
		Requirements: []Requirement{req},
		Submission:   Submission{Files: files},
	})
	return report.Checks[0]
}

func TestPortalCaptureStandsInForTheFile(t *testing.T) {
	t.Parallel()
	location := Requirement{Check: "photo.location", Blocking: true, Params: map[string]any{"point": point, "radius_m": 150}}
	within := Requirement{Check: "photo.captured_within", Blocking: true, Params: map[string]any{"tolerance_minutes": 30}}
	f := readablePhoto("a")
	f.Facts.GPS, f.Facts.CapturedAt = nil, nil

	if c := one(location, f); c.Verdict != Fail || c.Measured != "a: no location in the file" {
		t.Errorf("without portal: %+v", c)
	}
	if c := one(within, f); c.Verdict != Fail || c.Measured != "a: no capture time in the file" {
		t.Errorf("without portal: %+v", c)
	}
	f.PortalCapture = &Capture{Lat: 43.6545, Lng: -79.3807, AccuracyM: 20, At: noon.Add(time.Hour)}
	if c := one(location, f); c.Verdict != Pass {
		t.Errorf("taken in the portal: %+v", c)
	}
	if c := one(within, f); c.Verdict != Pass {
		t.Errorf("taken in the portal: %+v", c)
	}
	f.PortalCapture.AccuracyM = 900
	if c := one(location, f); c.Verdict != Inconclusive {
		t.Errorf("taken in the portal with a bad position: %+v", c)
	}
}

func TestFixSaysWhereAndHowFar(t *testing.T) {
	t.Parallel()
	f := readablePhoto("a")
	f.Labels = map[string]string{"store_id": "S1"}
	f.Facts.GPS.Lat += 2100.0 / 111195
	c := one(Requirement{Check: "photo.location", Blocking: true, Params: map[string]any{"label": "store_id",
		"places": []any{map[string]any{"store_id": "S1", "lat": 43.6544, "lng": -79.3807, "radius_m": 150}}}}, f)
	if want := "Take it again at S1: this one was taken 2.1 km away (allowed 150 m)."; c.Fix != want {
		t.Errorf("fix: %s\nwant: %s", c.Fix, want)
	}
	if !slices.Equal(c.Files, []string{"a"}) {
		t.Errorf("files: %v", c.Files)
	}
}

func TestCaptureTime(t *testing.T) {
	t.Parallel()
	place := time.FixedZone("", -4*3600)
	at := func(hour, minute int) time.Time { return time.Date(2026, 6, 10, hour, minute, 0, 0, time.UTC) }
	clock := "2026-06-10T12:30:00"
	for name, c := range map[string]struct {
		clock, offset *string
		gps           *time.Time
		want          time.Time
		ok            bool
	}{
		"its own offset":                      {&clock, ptr("+02:00"), nil, at(10, 30), true},
		"the offset Z":                        {&clock, ptr("Z"), nil, at(12, 30), true},
		"the schedule's offset":               {&clock, nil, nil, at(16, 30), true},
		"a fraction of a second":              {ptr("2026-06-10T12:30:00.00"), nil, nil, at(16, 30), true},
		"GPS time agrees":                     {&clock, nil, ptr(at(16, 29)), at(16, 30), true},
		"GPS time disagrees":                  {&clock, ptr("-04:00"), ptr(at(18, 0)), at(18, 0), true},
		"no offset, GPS time of another zone": {&clock, nil, ptr(at(10, 30)), at(10, 30), true},
		"GPS time only":                       {nil, nil, ptr(at(18, 0)), at(18, 0), true},
		"nothing":                             {nil, nil, nil, time.Time{}, false},
		"nonsense":                            {ptr("0000-00-00T00:00:00"), nil, nil, time.Time{}, false},
	} {
		f := File{Facts: media.Facts{CapturedAt: c.clock, CapturedAtOffset: c.offset, GPSTime: c.gps}}
		got, ok := capturedAt(&f, place)
		if ok != c.ok || ok && !got.Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", name, got, ok, c.want)
		}
	}
}

func TestFormatsThatAreTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked, found string
		kind         media.Kind
		want         bool
	}{
		{"jpg", "jpeg", media.KindPhoto, true}, {"JPEG", "jpeg", media.KindPhoto, true}, {"tif", "tiff", media.KindPhoto, true},
		{"heif", "heic", media.KindPhoto, true}, {"png", "jpeg", media.KindPhoto, false}, {"heic", "avif", media.KindPhoto, false},
		{"mp4", "mp4", media.KindVideo, true}, {"mp4", "m4v", media.KindVideo, true}, {"mp4", "mov", media.KindVideo, false},
		{"mov", "mp4", media.KindVideo, false}, {"webm", "mkv", media.KindVideo, false},
		{"wav", "wav", media.KindAudio, true}, {"m4a", "mp4", media.KindAudio, true}, {"m4a", "aac", media.KindAudio, false}, {"oga", "ogg", media.KindAudio, true},
		{"srt", "vtt", media.KindDocument, false}, {"pdf", "pdf", media.KindDocument, true},
	} {
		facts := media.Facts{OK: true, Kind: c.kind, Format: c.found}
		if got := sameFormat(c.asked, &facts, c.kind); got != c.want {
			t.Errorf("%s asked, %s found: %v", c.asked, c.found, got)
		}
	}
}

func TestReusedFiles(t *testing.T) {
	t.Parallel()
	req := Requirement{Check: "photo.reused", Blocking: true, Params: map[string]any{"same_bits": 2}}
	for name, c := range map[string]struct {
		reuse *Reuse
		want  Verdict
	}{
		"not seen": {nil, Pass}, "the same file": {&Reuse{Exact: true}, Fail}, "the same picture": {&Reuse{Distance: 2}, Fail}, "alike": {&Reuse{Distance: 9}, Pass},
	} {
		f := readablePhoto("a")
		f.Reused = c.reuse
		if got := one(req, f); got.Verdict != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLateDeliveryIsAdvice(t *testing.T) {
	t.Parallel()
	in := Input{
		Task:         Task{StartAt: noon, EndAt: noon, DeadlineAt: noon.Add(time.Hour)},
		Requirements: []Requirement{{Check: "delivery.on_time"}},
		Submission:   Submission{ReceivedAt: noon.Add(3 * time.Hour)},
	}
	if r := Judge(in); r.Checks[0].Verdict != Fail || !strings.Contains(r.Checks[0].Measured, "120 min late") || !r.OverallPass {
		t.Errorf("late: %+v", r)
	}
	in.Submission.ReceivedAt = noon
	if r := Judge(in); r.Checks[0].Verdict != Pass {
		t.Errorf("in time: %+v", r)
	}
	in.Submission.ReceivedAt = time.Time{}
	if r := Judge(in); !strings.HasPrefix(r.Checks[0].Measured, "not measured") || !r.OverallPass {
		t.Errorf("no server: %+v", r)
	}
}

func TestSettleCountsOverrides(t *testing.T) {
	t.Parallel()
	r := Report{Checks: []Check{{ID: "a", Blocking: true, Verdict: Fail}, {ID: "b", Blocking: true, Verdict: Inconclusive}, {ID: "c", Verdict: Fail}}}
	r.Settle()
	if r.OverallPass {
		t.Error("passes with a blocking failure")
	}
	r.Checks[0].Override = &Override{Verdict: Pass, Reason: "seen in person"}
	if r.Settle(); r.OverallPass {
		t.Error("passes with an inconclusive check")
	}
	r.Checks[1].Override = &Override{Verdict: Pass, Reason: "seen in person"}
	if r.Settle(); !r.OverallPass || !strings.Contains(r.Summary, "advice: c") {
		t.Errorf("does not pass with both overridden: %+v", r)
	}
	r.Checks[1].Override = nil
	if r.Settle(); r.OverallPass {
		t.Error("passes after the override was taken back")
	}
}

func TestOnlyAndPerFile(t *testing.T) {
	t.Parallel()
	in := Input{Requirements: []Requirement{{Check: "deliverables.count"}, {Check: "file.readable"}, {Check: "photo.color_space"}}}
	ids := func(r Report) (out []string) {
		for _, c := range r.Checks {
			out = append(out, c.ID)
		}
		return out
	}
	if got := ids(PerFile(in)); !slices.Equal(got, []string{"file.readable", "photo.color_space"}) {
		t.Errorf("per file: %v", got)
	}
	in.Only = []string{"deliverables.count"}
	if got := ids(Judge(in)); !slices.Equal(got, []string{"deliverables.count"}) {
		t.Errorf("only one: %v", got)
	}
}

func TestUnknownCheckIsForAReviewer(t *testing.T) {
	t.Parallel()
	if c := one(Requirement{Check: "photo.smell", Blocking: true}); c.Verdict != Inconclusive {
		t.Errorf("%+v", c)
	}
}

// drawFile makes any file at all: every fact may be there or not.
func drawFile(t *rapid.T, id string) File {
	kinds := []media.Kind{media.KindPhoto, media.KindVideo, media.KindAudio, media.KindDocument}
	f := File{ID: id, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Labels: map[string]string{}}
	for _, name := range []string{"sku", "angle", "store_id", "asset_id", "view", "speaker", "mix", "person", "platform"} {
		if rapid.Bool().Draw(t, name) {
			f.Labels[name] = rapid.SampledFrom([]string{"", "A", "wide", "mix", "S1"}).Draw(t, name)
		}
	}
	if !rapid.Bool().Draw(t, "ok") {
		f.Facts.Error = &media.FileError{Code: media.CodeUnreadable, Message: "cut short"}
		return f
	}
	f.Facts = media.Facts{OK: true, Kind: rapid.SampledFrom(kinds).Draw(t, "content"), Format: rapid.SampledFrom([]string{"", "jpeg", "mp4", "wav"}).Draw(t, "format")}
	number := func(name string) *float64 {
		return rapid.Ptr(rapid.SampledFrom([]float64{0, 1, -1, 60, 1e9}), true).Draw(t, name)
	}
	whole := func(name string) *int {
		return rapid.Ptr(rapid.SampledFrom([]int{0, 1, -1, 1080, 1 << 30}), true).Draw(t, name)
	}
	f.Facts.DisplayWidth, f.Facts.DisplayHeight = whole("width"), whole("height")
	f.Facts.DurationS, f.Facts.HeaderDurationS, f.Facts.FrameRate = number("duration"), number("header"), number("rate")
	f.Facts.CaptionTracks = whole("captions")
	if lat := number("lat"); lat != nil {
		f.Facts.GPS = &media.GPS{Lat: *lat, Lng: *lat}
	}
	for range rapid.IntRange(0, 2).Draw(t, "tracks") {
		f.Facts.AudioTracks = append(f.Facts.AudioTracks, media.AudioTrack{Channels: rapid.IntRange(0, 3).Draw(t, "channels"), SampleRate: 48000, BitsPerSample: whole("bits")})
	}
	if rapid.Bool().Draw(t, "signals") {
		f.Facts.Signals = &media.Signals{}
		if rapid.Bool().Draw(t, "image") {
			f.Facts.Signals.Image = &media.ImageSignals{PHash: rapid.Uint64().Draw(t, "hash")}
		}
		if rapid.Bool().Draw(t, "audio") {
			f.Facts.Signals.Audio = &media.AudioSignals{Channels: make([]media.ChannelSignals, rapid.IntRange(0, 3).Draw(t, "measured")), Loudness: number("loudness")}
		}
	}
	return f
}

// allRequirements asks for every check, with parameters or, as a template of
// another version might, without.
func allRequirements(bare bool) []Requirement {
	all := map[string]any{
		"point": point, "radius_m": 150, "tolerance_minutes": 30, "edge": "long", "min_px": 800, "ratio": "9:16", "tolerance": 0.01, "speakers": 2, "isolated": true,
		"labels": []string{"speaker"}, "distinct": 2, "required": true, "claims": []string{"cure"}, "daypart": "day", "background": "white",
		"area":   map[string]any{"type": "Polygon", "coordinates": []any{[]any{[]any{-79.4, 43.6}, []any{-79.3, 43.6}, []any{-79.3, 43.7}, []any{-79.4, 43.6}}}},
		"cell_m": 250, "min_share": 0.4, "interval_minutes": 15, "max_factor": 2, "staff_count": 2, "start_at": noon, "end_at": noon.Add(time.Hour),
	}
	var out []Requirement
	for _, c := range Catalogue() {
		r := Requirement{Check: c.ID, Blocking: true}
		if !bare {
			r.Params = all
		}
		out = append(out, r)
	}
	return out
}

func TestAnyFactsAreJudgedAndTheSameWayTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := Input{
			Task:         Task{Onsite: true, StartAt: noon, EndAt: noon.Add(time.Hour), Deliverables: []Deliverable{{Kind: media.KindPhoto, Count: 2, Format: "jpg"}}},
			Requirements: allRequirements(rapid.Bool().Draw(t, "bare")),
		}
		for range rapid.IntRange(0, 4).Draw(t, "files") {
			in.Submission.Files = append(in.Submission.Files, drawFile(t, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")))
		}
		for range rapid.IntRange(0, 3).Draw(t, "check-ins") {
			in.CheckIns = append(in.CheckIns, CheckIn{Kind: rapid.SampledFrom([]string{"in", "out"}).Draw(t, "direction"), Person: "p", Lat: 43.6544, Lng: -79.3807, CapturedAt: noon})
		}
		r := Judge(in)
		if len(r.Checks) != len(in.Requirements) {
			t.Fatalf("%d checks for %d requirements", len(r.Checks), len(in.Requirements))
		}
		pass := true
		for _, c := range r.Checks {
			pass = pass && c.Verdict == Pass
			if c.Files == nil {
				t.Fatalf("%s: files is null", c.ID)
			}
			if c.Verdict == Pass && c.Fix != "" || c.Verdict == Fail && c.Fix == "" {
				t.Fatalf("%s: verdict %s with fix %q", c.ID, c.Verdict, c.Fix)
			}
		}
		if pass != r.OverallPass {
			t.Fatalf("overallPass %v: %s", r.OverallPass, r.Summary)
		}
		if again := Judge(in); !reflect.DeepEqual(r, again) {
			t.Fatal("judged differently the second time")
		}
	})
}
