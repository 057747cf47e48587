package policy

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

var noon = time.Date(2026, 6, 12, 12, 0, 0, 0, time.UTC)

func account(t *testing.T) (pgx.Tx, string) {
	t.Helper()
	tx := dbtest.Tx(t)
	const id = "acct_policy"
	if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'A', false, $2)`, id, noon); err != nil {
		t.Fatal(err)
	}
	return tx, id
}

func record(t *testing.T, tx pgx.Tx, now time.Time, s Subject, d Decision) string {
	t.Helper()
	id, err := Record(t.Context(), tx, now, s, d)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestReviewIsDecidedOnce(t *testing.T) {
	t.Parallel()
	tx, acct := account(t)
	d := Decision{Decision: Review, RuleSet: "rules-1", Rules: []Match{{ID: "r", Category: "drugs", Severity: Review, Matched: "w33d", Path: "brief", Fix: "f"}}}
	id := record(t, tx, noon, Subject{AccountID: acct, TaskID: "task_1", Kind: SubjectTask}, d)
	record(t, tx, noon, Subject{AccountID: acct, Kind: SubjectQuote}, Decision{Decision: Block, Rules: []Match{}})
	pending, err := PendingReviews(t.Context(), tx, "", 10)
	if err != nil || len(pending) != 1 || pending[0].ID != id || pending[0].Decision.Rules[0] != d.Rules[0] || pending[0].TaskID != "task_1" {
		t.Fatalf("pending: %+v, %v", pending, err)
	}
	got, err := Resolve(t.Context(), tx, noon.Add(time.Hour), id, true, "key_1", "a garden centre")
	if err != nil || got.Approved == nil || !*got.Approved || got.ReviewedBy != "key_1" || got.ReviewReason != "a garden centre" {
		t.Fatalf("resolved: %+v, %v", got, err)
	}
	if _, err := Resolve(t.Context(), tx, noon, id, false, "key_2", "again"); !fault.Is(err, fault.InvalidState) {
		t.Errorf("a second review: %v", err)
	}
	if _, err := Resolve(t.Context(), tx, noon, "pol_none", true, "key_1", "x"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown decision: %v", err)
	}
	if pending, _ = PendingReviews(t.Context(), tx, "", 10); len(pending) != 0 {
		t.Errorf("still pending: %+v", pending)
	}
	if history, err := History(t.Context(), tx, "task_1"); err != nil || len(history) != 1 {
		t.Errorf("history: %+v, %v", history, err)
	}
}

func TestVelocityCountsTasksRepeatsAndRefusals(t *testing.T) {
	t.Parallel()
	limits := Limits{TasksPerHour: 4, RepeatedPerDay: 3, BlockedPerDay: 2}
	brief := func(s string) int64 { return Fingerprint([]byte(`{"title":"Photos","brief":"` + s + `"}`)) }
	same := brief("photograph the shelf with vitamins and the price tags of every bottle in the store on main street")
	for _, test := range []struct {
		name string
		make func(t *testing.T, tx pgx.Tx, acct string)
		want string
	}{
		{"nothing before", func(*testing.T, pgx.Tx, string) {}, ""},
		{"many in an hour", func(t *testing.T, tx pgx.Tx, acct string) {
			for i := range 4 {
				record(t, tx, noon.Add(-time.Minute), Subject{AccountID: acct, TaskID: fmt.Sprint("task_", i), Kind: SubjectTask, Fingerprint: brief(fmt.Sprint("subject ", i*i*7919, " and ", i))}, Decision{Decision: Allow})
			}
		}, "limits.tasks_per_hour"},
		{"the same again", func(t *testing.T, tx pgx.Tx, acct string) {
			for i := range 3 {
				record(t, tx, noon.Add(-20*time.Hour), Subject{AccountID: acct, TaskID: fmt.Sprint("task_", i), Kind: SubjectTask, Fingerprint: same}, Decision{Decision: Allow})
			}
		}, "limits.repeated_brief"},
		{"refused often", func(t *testing.T, tx pgx.Tx, acct string) {
			for i := range 2 {
				record(t, tx, noon.Add(-2*time.Hour), Subject{AccountID: acct, TaskID: fmt.Sprint("task_", i), Kind: SubjectTask}, Decision{Decision: Block})
			}
		}, "limits.blocked_attempts"},
		{"one task screened several times", func(t *testing.T, tx pgx.Tx, acct string) {
			for range 9 {
				record(t, tx, noon.Add(-2*time.Minute), Subject{AccountID: acct, TaskID: "task_1", Kind: SubjectTask, Fingerprint: same}, Decision{Decision: Block})
			}
		}, ""},
		{"long ago", func(t *testing.T, tx pgx.Tx, acct string) {
			for i := range 9 {
				record(t, tx, noon.Add(-25*time.Hour), Subject{AccountID: acct, TaskID: fmt.Sprint("task_", i), Kind: SubjectTask, Fingerprint: same}, Decision{Decision: Block})
			}
		}, ""},
		{"itself", func(t *testing.T, tx pgx.Tx, acct string) {
			for range 9 {
				record(t, tx, noon, Subject{AccountID: acct, TaskID: "task_self", Kind: SubjectTask, Fingerprint: same}, Decision{Decision: Block})
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tx, acct := account(t)
			test.make(t, tx, acct)
			d, err := Default().Velocity(t.Context(), tx, noon, acct, "task_self", same, limits)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, m := range d.Rules {
				got += m.ID
			}
			if got != test.want || (d.Decision == Review) != (test.want != "") {
				t.Errorf("got %q (%s), want %q", got, d.Decision, test.want)
			}
		})
	}
}

func TestFingerprintsOfNearlyEqualBriefsAreNear(t *testing.T) {
	t.Parallel()
	body := func(city string) []byte {
		return []byte(`{"task_type":"OOH_ASSET_VERIFICATION","title":"Check our billboard","brief":"Photograph our billboard wide and close from the pavement opposite, in good light, without people in front, and include the street name sign in one of the pictures. ` + city + `"}`)
	}
	other := []byte(`{"task_type":"PODCAST_ON_SITE_CAPTURE","title":"Record two hosts","brief":"Isolated tracks and a mix in our quiet studio, with backup recording, for an hour about gardening in small spaces."}`)
	a, b, c := Fingerprint(body("Lyon")), Fingerprint(body("Lille")), Fingerprint(other)
	if near, far := bitsApart(a, b), bitsApart(a, c); near > nearBits || far <= 2*nearBits {
		t.Errorf("near texts are %d bits apart, different ones %d", near, far)
	}
	if Fingerprint([]byte(`{}`)) != 0 {
		t.Error("a task without words has a fingerprint")
	}
}

func bitsApart(a, b int64) int { return bits.OnesCount64(uint64(a ^ b)) }
