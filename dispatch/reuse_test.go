package dispatch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/qa"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

var reuseNow = time.Date(2026, 4, 22, 14, 0, 0, 0, time.UTC)

// reuse is a transaction in which work is submitted and judged, each work order
// of an account of its own.
type reuse struct {
	*testing.T
	*dispatchtest.World
	tx pgx.Tx
}

func newReuse(t *testing.T) *reuse {
	t.Helper()
	world, err := dispatchtest.New(t.TempDir(), reuseNow)
	if err != nil {
		t.Fatal(err)
	}
	return &reuse{t, world, dbtest.Tx(t)}
}

// picture is what a file is known by.
type picture struct {
	content string
	phash   uint64
}

// submitted is a work order whose newest revision waits for its verdict.
type submitted struct {
	dispatchtest.WorkOrder
	runID string
}

// submit submits a picture at the world's time, as a new work order or, with
// again, as its next revision.
func (r *reuse) submit(livemode bool, p picture, again *submitted) submitted {
	r.Helper()
	s := submitted{}
	if again != nil {
		s = *again
	} else {
		o, err := r.Book(r.Context(), r.tx, livemode, dispatchtest.ProductTask(1, r.Now))
		if err != nil {
			r.Fatal(err)
		}
		s.WorkOrder = o
	}
	upload, err := r.UploadPhotos(r.Context(), r.tx, s.WorkOrder, []byte(p.content))
	if err != nil {
		r.Fatal(err)
	}
	if _, err := r.Dispatch.RegisterDeliverables(r.Context(), r.tx, r.Now, s.Talent, s.ID, upload); err != nil {
		r.Fatal(err)
	}
	if err := r.tx.QueryRow(r.Context(), `SELECT current_run_id FROM work_orders WHERE id = $1`, s.ID).Scan(&s.runID); err != nil {
		r.Fatal(err)
	}
	run, err := r.Dispatch.StartRun(r.Context(), r.tx, r.Now, s.runID, "test")
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range run.Unread {
		facts := fmt.Sprintf(`{"ok":true,"kind":"photo","format":"jpeg","bytes":%d,"sha256":%q,"signals":{"image":{"phash":"%d"}}}`, f.Bytes, f.SHA256, p.phash)
		if err := r.Dispatch.SaveFacts(r.Context(), r.tx, f.ID, json.RawMessage(facts), "test"); err != nil {
			r.Fatal(err)
		}
	}
	return s
}

// seen is what the run of a submission is told of its only file.
func (r *reuse) seen(s submitted) *qa.Reuse {
	r.Helper()
	input, err := r.Dispatch.RunInput(r.Context(), r.tx, s.runID)
	if err != nil {
		r.Fatal(err)
	}
	return input.Submission.Files[0].Reused
}

// judge ends the run as failed, so that a next revision can follow.
func (r *reuse) judge(s submitted) submitted {
	r.Helper()
	report := qa.Report{EngineVersion: "test", TemplateVersion: "1", Checks: []qa.Check{{ID: "file.format", Blocking: true, Verdict: qa.Fail, Files: []string{}}}}
	report.Settle()
	if err := r.Dispatch.CompleteRun(r.Context(), r.tx, r.Now, s.runID, report); err != nil {
		r.Fatal(err)
	}
	return s
}

func (r *reuse) later() { r.Now = r.Now.Add(time.Hour) }

const aHash = uint64(0x9d3a5c6eb1f04872)

func TestFileOfAnotherAccountsEarlierWorkIsFound(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	r.judge(r.submit(true, picture{"a picture", aHash}, nil))
	r.later()
	if got := r.seen(r.submit(true, picture{"a picture", aHash}, nil)); got == nil || !got.Exact {
		t.Errorf("the same bytes in another account: %+v", got)
	}
	if got := r.seen(r.submit(true, picture{"encoded again", aHash ^ 1<<3 ^ 1<<40}, nil)); got == nil || got.Exact || got.Distance != 2 {
		t.Errorf("the same picture encoded again: %+v", got)
	}
	// Seven bits, spread so that no band is left as it was.
	if got := r.seen(r.submit(true, picture{"encoded badly", aHash ^ 0x0003_0003_0003_0001}, nil)); got == nil || got.Distance != 7 {
		t.Errorf("seven bits away: %+v", got)
	}
	if got := r.seen(r.submit(true, picture{"another picture", aHash ^ 0x00ff_0000_0000_0000}, nil)); got != nil {
		t.Errorf("eight bits away is another picture, got %+v", got)
	}
}

func TestFlatPicturesAreOnlyFoundByTheirBytes(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	r.judge(r.submit(true, picture{"a white wall", 1}, nil))
	r.later()
	if got := r.seen(r.submit(true, picture{"another white wall", 1}, nil)); got != nil {
		t.Errorf("two flat pictures are taken for one: %+v", got)
	}
	if got := r.seen(r.submit(true, picture{"a white wall", 1}, nil)); got == nil || !got.Exact {
		t.Errorf("the same bytes: %+v", got)
	}
}

func TestFileOfTheSameWorkOrderIsNotReuse(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	first := r.judge(r.submit(true, picture{"a picture", aHash}, nil))
	r.later()
	if got := r.seen(r.submit(true, picture{"a picture", aHash}, &first)); got != nil {
		t.Errorf("the next revision is held against the one before: %+v", got)
	}
}

func TestLaterSubmissionIsNotHeldAgainstAnEarlierOne(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	first := r.submit(true, picture{"a picture", aHash}, nil)
	r.later()
	r.judge(r.submit(true, picture{"a picture", aHash}, nil))
	r.later()
	if got := r.seen(first); got != nil {
		t.Errorf("the earlier submission, judged later, counts as re-used: %+v", got)
	}
}

func TestOfTwoSubmissionsAtOnceTheLaterIsFound(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	first := r.submit(true, picture{"a picture", aHash}, nil)
	r.Now = r.Now.Add(time.Second)
	second := r.submit(true, picture{"a picture", aHash}, nil)
	third := r.submit(true, picture{"a picture", aHash}, nil) // in the same microsecond
	// Nobody has been judged.
	if got := r.seen(first); got != nil {
		t.Errorf("the first: %+v", got)
	}
	for _, s := range []submitted{second, third} {
		if got := r.seen(s); got == nil || !got.Exact {
			t.Errorf("a later one: %+v", got)
		}
	}
	other := r.submit(false, picture{"a picture", aHash}, nil)
	if got := r.seen(other); got != nil {
		t.Errorf("in test mode: %+v", got)
	}
}

func TestLiveAndTestFilesDoNotMeet(t *testing.T) {
	t.Parallel()
	r := newReuse(t)
	r.judge(r.submit(false, picture{"a picture", aHash}, nil))
	r.later()
	if got := r.seen(r.submit(true, picture{"a picture", aHash}, nil)); got != nil {
		t.Errorf("a live file is held against test data: %+v", got)
	}
}
