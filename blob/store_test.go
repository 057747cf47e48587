package blob_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/blob"
)

// stores runs a test of what every store promises against each of them.
func stores(t *testing.T, test func(t *testing.T, store blob.Store)) {
	t.Run("disk", func(t *testing.T) {
		t.Parallel()
		test(t, newDisk(t, nil).Disk)
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		test(t, newS3(t))
	})
}

func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// content is some bytes that look like nothing.
func content(size int) []byte {
	out := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = random.Read(out)
	return out
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// key is where most tests store their file.
const key = "acct_01J0/file_01J0"

func presign(t *testing.T, store blob.Store, put blob.Put) blob.Presigned {
	t.Helper()
	if put.Expires.IsZero() {
		put.Expires = time.Now().Add(time.Hour)
	}
	if put.ContentType == "" {
		put.ContentType = "video/mp4"
	}
	signed, err := store.PresignPut(t.Context(), put)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func upload(t *testing.T, store blob.Store, key string, data []byte) {
	t.Helper()
	signed := presign(t, store, blob.Put{Key: key, Bytes: int64(len(data))})
	if status, body := send(t, signed.URL, signed.Headers, data); status != http.StatusOK {
		t.Fatalf("upload: %d %s", status, body)
	}
}

func TestUploadedFileCanBeReadAtAnyOffset(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		data := content(1_300_007)
		upload(t, store, key, data)

		info, err := store.Stat(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if info.Bytes != int64(len(data)) || info.ContentType != "video/mp4" {
			t.Errorf("Stat = %+v", info)
		}
		if info.SHA256 != "" && info.SHA256 != sum(data) {
			t.Errorf("SHA256 = %s, want %s", info.SHA256, sum(data))
		}

		object, err := store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		if object.Size() != int64(len(data)) {
			t.Errorf("Size = %d", object.Size())
		}
		all, err := io.ReadAll(io.NewSectionReader(object, 0, object.Size()))
		if err != nil || !bytes.Equal(all, data) {
			t.Errorf("read from start to end: %d bytes, %v", len(all), err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			off, n := random.IntN(len(data)+10), random.IntN(300_000)
			p := make([]byte, n)
			got, err := object.ReadAt(p, int64(off))
			want := data[min(off, len(data)):min(off+n, len(data))]
			if !bytes.Equal(p[:got], want) {
				t.Fatalf("ReadAt(%d bytes, %d) returned %d bytes that differ", n, off, got)
			}
			if end := errors.Is(err, io.EOF); got < n && !end || got == n && err != nil && !end {
				t.Fatalf("ReadAt(%d bytes, %d) = %d, %v", n, off, got, err)
			}
		}
		if _, err := object.ReadAt(make([]byte, 1), -1); err == nil {
			t.Error("ReadAt(-1) succeeded")
		}
	})
}

func TestUploadIsHeldToWhatWasSigned(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		data := content(1000)
		signed := presign(t, store, blob.Put{Key: key, Bytes: 1000})
		for name, attempt := range map[string]func() (int, string){
			"larger": func() (int, string) { return send(t, signed.URL, signed.Headers, content(1001)) },
			"other type": func() (int, string) {
				return send(t, signed.URL, with(signed.Headers, "Content-Type", "text/html"), data)
			},
			"no type": func() (int, string) { return send(t, signed.URL, with(signed.Headers, "Content-Type", ""), data) },
			"other key": func() (int, string) {
				return send(t, strings.Replace(signed.URL, "01J0", "01J1", 1), signed.Headers, data)
			},
			"no signature": func() (int, string) {
				url, _, _ := strings.Cut(signed.URL, "?")
				return send(t, url, signed.Headers, data)
			},
			"longer expiry": func() (int, string) { return send(t, lengthen(signed.URL), signed.Headers, data) },
		} {
			if status, body := attempt(); status < 400 || status > 499 {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		if _, err := store.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotExist) {
			t.Errorf("after refused uploads Stat returns %v", err)
		}
	})
}

func with(headers map[string]string, name, value string) map[string]string {
	out := map[string]string{}
	for n, v := range headers {
		out[n] = v
	}
	out[name] = value
	return out
}

// lengthen changes the expiry in a signed URL of either store.
func lengthen(url string) string {
	return strings.NewReplacer("X-Amz-Expires=3", "X-Amz-Expires=4", "expires=1", "expires=2").Replace(url)
}

func TestStoredFileIsNotReplaced(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		data := content(1000)
		signed := presign(t, store, blob.Put{Key: key, Bytes: 1000})
		if status, body := send(t, signed.URL, signed.Headers, data); status != http.StatusOK {
			t.Fatalf("first PUT: %d %s", status, body)
		}
		other := bytes.Clone(data)
		other[0] ^= 1
		if status, body := send(t, signed.URL, signed.Headers, other); status != http.StatusConflict && status != http.StatusPreconditionFailed {
			t.Errorf("second PUT with other content: %d %s", status, body)
		}
		object, err := store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer object.Close()
		got, err := io.ReadAll(io.NewSectionReader(object, 0, object.Size()))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("the content changed: %v", err)
		}
	})
}

