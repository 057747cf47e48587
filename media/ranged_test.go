package media

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
)

// sparse is a huge file of which only the ends hold anything. It counts what is read.
type sparse struct {
	size       int64
	head, tail []byte
	read       atomic.Int64
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), s.size-off))
	clear(p[:n])
	if off < int64(len(s.head)) {
		copy(p, s.head[off:])
	}
	if start := s.size - int64(len(s.tail)); off+int64(n) > start {
		from := max(0, off-start)
		copy(p[max(0, start-off):n], s.tail[from:])
	}
	s.read.Add(int64(n))
	var err error
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// longFilm is two hours of 30 frames a second and AAC in 4 GB, its index at the
// end, tables written out in full as cameras do.
func longFilm() *sparse {
	const size, seconds, frames, blocks = 4 << 30, 7200, 7200 * 30, 7200 * 48000 / 1024
	zero := make([]byte, 80)
	ftyp := bmffBox("ftyp", []byte("isom"), u32(0), []byte("isomavc1"))
	track := func(id int, handler, entry string, timescale, samples, delta, perChunk int, body []byte) []byte {
		var offsets, sizes []byte
		for i := range samples {
			sizes = append(sizes, u32(1000+i%7)...)
			if i%perChunk == 0 {
				offsets = append(offsets, u64(64+i*(size/samples-100))...)
			}
		}
		chunks := len(offsets) / 8
		return bmffBox("trak",
			bmffBox("tkhd", u32(7), u64(0), u32(id), u32(0), u32(seconds*1000), zero[:16], u32(0x10000), zero[:12], u32(0x10000), zero[:12], u32(0x40000000), u64(0)),
			bmffBox("mdia",
				bmffBox("mdhd", u32(0), u64(0), u32(timescale), u32(samples*delta), u32(0)),
				bmffBox("hdlr", u64(0), []byte(handler), zero[:13]),
				bmffBox("minf", bmffBox("stbl",
					bmffBox("stsd", u32(0), u32(1), bmffBox(entry, body)),
					bmffBox("stts", u32(0), u32(1), u32(samples), u32(delta)),
					bmffBox("stsc", u32(0), u32(1), u32(1), u32(perChunk), u32(1)),
					bmffBox("stsz", u64(0), u32(samples), sizes),
					bmffBox("co64", u32(0), u32(chunks), offsets)))))
	}
	moov := bmffBox("moov",
		bmffBox("mvhd", u32(0), u64(0), u32(1000), u32(seconds*1000), zero[:80]),
		track(1, "vide", "avc1", 30000, frames, 1000, 15, join(zero[:6], u16(1), zero[:16], u16(3840), u16(2160), zero[:50])),
		track(2, "soun", "sowt", 48000, blocks, 1024, 20, join(zero[:6], u16(1), zero[:8], u16(2), u16(16), u32(0), u32(48000<<16))))
	mdat := join(u32(1), []byte("mdat"), u64(size-len(ftyp)-len(moov)))
	return &sparse{size: size, head: join(ftyp, mdat), tail: moov}
}

func TestFourGigabyteFilmCostsAFewReads(t *testing.T) {
	t.Parallel()
	film := longFilm()
	in := newInput(film, film.size)
	f := read(in, request{})
	if !f.OK || *f.DurationS != 7200 || *f.FrameRate != 30 || *f.Width != 3840 || len(f.AudioTracks) != 1 {
		t.Fatalf("facts %+v, %+v", f, f.Error)
	}
	if n := film.read.Load(); n > 2<<20 {
		t.Errorf("%d bytes read", n)
	}
	// The same through a child, which asks the parent for its ranges.
	film.read.Store(0)
	f, err := prober.Probe(context.Background(), Source{Reader: film, Size: film.size, SHA256: "known"}, false)
	if err != nil || *f.DurationS != 7200 {
		t.Fatalf("%v, %+v", err, f)
	}
	if n := film.read.Load(); n > 2<<20 {
		t.Errorf("%d bytes read through the child", n)
	}
}

// It runs alone: memory is counted for the whole process.
func TestFourGigabyteFilmTakesLittleMemory(t *testing.T) { //nolint:paralleltest // see above
	film := longFilm()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read(newInput(film, film.size), request{})
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

func TestInputReadsWhatIsThere(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte("0123456789"), 50_000)
	in := newInput(bytes.NewReader(data), int64(len(data)))
	for _, off := range []int64{0, 1, 8191, 8192, 499_990, 250_000, 8193, 400_000} {
		b, err := in.bytes(off, 10)
		if err != nil || !bytes.Equal(b, data[off:off+10]) {
			t.Errorf("at %d: %q, %v", off, b, err)
		}
	}
	if _, err := in.bytes(499_991, 10); err == nil {
		t.Error("read past the end")
	}
	if b := in.upTo(499_995, 10); string(b) != "56789" {
		t.Errorf("up to the end: %q", b)
	}
	for _, off := range []int64{-1, 500_001} {
		if _, err := in.bytes(off, 1); err == nil {
			t.Errorf("read at %d", off)
		}
	}
}
