package media

import (
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// The corpus is a folder of real and broken files beside the project, with a table
// of what two other tools read from them. Everything it shows is also shown on
// generated files; this is an extra where the folder is present.
const corpus = "../../shared/corpus"

func TestCorpus(t *testing.T) {
	t.Parallel()
	table, err := os.Open(filepath.Join(corpus, "MANIFEST.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	rows, err := csv.NewReader(table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		t.Run(get("path"), func(t *testing.T) {
			t.Parallel()
			file, err := os.Open(filepath.Join(corpus, get("path")))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			info, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			f, err := prober.Probe(context.Background(), Source{File: file, Size: info.Size(), Name: get("path")}, false)
			if err != nil {
				t.Fatal(err)
			}
			if get("cls") == "good" {
				compareWithTable(t, f, get)
			}
		})
	}
}

func compareWithTable(t *testing.T, f Facts, get func(string) string) {
	t.Helper()
	if !f.OK || f.SHA256 != get("sha256") {
		t.Fatalf("facts %+v, %+v", f, f.Error)
	}
	near := func(name string, got any, tolerance float64) {
		t.Helper()
		if get(name) == "" {
			return
		}
		want, err := strconv.ParseFloat(get(name), 64)
		if err != nil {
			t.Fatal(err)
		}
		var v float64
		switch got := got.(type) {
		case int:
			v = float64(got)
		case float64:
			v = got
		default:
			v = math.NaN()
		}
		if !(math.Abs(v-want) <= tolerance) {
			t.Errorf("%s is %v, the table says %s", name, got, get(name))
		}
	}
	near("width", value(f.Width), 0)
	near("height", value(f.Height), 0)
	near("display_width", value(f.DisplayWidth), 0)
	near("display_height", value(f.DisplayHeight), 0)
	near("exif_orientation", value(f.Orientation), 0)
	near("duration_s", value(f.DurationS), 0.1)
	near("decoded_duration_s", value(f.DurationS), 0.1)
	if f.Kind == KindVideo {
		near("rotation", value(f.Rotation), 0)
	}
	if rate, err := strconv.ParseFloat(get("fps_avg"), 64); err == nil {
		near("fps_avg", value(f.FrameRate), rate/100)
	}
	switch {
	case get("gps_lat") == "" || get("gps_lat") == "0":
		if f.GPS != nil {
			t.Errorf("position %+v, the table has none", *f.GPS)
		}
	case f.GPS == nil:
		t.Errorf("no position, the table says %s, %s", get("gps_lat"), get("gps_lon"))
	default:
		near("gps_lat", f.GPS.Lat, 1e-5)
		near("gps_lon", f.GPS.Lng, 1e-5)
	}
	if len(f.AudioTracks) > 0 {
		near("channels", f.AudioTracks[0].Channels, 0)
		near("sample_rate", f.AudioTracks[0].SampleRate, 0)
		near("bits_per_sample", value(f.AudioTracks[0].BitsPerSample), 0)
	} else if get("channels") != "" {
		t.Errorf("no sound track, the table says %s", get("audio_codec"))
	}
}