func TestSignedDownload(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		data := content(5000)
		upload(t, store, key, data)
		url, err := store.PresignGet(t.Context(), blob.Get{Key: key, Filename: "übergabe \"1\"\r\nX-Evil: 1.mp4", Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", "bytes=10-19")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusPartialContent || !bytes.Equal(got, data[10:20]) {
			t.Errorf("range: %d, %d bytes, %v", resp.StatusCode, len(got), err)
		}
		h := resp.Header
		if h.Get("Content-Type") != "video/mp4" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename*=utf-8''%C3%BCbergabe") || h.Get("X-Evil") != "" {
			t.Errorf("headers = %v", h)
		}
		req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(url, "01J0", "01J1", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := do(t, req); status != http.StatusForbidden {
			t.Errorf("another key under the same signature: %d", status)
		}
	})
}

func TestDeletedFileIsGone(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		upload(t, store, key, content(10))
		for range 2 { // deleting twice is no error
			if err := store.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := store.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotExist) {
			t.Errorf("Stat = %v", err)
		}
		if _, err := store.Open(t.Context(), key); !errors.Is(err, blob.ErrNotExist) {
			t.Errorf("Open = %v", err)
		}
		upload(t, store, key, content(20)) // the key is free again
	})
}

func TestKeysAndTermsThatCannotBeStoredAreRefused(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, store blob.Store) {
		for _, key := range []string{"", "/", "../x", "a/../b", "a//b", "/a", "a/", ".hidden", "a/.", "a b", "a\x00b", "a\nb", "ä", "a%2fb", `a\b`, strings.Repeat("a", 201)} {
			if _, err := store.PresignPut(t.Context(), blob.Put{Key: key, ContentType: "image/png", Bytes: 1, Expires: time.Now().Add(time.Hour)}); err == nil {
				t.Errorf("PresignPut(%q) succeeded", key)
			}
			if _, err := store.Open(t.Context(), key); err == nil || errors.Is(err, blob.ErrNotExist) {
				t.Errorf("Open(%q) = %v", key, err)
			}
			if err := store.Delete(t.Context(), key); err == nil {
				t.Errorf("Delete(%q) succeeded", key)
			}
		}
		for _, put := range []blob.Put{
			{Key: "a", ContentType: "image/png", Bytes: 0},
			{Key: "a", ContentType: "image/png", Bytes: -1},
			{Key: "a", ContentType: "", Bytes: 1},
			{Key: "a", ContentType: "image/png\r\nX: 1", Bytes: 1},
		} {
			put.Expires = time.Now().Add(time.Hour)
			if _, err := store.PresignPut(t.Context(), put); err == nil {
				t.Errorf("PresignPut(%+v) succeeded", put)
			}
		}
	})
}

func TestS3NamesABucketThatIsMissing(t *testing.T) {
	t.Parallel()
	if err := newS3(t).Check(t.Context()); err != nil {
		t.Error(err)
	}
	options, err := s3Server()
	if err != nil {
		t.Fatal(err)
	}
	options.Bucket = "absent-bucket"
	store, err := blob.NewS3(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "absent-bucket") {
		t.Errorf("Check = %v", err)
	}
}
