package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// Options sizes a Prober. The zero value is good for production.
type Options struct {
	Children int           // child processes at most; 0 means one a CPU
	Timeout  time.Duration // wall time the facts of a file may take, signals a little more; 0 means 8 s
	Memory   int64         // bytes of address space a child may add to its own start; 0 means 1 GiB
	Files    int           // files a child serves before it is replaced; 0 means 1000
	MaxAge   time.Duration // age at which a child is replaced; 0 means 15 min
	Growth   int64         // resident bytes after a file over which a child is replaced; 0 means 300 MiB
	Binary   string        // program that calls ChildMain; empty means this one
	FFmpeg   string        // path of ffmpeg; empty looks in PATH, "none" does without
}

// Source is one file to be read.
type Source struct {
	Reader io.ReaderAt // the bytes; may be nil when File is set
	Size   int64       // bytes
	Name   string      // for messages; it says nothing about the type
	File   *os.File    // handed to the child by descriptor when set; otherwise ranges of Reader are served to it
	SHA256 string      // lower-case hex when it is known already; not computed again then
}

// Prober reads files in child processes, so that a hostile one can take down
// nothing but its own answer. It is safe for concurrent use.
type Prober struct {
	o     Options
	slots chan *child // one entry per allowed child; nil is one not started
	done  chan struct{}
	close sync.Once
}

// ErrClosed is returned by Probe after Close.
var ErrClosed = errors.New("media: the prober is closed")

// NewProber returns a Prober; children start when they are first needed.
func NewProber(o Options) *Prober {
	if o.Children <= 0 {
		o.Children = runtime.NumCPU()
	}
	if o.Timeout <= 0 {
		o.Timeout = 8 * time.Second
	}
	if o.Memory <= 0 {
		o.Memory = 1 << 30
	}
	if o.Files <= 0 {
		o.Files = 1000
	}
	if o.MaxAge <= 0 {
		o.MaxAge = 15 * time.Minute
	}
	if o.Growth <= 0 {
		o.Growth = 300 << 20
	}
	switch o.FFmpeg {
	case "":
		if path, err := exec.LookPath("ffmpeg"); err == nil {
			o.FFmpeg = path
		}
	case "none":
		o.FFmpeg = ""
	}
	p := &Prober{o: o, slots: make(chan *child, o.Children), done: make(chan struct{})}
	for range o.Children {
		p.slots <- nil
	}
	return p
}

// Probe reads one file, with the signals QA judges by when they are asked for.
// A file that cannot be decoded is not an error: it comes back with OK false
// and the reason. An error is a failure of ours: the context ended, the bytes
// could not be fetched, no child could be started.
func (p *Prober) Probe(ctx context.Context, src Source, signals bool) (Facts, error) {
	switch {
	case src.Reader == nil && src.File == nil:
		return Facts{}, errors.New("media: a source needs a Reader or a File")
	case src.Reader == nil:
		src.Reader = src.File
	}
	var c *child
	select {
	case <-ctx.Done():
		return Facts{}, ctx.Err()
	case <-p.done:
		return Facts{}, ErrClosed
	case c = <-p.slots:
	}
	defer func() { p.slots <- c }()
	// A closed prober wins over a free slot.
	select {
	case <-p.done:
		return Facts{}, ErrClosed
	default:
	}

	sum := make(chan checksum, 1)
	if src.SHA256 != "" {
		sum <- checksum{hex: src.SHA256}
	} else {
		go func() { sum <- hashAll(ctx, src) }()
	}

	limit := p.limit(src, signals)
	facts, err := Facts{}, errChildGone
	for attempt := 0; attempt < 2 && errors.Is(err, errChildGone); attempt++ {
		// A child that already served other files may have died of those: the
		// file gets one more try in a fresh one before it is blamed.
		fresh := c == nil
		if fresh {
			if c, err = startChild(p.o); err != nil {
				break
			}
		}
		facts, err = c.probe(ctx, src, request{
			Name: src.Name, Size: src.Size, Signals: signals, FFmpeg: p.o.FFmpeg, Seconds: int(limit/time.Second) + 2,
		}, limit)
		if err != nil || c.worn(p.o) {
			reason := c.stop()
			c = nil
			if errors.Is(err, errChildGone) && fresh {
				facts, err = unreadable("the decoder died on this file: "+reason), nil
			}
		}
		if errors.Is(err, errTooSlow) {
			facts, err = unreadable("decoding took longer than "+limit.String()), nil
		}
	}
	if errors.Is(err, errChildGone) {
		facts, err = unreadable("the decoder died on this file"), nil
	}
	got := <-sum
	if err = errors.Join(err, got.err); err != nil {
		return Facts{}, err
	}
	facts.Bytes, facts.SHA256 = src.Size, got.hex
	return facts, nil
}

// limit is the wall time src may take. Decoding gets two seconds more, and
// another for each 20 MB of what may be long sound.
func (p *Prober) limit(src Source, signals bool) time.Duration {
	if !signals {
		return p.o.Timeout
	}
	return p.o.Timeout + 2*time.Second + time.Duration(src.Size/(20<<20))*time.Second
}

// Close ends all children. Probes under way finish first; later ones get ErrClosed.
func (p *Prober) Close() error {
	p.close.Do(func() {
		close(p.done)
		for range p.o.Children {
			if c := <-p.slots; c != nil {
				c.stop()
			}
		}
	})
	return nil
}

type checksum struct {
	hex string
	err error
}

// hashAll reads the whole file; it runs beside the child, in the parent, because
// it is the one thing that no content can break.
func hashAll(ctx context.Context, src Source) checksum {
	h := sha256.New()
	buf := make([]byte, min(max(src.Size, 1), 256<<10))
	for off := int64(0); off < src.Size; {
		if ctx.Err() != nil {
			return checksum{err: ctx.Err()}
		}
		n, err := src.Reader.ReadAt(buf[:min(int64(len(buf)), src.Size-off)], off)
		h.Write(buf[:n])
		off += int64(n)
		if err != nil && off < src.Size {
			return checksum{err: fmt.Errorf("media: reading %q at byte %d of %d: %w", src.Name, off, src.Size, err)}
		}
	}
	return checksum{hex: hex.EncodeToString(h.Sum(nil))}
}

func unreadable(reason string) Facts {
	return Facts{Error: &FileError{Code: CodeUnreadable, Message: reason}}
}
