package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// idleTimeout ends an upload that brings no byte for this long.
const idleTimeout = time.Minute

// RequestError is a refused upload or download, for the door to render.
type RequestError struct {
	Status  int    // HTTP status
	Code    string // one of the public API's error codes
	Message string // for the caller
	Err     error  // the cause, for the log only; nil when the caller is at fault
}

func (e *RequestError) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *RequestError) Unwrap() error { return e.Err }

func refused(status int, code, format string, args ...any) *RequestError {
	return &RequestError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func denied(format string, args ...any) *RequestError {
	return refused(http.StatusForbidden, "AUTH_SCOPE_DENIED", format, args...)
}

func unavailable(err error) *RequestError {
	return &RequestError{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE",
		Message: "the file could not be stored just now: send the same PUT again", Err: err}
}

// Stored is told of each finished upload before it is answered. It runs again
// when the same content is sent again, and must stand that. A *RequestError
// refuses the upload for good: it is answered as it is, and what was stored is
// removed. Any other error answers 503, and sending it again helps.
type Stored func(ctx context.Context, key string, bytes int64, sha256 string) error

// Refuse answers a request with an error.
type Refuse func(w http.ResponseWriter, r *http.Request, err *RequestError)

// UploadHandler serves the URLs of PresignPut. It answers 200 with {"bytes", "sha256"},
// or refuses with 400 SCHEMA_VALIDATION_FAILED (empty or cut off), 403
// AUTH_SCOPE_DENIED (signature, expiry), 405, 409 INVALID_STATE (the key holds other
// content, or another upload to it is running), 413 PAYLOAD_TOO_LARGE, 415 UNSUPPORTED_MEDIA_TYPE or 503 UNAVAILABLE.
// A server's read timeout does not bound an upload: only standing still does.
func (d *Disk) UploadHandler(stored Stored, refuse Refuse) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size, sum, refusal := d.upload(w, r, stored)
		if refusal != nil {
			refuse(w, r, refusal)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"bytes": size, "sha256": sum})
	})
}

func (d *Disk) upload(w http.ResponseWriter, r *http.Request, stored Stored) (int64, string, *RequestError) {
	if r.Method != http.MethodPut {
		w.Header().Set("Allow", http.MethodPut)
		return 0, "", refused(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "found %s: expected PUT", r.Method)
	}
	key := strings.TrimPrefix(r.URL.Path, UploadPath)
	terms, refusal := d.verify(http.MethodPut, key, r.URL.RawQuery)
	if refusal != nil {
		return 0, "", refusal
	}
	contentType := terms.Get("type")
	if found := r.Header.Get("Content-Type"); canonicalType(found) != contentType {
		return 0, "", refused(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
			"Content-Type: found %.100q, expected %q as it was presigned", found, contentType)
	}
	limit, err := strconv.ParseInt(terms.Get("bytes"), 10, 64)
	if err != nil {
		return 0, "", denied("the URL has no size")
	}
	if r.ContentLength > limit {
		return 0, "", tooLarge(limit)
	}
	if r.ContentLength == 0 {
		return 0, "", empty()
	}

	body := &upload{body: r.Body, limit: limit, conn: http.NewResponseController(w)}
	got, err := d.write(key, contentType, body)
	switch {
	case body.refusal != nil:
		return 0, "", body.refusal
	case errors.Is(err, errBusy):
		return 0, "", refused(http.StatusConflict, "INVALID_STATE",
			"another upload to this URL is running: wait for its answer; one that broke off is ended after a minute")
	case errors.Is(err, errExists):
		return 0, "", refused(http.StatusConflict, "INVALID_STATE",
			"a different file was already uploaded here and cannot be replaced: presign a new file")
	case err != nil:
		return 0, "", unavailable(err)
	}
	if stored == nil {
		return got.bytes, got.sha256, nil
	}
	// The bytes are here: that the client hung up must not keep them from being known.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 15*time.Second)
	defer cancel()
	if err := stored(ctx, key, got.bytes, got.sha256); err != nil {
		if errors.As(err, &refusal) {
			if got.fresh {
				refusal.Err = errors.Join(refusal.Err, d.Delete(ctx, key)) // for the log
			}
			return 0, "", refusal
		}
		return 0, "", unavailable(err)
	}
	return got.bytes, got.sha256, nil
}

func tooLarge(limit int64) *RequestError {
	return refused(http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE",
		"the file is larger than the %d bytes it was presigned for: presign it again with its real size", limit)
}

func empty() *RequestError {
	return refused(http.StatusBadRequest, "SCHEMA_VALIDATION_FAILED", "the body is empty: expected the file's bytes")
}

// upload reads a request body and keeps why it must be refused.
type upload struct {
	body    io.Reader
	limit   int64
	read    int64
	conn    *http.ResponseController
	refusal *RequestError
}

func (u *upload) Read(p []byte) (int, error) {
	// Not every ResponseWriter has deadlines; the server's own then apply.
	deadline := time.Now().Add(idleTimeout)
	_ = u.conn.SetReadDeadline(deadline)
	_ = u.conn.SetWriteDeadline(deadline.Add(idleTimeout)) // leaves time to answer
	n, err := u.body.Read(p)
	u.read += int64(n)
	switch {
	case u.read > u.limit:
		u.refusal = tooLarge(u.limit)
	case err == io.EOF && u.read == 0:
		u.refusal = empty()
	case err != nil && err != io.EOF:
		u.refusal = refused(http.StatusBadRequest, "SCHEMA_VALIDATION_FAILED",
			"the body ended after %d bytes: send the file again", u.read)
	}
	if u.refusal != nil {
		return 0, u.refusal
	}
	return n, err
}

// DownloadHandler serves the URLs of PresignGet, with ranges. It refuses with
// 403 AUTH_SCOPE_DENIED, 404 NOT_FOUND, 405 or 503 UNAVAILABLE.
func (d *Disk) DownloadHandler(refuse Refuse) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := d.download(w, r); refusal != nil {
			refuse(w, r, refusal)
		}
	})
}

func (d *Disk) download(w http.ResponseWriter, r *http.Request) *RequestError {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return refused(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "found %s: expected GET", r.Method)
	}
	key := strings.TrimPrefix(r.URL.Path, DownloadPath)
	terms, refusal := d.verify(http.MethodGet, key, r.URL.RawQuery)
	if refusal != nil {
		return refusal
	}
	m, err := d.meta(key)
	var object Object
	if err == nil {
		object, err = d.Open(r.Context(), key)
	}
	if errors.Is(err, ErrNotExist) {
		return refused(http.StatusNotFound, "NOT_FOUND", "the file was not uploaded or has been deleted")
	}
	if err != nil {
		return &RequestError{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE", Message: "the file cannot be read just now: try again", Err: err}
	}
	defer object.Close()
	// A server's write timeout is meant for short answers: allow 64 KiB/s at worst.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(idleTimeout + time.Duration(m.Bytes>>16)*time.Second))
	h := w.Header()
	h.Set("Content-Type", m.ContentType)
	h.Set("Content-Disposition", disposition(Get{Key: key, Filename: terms.Get("filename")}))
	// A stranger's file must never run as a page of ours.
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private")
	h.Set("ETag", `"`+m.SHA256+`"`)
	http.ServeContent(w, r, "", m.StoredAt, io.NewSectionReader(object, 0, object.Size()))
	return nil
}
