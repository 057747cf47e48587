package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/media"
)

func TestMain(m *testing.M) {
	media.ChildMain()
	// What this machine is configured with must not decide what tests see.
	given := os.Getenv("HUMANDISPATCH_DATABASE_URL")
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "HUMANDISPATCH_") {
			_ = os.Unsetenv(name)
		}
	}
	if given != "" {
		_ = os.Setenv("HUMANDISPATCH_DATABASE_URL", given)
	}
	os.Exit(dbtest.Main(m))
}

// command runs a command line to its end.
func command(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, streams{strings.NewReader(""), &stdout, &stderr})
	return status, stdout.String(), stderr.String()
}

// answer runs a command line that must succeed and print one JSON object.
func answer(t *testing.T, args ...string) map[string]any {
	t.Helper()
	status, out, errs := command(t, args...)
	if status != 0 {
		t.Fatalf("%v ended with %d: %s", args, status, errs)
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(out), &object); err != nil {
		t.Fatalf("%v printed %q: %v", args, out, err)
	}
	return object
}

func TestWrongFlagsAreNamed(t *testing.T) {
	t.Parallel()
	database := "--database-url=postgres:///x"
	secret := "--secret-key=" + strings.Repeat("ab", 32)
	serve := []string{"serve", database, secret, "--public-url=https://api.example.com", "--files-dir=files"}
	work := []string{"work", database, secret, "--public-url=https://api.example.com", "--files-dir=files", "--mail-dir=" + t.TempDir()}
	with := func(base []string, more ...string) []string { return append(append([]string{}, base...), more...) }
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", database}, "--secret-key"},
		{[]string{"serve", database, "--secret-key=abc"}, "--secret-key"},
		{with(serve, "--previous-secret-key=abc"), "--previous-secret-key"},
		{[]string{"serve", database, secret}, "--public-url"},
		{[]string{"serve", database, secret}, "--files-dir"},
		{[]string{"serve", "--database-url=postgres://%zz", secret, "--public-url=http://x", "--files-dir=f"}, "--database-url"},
		{with(serve, "--public-url=api.example.com"), "--public-url"},
		{with(serve, "--public-url=https://api.example.com/"), "--public-url"},
		{with(serve, "--listen=8080"), "--listen"},
		{with(serve, "--metrics-listen=x:y"), "--metrics-listen"},
		{with(serve, "--requests-per-minute=0"), "--requests-per-minute"},
		{with(serve, "--platform-fee=101"), "--platform-fee"},
		{with(serve, "--platform-fee=1.234"), "--platform-fee"},
		{with(serve, "--stripe-secret-key=sk_live_x"), "--stripe-webhook-secret"},
		{with(serve, "--s3-endpoint=s3.example.com"), "--s3-endpoint"},
		{with(serve, "--log-level=loud"), "--log-level"},
		{with(serve, "--log-format=xml"), "--log-format"},
		{with(serve, "--drain-timeout=1ms"), "--drain-timeout"},
		{with(serve, "--database-connections=1"), "--database-connections"},
		{with(work, "--queues=media=3"), "--queues"},
		{with(work, "--queues=media_qa=0"), "--queues"},
		{with(work, "--mail-dir="), "--smtp-host"},
		{[]string{"queues", "pause", "nothing", database}, "media_qa"},
		{[]string{"admin", "account", "create", "A", database, "--acceptance-window=90m"}, "--acceptance-window"},
		{[]string{"nonsense"}, "nonsense"},
	} {
		status, _, errs := command(t, c.args...)
		if status != 2 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: status %d, %q; want 2 and %s named", c.args, status, errs, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]percent{"0": 0, "15": 1500, "12.5": 1250, "0.05": 5, "100": 10_000} {
		var p percent
		if err := p.UnmarshalText([]byte(text)); err != nil || p != want {
			t.Errorf("%s gives %d, %v; want %d", text, p, err, want)
		}
	}
	for _, text := range []string{"", "-1", "100.01", "1.234", "x", "1,5", "1e1"} {
		var p percent
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %d", text, p)
		}
	}
}

func TestMigrateThenUse(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := command(t, "queues", "--database-url", url); status != 1 || !strings.Contains(errs, "humandispatch migrate") {
		t.Fatalf("a database without schema: status %d, %s", status, errs)
	}
	for range 2 { // the second time there is nothing to do
		if status, _, errs := command(t, "migrate", "--database-url", url); status != 0 {
			t.Fatalf("migrate: %s", errs)
		}
	}
	if status, _, errs := command(t, "queues", "--database-url", url); status != 0 {
		t.Fatalf("queues after migrate: %s", errs)
	}
}

