package workers_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/workers"
)

var qaNow = time.Date(2026, 4, 22, 14, 0, 0, 0, time.UTC)

// watchedStore counts how often each file is opened, which is once a reading,
// and lets a test decide what happens then.
type watchedStore struct {
	blob.Store
	mu     sync.Mutex
	opened map[string]int
	open   func(ctx context.Context, nth int) error // nth counts all files; nil lets everything pass
}

func (s *watchedStore) Open(ctx context.Context, key string) (blob.Object, error) {
	s.mu.Lock()
	s.opened[key]++
	nth := 0
	for _, n := range s.opened {
		nth += n
	}
	s.mu.Unlock()
	if s.open != nil {
		if err := s.open(ctx, nth); err != nil {
			return nil, err
		}
	}
	return s.Store.Open(ctx, key)
}

func (s *watchedStore) times(t *testing.T, files []dispatch.NewDeliverable) []int {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := make([]int, len(files))
	for i, f := range files {
		n[i] = s.opened[f.FileID]
	}
	return n
}

// judging is a database, a file store and a QA worker of a test's own.
type judging struct {
	*testing.T
	*dispatchtest.World
	pool     *pgxpool.Pool
	store    *watchedStore
	reader   *workers.Reader
	listener *event.Listener
}

func newJudging(t *testing.T) *judging {
	t.Helper()
	world, err := dispatchtest.New(t.TempDir(), qaNow)
	if err != nil {
		t.Fatal(err)
	}
	j := &judging{T: t, World: world, pool: dbtest.Database(t)}
	j.store = &watchedStore{Store: world.Blob, opened: map[string]int{}}
	prober := media.NewProber(media.Options{Children: 1})
	t.Cleanup(func() { _ = prober.Close() })
	j.reader = &workers.Reader{Pool: j.pool, Dispatch: world.Dispatch, Blob: j.store, Prober: prober, Parallel: 1}
	j.listener = event.NewListener(j.pool)
	listening, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = j.listener.Run(listening) }()
	t.Cleanup(func() { stop(); <-ended })
	return j
}

// hasty is the worker with a timeout of the test's choice.
type hasty struct {
	*workers.MediaQA
	timeout time.Duration
}

func (h hasty) Timeout(*river.Job[jobs.MediaQA]) time.Duration { return h.timeout }

// work starts a worker; timeout is of one attempt.
func (j *judging) work(timeout time.Duration) {
	j.Helper()
	registered := river.NewWorkers()
	river.AddWorker(registered, hasty{&workers.MediaQA{Reader: j.reader, Now: func() time.Time { return qaNow }}, timeout})
	river.AddWorker(registered, &workers.ReadFiles{Reader: j.reader})
	client, err := river.NewClient(riverpgxv5.New(j.pool), &river.Config{
		Queues: map[string]river.QueueConfig{jobs.QueueMediaQA: {MaxWorkers: 2}}, Workers: registered,
		FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 50 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		j.Fatal(err)
	}
	if err := client.Start(j.Context()); err != nil {
		j.Fatal(err)
	}
	j.Cleanup(func() { _ = client.StopAndCancel(context.Background()) })
}

func (j *judging) tx(fn func(tx pgx.Tx) error) {
	j.Helper()
	if err := db.WithTx(j.Context(), j.pool, fn); err != nil {
		j.Fatal(err)
	}
}

// uploaded books a task of so many products and uploads files for it.
func (j *judging) uploaded(files ...[]byte) (o dispatchtest.WorkOrder, s dispatch.Submission) {
	j.Helper()
	j.tx(func(tx pgx.Tx) (err error) {
		if o, err = j.Book(j.Context(), tx, true, dispatchtest.ProductTask(len(files), qaNow)); err != nil {
			return err
		}
		s, err = j.UploadPhotos(j.Context(), tx, o, files...)
		return err
	})
	return o, s
}

func (j *judging) submit(o dispatchtest.WorkOrder, s dispatch.Submission) {
	j.Helper()
	j.tx(func(tx pgx.Tx) error {
		_, err := j.Dispatch.RegisterDeliverables(j.Context(), tx, j.Now, o.Talent, o.ID, s)
		return err
	})
}

func (j *judging) qa(o dispatchtest.WorkOrder) (result dispatch.QA) {
	j.Helper()
	j.tx(func(tx pgx.Tx) error {
		r, err := j.Dispatch.GetQA(j.Context(), tx, o.Requester, o.ID)
		result = r.QA
		return err
	})
	return result
}

// until waits, as the API does, until the newest run is as the test wants it.
func (j *judging) until(o dispatchtest.WorkOrder, reached func(dispatch.QA) bool) dispatch.QA {
	j.Helper()
	wake := j.listener.Subscribe(dispatch.QATopic(o.ID))
	defer wake.Close()
	for {
		if result := j.qa(o); reached(result) {
			return result
		}
		select {
		case <-wake.C:
		case <-time.After(time.Minute):
			j.Fatalf("nobody was notified for a minute; the run is %+v", j.qa(o))
		}
	}
}

func completed(r dispatch.QA) bool { return r.Status == dispatch.RunCompleted }

// rerun has the work judged again and waits for the verdict.
func (j *judging) rerun(o dispatchtest.WorkOrder, checks ...string) dispatch.QA {
	j.Helper()
	j.tx(func(tx pgx.Tx) error {
		_, err := j.Dispatch.RerunQA(j.Context(), tx, j.Now, o.Requester, o.ID, checks)
		return err
	})
	return j.until(o, completed)
}

func (j *judging) count(sql string, args ...any) (n int) {
	j.Helper()
	if err := j.pool.QueryRow(j.Context(), sql, args...).Scan(&n); err != nil {
		j.Fatal(err)
	}
	return n
}

func photo(seed int64, look mediatest.Look) []byte {
	return mediatest.JPEG(mediatest.Photo{Seed: seed, Look: look, ColorProfile: "sRGB"})
}

func check(t *testing.T, r dispatch.QA, id string) qa.Check {
	t.Helper()
	i := slices.IndexFunc(r.Checks, func(c qa.Check) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("the run has no check %s: %+v", id, r)
	}
	return r.Checks[i]
}

func TestFilesAreReadOnceHoweverOftenTheyAreJudged(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Sharp), photo(2, mediatest.Sharp), photo(3, mediatest.Blurred))
	j.submit(o, s)
	first := j.until(o, completed)
	if first.OverallPass || check(t, first, "photo.sharpness").Verdict != qa.Fail {
		t.Fatalf("a blurred photo passed: %+v", first)
	}
	for range 2 {
		again := j.rerun(o)
		if again.RunID == first.RunID {
			t.Fatal("a rerun replaced the run before it")
		}
		want, _ := json.Marshal(first.Checks)
		if got, _ := json.Marshal(again.Checks); string(got) != string(want) {
			t.Errorf("the same files and versions gave\n%s, then\n%s", want, got)
		}
	}
	if n := j.store.times(t, s.Files); !slices.Equal(n, []int{1, 1, 1}) {
		t.Errorf("after three runs the files were read %v times", n)
	}
	if n := j.count(`SELECT count(*) FROM qa_runs WHERE work_order_id = $1 AND status = 'completed'`, o.ID); n != 3 {
		t.Errorf("%d runs are kept, want 3", n)
	}
}

