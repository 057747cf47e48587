package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
)

// settings of a process on port 0 with a database of its own.
func settings(t *testing.T) Settings {
	t.Helper()
	return Settings{
		Shared: sharedFlags{
			databaseFlags: databaseFlags{DatabaseURL: dbtest.URL(t), DatabaseConnections: 8},
			fileFlags:     fileFlags{FilesDir: t.TempDir()},
			moneyFlags:    moneyFlags{PlatformFee: 1500, CancellationShare: 5000},
			SecretKey:     bytes.Repeat([]byte{1}, secretKeyBytes), DrainTimeout: 10 * time.Second, MetricsListen: "127.0.0.1:0",
		},
		API:     &apiFlags{Listen: "127.0.0.1:0", RequestsPerMinute: 60, MoneyRequestsPerMinute: 10, AddressRequestsPerMinute: 60},
		Workers: &workerFlags{MailFrom: "HumanDispatch <no-reply@localhost>", MailDir: t.TempDir()},
		Log:     logFlags{LogFormat: "text"}.logger(streams{err: t.Output()}),
	}
}

// start runs an app until the test ends or stop is called, which returns what Run returned.
func start(t *testing.T, app *App) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() { cancel(); app.Close() })
	return func() error { cancel(); return <-ended }
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestAppServesAndStops(t *testing.T) {
	t.Parallel()
	app, err := NewApp(t.Context(), settings(t))
	if err != nil {
		t.Fatal(err)
	}
	stop := start(t, app)
	if status, body := get(t, app.URL()+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answers %d %s", status, body)
	}
	metrics := "http://" + app.servers[1].listener.Addr().String()
	if status, body := get(t, metrics+"/metrics"); status != http.StatusOK || !strings.Contains(body, "go_goroutines") {
		t.Errorf("/metrics answers %d", status)
	}
	if status, _ := get(t, metrics+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz beside the metrics answers %d", status)
	}
	if err := stop(); err != nil {
		t.Errorf("a stop that was asked for: %v", err)
	}
	if response, err := http.Get(app.URL()); err == nil {
		_ = response.Body.Close()
		t.Error("the API still listens after its stop")
	}
	app.Close()
	app.Close()
}

