package workers_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/dispatchtest"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/workers"
)

// lateStore is a store where a file arrives just after it was looked for.
type lateStore struct {
	*blob.Disk
	arrive func(key string)
}

func (s lateStore) Open(_ context.Context, key string) (blob.Object, error) {
	s.arrive(key)
	return nil, blob.ErrNotExist
}

func TestUploadMayTakeADayAndLeavesNothingAfterIt(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), dbtest.Tx(t)
	world, err := dispatchtest.New(t.TempDir(), qaNow)
	if err != nil {
		t.Fatal(err)
	}
	order, err := world.Book(ctx, tx, true, dispatchtest.ProductTask(1, qaNow))
	if err != nil {
		t.Fatal(err)
	}
	announce := func() dispatch.File {
		t.Helper()
		file, err := world.Dispatch.CreateFile(ctx, tx, qaNow, order.Talent, dispatch.NewFile{Name: "film.mp4", ContentType: "video/mp4", Bytes: 4})
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	arrive := func(key string) {
		put, err := world.Blob.PresignPut(ctx, blob.Put{Key: key, ContentType: "video/mp4", Bytes: 4, Expires: qaNow.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequestWithContext(ctx, http.MethodPut, put.URL, bytes.NewReader([]byte("film")))
		request.Header.Set("Content-Type", "video/mp4")
		world.Blob.UploadHandler(nil, func(_ http.ResponseWriter, _ *http.Request, e *blob.RequestError) { t.Error(e) }).ServeHTTP(httptest.NewRecorder(), request)
	}
	tidy := func(store blob.Store, now time.Time) {
		t.Helper()
		w := &workers.Tidy{Pool: tx, Dispatch: world.Dispatch, Blob: store, Now: func() time.Time { return now },
			PurgeKeys: func(context.Context, pgx.Tx, time.Time) (int64, error) { return 0, nil }}
		if err := w.Work(ctx, &river.Job[jobs.Tidy]{}); err != nil {
			t.Fatal(err)
		}
	}
	slow, never := announce(), announce()
	tidy(world.Blob, qaNow.Add(20*time.Hour))
	if err := world.Dispatch.FileStored(ctx, tx, qaNow.Add(20*time.Hour), slow.ID, 4, "00"); err != nil {
		t.Errorf("an upload of twenty hours: %v", err)
	}
	tidy(lateStore{world.Blob, arrive}, qaNow.Add(26*time.Hour))
	if _, err := world.Dispatch.GetFile(ctx, tx, order.Talent, never.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("an upload that never came: %v, want it forgotten", err)
	}
	if _, err := world.Blob.Stat(ctx, never.ID); !errors.Is(err, blob.ErrNotExist) {
		t.Errorf("content that nobody knows of: %v, want it removed", err)
	}
	if _, err := world.Dispatch.GetFile(ctx, tx, order.Talent, slow.ID); err != nil {
		t.Error(err)
	}
}