func TestUnreadableFileFailsAndTheRestIsJudged(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	broken := photo(1, mediatest.Sharp)[:400]
	o, s := j.uploaded(broken, photo(2, mediatest.Blurred), photo(3, mediatest.Sharp))
	j.submit(o, s)
	r := j.until(o, completed)
	if c := check(t, r, "file.readable"); c.Verdict != qa.Fail || !slices.Equal(c.Files, []string{s.Files[0].FileID}) {
		t.Errorf("file.readable of a truncated photo: %+v", c)
	}
	if c := check(t, r, "photo.sharpness"); c.Verdict != qa.Fail || !slices.Contains(c.Files, s.Files[1].FileID) || slices.Contains(c.Files, s.Files[2].FileID) {
		t.Errorf("photo.sharpness beside a truncated photo: %+v", c)
	}
}

func TestFileThatIsGoneFromStorageFailsAsUnreadable(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Sharp), photo(2, mediatest.Sharp))
	if err := j.Blob.Delete(t.Context(), s.Files[0].FileID); err != nil {
		t.Fatal(err)
	}
	j.submit(o, s)
	if c := check(t, j.until(o, completed), "file.readable"); c.Verdict != qa.Fail || !slices.Equal(c.Files, []string{s.Files[0].FileID}) {
		t.Errorf("file.readable: %+v", c)
	}
}

func TestRunThatFailedHalfwayGoesOnWithWhatIsLeft(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.store.open = func(_ context.Context, nth int) error {
		if nth == 3 {
			return errors.New("the storage is away")
		}
		return nil
	}
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Sharp), photo(2, mediatest.Sharp), photo(3, mediatest.Sharp), photo(4, mediatest.Sharp))
	j.submit(o, s)
	r := j.until(o, completed)
	if !r.OverallPass || r.FilesDone != 4 {
		t.Errorf("after a failure halfway: %+v", r)
	}
	if n := j.store.times(t, s.Files); slices.Max(n) != 2 || n[0]+n[1]+n[2]+n[3] != 5 {
		t.Errorf("the files were read %v times, want only the failed one twice", n)
	}

	// The same job once more, as after a rescue that came too early.
	j.tx(func(tx pgx.Tx) error { return jobs.Insert(t.Context(), tx, jobs.MediaQA{RunID: r.RunID}) })
	j.rerun(o)
	j.allJobsDone()
	if n := j.count(`SELECT count(*) FROM events WHERE type = 'qa.completed' AND related->>'run_id' = $1`, r.RunID); n != 1 {
		t.Errorf("the run was announced %d times", n)
	}
	if n := j.count(`SELECT count(*) FROM qa_runs WHERE work_order_id = $1 AND requested_by = 'submission'`, o.ID); n != 1 {
		t.Errorf("the submission has %d runs", n)
	}
}

