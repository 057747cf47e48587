package blob

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/minio/minio-go/v7"
)

// The read-ahead starts small, for readers that jump from box to box of a
// film, and doubles while they read on where the last fetch ended.
const (
	leastFetch  = 64 << 10
	mostFetch   = 4 << 20
	keptFetches = 4
)

// s3Object reads an object by ranged requests. It is one version of the object:
// reads fail when it was replaced after Open.
type s3Object struct {
	ctx   context.Context // of Open, since ReadAt has none
	store *S3
	key   string
	etag  string
	size  int64

	mu     sync.Mutex
	cached []segment // the most recently used first
	next   int64     // where the last fetch ended
	ahead  int64     // bytes of the last fetch
}

type segment struct {
	off  int64
	data []byte
}

func (o *s3Object) Size() int64    { return o.size }
func (o *s3Object) File() *os.File { return nil }

func (o *s3Object) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cached = nil
	return nil
}

func (o *s3Object) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("blob: read at negative offset %d", off)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= o.size {
			return n, io.EOF
		}
		data, err := o.from(at, int64(len(p)-n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data)
	}
	return n, nil
}

// from returns at least one byte at the offset, which is within the object.
func (o *s3Object) from(at, want int64) ([]byte, error) {
	for i, s := range o.cached {
		if at >= s.off && at < s.off+int64(len(s.data)) {
			copy(o.cached[1:i+1], o.cached[:i])
			o.cached[0] = s
			return s.data[at-s.off:], nil
		}
	}
	if at == o.next && o.ahead > 0 {
		o.ahead = min(2*o.ahead, mostFetch)
	} else {
		o.ahead = leastFetch
	}
	length := min(max(o.ahead, min(want, mostFetch)), o.size-at)
	data, err := o.fetch(at, length)
	if err != nil {
		return nil, err
	}
	o.next = at + length
	o.cached = append([]segment{{at, data}}, o.cached[:min(len(o.cached), keptFetches-1)]...)
	return data, nil
}

func (o *s3Object) fetch(at, length int64) ([]byte, error) {
	var options minio.GetObjectOptions
	if err := options.SetRange(at, at+length-1); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := options.SetMatchETag(o.etag); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	body, _, _, err := o.store.client.GetObject(o.ctx, o.store.options.Bucket, o.key, options)
	if err != nil {
		return nil, s3Error(o.key, err)
	}
	defer body.Close()
	data := make([]byte, length)
	if _, err := io.ReadFull(body, data); err != nil {
		return nil, s3Error(o.key, err)
	}
	return data, nil
}
