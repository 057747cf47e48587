package media

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
)

// ChildMain serves files and never returns when this process was started as a
// media child; in any other process it does nothing. Call it first in main and
// in TestMain.
func ChildMain() {
	if len(os.Args) != 2 || os.Args[0] != childName {
		return
	}
	if err := serveFiles(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveFiles() error {
	memory, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		return fmt.Errorf("media child: memory limit %q: %w", os.Args[1], err)
	}
	runtime.GOMAXPROCS(1)
	debug.SetMemoryLimit(memory / 4)
	debug.SetMaxStack(64 << 20)
	socket := os.NewFile(3, "parent")
	conn, err := net.FileConn(socket)
	if err != nil {
		return fmt.Errorf("media child: descriptor 3 is not a socket: %w", err)
	}
	socket.Close()
	use, err := openMemoryUse()
	if err != nil {
		return fmt.Errorf("media child: %w", err)
	}
	if err := restrict(use, memory); err != nil {
		return fmt.Errorf("media child: cannot restrict itself: %w", err)
	}
	parent := conn.(*net.UnixConn)
	if err := writeFrame(parent, frameReady, nil); err != nil {
		return err
	}
	for {
		req, file, err := receive(parent)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("media child: %w", err)
		}
		if err := allowCPU(req.Seconds); err != nil {
			return fmt.Errorf("media child: processor time: %w", err)
		}
		var reader io.ReaderAt = rangeReader{parent, req.Size}
		if file != nil {
			reader = file
		}
		a := answer{Facts: readContained(reader, req)}
		if file != nil {
			file.Close()
		}
		if _, a.Resident, err = use.read(); err != nil {
			return err
		}
		body, err := json.Marshal(a)
		if err != nil || len(body) > maxFrame {
			body, _ = json.Marshal(answer{Facts: unreadable("its facts do not fit an answer")})
		}
		if err := writeFrame(parent, frameAnswer, body); err != nil {
			return err
		}
	}
}

// beforeRead lets the tests of containment have a decoder misbehave.
var beforeRead func(request)

// readContained turns a panic of a decoder into an answer.
func readContained(r io.ReaderAt, req request) (f Facts) {
	defer func() {
		if p := recover(); p != nil {
			f = unreadable(fmt.Sprintf("the decoder gave up: %v", p))
		}
	}()
	if beforeRead != nil {
		beforeRead(req)
	}
	return read(newInput(r, req.Size), req)
}

// receive reads one request and the descriptor that may come with it.
func receive(parent *net.UnixConn) (request, *os.File, error) {
	var head [5]byte
	oob := make([]byte, syscall.CmsgSpace(4))
	n, oobn, _, _, err := parent.ReadMsgUnix(head[:], oob)
	if err != nil {
		return request{}, nil, err
	}
	if n == 0 {
		return request{}, nil, io.EOF
	}
	if _, err := io.ReadFull(parent, head[n:]); err != nil {
		return request{}, nil, err
	}
	var file *os.File
	if oobn > 0 {
		messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
		if err != nil {
			return request{}, nil, err
		}
		fds, err := syscall.ParseUnixRights(&messages[0])
		if err != nil {
			return request{}, nil, err
		}
		syscall.CloseOnExec(fds[0])
		file = os.NewFile(uintptr(fds[0]), "file")
	}
	kind, body, err := readFrameBody(parent, head)
	if err != nil {
		return request{}, file, err
	}
	if kind != frameRequest {
		return request{}, file, fmt.Errorf("%w: %q where a request was expected", errFrame, kind)
	}
	var req request
	return req, file, json.Unmarshal(body, &req)
}

// rangeReader reads the file through the parent.
type rangeReader struct {
	parent *net.UnixConn
	size   int64
}

func (r rangeReader) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= r.size {
			return done, io.EOF
		}
		n := min(len(p)-done, maxRange)
		want := binary.BigEndian.AppendUint64(nil, uint64(at))
		want = binary.BigEndian.AppendUint64(want, uint64(n))
		if err := writeFrame(r.parent, frameRange, want); err != nil {
			return done, err
		}
		kind, body, err := readFrame(r.parent)
		if err != nil {
			return done, err
		}
		if kind != frameData || len(body) == 0 {
			return done, io.ErrUnexpectedEOF
		}
		done += copy(p[done:], body)
	}
	return done, nil
}
