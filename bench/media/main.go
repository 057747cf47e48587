// Command media measures how fast media facts and signals are had, side by side
// with exiftool, ffprobe and ImageMagick on the same generated files, in one run.
// Tools that are not installed are named as skipped.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
)

// copies is how many files a batch holds.
const copies = 60

func main() {
	media.ChildMain()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/media:", err)
		os.Exit(1)
	}
}

type bench struct {
	dir    string
	prober *media.Prober
	photos []string
	clips  []string
}

func run() error {
	dir, err := os.MkdirTemp("", "bench-media-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, prober: media.NewProber(media.Options{Children: 1})}
	defer b.prober.Close()

	fmt.Println("Generating files ...")
	photo := mediatest.JPEG(mediatest.Photo{
		Width: 4032, Height: 3024, Seed: 1, Quality: 95, Grain: 5, Orientation: 6, Make: "Acme", Model: "One",
		CapturedAt: time.Date(2026, 5, 4, 10, 30, 0, 0, time.UTC), GPS: &mediatest.Position{Lat: 43.65, Lng: -79.38},
	})
	clip := mediatest.MP4(mediatest.Clip{Seconds: 30, Sound: mediatest.AACTone})
	if b.photos, err = b.write("photo-%02d.jpg", photo, copies); err != nil {
		return err
	}
	if b.clips, err = b.write("clip-%02d.mp4", clip, copies); err != nil {
		return err
	}
	fmt.Printf("photo: 4032 x 3024, %.1f MB; clip: 1080 x 1920, 30 s, %.1f MB; %d of each\n\n", mb(photo), mb(clip), copies)

	for _, step := range []func() error{b.signals, b.sound, b.photoFacts, b.clipFacts, b.warmChild, b.flood} {
		if err := step(); err != nil {
			return err
		}
		fmt.Println()
	}
	return nil
}

func mb(b []byte) float64 { return float64(len(b)) / 1e6 }

// write stores one file and links the others to it: they stay in the page cache.
func (b *bench) write(pattern string, data []byte, n int) (paths []string, err error) {
	for i := range n {
		path := filepath.Join(b.dir, fmt.Sprintf(pattern, i))
		if i == 0 {
			err = os.WriteFile(path, data, 0o644)
		} else {
			err = os.Link(paths[0], path)
		}
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// probe reads every path through a warm child and returns the time a file.
func (b *bench) probe(paths []string, signals bool, checksum string) (time.Duration, error) {
	start := time.Now()
	for _, path := range paths {
		if err := b.one(b.prober, path, signals, checksum); err != nil {
			return 0, err
		}
	}
	return time.Since(start) / time.Duration(len(paths)), nil
}

func (b *bench) one(p *media.Prober, path string, signals bool, checksum string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	facts, err := p.Probe(context.Background(), media.Source{File: file, Size: info.Size(), Name: path, SHA256: checksum}, signals)
	if err == nil && !facts.OK {
		err = fmt.Errorf("%s: %s", path, facts.Error.Message)
	}
	return err
}

// childUse runs f with a prober of its own and returns the processor time and the
// peak memory of its child.
func childUse(f func(p *media.Prober) error) (cpu time.Duration, peakMB float64, err error) {
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &before)
	p := media.NewProber(media.Options{Children: 1})
	err = f(p)
	p.Close()
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &after)
	spent := func(r syscall.Rusage) time.Duration {
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return spent(after) - spent(before), float64(after.Maxrss) / 1024, err
}

func (b *bench) signals() error {
	const n = 20
	cpu, peak, err := childUse(func(p *media.Prober) error {
		for _, path := range b.photos[:n] {
			if err := b.one(p, path, true, "known"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	report("all signals of a 12-megapixel JPEG", cpu/n, "of one core, start of the child included", 150*time.Millisecond)
	fmt.Printf("  peak memory %.0f MB (to stay under: 150 MB)\n", peak)
	return nil
}

func (b *bench) sound() error {
	data := mediatest.WAV(mediatest.Recording{Seconds: 600, Channels: 2, Bits: 16})
	paths, err := b.write("recording-%02d.wav", data, 1)
	if err != nil {
		return err
	}
	cpu, _, err := childUse(func(p *media.Prober) error { return b.one(p, paths[0], true, "known") })
	report("signals of a ten-minute 48 kHz stereo WAV", cpu, "of one core", 2*time.Second)
	return err
}

func (b *bench) photoFacts() error {
	if _, err := b.probe(b.photos, false, "known"); err != nil { // warms up
		return err
	}
	facts, err := b.probe(b.photos, false, "known")
	if err != nil {
		return err
	}
	report("header facts of a 12-megapixel JPEG, warm child", facts, "a file", time.Millisecond)
	start := time.Now()
	if err := media.RunProbe(context.Background(), b.photos, false, io.Discard, io.Discard, false); err != nil {
		return err
	}
	line := time.Since(start) / copies
	fmt.Printf("  %-58s %10s a file, SHA-256 of the file and start of the children included\n", "the probe command on the batch", short(line))
	b.rival(facts, line, b.photos, "exiftool", "-q", "-q", "-json", "-n")
	b.rival(facts, line, b.photos, "identify")
	return nil
}

func (b *bench) clipFacts() error {
	if _, err := b.probe(b.clips, false, "known"); err != nil {
		return err
	}
	facts, err := b.probe(b.clips, false, "known")
	if err != nil {
		return err
	}
	report("facts of an MP4, warm child", facts, "a file", 0)
	if !installed("ffprobe") {
		return nil
	}
	start := time.Now()
	const runs = 10
	for _, path := range b.clips[:runs] {
		if out, err := exec.Command("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", path).CombinedOutput(); err != nil {
			return fmt.Errorf("ffprobe: %w: %s", err, bytes.TrimSpace(out))
		}
	}
	each := time.Since(start) / runs
	fmt.Printf("  %-58s %10s a run: %.0f times as long (to reach: 30)\n", "ffprobe", short(each), float64(each)/float64(facts))
	return nil
}

// installed says, also to the reader, whether a tool is there.
func installed(tool string) bool {
	_, err := exec.LookPath(tool)
	if err != nil {
		fmt.Printf("  %s: skipped, not installed\n", tool)
	}
	return err == nil
}

// rival runs another tool once over all paths.
func (b *bench) rival(facts, line time.Duration, paths []string, tool string, args ...string) {
	if !installed(tool) {
		return
	}
	start := time.Now()
	if out, err := exec.Command(tool, append(args, paths...)...).CombinedOutput(); err != nil {
		fmt.Printf("  %s: skipped, it failed: %v: %s\n", tool, err, bytes.TrimSpace(out))
		return
	}
	each := time.Since(start) / time.Duration(len(paths))
	fmt.Printf("  %-58s %10s a file: %.0f times the facts, %.1f times the probe command\n",
		tool+", one batch", short(each), float64(each)/float64(facts), float64(each)/float64(line))
}

func (b *bench) warmChild() error {
	const n = 1000
	tiny := mediatest.WAV(mediatest.Recording{Seconds: 0.01})
	p := media.NewProber(media.Options{Children: 1, Files: 2 * n})
	defer p.Close()
	start := time.Now()
	for range n {
		if _, err := p.Probe(context.Background(), media.Source{Reader: bytes.NewReader(tiny), Size: int64(len(tiny)), SHA256: "known"}, false); err != nil {
			return err
		}
	}
	report("a child's start and hand-over, amortised over 1000 files", time.Since(start)/n, "a file", 200*time.Microsecond)
	return nil
}

// flood is a BMP header of 24 KB that declares 65,536 squared.
func (b *bench) flood() error {
	data := make([]byte, 24<<10)
	copy(data, "BM")
	copy(data[14:], []byte{40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 24, 0})
	start := time.Now()
	facts, err := b.prober.Probe(context.Background(), media.Source{Reader: bytes.NewReader(data), Size: int64(len(data))}, true)
	if err != nil {
		return err
	}
	if facts.OK {
		return fmt.Errorf("a pixel flood was accepted")
	}
	fmt.Printf("pixel flood refused in %s: %s\n", short(time.Since(start)), facts.Error.Message)
	return nil
}

func report(what string, d time.Duration, unit string, target time.Duration) {
	fmt.Printf("%-60s %10s %s", what, short(d), unit)
	if target > 0 {
		fmt.Printf(" (to stay under: %s)", target)
	}
	fmt.Println()
}

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d)/1e3)
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