func TestStopLetsRequestsAndJobsFinish(t *testing.T) {
	t.Parallel()
	app, err := NewApp(t.Context(), settings(t))
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	app.servers[0].http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "finished")
	})
	jobs := &slowPart{stopping: make(chan struct{}), leave: leave}
	app.parts = append(app.parts, jobs)
	stop := start(t, app)

	answered := make(chan string, 1)
	go func() {
		_, body := get(t, app.URL())
		answered <- body
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	<-jobs.stopping
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a request and a job running: %v", err)
	default:
	}
	close(leave)
	if body := <-answered; body != "finished" {
		t.Errorf("the running request was answered %q", body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
}

// slowPart is a part whose running work ends only when it may leave.
type slowPart struct{ stopping, leave chan struct{} }

func (p *slowPart) Start(context.Context) error { return nil }

func (p *slowPart) Stop(ctx context.Context) error {
	close(p.stopping)
	select {
	case <-p.leave:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Shared.DrainTimeout = 50 * time.Millisecond
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	app.parts = append(app.parts, &slowPart{stopping: make(chan struct{}), leave: make(chan struct{})})
	if err := start(t, app)(); err == nil || !strings.Contains(err.Error(), "run again") {
		t.Errorf("a job that never ends: %v", err)
	}
}

func TestStopEndsRequestsThatOnlyWait(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Shared.DrainTimeout = 4 * time.Second
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	app.servers[0].http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	stop := start(t, app)
	answered := make(chan int, 1)
	go func() {
		status, _ := get(t, app.URL())
		answered <- status
	}()
	<-entered
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if status := <-answered; status != http.StatusServiceUnavailable {
		t.Errorf("the waiting request was answered %d", status)
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	t.Parallel()
	first, err := NewApp(t.Context(), settings(t))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	s := settings(t)
	s.API.Listen = first.servers[0].listener.Addr().String()
	if second, err := NewApp(t.Context(), s); err == nil {
		second.Close()
		t.Error("two processes listen on one port")
	} else if !strings.Contains(err.Error(), "--listen") {
		t.Errorf("the error does not name the flag: %v", err)
	}
}

// Whichever process proved the ledger, the others tell of it, too.
func TestAProcessWithoutWorkersExportsTheLastProof(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Workers = nil
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	start(t, app)
	found := []escrow.Discrepancy{{Check: "currency.sum", Row: "CAD"}}
	if err := db.WithTx(t.Context(), app.pool, func(tx pgx.Tx) error { return escrow.RecordProof(t.Context(), tx, time.Unix(1_800_000_000, 0), found) }); err != nil {
		t.Fatal(err)
	}
	_, body := get(t, "http://"+app.servers[1].listener.Addr().String()+"/metrics")
	for _, want := range []string{"\nhumandispatch_ledger_discrepancies 1\n", "\nhumandispatch_ledger_proven_timestamp_seconds 1.8e+09\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics has no line %q", want)
		}
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	t.Parallel()
	key := secretKey(bytes.Repeat([]byte{7}, secretKeyBytes))
	if bytes.Equal(key.derive("file URLs"), key.derive("webhook secrets")) || !bytes.Equal(key.derive("file URLs"), key.derive("file URLs")) {
		t.Error("a derived key must depend on its use and on nothing else")
	}
}

func TestPreviousSecretsArePublishedAndOpen(t *testing.T) {
	t.Parallel()
	var c struct{ sharedFlags }
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	secret := func(b byte) string { return hex.EncodeToString(bytes.Repeat([]byte{b}, secretKeyBytes)) }
	if _, err := parser.Parse([]string{"--secret-key", secret(1), "--previous-secret-key", secret(2), "--previous-secret-key", secret(3)}); err != nil {
		t.Fatal(err)
	}
	s := settings(t)
	s.Shared.PreviousKeys = c.PreviousKeys
	app, err := NewApp(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	start(t, app)
	_, published := get(t, app.URL()+receipt.WellKnownPath)
	keys, err := receipt.ParsePublicKeys([]byte(published))
	if err != nil {
		t.Fatal(err)
	}
	for b := range byte(3) {
		file, err := receipt.Sign(secretKey(bytes.Repeat([]byte{b + 1}, secretKeyBytes)).receiptKey(), receipt.Receipt{WorkOrderID: "wo_1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := receipt.Verify(file, keys...); err != nil {
			t.Errorf("a receipt of secret %d: %v", b+1, err)
		}
	}
}

func TestDevNeedsNothingAndKeepsItsKey(t *testing.T) {
	t.Parallel()
	args := []string{"dev", "--dir", t.TempDir(), "--listen=127.0.0.1:0"}
	if os.Getenv("HUMANDISPATCH_DATABASE_URL") != "" {
		args = append(args, "--database-url", dbtest.URL(t))
	}
	round := func() string {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		reader, writer := io.Pipe()
		ended := make(chan int, 1)
		var errs bytes.Buffer
		go func() {
			ended <- run(ctx, args, streams{strings.NewReader(""), writer, &errs})
			_ = writer.Close()
		}()
		var text strings.Builder
		lines := bufio.NewScanner(reader)
		for lines.Scan() && !strings.Contains(lines.Text(), "curl") {
			text.WriteString(lines.Text() + "\n")
		}
		go func() { _, _ = io.Copy(io.Discard, reader) }()
		url, key := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(text.String()), regexp.MustCompile(`sk_test_\S+`).FindString(text.String())
		if url == "" || key == "" {
			t.Fatalf("dev printed no address or no key: %s\n%s", text.String(), errs.String())
		}
		if status, body := get(t, url+"/healthz"); status != http.StatusOK {
			t.Errorf("/healthz answers %d %s", status, body)
		}
		cancel()
		if status := <-ended; status != 0 {
			t.Fatalf("dev ended with %d: %s", status, errs.String())
		}
		return key
	}
	if first, second := round(), round(); first != second {
		t.Error("the second start has another test key")
	}
}
