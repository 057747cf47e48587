package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db/embedded"
)

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	var out string
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCrashKeepsWhatWasCommittedAndStopRemovesTheRest(t *testing.T) {
	t.Parallel()
	server, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	url := server.URL("postgres")
	data := query(t, url, `SHOW data_directory`)
	for _, want := range []string{"a", "ab"} {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), `CREATE TABLE IF NOT EXISTS kept (v text); INSERT INTO kept VALUES ('`+want[len(want)-1:]+`')`); err != nil {
			t.Fatal(err)
		}
		if err := server.Crash(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := conn.Ping(t.Context()); err == nil {
			t.Error("the connection survived the crash")
		}
		if got := query(t, url, `SELECT string_agg(v, '' ORDER BY v) FROM kept`); got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
	log, err := os.ReadFile(filepath.Join(socketDir(t, url), "log"))
	if err != nil || strings.Contains(string(log), "PANIC") {
		t.Errorf("log: %s, %v", log, err)
	}
	for range 2 {
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{data, socketDir(t, url)} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", dir, err)
		}
	}
}

func socketDir(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Host
}
