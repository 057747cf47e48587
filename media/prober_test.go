package media

import (
	"bytes"
	"context"
	"testing"

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

func TestProbeReadsThroughAReader(t *testing.T) {
	t.Parallel()
	f := probe(t, mediatest.JPEG(mediatest.Photo{Width: 640, Height: 480, Orientation: 6}), false)
	if !f.OK || *f.Width != 640 || *f.DisplayWidth != 480 || len(f.SHA256) != 64 {
		t.Errorf("facts %+v", f)
	}
}

func TestProbeSaysWhyAFileIsUnreadable(t *testing.T) {
	t.Parallel()
	f := probe(t, []byte("nothing that anybody knows"), false)
	if f.OK || f.Error == nil || f.Error.Code != CodeUnreadable || f.Error.Message == "" {
		t.Errorf("facts %+v", f)
	}
}
