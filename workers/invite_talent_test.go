package workers_test

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/dispatch/talent"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
	"github.com/humandispatch/humandispatch/workers/mail"
)

// outbox keeps what is sent.
type outbox struct{ sent []mail.Message }

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.sent = append(o.sent, m)
	return nil
}

// A mail program hides the second of two mails with one Message-ID.
func TestRenewedInvitationIsAnotherMail(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), dbtest.Tx(t)
	world, err := dispatchtest.New(t.TempDir(), qaNow)
	if err != nil {
		t.Fatal(err)
	}
	d := world.Dispatch
	a, err := account.Create(ctx, tx, qaNow, "Requester", true, account.DefaultAcceptanceWindow)
	if err != nil {
		t.Fatal(err)
	}
	person, _, err := talent.Register(ctx, tx, qaNow, a.ID, true, talent.New{Name: "Ada", Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	requester := dispatch.Caller{AccountID: a.ID, Livemode: true, By: "key_test"}
	task, _, err := d.CreateTask(ctx, tx, qaNow, requester, []byte(dispatchtest.ProductTask(1, qaNow)))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.RecordScreening(ctx, tx, qaNow, task.ID, policy.Decision{Decision: policy.Allow, Rules: []policy.Match{}}); err != nil {
		t.Fatal(err)
	}
	out := &outbox{}
	invite := func(now time.Time) string {
		t.Helper()
		requests, err := d.RequestQuotes(ctx, tx, now, requester, task.ID, dispatch.RequestQuotes{TalentIDs: []string{person.ID}, ExpiresAfter: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		w := &workers.InviteTalent{Pool: tx, Dispatch: d, Mail: out, PublicURL: "https://api.example.com"}
		for range 2 { // as after a crash
			if err := w.Work(ctx, &river.Job[jobs.InviteTalent]{Args: jobs.InviteTalent{QuoteRequestID: requests[0].ID}}); err != nil {
				t.Fatal(err)
			}
		}
		return requests[0].ID
	}
	id := invite(qaNow)
	if _, err := d.DeclineQuoteRequest(ctx, tx, qaNow, dispatch.Caller{TalentID: person.ID, Livemode: true}, id, ""); err != nil {
		t.Fatal(err)
	}
	invite(qaNow.Add(time.Minute))
	if len(out.sent) != 4 || out.sent[0].ID != out.sent[1].ID || out.sent[2].ID != out.sent[3].ID || out.sent[0].ID == out.sent[2].ID {
		t.Errorf("sent %+v", out.sent)
	}
}
