package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"
)

// NewFile announces a file to upload.
type NewFile struct {
	Filename    string   `json:"filename"`
	ContentType string   `json:"content_type"` // such as image/jpeg
	Bytes       int64    `json:"bytes"`
	Capture     *Capture `json:"capture,omitempty"` // where the portal took it; counts with a talent token only
}

// Capture is where and when a file was taken.
type Capture struct {
	Lat       float64   `json:"lat"`
	Lng       float64   `json:"lng"`
	AccuracyM float64   `json:"accuracy_m"`
	At        time.Time `json:"at"`
}

// PresignedFile is where to send the content of a file.
type PresignedFile struct {
	FileID    string            `json:"file_id"`
	Method    string            `json:"method"`
	UploadURL string            `json:"upload_url"`
	Headers   map[string]string `json:"headers"` // that the request must carry
	ExpiresAt time.Time         `json:"expires_at"`
}

// File is what is known of a file. Name is the uploader's own words.
type File struct {
	ID              string     `json:"id"`
	Name            string     `json:"name"`
	ContentType     string     `json:"content_type"`
	Bytes           int64      `json:"bytes"`
	Status          string     `json:"status"` // pending or uploaded
	SHA256          *string    `json:"sha256"` // lower-case hex, once uploaded
	DownloadURL     *string    `json:"download_url"`
	UploadExpiresAt time.Time  `json:"upload_expires_at"`
	UploadedAt      *time.Time `json:"uploaded_at"`
	CreatedAt       time.Time  `json:"created_at"`
	Untrusted       []string   `json:"untrusted"`
}

// PresignFile returns a URL for one PUT of exactly this content type and at most
// this many bytes.
func (c *Client) PresignFile(ctx context.Context, n NewFile) (PresignedFile, error) {
	return call[PresignedFile](ctx, c, http.MethodPost, "/v1/files/presign", n)
}

// GetFile returns a file with a URL to download it.
func (c *Client) GetFile(ctx context.Context, id string) (File, error) {
	return call[File](ctx, c, http.MethodGet, at("/v1/files/%s", id), nil)
}

// UploadFile announces a file and sends its first n.Bytes bytes of content, as
// often as it takes. It returns the id to submit it under. Send the original:
// software that re-encodes strips the location that QA reads.
func (c *Client) UploadFile(ctx context.Context, n NewFile, content io.ReaderAt) (fileID string, err error) {
	put, err := c.PresignFile(ctx, n)
	if err != nil {
		return "", err
	}
	_, err = c.send(ctx, put.Method, put.UploadURL, func() (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, put.Method, put.UploadURL, io.NopCloser(io.NewSectionReader(content, 0, n.Bytes)))
		if err != nil {
			return nil, err
		}
		req.ContentLength = n.Bytes
		for name, value := range put.Headers { // and no key: the URL is the permission
			req.Header.Set(name, value)
		}
		return req, nil
	})
	var refused *Error
	if errors.As(err, &refused) && refused.HTTPStatus == http.StatusPreconditionFailed {
		// S3 says so to a second PUT: an earlier try may have arrived without its answer arriving here.
		if arrived, checkErr := c.arrived(ctx, put.FileID, io.NewSectionReader(content, 0, n.Bytes)); checkErr != nil || !arrived {
			return "", errors.Join(err, checkErr)
		}
		err = nil
	}
	if err != nil {
		return "", err
	}
	return put.FileID, nil
}

// arrived reports whether the file holds this content already.
func (c *Client) arrived(ctx context.Context, fileID string, content io.Reader) (bool, error) {
	file, err := c.GetFile(ctx, fileID)
	if err != nil || file.SHA256 == nil {
		return false, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return false, err
	}
	return *file.SHA256 == hex.EncodeToString(h.Sum(nil)), nil
}
