package workers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers/mail"
)

// InviteTalent works jobs.InviteTalent: it mails an invitation to quote once
// the task has been screened. The Message-ID is made of the quote request's id
// and its expiry: a mail sent twice after a crash is recognised as one, and that
// of a renewed invitation is another.
type InviteTalent struct {
	river.WorkerDefaults[jobs.InviteTalent]
	Pool     db.Beginner
	Dispatch *dispatch.Dispatch
	Mail     mail.Sender
	// PublicURL is where talent answers, without a slash at the end.
	PublicURL string
}

// Timeout implements river.Worker.
func (w *InviteTalent) Timeout(*river.Job[jobs.InviteTalent]) time.Duration {
	return jobs.InviteTalentTimeout
}

// Work implements river.Worker.
func (w *InviteTalent) Work(ctx context.Context, job *river.Job[jobs.InviteTalent]) error {
	m, err := db.In(ctx, w.Pool, func(tx pgx.Tx) (dispatch.Mail, error) {
		return w.Dispatch.InvitationMail(ctx, tx, job.Args.QuoteRequestID)
	})
	switch {
	case err != nil:
		return outcome(err)
	case !m.Pending:
		return nil
	case m.ForReviewer:
		return river.JobSnooze(time.Minute)
	case m.Waiting:
		return river.JobSnooze(time.Second)
	}
	inv := m.Invitation
	place := "Remote"
	if inv.Brief.Location.Mode == "onsite" {
		place = inv.Brief.Location.Address
	}
	err = w.Mail.Send(ctx, mail.Invitation(mail.InvitationData{
		ID: fmt.Sprintf("%s.%d", inv.ID, inv.ExpiresAt.Unix()), To: m.Email, TalentName: m.TalentName, AccountName: m.AccountName, TaskTitle: inv.Brief.Title, TaskType: inWords(inv.Brief.TaskType), Brief: inv.Brief.Brief,
		Place: place, StartAt: inv.Brief.Schedule.StartAt, DurationHours: inv.Brief.Schedule.End().Sub(inv.Brief.Schedule.StartAt).Hours(),
		ExpiresAt: inv.ExpiresAt, Link: w.PublicURL + "/v1/talent/me/quote_requests",
	}))
	if errors.Is(err, mail.ErrRecipient) {
		return river.JobCancel(err)
	}
	return err
}

// inWords turns RETAIL_AUDIT_PHOTO_CHECK into Retail audit photo check.
func inWords(taskType string) string {
	words := strings.ToLower(strings.ReplaceAll(taskType, "_", " "))
	return strings.ToUpper(words[:1]) + words[1:]
}
