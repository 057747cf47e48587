package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// RunProbe writes what is in each file, one JSON object a line, "path" first, in
// the order of paths. Several are read at once. With recursive, directories are
// walked in lexical order. On a terminal a progress line shows on stderr when it
// takes over a second. A file that cannot be decoded is a line like any other;
// the error is about a path that cannot be opened, after all others were read,
// or about ctx.
func RunProbe(ctx context.Context, paths []string, recursive bool, stdout, stderr io.Writer, isTerminal bool) error {
	files, failures := expand(paths, recursive)
	workers := max(1, min(runtime.NumCPU(), len(files)))
	p := NewProber(Options{Children: workers})
	defer p.Close()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		line []byte
		err  error
	}
	results := make([]chan result, len(files))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	// At most a few lines per worker wait for a slow one before them.
	ahead := make(chan struct{}, 16*workers)
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range files {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	for range workers {
		go func() {
			for i := range next {
				line, err := probeLine(ctx, p, files[i])
				results[i] <- result{line, err}
			}
		}()
	}

	show := progress{out: stderr, total: len(files), started: time.Now(), enabled: isTerminal}
	defer show.clear()
	for i := range results {
		select {
		case r := <-results[i]:
			<-ahead
			if r.err != nil {
				failures = append(failures, r.err)
				break
			}
			show.clear()
			if _, err := stdout.Write(r.line); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		show.step(i + 1)
	}
	return errors.Join(failures...)
}

// expand lists the files to read; a path that is not there is a failure of its own.
func expand(paths []string, recursive bool) (files []string, failures []error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			failures = append(failures, err)
		case !info.IsDir():
			files = append(files, path)
		case !recursive:
			failures = append(failures, fmt.Errorf("%s is a directory; -r reads the files inside", path))
		default:
			failures = append(failures, filepath.WalkDir(path, func(inside string, d fs.DirEntry, err error) error {
				if err != nil {
					failures = append(failures, err)
					return nil
				}
				if d.Type().IsRegular() {
					files = append(files, inside)
				}
				return nil
			}))
		}
	}
	return files, failures
}

func probeLine(ctx context.Context, p *Prober, path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	facts, err := p.Probe(ctx, Source{File: file, Size: info.Size(), Name: filepath.Base(path)}, false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	name, err := json.Marshal(path)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(facts)
	if err != nil {
		return nil, err
	}
	line := append([]byte(`{"path":`), name...)
	line = append(append(line, ','), body[1:]...)
	return append(line, '\n'), nil
}

// progress is one line that is overwritten, from the second second on.
type progress struct {
	out     io.Writer
	total   int
	started time.Time
	enabled bool
	shown   bool
}

func (p *progress) step(done int) {
	if !p.enabled || time.Since(p.started) < time.Second {
		return
	}
	fmt.Fprintf(p.out, "\r\x1b[K%d of %d files read", done, p.total)
	p.shown = true
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}
