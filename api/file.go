package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/qa"
)

// downloadLife is how long a download URL is good for.
const downloadLife = 15 * time.Minute

type presignBody struct {
	Filename    string       `json:"filename" minLength:"1" maxLength:"255" doc:"Name of the file, for people and for caption sidecars; its type is told from its content"`
	ContentType string       `json:"content_type" minLength:"3" maxLength:"100" pattern:"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$" doc:"Media type, such as image/jpeg; the upload must carry it"`
	Bytes       int64        `json:"bytes" minimum:"1" maximum:"21474836480" doc:"Size of the file"`
	Capture     *fileCapture `json:"capture,omitempty" doc:"Where and when the portal took it; only with a talent token"`
}

type fileCapture struct {
	Lat       float64   `json:"lat" minimum:"-90" maximum:"90"`
	Lng       float64   `json:"lng" minimum:"-180" maximum:"180"`
	AccuracyM float64   `json:"accuracy_m" minimum:"0" maximum:"100000"`
	At        time.Time `json:"at"`
}

type presignedFile struct {
	FileID    string            `json:"file_id"`
	Method    string            `json:"method" doc:"PUT"`
	UploadURL string            `json:"upload_url" doc:"Send the content here, once"`
	Headers   map[string]string `json:"headers" doc:"Headers that the PUT must carry"`
	ExpiresAt time.Time         `json:"expires_at"`
}

type downloadableFile struct {
	dispatch.File
	DownloadURL *string `json:"download_url" doc:"Serves the content for 15 minutes; null before it is uploaded"`
}

func registerFile(s *Server, a huma.API) {
	write(s, a, spec{
		ID: "presign_file", Method: http.MethodPost, Path: "/v1/files/presign", Tag: "files", Scope: "files:write", Talent: true, Status: http.StatusCreated,
		Summary:     "Get a URL to upload a file to",
		Description: "Announces a file and returns a signed URL for one PUT of exactly this content type and at most this many bytes, within the hour. Upload the original: phones and browsers that re-encode strip the EXIF location that QA reads.",
		Example:     map[string]any{"filename": "front.jpg", "content_type": "image/jpeg", "bytes": 2481033},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *struct{ Body presignBody }) (presignedFile, error) {
		if most := s.Blob.MaxBytes(); in.Body.Bytes > most {
			return presignedFile{}, fault.Invalid("The file is too large", fault.Field{
				Path: "bytes", Found: strconv.FormatInt(in.Body.Bytes, 10), Expected: fmt.Sprintf("at most %d: this deployment's store takes no more in one upload", most),
				Fix: "Send a smaller file, such as a recording in parts or at a lower bit rate",
			})
		}
		n := dispatch.NewFile{Name: in.Body.Filename, ContentType: in.Body.ContentType, Bytes: in.Body.Bytes}
		if in.Body.Capture != nil && c.isTalent() {
			capture := qa.Capture(*in.Body.Capture)
			n.Capture = &capture
		}
		file, err := s.Dispatch.CreateFile(ctx, tx, c.Now, c.actor(), n)
		if err != nil {
			return presignedFile{}, err
		}
		// Signing is arithmetic: no network is touched inside the transaction.
		put, err := s.Blob.PresignPut(ctx, blob.Put{Key: file.ID, ContentType: n.ContentType, Bytes: n.Bytes, Expires: file.ExpiresAt})
		if err != nil {
			return presignedFile{}, fmt.Errorf("presign %s: %w", file.ID, err)
		}
		return presignedFile{FileID: file.ID, Method: http.MethodPut, UploadURL: put.URL, Headers: put.Headers, ExpiresAt: file.ExpiresAt}, nil
	})

	readRaw(s, a, spec{
		ID: "get_file", Method: http.MethodGet, Path: "/v1/files/{id}", Tag: "files", Scope: "files:read", Talent: true,
		Summary: "Get a file", Description: "What is known of a file and a URL to download it, for whoever uploaded it and both sides of the work order it was submitted to.",
	}, func(ctx context.Context, c caller, in *ByID) (downloadableFile, error) {
		file, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (dispatch.File, error) { return s.Dispatch.GetFile(ctx, tx, c.actor(), in.ID) })
		if err != nil {
			return downloadableFile{}, err
		}
		if file.Status == dispatch.FilePending {
			if file, err = s.claimUpload(ctx, c, file); err != nil {
				return downloadableFile{}, err
			}
		}
		view := downloadableFile{File: file}
		if file.Status == dispatch.FileUploaded {
			url, err := s.Blob.PresignGet(ctx, blob.Get{Key: file.ID, Filename: file.Name, Expires: c.Now.Add(downloadLife)})
			if err != nil {
				return view, fmt.Errorf("presign %s: %w", file.ID, err)
			}
			view.DownloadURL = &url
		}
		return view, nil
	})
}

// claimUpload records an upload that went straight to S3, which tells nobody.
func (s *Server) claimUpload(ctx context.Context, c caller, file dispatch.File) (dispatch.File, error) {
	sum, size, err := blob.Sum(ctx, s.Blob, file.ID)
	if errors.Is(err, blob.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return file, err
	}
	return db.In(ctx, s.Pool, func(tx pgx.Tx) (dispatch.File, error) {
		if err := s.Dispatch.FileStored(ctx, tx, c.Now, file.ID, size, sum); err != nil {
			return file, err
		}
		return s.Dispatch.GetFile(ctx, tx, dispatch.Caller{}, file.ID)
	})
}

// claimUploads does so for those of the files that the store has and no row knows of.
func (s *Server) claimUploads(ctx context.Context, c caller, ids []string) error {
	if _, disk := s.Blob.(*blob.Disk); disk {
		return nil // the disk store records each upload itself
	}
	for _, id := range ids {
		file, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (dispatch.File, error) { return s.Dispatch.GetFile(ctx, tx, c.actor(), id) })
		if fault.Is(err, fault.NotFound) {
			continue // named with the other problems when the files are submitted
		}
		if err == nil && file.Status == dispatch.FilePending {
			_, err = s.claimUpload(ctx, c, file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// transfers mounts the URLs that the disk store signs; S3 serves its own.
func (s *Server) transfers(r chi.Router) {
	disk, ok := s.Blob.(*blob.Disk)
	if !ok {
		return
	}
	refuse := func(w http.ResponseWriter, r *http.Request, e *blob.RequestError) {
		if e.Err != nil {
			s.Log.ErrorContext(r.Context(), "file transfer", "request_id", requestOf(r.Context()).id, "error", e.Err)
		}
		s.fail(w, r, fault.New(fault.Code(e.Code), "%s", e.Message))
	}
	stored := func(ctx context.Context, key string, bytes int64, sha256 string) error {
		err := db.WithTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.Dispatch.FileStored(ctx, tx, s.Now(), key, bytes, sha256) })
		var f *fault.Error
		if errors.As(err, &f) {
			return &blob.RequestError{Status: statuses[f.Code], Code: string(f.Code), Message: f.Message}
		}
		return err
	}
	r.Method(http.MethodPut, blob.UploadPath+"*", disk.UploadHandler(stored, refuse))
	r.Method(http.MethodGet, blob.DownloadPath+"*", disk.DownloadHandler(refuse))
}
