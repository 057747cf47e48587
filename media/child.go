package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// childName is argv[0] of a media child; nothing else starts this way.
const childName = "humandispatch-media-child"

// startLimit is how long a child may take until it is ready, on a busy machine.
const startLimit = 30 * time.Second

var (
	errChildGone = errors.New("media: the child process is gone")
	errTooSlow   = errors.New("media: the child process took too long")
)

// child is the parent's end of one media child.
type child struct {
	cmd     *exec.Cmd
	conn    *net.UnixConn
	stderr  *tail
	started time.Time
	files   int
	memory  int64 // bytes the child may use, for the message when it runs out
	grown   int64 // resident bytes after the last file
}

// tail keeps the first bytes a dying child says: a Go crash names its cause first.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if room := 2048 - len(t.b); room > 0 {
		t.b = append(t.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// startChild starts a child, giving up containment the system refuses one step
// at a time: a network namespace first, then the unprivileged user.
func startChild(o Options) (*child, error) {
	path := o.Binary
	if path == "" {
		var err error
		if path, err = ownBinary(); err != nil {
			return nil, fmt.Errorf("media: cannot find this program to start a child: %w", err)
		}
	}
	var last error
	for _, attr := range containment() {
		c, err := startChildAs(path, o, attr)
		if err == nil {
			return c, nil
		}
		last = err
	}
	return nil, fmt.Errorf("media: cannot start a child process: %w", last)
}

func startChildAs(path string, o Options, attr *syscall.SysProcAttr) (*child, error) {
	// The lock keeps another goroutine from starting a process that would inherit them.
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "media-parent"), os.NewFile(uintptr(fds[1]), "media-child")
	defer theirs.Close() // a second time does no harm
	conn, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		return nil, err
	}
	c := &child{conn: conn.(*net.UnixConn), stderr: &tail{}, started: time.Now(), memory: o.Memory}
	c.cmd = &exec.Cmd{
		Path: path, Args: []string{childName, fmt.Sprint(o.Memory)}, Env: []string{}, Dir: "/",
		ExtraFiles: []*os.File{theirs}, Stderr: c.stderr, SysProcAttr: attr,
	}
	if err := c.cmd.Start(); err != nil {
		conn.Close()
		return nil, err
	}
	theirs.Close()
	// A child that cannot restrict itself is our failure and no file's.
	if err := conn.SetDeadline(time.Now().Add(startLimit)); err != nil {
		return nil, fmt.Errorf("%w: %s", err, c.stop())
	}
	if kind, _, err := readFrame(conn); err != nil || kind != frameReady {
		return nil, fmt.Errorf("it did not get ready: %s", c.stop())
	}
	return c, nil
}

// worn says that the child should be replaced before it serves another file.
func (c *child) worn(o Options) bool {
	return c.files >= o.Files || time.Since(c.started) > o.MaxAge || c.grown > o.Growth
}

// stop ends the child and says in plain words why it died, if it did.
func (c *child) stop() string {
	c.conn.Close()
	// A child that sees its socket close exits by itself; one that hangs does not.
	killAll(c.cmd.Process)
	err := c.cmd.Wait()
	c.stderr.mu.Lock()
	said := string(c.stderr.b)
	c.stderr.mu.Unlock()
	switch {
	case strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"), strings.Contains(said, "failed to allocate"):
		return fmt.Sprintf("it needs more than the %d MB of memory allowed", c.memory>>20)
	case strings.Contains(said, "SIGXCPU"):
		return "it needs more processor time than allowed"
	case strings.Contains(said, "stack overflow"), strings.Contains(said, "stack exceeds"):
		return "it nests too deeply"
	case said != "":
		line, _, _ := strings.Cut(said, "\n")
		return line
	}
	return fmt.Sprint(err)
}

// probe hands one file over and serves the ranges the child asks for.
func (c *child) probe(ctx context.Context, src Source, req request, limit time.Duration) (Facts, error) {
	c.files++
	body, err := json.Marshal(req)
	if err != nil {
		return Facts{}, err
	}
	if err := c.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return Facts{}, errChildGone
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	if err := c.send(body, src.File); err != nil {
		return Facts{}, c.failure(ctx, err)
	}
	for {
		kind, payload, err := readFrame(c.conn)
		if err != nil {
			return Facts{}, c.failure(ctx, err)
		}
		switch {
		case kind == frameAnswer:
			var a answer
			if err := json.Unmarshal(payload, &a); err != nil {
				return Facts{}, errChildGone
			}
			c.grown = a.Resident
			return a.Facts, nil
		case kind == frameRange && len(payload) == 16:
			if err := c.serve(src, payload); err != nil {
				return Facts{}, c.failure(ctx, err)
			}
		default:
			return Facts{}, errChildGone
		}
	}
}

// send writes the request, the descriptor of f with it when there is one.
func (c *child) send(body []byte, f *os.File) error {
	var frame bytes.Buffer
	if err := writeFrame(&frame, frameRequest, body); err != nil {
		return err
	}
	if f == nil {
		_, err := c.conn.Write(frame.Bytes())
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return sourceError{err}
	}
	var sent error
	err = raw.Control(func(fd uintptr) {
		_, _, sent = c.conn.WriteMsgUnix(frame.Bytes(), syscall.UnixRights(int(fd)), nil)
	})
	if err != nil {
		return sourceError{err}
	}
	return sent
}

// sourceError is a failure to fetch the file's bytes: ours, not the file's.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

func (c *child) serve(src Source, want []byte) error {
	off, n := int64(binary.BigEndian.Uint64(want)), int64(binary.BigEndian.Uint64(want[8:]))
	if off < 0 || n <= 0 || n > maxRange || off >= src.Size {
		return errChildGone
	}
	buf := make([]byte, min(n, src.Size-off))
	read, err := src.Reader.ReadAt(buf, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return sourceError{fmt.Errorf("media: reading %d bytes at %d of %q: %w", n, off, src.Name, err)}
	}
	return writeFrame(c.conn, frameData, buf[:read])
}

// failure sorts an error on the socket: the context's, the source's, slowness or death.
func (c *child) failure(ctx context.Context, err error) error {
	var source sourceError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &source):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTooSlow
	}
	return errChildGone
}
