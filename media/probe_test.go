package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

func TestRunProbeKeepsTheOrderOfItsArguments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	for i := range 30 {
		path := filepath.Join(dir, fmt.Sprintf("%02d.any", 29-i))
		if err := os.WriteFile(path, mediatest.JPEG(mediatest.Photo{Width: 8 + i, Height: 8}), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	paths[7] = filepath.Join(dir, "broken")
	if err := os.WriteFile(paths[7], []byte("not media"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	if err := RunProbe(context.Background(), paths, false, &out, &progress, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(paths) {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		var got struct {
			Path  string
			OK    bool
			Width int
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(line, `{"path":"`) || got.Path != paths[i] || got.OK == (i == 7) || i != 7 && got.Width != 8+i {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if progress.Len() > 0 {
		t.Errorf("a progress line without a terminal: %q", progress.String())
	}
}

func TestRunProbeSaysWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"z.wav", "a/b/c.wav", "a/d.wav"} {
		if err := os.WriteFile(filepath.Join(dir, name), tiny, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := RunProbe(context.Background(), []string{filepath.Join(dir, "missing"), filepath.Join(dir, "z.wav")}, false, &out, &out, false)
	if !errors.Is(err, fs.ErrNotExist) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v after %s", err, out.String())
	}
	out.Reset()
	if err := RunProbe(context.Background(), []string{dir}, false, &out, &out, false); err == nil || out.Len() > 0 {
		t.Errorf("a directory without -r: %v, %s", err, out.String())
	}
	if err := RunProbe(context.Background(), []string{dir}, true, &out, &out, false); err != nil {
		t.Fatal(err)
	}
	var order []string
	for line := range strings.Lines(out.String()) {
		var got struct{ Path string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, got.Path)
		order = append(order, filepath.ToSlash(rel))
	}
	if got := strings.Join(order, " "); got != "a/b/c.wav a/d.wav z.wav" {
		t.Errorf("walked %s", got)
	}
}

func TestRunProbeStopsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, tiny, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	if err := RunProbe(ctx, []string{path, path}, false, &out, &out, false); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
