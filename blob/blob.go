// Package blob owns the bytes of files: a store on the local disk and one on
// S3, both filled by the client itself through signed URLs. It must not know
// whose file it is, what is in it, or any table.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"regexp"
	"strings"
	"time"
)

// ErrNotExist reports that nothing is stored under the key.
var ErrNotExist = errors.New("blob: no file is stored under this key")

// Store keeps file contents under keys. A key is made by the caller: 1 to 200
// characters, segments of letters, digits, ".", "_" and "-" separated by "/",
// none of them starting with ".".
type Store interface {
	// MaxBytes is the largest file that one signed upload can bring.
	MaxBytes() int64
	// PresignPut returns a URL that accepts one PUT of exactly this content
	// type and at most (S3: exactly) this many bytes until it expires.
	PresignPut(ctx context.Context, put Put) (Presigned, error)
	// PresignGet returns a URL that serves the file as a download until it expires.
	PresignGet(ctx context.Context, get Get) (string, error)
	// Open opens the file for reading; ctx bounds all reads. It returns
	// ErrNotExist when there is none.
	Open(ctx context.Context, key string) (Object, error)
	// Stat tells what is stored. It returns ErrNotExist when there is none.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes the file; one that does not exist is no error.
	Delete(ctx context.Context, key string) error
}

// Put says what a signed upload may bring.
type Put struct {
	Key         string
	ContentType string // such as image/jpeg
	Bytes       int64  // over 0
	Expires     time.Time
}

// Presigned is a URL with the headers that its PUT must carry.
type Presigned struct {
	URL     string
	Headers map[string]string
}

// Get says what a signed download serves.
type Get struct {
	Key      string
	Filename string // the name offered when saving; the key's last segment when empty
	Expires  time.Time
}

// Info is what a store knows of a file without reading it.
type Info struct {
	Bytes       int64
	SHA256      string // lower-case hex; "" when the store does not know it
	ContentType string
}

// Object is an open file. ReadAt may be called from several goroutines.
type Object interface {
	io.ReaderAt
	io.Closer
	// Size is the length in bytes.
	Size() int64
	// File is the local file behind the object, nil when there is none. It is
	// closed with the object.
	File() *os.File
}

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

func checkKey(key string) error {
	if len(key) > 200 || !keyForm.MatchString(key) {
		return fmt.Errorf("blob: key %.210q: expected 1 to 200 characters: segments of letters, digits, '.', '_' and '-' separated by '/', none starting with '.'", key)
	}
	return nil
}

func checkPut(put Put) error {
	if err := checkKey(put.Key); err != nil {
		return err
	}
	if canonicalType(put.ContentType) == "" {
		return fmt.Errorf("blob: content type %.100q: expected a media type such as image/jpeg", put.ContentType)
	}
	if put.Bytes <= 0 {
		return fmt.Errorf("blob: %d bytes: expected over 0", put.Bytes)
	}
	return nil
}

// canonicalType is the content type with case and spacing made equal, "" when it is none.
func canonicalType(contentType string) string {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.Contains(media, "/") {
		return ""
	}
	return mime.FormatMediaType(media, params)
}

// disposition is the Content-Disposition of a download.
func disposition(get Get) string {
	name := get.Filename
	if name == "" {
		name = get.Key[strings.LastIndexByte(get.Key, '/')+1:]
	}
	if value := mime.FormatMediaType("attachment", map[string]string{"filename": name}); value != "" {
		return value
	}
	return "attachment"
}
