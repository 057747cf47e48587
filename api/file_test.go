package api

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/blob"
)

// smallStore takes little in one upload, as S3 takes 5 GiB.
type smallStore struct{ blob.Store }

func (smallStore) MaxBytes() int64 { return 1000 }

func TestFileThatTheStoreCannotTakeIsRefusedBeforeItsUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *Server) { s.Blob = smallStore{s.Blob} })
	w.want(201, http.MethodPost, "/v1/files/presign", `{"filename":"a.mp4","content_type":"video/mp4","bytes":1000}`)
	got := w.want(400, http.MethodPost, "/v1/files/presign", `{"filename":"a.mp4","content_type":"video/mp4","bytes":1001}`)
	if body := got.body; !strings.Contains(body, "SCHEMA_VALIDATION_FAILED") || !strings.Contains(body, "at most 1000") {
		t.Errorf("answer %s", body)
	}
}

func TestUploadThatWasForgottenSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := w.want(201, http.MethodPost, "/v1/files/presign", `{"filename":"a.mp4","content_type":"video/mp4","bytes":4}`).json(w)
	w.tx(func(tx pgx.Tx) error {
		_, err := w.server.Dispatch.ForgetFile(t.Context(), tx, file["file_id"].(string))
		return err
	})
	url := strings.Replace(file["upload_url"].(string), "https://api.example.com", w.url, 1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader("film"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "video/mp4")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 409 || !strings.Contains(string(body), "Presign a new file") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if _, err := w.server.Blob.Stat(t.Context(), file["file_id"].(string)); err == nil {
		t.Error("the content stays, though nobody knows of it")
	}
}
