package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// prober is shared: its children serve all tests of the package.
var prober = NewProber(Options{Children: 2})

func probe(t testing.TB, b []byte, signals bool) Facts {
	t.Helper()
	f, err := prober.Probe(context.Background(), Source{Reader: bytes.NewReader(b), Size: int64(len(b))}, signals)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func own(t testing.TB, o Options) *Prober {
	o.Children = 1
	p := NewProber(o)
	t.Cleanup(func() { p.Close() })
	return p
}

var tiny = mediatest.WAV(mediatest.Recording{Seconds: 0.01})

func probeAs(t testing.TB, p *Prober, name string) Facts {
	t.Helper()
	f, err := p.Probe(context.Background(), Source{Reader: bytes.NewReader(tiny), Size: int64(len(tiny)), Name: name}, false)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestProbeReadsThroughAReader(t *testing.T) {
	t.Parallel()
	f := probe(t, mediatest.JPEG(mediatest.Photo{Width: 640, Height: 480, Orientation: 6}), false)
	if !f.OK || *f.Width != 640 || *f.DisplayWidth != 480 || len(f.SHA256) != 64 {
		t.Errorf("facts %+v", f)
	}
}

func TestProbeReadsThroughADescriptor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(path, tiny, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f, err := prober.Probe(context.Background(), Source{File: file, Size: int64(len(tiny)), SHA256: "abc"}, true)
	if err != nil {
		t.Fatal(err)
	}
	if !f.OK || f.Format != "wav" || f.SHA256 != "abc" || f.Signals == nil || f.Signals.Audio == nil {
		t.Errorf("facts %+v", f)
	}
}

func TestProbeSaysWhyAFileIsUnreadable(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"unknown": []byte("nothing that anybody knows"), "empty": nil, "cut": mediatest.JPEG(mediatest.Photo{})[:40],
	} {
		f := probe(t, b, false)
		if f.OK || f.Error == nil || f.Error.Code != CodeUnreadable || f.Error.Message == "" {
			t.Errorf("%s: facts %+v", name, f)
		}
	}
}

func TestMisbehaviourCostsOnlyThatFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"hang": "longer than", "spin": "longer than", "crash": "decoder's own goroutine", "panic": "index out of range",
		"grow": "memory allowed", "recurse": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Options{Timeout: time.Minute, Memory: 400 << 20}
			if want == "longer than" {
				o.Timeout = time.Second // what never ends is cut off soon
			}
			p := own(t, o)
			if f := probeAs(t, p, "first"); !f.OK {
				t.Fatalf("before: %+v", f.Error)
			}
			f := probeAs(t, p, name)
			if f.OK || f.Error.Code != CodeUnreadable || !strings.Contains(f.Error.Message, want) {
				t.Errorf("facts %+v, %+v", f, f.Error)
			}
			if f := probeAs(t, p, "next"); !f.OK {
				t.Errorf("afterwards: %+v", f.Error)
			}
		})
	}
}

func TestChildIsContained(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		return // elsewhere a child is only a process of its own
	}
	for _, name := range []string{"dial", "listen"} {
		if f := probeAs(t, prober, name); !strings.Contains(f.Error.Message, "operation not permitted") {
			t.Errorf("%s: %s", name, f.Error.Message)
		}
	}
	want := fmt.Sprint("user ", os.Getuid(), " environment 0")
	if os.Geteuid() == 0 {
		want = "user 65534 environment 0"
	}
	if f := probeAs(t, prober, "who"); !strings.Contains(f.Error.Message, want) {
		t.Errorf("%s, not %s", f.Error.Message, want)
	}
	if f := probeAs(t, prober, "files"); !strings.HasSuffix(f.Error.Message, "files 0") {
		t.Errorf("without a file handed over: %s", f.Error.Message)
	}
}

func TestWornChildIsReplaced(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"files": {Files: 1}, "age": {MaxAge: 1}, "growth": {Growth: 1}} {
		p := own(t, o)
		if first, second := probeAs(t, p, "who"), probeAs(t, p, "who"); first.Error.Message == second.Error.Message {
			t.Errorf("%s: still %s", name, second.Error.Message)
		}
	}
	p := own(t, Options{})
	if first, second := probeAs(t, p, "who"), probeAs(t, p, "who"); first.Error.Message != second.Error.Message {
		t.Errorf("replaced too soon: %s, then %s", first.Error.Message, second.Error.Message)
	}
}

// failing cannot be read, as a store that went away.
type failing struct{ err error }

func (r failing) ReadAt([]byte, int64) (int, error) { return 0, r.err }

func TestOwnFailuresAreErrors(t *testing.T) {
	t.Parallel()
	p := own(t, Options{})
	gone := errors.New("the store went away")
	if _, err := p.Probe(context.Background(), Source{Reader: failing{gone}, Size: 1000}, false); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Probe(ctx, Source{Reader: bytes.NewReader(tiny), Size: int64(len(tiny)), Name: "hang"}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if f := probeAs(t, p, ""); !f.OK {
		t.Errorf("afterwards: %+v", f.Error)
	}
	p.Close()
	if _, err := p.Probe(context.Background(), Source{Reader: bytes.NewReader(tiny), Size: 1}, false); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
	// One that is not there, one that is no media child.
	idle, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	for _, binary := range []string{"/nonexistent", idle} {
		if _, err := own(t, Options{Binary: binary}).Probe(context.Background(), Source{Reader: bytes.NewReader(tiny), Size: 1}, false); err == nil {
			t.Errorf("%s: a child that cannot start is no error", binary)
		}
	}
	if _, err := prober.Probe(context.Background(), Source{Size: 1}, false); err == nil {
		t.Error("a source without bytes is no error")
	}
}

func TestManyProbesAtOnce(t *testing.T) {
	t.Parallel()
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			b := mediatest.JPEG(mediatest.Photo{Width: 16 + i, Height: 8})
			f, err := prober.Probe(context.Background(), Source{Reader: bytes.NewReader(b), Size: int64(len(b))}, i%2 == 0)
			if err != nil || !f.OK || *f.Width != 16+i {
				t.Errorf("file %d: %v, %+v", i, err, f)
			}
		})
	}
	group.Wait()
}
