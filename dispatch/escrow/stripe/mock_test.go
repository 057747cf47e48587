package stripe_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/humandispatch/humandispatch/db/dbtest"
)

const mockVersion = "v0.203.0"

var mockURL *url.URL

func TestMain(m *testing.M) { os.Exit(withMock(m)) }

// withMock runs the tests beside Stripe's own mock server.
func withMock(m *testing.M) int {
	binary, err := mockBinary()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stripe-mock:", err)
		return 1
	}
	// The shell ends the mock when its standard input closes, also when this
	// process is killed.
	cmd := exec.Command("sh", "-c", `"$1" -http-addr 127.0.0.1:0 & pid=$!; cat >/dev/null; kill $pid`, "sh", binary)
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		fmt.Fprintln(os.Stderr, "stripe-mock:", err)
		return 1
	}
	defer func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}()
	lines := bufio.NewScanner(stdout)
	for mockURL == nil && lines.Scan() {
		if _, address, found := strings.Cut(lines.Text(), "HTTP at address: "); found {
			mockURL = &url.URL{Scheme: "http", Host: strings.TrimSpace(address)}
		}
	}
	if mockURL == nil {
		fmt.Fprintln(os.Stderr, "stripe-mock said no address")
		return 1
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return dbtest.Main(m)
}

// mockBinary builds the mock once per machine and version, with the Go command
// alone.
func mockBinary() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "humandispatch", "stripe-mock-"+mockVersion)
	binary := filepath.Join(dir, "stripe-mock")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(dir, "build")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(building) }()
	install := exec.Command("go", "install", "github.com/stripe/stripe-mock@"+mockVersion)
	install.Dir = building // outside any module, whose go.mod would be asked
	install.Env = append(os.Environ(), "GOBIN="+building, "GOFLAGS=")
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install: %w\n%s", err, out)
	}
	// Several test processes may build at once: the rename makes one whole file win.
	return binary, os.Rename(filepath.Join(building, "stripe-mock"), binary)
}

// line is the connection to the mock: it records requests and can be down.
type line struct {
	*httptest.Server
	lock     sync.Mutex
	requests []recorded
	answer   func(w http.ResponseWriter) // instead of the mock's, when set
}

type recorded struct {
	method, path, key string
	form              url.Values
}

func connect(t *testing.T) *line {
	t.Helper()
	l := &line{}
	proxy := httputil.NewSingleHostReverseProxy(mockURL)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		l.lock.Lock()
		l.requests = append(l.requests, recorded{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), form})
		answer := l.answer
		l.lock.Unlock()
		if answer != nil {
			answer(w)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}
