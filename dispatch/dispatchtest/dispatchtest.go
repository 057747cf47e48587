// Package dispatchtest brings work orders to where files can be submitted, for
// the tests and measurements of what comes after. It walks the domain's own
// operations, so that every row is as in a deployment; it asserts nothing.
package dispatchtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

// World is a domain with its file store, at one moment.
type World struct {
	Dispatch *dispatch.Dispatch
	Blob     *blob.Disk
	Now      time.Time
}

// New makes a world whose files lie in dir.
func New(dir string, now time.Time) (*World, error) {
	ledger, err := escrow.New(escrow.DefaultPolicy, escrow.Builtin{})
	if err != nil {
		return nil, err
	}
	store, err := blob.NewDisk(dir, "https://files.example.com", bytes.Repeat([]byte{7}, 32), func() time.Time { return now })
	if err != nil {
		return nil, err
	}
	return &World{Dispatch: &dispatch.Dispatch{Ledger: ledger, Screener: policy.Default()}, Blob: store, Now: now}, nil
}

// WorkOrder is an open work order and its two sides.
type WorkOrder struct {
	ID                string
	Requester, Talent dispatch.Caller
}

// ProductTask is the body of a remote task for n product photos.
func ProductTask(n int, now time.Time) string {
	return fmt.Sprintf(`{"task_type":"PRODUCT_PHOTO_ECOMM","title":"Product photos","location":{"mode":"remote"},
		"schedule":{"start_at":%q,"duration_hours":48},"budget":{"currency":"CAD","pricing_model":"fixed","max_total":400},
		"deliverables":[{"kind":"photo","count":%d,"format":"jpg"}],
		"task_spec":{"product_count":%d,"background":"lifestyle","angles":["front"],"min_long_edge_px":800}}`, now.Format(time.RFC3339), n, n)
}

// Book takes a remote task of a new account from its body to an open work order
// of new talent.
func (w *World) Book(ctx context.Context, tx pgx.Tx, livemode bool, body string) (WorkOrder, error) {
	var o WorkOrder
	d := w.Dispatch
	a, err := account.Create(ctx, tx, w.Now, "Requester", livemode, account.DefaultAcceptanceWindow)
	if err != nil {
		return o, err
	}
	address := strings.ToLower(db.NewID("person", w.Now)) + "@example.com"
	person, _, err := talent.Register(ctx, tx, w.Now, a.ID, livemode, talent.New{Name: "Talent", Email: address})
	if err != nil {
		return o, err
	}
	o.Requester = dispatch.Caller{AccountID: a.ID, Livemode: livemode, By: "key_test"}
	o.Talent = dispatch.Caller{TalentID: person.ID, Livemode: livemode, By: person.ID}
	if _, err := d.Ledger.Fund(ctx, tx, w.Now, a.ID, escrow.Amount{Minor: 100_000, Currency: "CAD"}, "opening"); err != nil {
		return o, err
	}
	task, _, err := d.CreateTask(ctx, tx, w.Now, o.Requester, []byte(body))
	if err != nil {
		return o, err
	}
	if err := d.RecordScreening(ctx, tx, w.Now, task.ID, policy.Decision{Decision: policy.Allow, Rules: []policy.Match{}}); err != nil {
		return o, err
	}
	requests, err := d.RequestQuotes(ctx, tx, w.Now, o.Requester, task.ID, dispatch.RequestQuotes{TalentIDs: []string{person.ID}, ExpiresAfter: 24 * time.Hour})
	if err != nil {
		return o, err
	}
	quote, err := d.SubmitQuote(ctx, tx, w.Now, o.Talent, requests[0].ID, dispatch.NewQuote{Amount: json.Number("100")})
	if err != nil {
		return o, err
	}
	if _, err := d.AcceptQuote(ctx, tx, w.Now, o.Requester, quote.ID); err != nil {
		return o, err
	}
	booking, err := d.CreateBooking(ctx, tx, w.Now, o.Requester, quote.ID)
	o.ID = booking.WorkOrderID
	return o, err
}

// Upload stores a file as the work order's talent would, through a signed URL.
func (w *World) Upload(ctx context.Context, tx pgx.Tx, o WorkOrder, name, contentType string, content []byte) (id string, err error) {
	file, err := w.Dispatch.CreateFile(ctx, tx, w.Now, o.Talent, dispatch.NewFile{Name: name, ContentType: contentType, Bytes: int64(len(content))})
	if err != nil {
		return "", err
	}
	put, err := w.Blob.PresignPut(ctx, blob.Put{Key: file.ID, ContentType: contentType, Bytes: int64(len(content)), Expires: file.ExpiresAt})
	if err != nil {
		return "", err
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPut, put.URL, bytes.NewReader(content))
	for name, value := range put.Headers {
		request.Header.Set(name, value)
	}
	var refused error
	stored := func(ctx context.Context, key string, size int64, sha256 string) error {
		return w.Dispatch.FileStored(ctx, tx, w.Now, key, size, sha256)
	}
	answer := httptest.NewRecorder()
	w.Blob.UploadHandler(stored, func(_ http.ResponseWriter, _ *http.Request, e *blob.RequestError) { refused = e }).ServeHTTP(answer, request)
	if refused == nil && answer.Code != http.StatusOK {
		refused = fmt.Errorf("upload of %s answered %d: %s", name, answer.Code, answer.Body)
	}
	return file.ID, refused
}

// UploadPhotos uploads JPEG files and returns a submission of them as product
// photos, one a product.
func (w *World) UploadPhotos(ctx context.Context, tx pgx.Tx, o WorkOrder, photos ...[]byte) (dispatch.Submission, error) {
	var s dispatch.Submission
	for i, content := range photos {
		id, err := w.Upload(ctx, tx, o, fmt.Sprintf("photo-%03d.jpg", i), "image/jpeg", content)
		if err != nil {
			return s, err
		}
		s.Files = append(s.Files, dispatch.NewDeliverable{FileID: id, Kind: "photo", Labels: map[string]string{"sku": fmt.Sprintf("P%03d", i), "angle": "front"}})
	}
	return s, nil
}
