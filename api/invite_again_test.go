package api

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch"
)

func TestInvitationThatEndedIsRenewedByNamingTheTalent(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite()
	path := "/v1/tasks/" + j.task + "/quote_requests"
	named := fmt.Sprintf(`{"talent_ids":[%q],"message":"Still interested?"}`, j.talentID)
	ask := func(body string) map[string]any {
		t.Helper()
		return j.want(201, http.MethodPost, path, body).json(j)["quote_requests"].([]any)[0].(map[string]any)
	}
	mails := func() (n int) {
		t.Helper()
		if err := j.pool.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'invite_talent'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	expire := func() error {
		t.Helper()
		var err error
		j.tx(func(tx pgx.Tx) error {
			err = j.server.Dispatch.ExpireQuoteRequest(t.Context(), tx, j.clock.Now(), j.request)
			return nil
		})
		return err
	}
	first := ask(named)
	if first["id"] != j.request || first["message"] == "Still interested?" || mails() != 1 {
		t.Errorf("an invitation that stands is changed: %v, %d mails", first, mails())
	}

	j.asTalent(200, http.MethodPost, "/v1/quote_requests/"+j.request+"/decline", `{"reason":"away"}`)
	if got := ask(`{}`); got["status"] != "declined" || mails() != 1 {
		t.Errorf("talent that declined and is not named: %v, %d mails", got, mails())
	}
	j.clock.Advance(time.Hour)
	renewed := ask(named)
	if renewed["id"] != j.request || renewed["status"] != "requested" || renewed["message"] != "Still interested?" || renewed["expires_at"] == first["expires_at"] || mails() != 2 {
		t.Errorf("after declining: %v, %d mails", renewed, mails())
	}
	until, err := time.Parse(time.RFC3339, first["expires_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	j.clock.Advance(until.Sub(j.clock.Now()))
	var early dispatch.NotDueError
	if err := expire(); !errors.As(err, &early) {
		t.Errorf("the first expiry ends the renewed invitation: %v", err)
	}

	j.clock.Advance(time.Hour)
	if err := expire(); err != nil {
		t.Fatal(err)
	}
	if got := ask(named); got["status"] != "requested" || mails() != 3 {
		t.Errorf("after it expired: %v, %d mails", got, mails())
	}
	j.quoted()
	if got := ask(named); got["status"] != "quoted" || mails() != 3 {
		t.Errorf("after the quote: %v, %d mails", got, mails())
	}
}
