package main

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

func TestAdminTalentToken(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	acct := answer(t, "admin", "account", "create", "Acme", "--database-url", url)["account_id"].(string)
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var leaked string
	who, err := db.In(t.Context(), pool, func(tx pgx.Tx) (who talent.Talent, err error) {
		who, leaked, err = talent.Register(t.Context(), tx, time.Now(), acct, false, talent.New{Name: "Ada", Email: "ada@example.com"})
		return who, err
	})
	if err != nil {
		t.Fatal(err)
	}
	authenticate := func(token string) error {
		return db.WithTx(t.Context(), pool, func(tx pgx.Tx) error { _, err := talent.Authenticate(t.Context(), tx, token); return err })
	}
	made := answer(t, "admin", "talent", "token", who.ID, "--database-url", url)
	token, _ := made["token"].(string)
	if made["revoked"] != 1.0 || authenticate(token) != nil || !fault.Is(authenticate(leaked), fault.Unauthenticated) {
		t.Errorf("reissued %v: the old one %v, the new one %v", made, authenticate(leaked), authenticate(token))
	}
	ended := answer(t, "admin", "talent", "token", who.ID, "--revoke-only", "--database-url", url)
	if ended["token"] != nil || !fault.Is(authenticate(token), fault.Unauthenticated) {
		t.Errorf("revoked %v: %v", ended, authenticate(token))
	}
	if status, _, errs := command(t, "admin", "talent", "token", "tal_nobody", "--database-url", url); status != 1 || errs == "" {
		t.Errorf("of nobody: status %d, %q", status, errs)
	}
}
