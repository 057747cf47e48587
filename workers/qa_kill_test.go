package workers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/workers"
)

// What the environment tells a process that is to be a QA worker.
const (
	qaWorkerURL   = "QA_WORKER_TEST_URL"
	qaWorkerFiles = "QA_WORKER_TEST_FILES"
)

// qaWorkerMain is a worker process, wired as a deployment's, when the
// environment asks for one. It ends with its parent.
func qaWorkerMain() {
	url := os.Getenv(qaWorkerURL)
	if url == "" {
		return
	}
	if err := qaWorker(url, os.Getenv(qaWorkerFiles)); err != nil {
		fmt.Fprintln(os.Stderr, "QA worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func qaWorker(url, files string) error {
	ctx := context.Background()
	pool, err := db.Open(ctx, url, 12)
	if err != nil {
		return err
	}
	world, err := dispatchtest.New(files, qaNow)
	if err != nil {
		return err
	}
	prober := media.NewProber(media.Options{Children: 2})
	client, err := workers.NewClient(workers.Tools{
		Pool: pool, Dispatch: world.Dispatch, Blob: blob.Store(world.Blob), Prober: prober,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return qaNow },
	}, map[string]int{jobs.QueueMediaQA: 2})
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return nil
}

// startQAWorker starts this test's binary as a worker process. What it returns
// kills it at once, as a power failure would.
func startQAWorker(t *testing.T, url, files string) (kill func()) {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), qaWorkerURL+"="+url, qaWorkerFiles+"="+files)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

func TestWorkerKilledFiftyTimesLeavesOneVerdictARevision(t *testing.T) {
	t.Parallel()
	const kills = 50
	url, files := dbtest.URL(t), t.TempDir()
	pool, err := db.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	world, err := dispatchtest.New(files, qaNow)
	if err != nil {
		t.Fatal(err)
	}
	j := &judging{T: t, World: world, pool: pool}
	var pictures [][]byte
	for seed := range int64(4) {
		pictures = append(pictures, mediatest.JPEG(mediatest.Photo{Width: 800, Height: 600, Seed: seed, ColorProfile: "sRGB"}))
	}
	orders, failing := 0, 0
	more := func() {
		look := pictures
		if orders++; orders%4 == 0 {
			failing++
			look = append([][]byte{photo(100, mediatest.Blurred)}, pictures[1:]...)
		}
		o, s := j.uploaded(look...)
		j.submit(o, s)
	}

	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	interrupted := 0
	for range kills {
		for j.count(`SELECT count(*) FROM river_job WHERE queue = 'media_qa' AND finalized_at IS NULL`) < 12 {
			more()
		}
		kill := startQAWorker(t, url, files)
		// Work begins some time after the process; the moment counts from there.
		if j.within(20*time.Second, `SELECT count(*) FROM river_job WHERE queue = 'media_qa' AND state = 'running'`) == 0 {
			t.Error("a worker took up no job for 20 s")
		}
		// So many files later, however fast the machine is, and somewhere within one.
		read := j.count(`SELECT count(*) FROM files WHERE facts IS NOT NULL`) + random.IntN(8)
		j.within(5*time.Second, fmt.Sprintf(`SELECT (count(*) >= %d)::int FROM files WHERE facts IS NOT NULL`, read))
		<-time.After(time.Duration(random.IntN(40)) * time.Millisecond)
		kill()
		// What River's rescuer does a minute later.
		tag, err := pool.Exec(t.Context(), `UPDATE river_job SET state = 'available' WHERE queue = 'media_qa' AND state = 'running'`)
		if err != nil {
			t.Fatal(err)
		}
		interrupted += int(tag.RowsAffected())
	}
	t.Logf("%d kills interrupted %d jobs; %d of %d runs were completed by then, %d of %d files read", kills, interrupted,
		j.count(`SELECT count(*) FROM qa_runs WHERE status = 'completed'`), orders, j.count(`SELECT count(*) FROM files WHERE facts IS NOT NULL`), orders*len(pictures))
	if interrupted < kills/4 {
		t.Errorf("the kills interrupted only %d jobs: there was too little to do", interrupted)
	}
	defer startQAWorker(t, url, files)()
	j.allJobsDone()

	for what, sql := range map[string]string{
		"work orders without a verdict":   `SELECT count(*) FROM work_orders WHERE status NOT IN ('qa_passed', 'qa_failed')`,
		"submissions without one verdict": `SELECT count(*) FROM submissions s WHERE 1 <> (SELECT count(*) FROM qa_runs r WHERE r.work_order_id = s.work_order_id AND r.revision = s.revision AND r.requested_by = 'submission' AND r.status = 'completed')`,
		"runs not announced once":         `SELECT count(*) FROM qa_runs r WHERE 1 <> (SELECT count(*) FROM events e WHERE e.type = 'qa.completed' AND e.related->>'run_id' = r.id)`,
		"files without facts":             `SELECT count(*) FROM files WHERE facts IS NULL`,
		"jobs that are not completed":     `SELECT count(*) FROM river_job WHERE queue = 'media_qa' AND state <> 'completed'`,
	} {
		if n := j.count(sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := j.count(`SELECT count(*) FROM work_orders WHERE status = 'qa_failed'`); n != failing {
		t.Errorf("%d of %d work orders failed, want %d", n, orders, failing)
	}
}

// within waits until the count is over zero and returns it, or 0 when that does
// not happen in time.
func (j *judging) within(limit time.Duration, sql string) int {
	j.Helper()
	end := time.After(limit)
	for {
		if n := j.count(sql); n > 0 {
			return n
		}
		select {
		case <-end:
			return 0
		case <-time.After(5 * time.Millisecond):
		}
	}
}
