package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sync/errgroup"
)

// tools are what a script would use for the same checks of a photo, each in its
// best form: exiftool takes all files in one process, the others take one each,
// two at a time.
var tools = []struct {
	name, does string
	whole      bool // one process for all files
	args       func(path string) []string
}{
	{"exiftool", "size, capture time, position, profile", true, func(string) []string {
		return []string{"-json", "-n", "-ImageSize", "-Orientation", "-DateTimeOriginal", "-OffsetTimeOriginal", "-GPSLatitude", "-GPSLongitude", "-ProfileDescription"}
	}},
	{"convert", "focus, exposure, border, hash", false, func(path string) []string {
		return []string{"-define", "jpeg:size=2048x2048", path, "-auto-orient", "-resize", "1024x1024", "-colorspace", "Gray",
			"(", "+clone", "-define", "convolve:scale=!", "-morphology", "Convolve", "Laplacian:0", "-format", "%[standard-deviation]\n", "-write", "info:-", "+delete", ")",
			"(", "+clone", "-format", "%[mean]\n", "-write", "info:-", "+delete", ")",
			"-resize", "32x32!", "gray:-"}
	}},
	{"ffprobe", "does it decode", false, func(path string) []string {
		return []string{"-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,width,height", "-of", "json", path}
	}},
}

// script runs the same checks with each tool and compares the sum with took.
func script(ctx context.Context, paths []string, took time.Duration) error {
	fmt.Println("the same checks, scripted, two processes at a time:")
	start := time.Now()
	for _, path := range paths {
		if err := hash(path); err != nil {
			return err
		}
	}
	total := time.Since(start)
	fmt.Printf("  %-9s %6.1f s  (exact duplicates)\n", "sha256", total.Seconds())
	missing := false
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.name); err != nil {
			fmt.Printf("  %-9s skipped: not installed\n", tool.name)
			missing = true
			continue
		}
		start := time.Now()
		var group errgroup.Group
		group.SetLimit(2)
		if tool.whole {
			group.Go(func() error { return exec.CommandContext(ctx, tool.name, append(tool.args(""), paths...)...).Run() })
		} else {
			for _, path := range paths {
				group.Go(func() error { return exec.CommandContext(ctx, tool.name, tool.args(path)...).Run() })
			}
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("%s: %w", tool.name, err)
		}
		total += time.Since(start)
		fmt.Printf("  %-9s %6.1f s  (%s)\n", tool.name, time.Since(start).Seconds(), tool.does)
	}
	note := ""
	if missing {
		note = ", without the skipped tools"
	}
	fmt.Printf("  together  %6.1f s, %.1f photos a second: the worker takes %.2f of that time%s\n",
		total.Seconds(), float64(len(paths))/total.Seconds(), took.Seconds()/total.Seconds(), note)
	return nil
}

func hash(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(sha256.New(), file)
	return err
}
