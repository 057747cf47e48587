package policy

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/bits"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/tidwall/gjson"

	"github.com/humandispatch/humandispatch/dispatch/policy/internal/policydb"
)

// Limits are the amounts above which an account's tasks go to a reviewer.
type Limits struct {
	TasksPerHour   int // tasks and attempts in the hour before
	RepeatedPerDay int // nearly the same text in the day before
	BlockedPerDay  int // attempts that policy refused in the day before
}

// DefaultLimits lets a chain audit a thousand shops in a day by distinct tasks, but not
// send the same brief to fifty people.
var DefaultLimits = Limits{TasksPerHour: 200, RepeatedPerDay: 50, BlockedPerDay: 5}

// nearBits is how many bits of the fingerprints of nearly equal texts differ at most.
const nearBits = 8

// Velocity looks at what the account asked for before: too many tasks, too often the
// same, or many that were refused. The task itself, when it is recorded already, does not
// count. The outcome is allow or review, never block. Past five thousand tasks a day the
// counts are of a part, which is above every limit anyway.
func (s *Screener) Velocity(ctx context.Context, tx pgx.Tx, now time.Time, accountID, taskID string, fingerprint int64, limits Limits) (Decision, error) {
	out := Decision{Decision: Allow, Rules: []Match{}, RuleSet: s.version}
	rows, err := policydb.New(tx).RecentTasks(ctx, policydb.RecentTasksParams{AccountID: accountID, Since: now.Add(-24 * time.Hour), Until: now, ExceptTask: taskID})
	if err != nil {
		return out, fmt.Errorf("policy velocity: %w", err)
	}
	var hour, same, blocked int
	for _, r := range rows {
		if now.Sub(r.CreatedAt) < time.Hour {
			hour++
		}
		if fingerprint != 0 && bits.OnesCount64(uint64(r.Fingerprint^fingerprint)) <= nearBits {
			same++
		}
		if r.Decision == string(Block) {
			blocked++
		}
	}
	for _, c := range []struct {
		id, what, fix string
		n, limit      int
	}{
		{"limits.tasks_per_hour", "tasks in the last hour", "Create tasks more slowly, or ask the operator for a higher limit.", hour, limits.TasksPerHour},
		{"limits.repeated_brief", "nearly identical tasks in the last 24 hours", "Make one task with more places or a larger count instead of repeating it.", same, limits.RepeatedPerDay},
		{"limits.blocked_attempts", "refused tasks in the last 24 hours", "Wait for a reviewer: several tasks of this account were refused.", blocked, limits.BlockedPerDay},
	} {
		if c.n >= c.limit {
			out.add(Match{ID: c.id, Category: CategoryLimits, Severity: Review, Matched: fmt.Sprintf("%d %s (limit %d)", c.n, c.what, c.limit), Path: "", Fix: c.fix})
		}
	}
	return out, nil
}

// Fingerprint is a similarity hash (Charikar's simhash) over the pairs of words of a
// task's type, title, brief and specification: nearly equal texts differ in few bits.
// Times, budget and place do not count. It is 0 for a task without words.
func Fingerprint(body []byte) int64 {
	root := gjson.ParseBytes(body)
	fields := []field{{text: root.Get("task_type").Str}}
	for _, path := range []string{"title", "brief", "task_spec"} {
		_ = collect(&fields, path, root.Get(path), false, 0)
	}
	d := &document{fold: theFold()}
	for _, f := range fields {
		d.addField(f)
	}
	if len(d.tokens) < 2 {
		return 0
	}
	var weights [64]int
	for i := 1; i < len(d.tokens) && i < 20_000; i++ {
		h := fnv.New64a()
		h.Write(d.norm[d.tokens[i-1].from:d.tokens[i-1].to])
		h.Write([]byte{' '})
		h.Write(d.norm[d.tokens[i].from:d.tokens[i].to])
		sum := h.Sum64()
		for b := range weights {
			weights[b] += int(sum>>b&1)*2 - 1
		}
	}
	var out uint64
	for b, w := range weights {
		if w > 0 {
			out |= 1 << b
		}
	}
	return int64(out)
}
