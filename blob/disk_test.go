package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/blob"
)

type disk struct {
	*blob.Disk
	dir   string
	url   string
	clock *atomic.Int64 // seconds added to the wall clock
}

// newDisk is a disk store behind a real server.
func newDisk(t *testing.T, stored blob.Stored) disk {
	t.Helper()
	d := disk{dir: t.TempDir(), clock: new(atomic.Int64)}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	d.url = server.URL
	var err error
	d.Disk, err = blob.NewDisk(d.dir, server.URL, []byte("0123456789abcdef"), func() time.Time {
		return time.Now().Add(time.Duration(d.clock.Load()) * time.Second)
	})
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(w http.ResponseWriter, r *http.Request, err *blob.RequestError) {
		w.WriteHeader(err.Status)
		_, _ = io.WriteString(w, err.Code+" "+err.Message)
	}
	mux.Handle(blob.UploadPath, d.UploadHandler(stored, refuse))
	mux.Handle(blob.DownloadPath, d.DownloadHandler(refuse))
	return d
}

// left lists the files below a folder of the store.
func (d disk) left(t *testing.T, sub string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(d.dir, sub), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRefusedUploadSaysWhyInTheCodesOfTheAPI(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	for name, c := range map[string]struct {
		headers map[string]string
		url     string
		body    []byte
		status  int
		code    string
	}{
		"too large":     {signed.Headers, signed.URL, content(101), 413, "PAYLOAD_TOO_LARGE"},
		"empty":         {signed.Headers, signed.URL, nil, 400, "SCHEMA_VALIDATION_FAILED"},
		"type":          {map[string]string{"Content-Type": "text/html"}, signed.URL, content(9), 415, "UNSUPPORTED_MEDIA_TYPE"},
		"signature":     {signed.Headers, signed.URL + "A", content(9), 403, "AUTH_SCOPE_DENIED"},
		"further terms": {signed.Headers, signed.URL + "&bytes=900", content(9), 403, "AUTH_SCOPE_DENIED"},
	} {
		status, body := send(t, c.url, c.headers, c.body)
		if status != c.status || !strings.HasPrefix(body, c.code) {
			t.Errorf("%s: %d %s, want %d %s", name, status, body, c.status, c.code)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, signed.URL, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := do(t, req); status != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", status)
	}
	if left := append(d.left(t, "tmp"), d.left(t, "content")...); len(left) != 0 {
		t.Errorf("refused uploads left %v", left)
	}
}

func TestSizeIsEnforcedWhenTheClientDoesNotAnnounceIt(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	for size, want := range map[int]int{101: 413, 0: 400, 100: 200} {
		// A reader of no known kind is sent in chunks without a length.
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, signed.URL, io.MultiReader(bytes.NewReader(content(size))))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "video/mp4")
		if status, body := do(t, req); status != want {
			t.Errorf("%d bytes: %d %s, want %d", size, status, body, want)
		}
	}
}

