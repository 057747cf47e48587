package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Parent and child talk in frames over a unix socket: four bytes of length, one
// byte of kind, then the payload.
const (
	frameRequest = 'Q' // parent: a request as JSON, the file's descriptor riding along
	frameData    = 'D' // parent: the bytes of a range, fewer at the end of the file
	frameReady   = 'H' // child: restricted and ready for files
	frameRange   = 'R' // child: wants a range: offset and length, 8 bytes each
	frameAnswer  = 'A' // child: an answer as JSON
)

// maxFrame bounds every frame, and so the answer of a child that was taken over.
const maxFrame = 8 << 20

// maxRange bounds one range a child may ask for.
const maxRange = 4 << 20

var errFrame = errors.New("malformed frame")

func writeFrame(w io.Writer, kind byte, payload []byte) error {
	b := make([]byte, 5, 5+len(payload))
	binary.BigEndian.PutUint32(b, uint32(len(payload)))
	b[4] = kind
	_, err := w.Write(append(b, payload...))
	return err
}

func readFrame(r io.Reader) (kind byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	return readFrameBody(r, head)
}

func readFrameBody(r io.Reader, head [5]byte) (byte, []byte, error) {
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("%w: %d bytes", errFrame, n)
	}
	payload := make([]byte, n)
	_, err := io.ReadFull(r, payload)
	return head[4], payload, err
}

// request is what a child is told about a file.
type request struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"`
	Signals bool   `json:"signals"`
	FFmpeg  string `json:"ffmpeg,omitempty"` // path of the program; empty when there is none
	Seconds int    `json:"seconds"`          // CPU time this file may take
}

// answer is what comes back. Resident is the child's memory in bytes after the file.
type answer struct {
	Facts    Facts `json:"facts"`
	Resident int64 `json:"resident"`
}
