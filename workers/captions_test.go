package workers_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/media/mediatest"
	"github.com/humandispatch/humandispatch/qa"
)

func TestCaptionsThatThePolicyRefusesFailUntilTalentOrReviewerSettlesThem(t *testing.T) {
	t.Parallel()
	j := newJudging(t)
	j.work(time.Minute)
	caption := func(text string) []byte { return []byte("1\n00:00:01,000 --> 00:00:04,000\n" + text + "\n") }

	o, s := j.uploaded(photo(1, mediatest.Sharp))
	j.withCaptions(o, &s, caption("Order c0caine from us, delivered to your door"))
	j.submit(o, s)
	r := j.until(o, completed)
	if c := check(t, r, dispatch.CaptionsPolicy); r.OverallPass || c.Verdict != qa.Fail || c.Fix == "" || len(c.Files) != 1 || c.Files[0] != s.Files[1].FileID {
		t.Fatalf("captions that sell drugs: %+v", r)
	}
	if n := j.count(`SELECT count(*) FROM policy_decisions WHERE subject = 'caption' AND decision = 'block' AND rule_set LIKE 'rules-%'`); n != 1 {
		t.Errorf("%d decisions about captions are recorded, want 1", n)
	}
	if again := j.rerun(o, "photo.sharpness"); again.OverallPass {
		t.Errorf("a rerun of another check dropped it: %+v", again)
	}
	j.tx(func(tx pgx.Tx) error {
		_, err := j.Dispatch.OverrideCheck(t.Context(), tx, j.Now, o.Requester, o.ID, dispatch.CaptionsPolicy, qa.Pass, "A public health film", false)
		return err
	})
	if r := j.qa(o); !r.OverallPass {
		t.Errorf("after a reviewer's override: %+v", r)
	}

	o, s = j.uploaded(photo(2, mediatest.Sharp))
	j.withCaptions(o, &s, caption("Follow us for more recipes"))
	j.submit(o, s)
	if r := j.until(o, completed); !r.OverallPass {
		t.Errorf("harmless captions: %+v", r)
	}
}

// withCaptions uploads a caption sidecar and adds it to the submission.
func (j *judging) withCaptions(o dispatchtest.WorkOrder, s *dispatch.Submission, content []byte) {
	j.Helper()
	j.tx(func(tx pgx.Tx) error {
		id, err := j.Upload(j.Context(), tx, o, "clip.srt", "application/x-subrip", content)
		s.Files = append(s.Files, dispatch.NewDeliverable{FileID: id, Kind: "document"})
		return err
	})
}