func TestURLsExpire(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	upload(t, d, "f", content(10))
	put := presign(t, d, blob.Put{Key: "g", Bytes: 10})
	get, err := d.PresignGet(t.Context(), blob.Get{Key: "f", Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	d.clock.Store(3601)
	if status, body := send(t, put.URL, put.Headers, content(10)); status != 403 || !strings.Contains(body, "expired") {
		t.Errorf("PUT: %d %s", status, body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, get, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := do(t, req); status != 403 || !strings.Contains(body, "expired") {
		t.Errorf("GET: %d %s", status, body)
	}
}

func TestUploadWhoseRecordFailedCanBeSentAgain(t *testing.T) {
	t.Parallel()
	data := content(100)
	var calls atomic.Int32
	d := newDisk(t, func(_ context.Context, key string, size int64, hash string) error {
		if key != "f" || size != 100 || hash != sum(data) {
			return fmt.Errorf("told %s, %d, %s", key, size, hash)
		}
		if calls.Add(1) == 1 {
			return errors.New("database away")
		}
		return nil
	})
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	for i, want := range []int{503, 200, 200} {
		if status, body := send(t, signed.URL, signed.Headers, data); status != want || strings.Contains(body, "database") {
			t.Errorf("PUT %d: %d %s, want %d", i+1, status, body, want)
		}
	}
	if status, body := send(t, signed.URL, signed.Headers, data[:99]); status != 409 || !strings.HasPrefix(body, "INVALID_STATE") {
		t.Errorf("other content: %d %s", status, body)
	}
	if calls.Load() != 3 {
		t.Errorf("stored was called %d times, want 3", calls.Load())
	}
}

func TestOfUploadsAtOnceOneContentWins(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 50_000})
	var wg sync.WaitGroup
	var stored, refused atomic.Int32
	for i := range 8 {
		wg.Go(func() {
			switch status, body := send(t, signed.URL, signed.Headers, content(40_000+i)); status {
			case 200:
				stored.Add(1)
			case 409:
				refused.Add(1)
			default:
				t.Errorf("%d %s", status, body)
			}
		})
	}
	wg.Wait()
	if stored.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d stored, %d refused", stored.Load(), refused.Load())
	}
	if left := d.left(t, "tmp"); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestCutOffUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 1000})
	host := strings.TrimPrefix(d.url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: video/mp4\r\nContent-Length: 1000\r\n\r\nonly this", strings.TrimPrefix(signed.URL, d.url), host)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400")) {
		t.Errorf("%q, %v", answer, err)
	}
	if left := append(d.left(t, "tmp"), d.left(t, "content")...); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestRemainsOfACrashAreRemovedAndRunningUploadsAreNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := time.Now().Add(-2 * time.Hour)
	for _, name := range []string{"upload-dead", "upload-running"} {
		scratch := filepath.Join(dir, "tmp", name)
		if err := os.MkdirAll(scratch, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(scratch, "content")
		if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "upload-dead" {
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(scratch, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := blob.NewDisk(dir, "http://localhost", []byte("0123456789abcdef"), time.Now); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil || len(entries) != 1 || entries[0].Name() != "upload-running" {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestDownloadedPageCannotRun(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100, ContentType: "text/html; charset=UTF-8"})
	if status, body := send(t, signed.URL, signed.Headers, []byte("<script>alert(1)</script>")); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	url, err := d.PresignGet(t.Context(), blob.Get{Key: "f", Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	h := resp.Header
	if h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("headers = %v", h)
	}
}

func TestDiskObjectIsAFile(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	upload(t, d, "f", content(10))
	object, err := d.Open(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if object.File() == nil {
		t.Error("File is nil")
	}
	if info, err := d.Stat(t.Context(), "f"); err != nil || info.SHA256 != sum(content(10)) {
		t.Errorf("Stat = %+v, %v", info, err)
	}
}

func TestNewDiskNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, key, want string }{
		{"localhost:8080", "0123456789abcdef", "public base URL"},
		{"http://localhost?x=1", "0123456789abcdef", "public base URL"},
		{"http://localhost", "short", "signing key"},
	} {
		if _, err := blob.NewDisk(t.TempDir(), c.url, []byte(c.key), time.Now); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewDisk(%q, %q) = %v", c.url, c.key, err)
		}
	}
}

// No request outside the signed ones may read or write, whatever its path.
func FuzzUnsignedRequestsReachNothing(f *testing.F) {
	for _, seed := range []string{"f", "../f", "..%2f..%2fetc/passwd", "f?signature=", "f?expires=99999999999&signature=AAAA", "%00", "f?bytes=1&type=a/b&expires=99999999999&signature=%zz"} {
		f.Add(seed)
	}
	d, err := blob.NewDisk(f.TempDir(), "http://localhost", []byte("0123456789abcdef"), time.Now)
	if err != nil {
		f.Fatal(err)
	}
	refuse := func(w http.ResponseWriter, _ *http.Request, err *blob.RequestError) { w.WriteHeader(err.Status) }
	f.Fuzz(func(t *testing.T, target string) {
		req, err := http.NewRequest(http.MethodPut, "http://localhost"+blob.UploadPath+target, strings.NewReader("x"))
		if err != nil {
			return // not a URL
		}
		w := httptest.NewRecorder()
		d.UploadHandler(nil, refuse).ServeHTTP(w, req)
		if w.Code != http.StatusForbidden {
			t.Errorf("PUT %q: %d", target, w.Code)
		}
		req.Method = http.MethodGet
		w = httptest.NewRecorder()
		d.DownloadHandler(refuse).ServeHTTP(w, req)
		if w.Code != http.StatusForbidden {
			t.Errorf("GET %q: %d", target, w.Code)
		}
	})
}

// during is a body that runs a function before its first byte.
type during struct {
	run  func()
	body io.Reader
}

func (d *during) Read(p []byte) (int, error) {
	if d.run != nil {
		d.run()
		d.run = nil
	}
	return d.body.Read(p)
}

// put sends a body straight to the handler, in this goroutine.
func (d disk) put(t *testing.T, signed blob.Presigned, stored blob.Stored, body io.Reader) (int, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPut, signed.URL, body)
	for name, value := range signed.Headers {
		req.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.UploadHandler(stored, func(w http.ResponseWriter, _ *http.Request, err *blob.RequestError) {
		w.WriteHeader(err.Status)
		_, _ = io.WriteString(w, err.Code+" "+err.Message)
	}).ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func TestUploadURLTakesOneUploadAtATime(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	other, err := blob.NewDisk(d.dir, d.url, []byte("0123456789abcdef"), time.Now) // another process
	if err != nil {
		t.Fatal(err)
	}
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	data := content(100)
	status, body := d.put(t, signed, nil, &during{body: bytes.NewReader(data), run: func() {
		before := d.left(t, "tmp")
		for _, store := range []disk{d, {Disk: other}} {
			status, body := store.put(t, signed, nil, &during{body: bytes.NewReader(data), run: func() { t.Error("the body of a second upload is read") }})
			if status != 409 || !strings.Contains(body, "another upload") {
				t.Errorf("beside a running upload: %d %s", status, body)
			}
		}
		// A process that starts meanwhile sweeps; it must leave the lock.
		if _, err := blob.NewDisk(d.dir, d.url, []byte("0123456789abcdef"), time.Now); err != nil {
			t.Error(err)
		}
		if after := d.left(t, "tmp"); len(after) != len(before) {
			t.Errorf("a second upload changed %v to %v", before, after)
		}
	}})
	if status != 200 {
		t.Errorf("the first: %d %s", status, body)
	}
	if left := d.left(t, "tmp"); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestUploadToATakenKeyUsesNoRoom(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	for i, c := range []struct {
		size, status int
	}{{100, 200}, {100, 200}, {99, 409}} {
		body := io.MultiReader(bytes.NewReader(content(c.size)), &during{body: strings.NewReader(""), run: func() {
			for _, path := range d.left(t, "tmp") {
				if i > 0 && filepath.Base(path) == "content" {
					t.Errorf("PUT %d is spooled to %s", i+1, path)
				}
			}
		}})
		if status, answer := d.put(t, signed, nil, body); status != c.status {
			t.Errorf("PUT %d: %d %s, want %d", i+1, status, answer, c.status)
		}
	}
}

func TestLockOfACrashedUploadIsRemoved(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	lock := filepath.Join(d.dir, "tmp", "ab12.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.NewDisk(d.dir, d.url, []byte("0123456789abcdef"), time.Now); err != nil {
		t.Fatal(err)
	}
	if left := d.left(t, "tmp"); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestUploadThatNobodyWaitsForIsRefusedAndRemoved(t *testing.T) {
	t.Parallel()
	d := newDisk(t, nil)
	signed := presign(t, d, blob.Put{Key: "f", Bytes: 100})
	gone := func(context.Context, string, int64, string) error {
		return fmt.Errorf("record: %w", &blob.RequestError{Status: 409, Code: "INVALID_STATE", Message: "not waiting"})
	}
	if status, body := d.put(t, signed, gone, bytes.NewReader(content(100))); status != 409 || body != "INVALID_STATE not waiting" {
		t.Errorf("%d %s", status, body)
	}
	if left := append(d.left(t, "tmp"), d.left(t, "content")...); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	// What was there before stays, whatever becomes of a later PUT.
	upload(t, d, "f", content(100))
	if status, _ := d.put(t, signed, gone, bytes.NewReader(content(100))); status != 409 {
		t.Errorf("again: %d", status)
	}
	if _, err := d.Stat(t.Context(), "f"); err != nil {
		t.Error(err)
	}
}
