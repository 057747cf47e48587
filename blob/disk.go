package blob

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The paths below the public base URL that the disk store's URLs have, each
// followed by the key. Mount the handlers there.
const (
	UploadPath   = "/files/upload/"
	DownloadPath = "/files/download/"
)

// abandonedAfter is how long a half-written upload must have stood still
// before another process may take it for the remains of a crash. Uploads that
// stall are ended after idleTimeout, far sooner.
const abandonedAfter = time.Hour

// Disk is a store in a directory. Each file is a directory of its own, holding
// the content and what is known of it; it is written under tmp and appears
// under content by one rename, so that a crash leaves nothing half visible and
// an existing file cannot be replaced.
type Disk struct {
	dir  string
	base string
	key  []byte
	now  func() time.Time
}

// meta is the meta.json beside a content.
type meta struct {
	Key         string    `json:"key"`
	ContentType string    `json:"content_type"`
	Bytes       int64     `json:"bytes"`
	SHA256      string    `json:"sha256"`
	StoredAt    time.Time `json:"stored_at"`
}

const (
	contentName = "content"
	metaName    = "meta.json"
)

// NewDisk opens the store in dir, creating it when needed and removing what
// crashed uploads left behind. URLs start with publicBaseURL and are signed with
// signingKey (at least 16 bytes, the same in every process of a deployment).
func NewDisk(dir, publicBaseURL string, signingKey []byte, now func() time.Time) (*Disk, error) {
	base, err := url.Parse(publicBaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("blob: public base URL %q: expected http(s)://host[:port][/path]", publicBaseURL)
	}
	if len(signingKey) < 16 {
		return nil, fmt.Errorf("blob: signing key of %d bytes: expected at least 16 random bytes", len(signingKey))
	}
	d := &Disk{dir: dir, base: strings.TrimRight(publicBaseURL, "/"), key: bytes.Clone(signingKey), now: now}
	for _, sub := range []string{"tmp", "content"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	return d, d.sweep()
}

// sweep removes uploads that nobody writes any more. Another process may be
// writing to the same directory, so age decides.
func (d *Disk) sweep() error {
	entries, err := os.ReadDir(filepath.Join(d.dir, "tmp"))
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(d.dir, "tmp", entry.Name())
		if isLock(entry.Name()) {
			if err := sweepLock(path); err != nil {
				return fmt.Errorf("blob: remove an abandoned lock: %w", err)
			}
			continue
		}
		var newest time.Time
		for _, p := range []string{path, filepath.Join(path, contentName)} {
			if info, err := os.Stat(p); err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
		}
		// File times are the wall's, whatever clock the store was given.
		if time.Since(newest) < abandonedAfter {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("blob: remove an abandoned upload: %w", err)
		}
	}
	return nil
}

// place is the directory of a key: named by a hash, so that no key can point
// outside the store and the shards fill evenly.
func (d *Disk) place(key string) string {
	sum := sha256.Sum256([]byte(key))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(d.dir, "content", name[:2], name)
}

// MaxBytes implements Store: what the disk holds decides.
func (d *Disk) MaxBytes() int64 { return math.MaxInt64 }

// PresignPut implements Store.
func (d *Disk) PresignPut(_ context.Context, put Put) (Presigned, error) {
	if err := checkPut(put); err != nil {
		return Presigned{}, err
	}
	contentType := canonicalType(put.ContentType)
	return Presigned{
		URL: d.sign("PUT", UploadPath, put.Key, url.Values{
			"type":    {contentType},
			"bytes":   {strconv.FormatInt(put.Bytes, 10)},
			"expires": {strconv.FormatInt(put.Expires.Unix(), 10)},
		}),
		Headers: map[string]string{"Content-Type": contentType},
	}, nil
}

// PresignGet implements Store.
func (d *Disk) PresignGet(_ context.Context, get Get) (string, error) {
	if err := checkKey(get.Key); err != nil {
		return "", err
	}
	return d.sign("GET", DownloadPath, get.Key, url.Values{
		"filename": {get.Filename},
		"expires":  {strconv.FormatInt(get.Expires.Unix(), 10)},
	}), nil
}

func (d *Disk) sign(method, path, key string, terms url.Values) string {
	signature := base64.RawURLEncoding.EncodeToString(d.mac(method, key, terms))
	return d.base + path + key + "?" + terms.Encode() + "&signature=" + signature
}

// mac authenticates a method on a key under terms. Encode sorts and escapes, so
// that no two sets of terms read the same.
func (d *Disk) mac(method, key string, terms url.Values) []byte {
	h := hmac.New(sha256.New, d.key)
	_, _ = io.WriteString(h, method+"\n"+key+"\n"+terms.Encode())
	return h.Sum(nil)
}

// verify checks the signature and the expiry of a query and returns its terms.
func (d *Disk) verify(method, key, rawQuery string) (url.Values, *RequestError) {
	terms, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, denied("the URL's query cannot be read: use the signed URL exactly as it was given")
	}
	given, err := base64.RawURLEncoding.DecodeString(terms.Get("signature"))
	delete(terms, "signature")
	if err != nil || checkKey(key) != nil || !hmac.Equal(given, d.mac(method, key, terms)) {
		return nil, denied("the URL's signature does not match: use the signed URL exactly as it was given, with %s", method)
	}
	seconds, err := strconv.ParseInt(terms.Get("expires"), 10, 64)
	if err != nil {
		return nil, denied("the URL has no expiry")
	}
	if expires := time.Unix(seconds, 0).UTC(); !d.now().Before(expires) {
		return nil, denied("the URL expired at %s: ask for a new one", expires.Format(time.RFC3339))
	}
	return terms, nil
}

// Stat implements Store.
func (d *Disk) Stat(_ context.Context, key string) (Info, error) {
	m, err := d.meta(key)
	if err != nil {
		return Info{}, err
	}
	return Info{Bytes: m.Bytes, SHA256: m.SHA256, ContentType: m.ContentType}, nil
}

func (d *Disk) meta(key string) (meta, error) {
	if err := checkKey(key); err != nil {
		return meta{}, err
	}
	data, err := os.ReadFile(filepath.Join(d.place(key), metaName))
	if errors.Is(err, fs.ErrNotExist) {
		return meta{}, ErrNotExist
	}
	if err != nil {
		return meta{}, fmt.Errorf("blob: %w", err)
	}
	var m meta
	if err := json.Unmarshal(data, &m); err != nil {
		return meta{}, fmt.Errorf("blob: %s of %s: %w", metaName, key, err)
	}
	return m, nil
}

// Open implements Store.
func (d *Disk) Open(_ context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(d.place(key), contentName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("blob: %w", err)
	}
	return diskObject{file: file, size: info.Size()}, nil
}

// Delete implements Store. The file disappears by one rename, too.
func (d *Disk) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	grave, err := os.MkdirTemp(filepath.Join(d.dir, "tmp"), "deleted-")
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer os.RemoveAll(grave)
	err = os.Rename(d.place(key), filepath.Join(grave, "file"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

type diskObject struct {
	file *os.File
	size int64
}

func (o diskObject) ReadAt(p []byte, off int64) (int, error) { return o.file.ReadAt(p, off) }
func (o diskObject) Close() error                            { return o.file.Close() }
func (o diskObject) Size() int64                             { return o.size }
func (o diskObject) File() *os.File                          { return o.file }
