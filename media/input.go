package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var (
	errTruncated = errors.New("the file ends in the middle of its structure")
	errTooMuch   = errors.New("its structure is larger than a real file's")
)

// Reading facts costs at most this many bytes, whatever a file claims. An
// ordinary 4 GB film costs under 2 MB; the rest is for many small fragments.
const factsBudget = 64 << 20

const (
	smallWindow = 8 << 10
	largeWindow = 256 << 10
)

// input reads a file in windows: small ones for leaps, growing ones while the
// reading goes on where it ended. It keeps a few, so that going back is free.
type input struct {
	r       io.ReaderAt
	size    int64
	fetched int64 // bytes read so far
	windows [6]window
	next    int
}

type window struct {
	off int64
	b   []byte
}

func newInput(r io.ReaderAt, size int64) *input {
	return &input{r: r, size: max(size, 0)}
}

// bytes returns n bytes at off. They stay valid and must not be changed.
func (in *input) bytes(off int64, n int) ([]byte, error) {
	if off < 0 || n < 0 || off > in.size || int64(n) > in.size-off {
		return nil, errTruncated
	}
	grow := smallWindow
	for _, w := range in.windows {
		end := w.off + int64(len(w.b))
		if off >= w.off && off+int64(n) <= end {
			return w.b[off-w.off:][:n:n], nil
		}
		if off >= w.off && off <= end && len(w.b) > 0 {
			grow = min(2*len(w.b), largeWindow)
		}
	}
	length := min(int64(max(n, grow)), in.size-off)
	if in.fetched+length > factsBudget {
		return nil, errTooMuch
	}
	b := make([]byte, length)
	read, err := in.r.ReadAt(b, off)
	in.fetched += int64(read)
	if read < n {
		if err == nil || err == io.EOF {
			err = errTruncated
		}
		return nil, err
	}
	in.windows[in.next] = window{off, b[:read]}
	in.next = (in.next + 1) % len(in.windows)
	return b[:n:n], nil
}

// upTo returns n bytes at off, or what there is of them.
func (in *input) upTo(off int64, n int) []byte {
	if off < 0 || off >= in.size {
		return nil
	}
	b, err := in.bytes(off, int(min(int64(n), in.size-off)))
	if err != nil {
		return nil
	}
	return b
}

// section streams bytes that are read once and need no window.
func (in *input) section(off, n int64) *io.SectionReader {
	return io.NewSectionReader(in.r, off, max(0, min(n, in.size-off)))
}

var (
	be = binary.BigEndian
	le = binary.LittleEndian
)

func ptr[T any](v T) *T { return &v }

// broken is an error about a file's content, phrased for the person who sent it.
func broken(format string, args ...any) error { return fmt.Errorf(format, args...) }