// allJobsDone waits until no QA job is left.
func (j *judging) allJobsDone() {
	j.Helper()
	for j.count(`SELECT count(*) FROM river_job WHERE queue = 'media_qa' AND finalized_at IS NULL`) > 0 {
		select {
		case <-j.Context().Done():
			j.Fatal("QA jobs are left")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestRunThatTakesLongerThanItsTimeoutGoesOnWithoutUsingUpAttempts(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.store.open = func(ctx context.Context, nth int) error {
		if nth == 2 || nth == 4 {
			<-ctx.Done() // slow storage: the attempt ends here
			return ctx.Err()
		}
		return nil
	}
	j.work(2 * time.Second)
	o, s := j.uploaded(photo(1, mediatest.Sharp), photo(2, mediatest.Sharp), photo(3, mediatest.Sharp))
	j.submit(o, s)
	if r := j.until(o, completed); !r.OverallPass {
		t.Errorf("after two timeouts: %+v", r)
	}
	j.allJobsDone()
	if n := j.count(`SELECT attempt FROM river_job WHERE kind = 'media_qa'`); n != 1 {
		t.Errorf("the job is at attempt %d, want 1: it got on each time", n)
	}
}

func TestRerunOfSomeChecksKeepsTheOthers(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Blurred), photo(2, mediatest.Sharp))
	j.submit(o, s)
	before := j.until(o, completed)
	after := j.rerun(o, "photo.sharpness", "photo.exposure")
	if after.RunID == before.RunID || len(after.Checks) != len(before.Checks) {
		t.Fatalf("%d checks before, %d after", len(before.Checks), len(after.Checks))
	}
	for i, c := range before.Checks {
		if got := after.Checks[i]; got.ID != c.ID || got.Verdict != c.Verdict || got.Measured != c.Measured {
			t.Errorf("%s was %+v, is %+v", c.ID, c, got)
		}
	}
	if after.OverallPass {
		t.Error("a blurred photo passes when it is judged again")
	}
}

func TestPreflightJudgesAPhotoThatIsNotSubmitted(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Blurred))
	var input qa.Input
	ask := func() (unread []string) {
		j.tx(func(tx pgx.Tx) (err error) {
			input, unread, err = j.Dispatch.Preflight(t.Context(), tx, o.Talent, o.ID, s)
			return err
		})
		return unread
	}
	wake := j.listener.Subscribe(dispatch.QATopic(o.ID))
	defer wake.Close()
	unread := ask()
	if !slices.Equal(unread, []string{s.Files[0].FileID}) {
		t.Fatalf("of a new file, unread is %v", unread)
	}
	j.tx(func(tx pgx.Tx) error {
		return jobs.Insert(t.Context(), tx, jobs.ReadFiles{WorkOrderID: o.ID, FileIDs: unread})
	})
	for len(ask()) > 0 {
		<-wake.C
	}
	report := qa.PerFile(input)
	i := slices.IndexFunc(report.Checks, func(c qa.Check) bool { return c.ID == "photo.sharpness" })
	if i < 0 || report.Checks[i].Verdict != qa.Fail || report.Checks[i].Fix == "" {
		t.Errorf("preflight of a blurred photo: %+v", report)
	}
	if n := j.count(`SELECT count(*) FROM submissions WHERE work_order_id = $1`, o.ID); n != 0 {
		t.Errorf("preflight made %d revisions", n)
	}
	// The submission that follows has nothing left to read.
	j.submit(o, s)
	j.until(o, completed)
	if n := j.store.times(t, s.Files); !slices.Equal(n, []int{1}) {
		t.Errorf("the file was read %v times", n)
	}
}

func TestProgressIsSeenFileByFile(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	release := make(chan struct{})
	j.store.open = func(ctx context.Context, _ int) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	j.work(time.Minute)
	o, s := j.uploaded(photo(1, mediatest.Sharp), photo(2, mediatest.Sharp), photo(3, mediatest.Sharp))
	j.submit(o, s)
	for done := range 3 {
		r := j.until(o, func(r dispatch.QA) bool { return r.Status == dispatch.RunRunning && r.FilesDone == done })
		if r.FilesTotal != 3 || r.StartedAt == nil {
			t.Errorf("after %d files: %+v", done, r)
		}
		release <- struct{}{}
	}
	if r := j.until(o, completed); r.FilesDone != 3 || r.CompletedAt == nil {
		t.Errorf("at the end: %+v", r)
	}
}