func TestAdminAccountKeysAndMoney(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	made := answer(t, "admin", "account", "create", "Acme", "--live", "--database-url", url)
	id := made["account_id"].(string)
	key := answer(t, "admin", "key", "create", id, "--scopes=tasks:write,money:read", "--database-url", url)
	secret := key["secret"].(string)
	if !strings.HasPrefix(secret, "sk_live_") {
		t.Errorf("a live account's key is %.8s…", secret)
	}

	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	authenticate := func() (account.Key, error) {
		return db.In(t.Context(), pool, func(tx pgx.Tx) (account.Key, error) { return account.Authenticate(t.Context(), tx, secret) })
	}
	if found, err := authenticate(); err != nil || found.AccountID != id || !found.Allows("tasks:read") || found.Allows("bookings:read") {
		t.Errorf("the key authenticates as %+v, %v", found, err)
	}

	for _, replayed := range []bool{false, true} {
		funded := answer(t, "admin", "fund", id, "249.50", "CAD", "--reference=wire 1", "--database-url", url)
		if funded["available"] != 249.5 || funded["replayed"] != replayed {
			t.Errorf("funded once, the answer is %v; want 249.5 available, replayed %t", funded, replayed)
		}
	}

	if status, _, errs := command(t, "admin", "rescreen", "--no-wait", "--database-url", url); status != 0 || !strings.Contains(errs, "rescreening 0 open tasks") {
		t.Errorf("rescreen: status %d, %s", status, errs)
	}
	if status, out, errs := command(t, "admin", "ledger", "verify", "--database-url", url); status != 0 || out != "" {
		t.Errorf("a sound ledger: status %d, %s%s", status, out, errs)
	}

	answer(t, "admin", "key", "revoke", key["key_id"].(string), "--database-url", url)
	if _, err := authenticate(); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a revoked key: %v", err)
	}
	for _, wrong := range [][]string{
		{"admin", "key", "revoke", key["key_id"].(string)},
		{"admin", "key", "create", "acct_nobody"},
		{"admin", "key", "create", id, "--scopes=everything"},
		{"admin", "fund", id, "1.234", "CAD", "--reference=x"},
		{"admin", "fund", "acct_nobody", "1", "CAD", "--reference=x"},
	} {
		if status, _, errs := command(t, append(wrong, "--database-url", url)...); status != 1 || errs == "" {
			t.Errorf("%v: status %d, %q", wrong, status, errs)
		}
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	insert := func(args ...river.JobArgs) {
		if err := db.WithTx(t.Context(), pool, func(tx pgx.Tx) error { return jobs.Insert(t.Context(), tx, args...) }); err != nil {
			t.Fatal(err)
		}
	}
	insert(jobs.WebhookPlan{EventID: "evt_1"}, jobs.WebhookPlan{EventID: "evt_2"}, jobs.WebhookPlan{EventID: "evt_3"})
	if _, err := pool.Exec(t.Context(), `UPDATE river_job SET state = 'discarded', finalized_at = now(), attempt = max_attempts WHERE args->>'event_id' = 'evt_1'`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE river_job SET scheduled_at = now() - interval '90 seconds' WHERE args->>'event_id' = 'evt_2'`); err != nil {
		t.Fatal(err)
	}
	webhooks := func() queueState {
		t.Helper()
		status, out, errs := command(t, "queues", "list", "--json", "--database-url", url)
		if status != 0 {
			t.Fatal(errs)
		}
		decoder := json.NewDecoder(strings.NewReader(out))
		var found *queueState
		for decoder.More() {
			var s queueState
			if err := decoder.Decode(&s); err != nil {
				t.Fatal(err)
			}
			if s.Queue == jobs.QueueWebhooks {
				found = &s
			}
		}
		if found == nil {
			t.Fatalf("no queue webhooks in %s", out)
		}
		return *found
	}
	ok := func(args ...string) {
		t.Helper()
		if status, _, errs := command(t, append(args, "--database-url", url)...); status != 0 {
			t.Fatalf("%v: %s", args, errs)
		}
	}

	if s := webhooks(); s.Available != 2 || s.Discarded != 1 || s.Paused || s.OldestSeconds < 90 {
		t.Errorf("at first: %+v", s)
	}
	ok("queues", "pause", "webhooks")
	if s := webhooks(); !s.Paused {
		t.Errorf("after pause: %+v", s)
	}
	ok("queues", "resume", "all")
	ok("queues", "retry", "webhooks", "--kind=another_kind")
	if s := webhooks(); s.Paused || s.Discarded != 1 {
		t.Errorf("after resume, and retry of another kind: %+v", s)
	}
	ok("queues", "retry", "webhooks")
	if s := webhooks(); s.Available != 3 || s.Discarded != 0 {
		t.Errorf("after retry: %+v", s)
	}
}

func TestToolsOnFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	notes := file("notes.txt", "not a photo")
	bodies := file("bodies.jsonl", `{"title": "Photograph the shelf"}`+"\n")
	broken := file("broken.jsonl", "{\n")
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"probe", notes}, 0, `"ok":false`},
		{[]string{"probe", filepath.Join(dir, "missing.jpg")}, 1, "missing.jpg"},
		{[]string{"screen", "--jsonl", bodies}, 0, `"decision":"allow"`},
		{[]string{"screen", "--jsonl", broken}, 2, "line 1"},
		{[]string{"screen", "--jsonl", bodies, "--policy-rules", notes}, 2, "--policy-rules"},
		{[]string{"check", "--task", notes, "--submission", bodies}, 2, "notes.txt"},
	} {
		status, out, errs := command(t, c.args...)
		if status != c.status || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: status %d, %s%s; want %d and %s", c.args, status, out, errs, c.status, c.want)
		}
	}
}
