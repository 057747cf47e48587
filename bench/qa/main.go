// Command qa measures QA from end to end, in one run: a work order of 100
// photos of 12 megapixels, judged by one worker, beside the same checks scripted
// with exiftool, ImageMagick and ffprobe on the same files; and how fast one
// photo is looked up among a million that were submitted before. Tools that are
// not installed are named as skipped.
//
//	go run ./bench/qa [-short] [-photos 100] [-index 1000000]
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/workers"
)

func main() {
	media.ChildMain()
	short := flag.Bool("short", false, "10 photos, an index of 100,000")
	photos := flag.Int("photos", 100, "photos of the work order, 1 to 500")
	index := flag.Int("index", 1_000_000, "files in the index of earlier work")
	flag.Parse()
	if *short {
		*photos, *index = 10, 100_000
	}
	if err := run(context.Background(), *photos, *index); err != nil {
		fmt.Fprintln(os.Stderr, "bench/qa:", err)
		os.Exit(1)
	}
}

type bench struct {
	*dispatchtest.World
	pool *pgxpool.Pool
}

func run(ctx context.Context, photos, index int) error {
	server, err := embedded.Start(ctx, embedded.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	if err := server.CreateDatabase(ctx, "bench"); err != nil {
		return err
	}
	pool, err := db.Open(ctx, server.URL("bench"), 20)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-qa-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{pool: pool}
	if b.World, err = dispatchtest.New(dir, time.Now().UTC().Truncate(time.Second)); err != nil {
		return err
	}
	if err := b.lookUp(ctx, server.URL("bench"), index); err != nil {
		return err
	}
	paths, err := generate(photos)
	if err != nil {
		return err
	}
	took, err := b.judge(ctx, paths)
	if err != nil {
		return err
	}
	return script(ctx, paths, took)
}

// generate makes distinct 12-megapixel photos, once a machine.
func generate(n int) ([]string, error) {
	dir := filepath.Join(os.TempDir(), "humandispatch-bench-photos")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	fmt.Printf("generating %d photos under %s ...\n", n, dir)
	paths := make([]string, n)
	var group errgroup.Group
	group.SetLimit(2)
	for i := range paths {
		paths[i] = filepath.Join(dir, fmt.Sprintf("%03d.jpg", i))
		group.Go(func() error {
			if _, err := os.Stat(paths[i]); err == nil {
				return nil
			}
			content := mediatest.JPEG(mediatest.Photo{Width: 4032, Height: 3024, Seed: int64(i), Quality: 92, Grain: 4, Make: "Acme", Model: "One", ColorProfile: "sRGB"})
			if err := os.WriteFile(paths[i]+".part", content, 0o644); err != nil {
				return err
			}
			return os.Rename(paths[i]+".part", paths[i])
		})
	}
	return paths, group.Wait()
}

// judge submits the photos and returns how long it took until the verdict.
func (b *bench) judge(ctx context.Context, paths []string) (time.Duration, error) {
	var order dispatchtest.WorkOrder
	var submission dispatch.Submission
	bytes := 0
	err := db.WithTx(ctx, b.pool, func(tx pgx.Tx) (err error) {
		if order, err = b.Book(ctx, tx, true, dispatchtest.ProductTask(len(paths), b.Now)); err != nil {
			return err
		}
		for i, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			bytes += len(content)
			one, err := b.UploadPhotos(ctx, tx, order, content)
			if err != nil {
				return err
			}
			one.Files[0].Labels["sku"] = fmt.Sprintf("P%03d", i)
			submission.Files = append(submission.Files, one.Files...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	prober := media.NewProber(media.Options{Children: 2})
	defer prober.Close()
	client, err := workers.NewClient(workers.Tools{
		Pool: b.pool, Dispatch: b.Dispatch, Blob: b.Blob, Prober: prober, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}, map[string]int{jobs.QueueMediaQA: 1})
	if err != nil {
		return 0, err
	}
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	defer func() { _ = client.Stop(ctx) }()
	start := time.Now()
	err = db.WithTx(ctx, b.pool, func(tx pgx.Tx) error {
		_, err := b.Dispatch.RegisterDeliverables(ctx, tx, b.Now, order.Talent, order.ID, submission)
		return err
	})
	for err == nil {
		var result dispatch.QAResult
		err = db.WithTx(ctx, b.pool, func(tx pgx.Tx) (err error) {
			result, err = b.Dispatch.GetQA(ctx, tx, order.Requester, order.ID)
			return err
		})
		if err == nil && result.QA.Status == dispatch.RunCompleted {
			took := time.Since(start)
			fmt.Printf("%d photos of 12 megapixels (%.1f MB each), one worker, two children, from submission to verdict: %.1f s, %.1f photos a second\n  verdict: %s\n",
				len(paths), float64(bytes)/float64(len(paths))/1e6, took.Seconds(), float64(len(paths))/took.Seconds(), result.QA.Summary)
			return took, nil
		}
		<-time.After(20 * time.Millisecond)
	}
	return 0, err
}
