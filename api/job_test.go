package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/qa"
)

// remoteTask is a task that needs no check-in.
const remoteTask = `{"task_type":"UGC_VERTICAL_BATCH","title":"Three clips","location":{"mode":"remote"},
	"schedule":{"start_at":"2026-04-22T10:00:00-04:00","duration_hours":48},"budget":{"currency":"CAD","pricing_model":"fixed","max_total":400},
	"deliverables":[{"kind":"video","count":3,"format":"mp4"}],"task_spec":{"clip_count":3,"hook_prompts":["Why I switched"]}}`

// onsiteTask is a task at a place.
const onsiteTask = `{"task_type":"PRODUCT_PHOTO_ECOMM","title":"Spring PDP shots","location":{"mode":"onsite","address":"Toronto, ON","lat":43.6544,"lng":-79.3807},
	"schedule":{"start_at":"2026-04-22T10:00:00-04:00","duration_hours":6},"budget":{"currency":"CAD","pricing_model":"fixed","max_total":3000},
	"deliverables":[{"kind":"photo","count":2,"format":"jpg"}],"task_spec":{"product_count":2,"background":"white","angles":["front"]}}`

// job is one piece of work on its way through the API, the workers' part played
// by calling the domain.
type job struct {
	*world
	talentID, token                               string
	task, request, quote, booking, order, dispute string
}

// newJob registers talent and funds the account.
func newJob(w *world) *job {
	j := &job{world: w}
	talent := w.want(201, http.MethodPost, "/v1/talent", `{"name":"Ada Okafor","email":"ada-job@example.com","task_types":["UGC_VERTICAL_BATCH","PRODUCT_PHOTO_ECOMM"],"lat":43.65,"lng":-79.38}`).json(w)
	j.talentID, j.token = talent["id"].(string), talent["token"].(string)
	w.tx(func(tx pgx.Tx) error {
		_, err := w.server.Dispatch.Ledger.Fund(w.Context(), tx, w.clock.Now(), w.acct.ID, escrow.Amount{Minor: 1_000_000, Currency: "CAD"}, "opening")
		return err
	})
	return j
}

// asTalent is want with the talent's token.
func (j *job) asTalent(status int, method, path, body string) reply {
	j.Helper()
	return j.want(status, method, path, body, bearer(j.token)...)
}

func (j *job) create(body string) *job {
	j.Helper()
	j.task = j.want(201, http.MethodPost, "/v1/tasks", body).json(j)["id"].(string)
	j.tx(func(tx pgx.Tx) error {
		return j.server.Dispatch.RecordScreening(j.Context(), tx, j.clock.Now(), j.task, policy.Decision{Decision: policy.Allow, Rules: []policy.Match{}})
	})
	return j
}

func (j *job) invite() *job {
	j.Helper()
	answer := j.want(201, http.MethodPost, "/v1/tasks/"+j.task+"/quote_requests", fmt.Sprintf(`{"talent_ids":[%q]}`, j.talentID)).json(j)
	j.request = answer["quote_requests"].([]any)[0].(map[string]any)["id"].(string)
	return j
}

func (j *job) quoted() *job {
	j.Helper()
	j.quote = j.asTalent(201, http.MethodPost, "/v1/quote_requests/"+j.request+"/quotes", `{"amount":300,"message":"Happy to."}`).json(j)["id"].(string)
	return j
}

func (j *job) booked() *job {
	j.Helper()
	j.want(200, http.MethodPost, "/v1/quotes/"+j.quote+"/accept", "")
	booking := j.want(201, http.MethodPost, "/v1/bookings", fmt.Sprintf(`{"quote_id":%q}`, j.quote)).json(j)
	j.booking, j.order = booking["id"].(string), booking["work_order_id"].(string)
	return j
}

// upload presigns a file as talent, sends it and returns its id.
func (j *job) upload(name, contentType, content string) string {
	j.Helper()
	file := j.asTalent(201, http.MethodPost, "/v1/files/presign", fmt.Sprintf(`{"filename":%q,"content_type":%q,"bytes":%d}`, name, contentType, len(content))).json(j)
	// The signed URL names the public address, which tests do not listen on.
	url := strings.Replace(file["upload_url"].(string), "https://api.example.com", j.url, 1)
	req, err := http.NewRequestWithContext(j.Context(), http.MethodPut, url, strings.NewReader(content))
	if err != nil {
		j.Fatal(err)
	}
	for name, value := range file["headers"].(map[string]any) {
		req.Header.Set(name, value.(string))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		j.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		j.Fatalf("PUT %s = %d: %s", name, res.StatusCode, body)
	}
	return file["file_id"].(string)
}

// submitted uploads three files and submits them.
func (j *job) submitted() *job {
	j.Helper()
	var files []string
	for i := range 3 {
		files = append(files, fmt.Sprintf(`{"file_id":%q,"kind":"video"}`, j.upload(fmt.Sprintf("clip%d.mp4", i), "video/mp4", fmt.Sprintf("content %d", i))))
	}
	j.asTalent(201, http.MethodPost, "/v1/work_orders/"+j.order+"/deliverables", `{"files":[`+strings.Join(files, ",")+`],"message":"All done."}`)
	return j
}

// judged plays the QA worker: the newest run ends with this verdict.
func (j *job) judged(verdict qa.Verdict) *job {
	j.Helper()
	j.tx(func(tx pgx.Tx) error {
		d := j.server.Dispatch
		var runID string
		if err := tx.QueryRow(j.Context(), `SELECT id FROM qa_runs WHERE work_order_id = $1 ORDER BY revision DESC, id DESC LIMIT 1`, j.order).Scan(&runID); err != nil {
			return err
		}
		run, err := d.StartRun(j.Context(), tx, j.clock.Now(), runID, "test")
		if err != nil {
			return err
		}
		for _, f := range run.Unread {
			facts, _ := json.Marshal(map[string]any{"ok": true, "kind": "video", "format": "mp4", "bytes": f.Bytes, "sha256": f.SHA256})
			if err := d.SaveFacts(j.Context(), tx, f.ID, facts, "test"); err != nil {
				return err
			}
		}
		report := qa.Report{EngineVersion: "test", TemplateVersion: "1", Checks: []qa.Check{{ID: "video.duration", Blocking: true, Verdict: verdict, Required: "9 to 60 s", Measured: "4 s", Files: []string{}, Fix: "Film at least 9 s."}}}
		report.Settle()
		return d.CompleteRun(j.Context(), tx, j.clock.Now(), runID, report)
	})
	return j
}

func (j *job) disputed() *job {
	j.Helper()
	j.dispute = j.want(201, http.MethodPost, "/v1/work_orders/"+j.order+"/disputes", `{"reason":"These are other clips."}`).json(j)["id"].(string)
	return j
}

// reviewer is the header of a reviewer's key in the world of the job.
func (j *job) reviewer() []string {
	return bearer(j.newKey(j.account("Deployment", true), account.AllScopes()...))
}

// state reads one field of an object.
func (j *job) state(path, field string) any {
	j.Helper()
	return j.want(200, http.MethodGet, path, "").json(j)[field]
}

func TestJobGoesFromTaskToPayout(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Fail)
	if got := j.state("/v1/work_orders/"+j.order, "status"); got != "qa_failed" {
		t.Fatalf("after a failed QA the work order is %v", got)
	}
	if r := j.do(http.MethodPost, "/v1/work_orders/"+j.order+"/accept", ""); r.status != 409 || r.err(t).Code != "INVALID_STATE" {
		t.Fatalf("accepting failed work = %d %s", r.status, r.body)
	}
	changed := j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/request_changes", "").json(t)
	if changed["changes_message"] != "- Film at least 9 s." {
		t.Errorf("without a message QA's fixes are sent, got %q", changed["changes_message"])
	}
	j.submitted().judged(qa.Pass)
	accepted := j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/accept", "").json(t)
	settlement := accepted["settlement"].(map[string]any)
	if settlement["to_talent"] != 255.0 || settlement["platform_fee"] != 45.0 || settlement["to_requester"] != 0.0 {
		t.Errorf("300 CAD were divided %v", settlement)
	}
	for path, want := range map[string]string{"/v1/tasks/" + j.task: "completed", "/v1/bookings/" + j.booking: "completed", "/v1/work_orders/" + j.order: "accepted"} {
		if got := j.state(path, "status"); got != want {
			t.Errorf("%s is %v, want %s", path, got, want)
		}
	}
	if got := j.state("/v1/payouts/"+settlement["payout_id"].(string), "status"); got != "initiated" {
		t.Errorf("the payout is %v", got)
	}
	var types []string
	for _, e := range j.want(200, http.MethodGet, "/v1/events?limit=100", "").json(t)["data"].([]any) {
		types = append(types, e.(map[string]any)["type"].(string))
	}
	want := "task.created task.updated quote.requested quote.received quote.accepted booking.confirmed deliverable.registered qa.completed " +
		"work_order.changes_requested deliverable.registered qa.completed work_order.accepted payout.initiated"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("events are\n%s, want\n%s", got, want)
	}
}

func TestOutsideCheckinIsRecordedAndRefusedWithItsDistance(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(onsiteTask).invite().quoted().booked()
	r := j.do(http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", `{"lat":43.6724,"lng":-79.3807,"accuracy_m":10}`, bearer(j.token)...)
	if e := r.err(t); r.status != 409 || e.Details["distance_m"].(float64) < 1900 {
		t.Errorf("2 km away = %d %s", r.status, r.body)
	}
	booking := j.want(200, http.MethodGet, "/v1/bookings/"+j.booking, "").json(t)
	if booking["status"] != "confirmed" || len(booking["checkins"].([]any)) != 1 {
		t.Errorf("booking after a refused check-in: %v", booking)
	}
	// At the edge it is uncertain; the requester's site code settles it.
	code := booking["site_code"].(string)
	edge := fmt.Sprintf(`{"lat":43.6557,"lng":-79.3807,"accuracy_m":40,"site_code":%q}`, code)
	recorded := j.asTalent(201, http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", edge).json(t)
	if c := recorded["checkin"].(map[string]any); c["verdict"] != "inside" || c["settled_by"] != "site_code" {
		t.Errorf("check-in at the edge with the site code: %v", c)
	}
	if seen := j.asTalent(200, http.MethodGet, "/v1/bookings/"+j.booking, "").json(t); seen["site_code"] != nil {
		t.Errorf("the talent sees the site code %v", seen["site_code"])
	}
}

func TestCancellingBeforeCheckinRefundsAll(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(onsiteTask).invite().quoted().booked()
	dry := j.want(200, http.MethodPost, "/v1/bookings/"+j.booking+"/cancel?dry_run=true", "").json(t)
	if s := dry["settlement"].(map[string]any); s["to_requester"] != 300.0 || dry["status"] != "confirmed" {
		t.Errorf("dry run: %v", dry)
	}
	done := j.want(200, http.MethodPost, "/v1/bookings/"+j.booking+"/cancel", `{"reason":"Closed"}`).json(t)
	if s := done["settlement"].(map[string]any); s["to_requester"] != 300.0 || done["status"] != "cancelled" {
		t.Errorf("cancelled: %v", done)
	}
	balance := j.want(200, http.MethodGet, "/v1/balance", "").json(t)["balances"].([]any)[0].(map[string]any)
	if balance["available"] != 10000.0 || balance["in_escrow"] != 0.0 {
		t.Errorf("balance after the refund: %v", balance)
	}
}

func TestFiftyAcceptancesAtOncePayOnce(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
	var accepted, refused atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			switch r := j.do(http.MethodPost, "/v1/work_orders/"+j.order+"/accept", ""); r.status {
			case http.StatusOK:
				accepted.Add(1)
			case http.StatusConflict:
				refused.Add(1)
			default:
				t.Errorf("an acceptance among others = %d %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	if accepted.Load() != 1 || refused.Load() != 49 {
		t.Errorf("%d accepted, %d refused", accepted.Load(), refused.Load())
	}
	if payouts := j.want(200, http.MethodGet, "/v1/payouts", "").json(t)["data"].([]any); len(payouts) != 1 {
		t.Errorf("%d payouts of one job", len(payouts))
	}
}

func TestPartOfFailedWorkCanBeAcceptedProRata(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Fail)
	order := j.want(200, http.MethodGet, "/v1/work_orders/"+j.order, "").json(t)
	first := order["deliverables"].([]any)[0].(map[string]any)["id"].(string)
	accepted := j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/accept", fmt.Sprintf(`{"deliverable_ids":[%q]}`, first)).json(t)
	if s := accepted["settlement"].(map[string]any); s["to_talent"] != 85.0 || s["platform_fee"] != 15.0 || s["to_requester"] != 200.0 {
		t.Errorf("one of three for 300 CAD was divided %v", s)
	}
}

func TestReviewerResolvesADisputeBySplit(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass).disputed()
	r := j.do(http.MethodPost, "/v1/work_orders/"+j.order+"/accept", "")
	if r.status != 409 {
		t.Errorf("accepting disputed work = %d %s", r.status, r.body)
	}
	reviewer := j.reviewer()
	over := j.do(http.MethodPost, "/v1/disputes/"+j.dispute+"/resolve", `{"to_talent":200,"to_requester":200,"reason":"More than there is"}`, reviewer...)
	if over.status != 400 {
		t.Errorf("a split of 400 of 300 = %d %s", over.status, over.body)
	}
	resolved := j.want(200, http.MethodPost, "/v1/disputes/"+j.dispute+"/resolve", `{"to_talent":100,"to_requester":180.5,"reason":"A third was usable"}`, reviewer...).json(t)
	if resolved["status"] != "resolved" || resolved["to_talent"] != 100.0 {
		t.Errorf("resolved: %v", resolved)
	}
	if got := j.state("/v1/work_orders/"+j.order, "status"); got != "resolved" {
		t.Errorf("the work order is %v", got)
	}
}

func TestInconclusiveWorkWaitsForAReviewersOverride(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Inconclusive)
	if got := j.state("/v1/work_orders/"+j.order, "status"); got != "qa_review" {
		t.Fatalf("inconclusive work is %v", got)
	}
	path := "/v1/work_orders/" + j.order + "/qa/checks/video.duration/override"
	reviewer := j.reviewer()
	result := j.want(200, http.MethodPost, path, `{"verdict":"pass","reason":"Looked at it"}`, reviewer...).json(t)["qa"].(map[string]any)
	if result["overallPass"] != true || j.state("/v1/work_orders/"+j.order, "status") != "qa_passed" {
		t.Errorf("after the override: %v", result)
	}
	result = j.want(200, http.MethodPost, path, `{"revoke":true,"reason":"Wrong file"}`, reviewer...).json(t)["qa"].(map[string]any)
	if result["overallPass"] != false || j.state("/v1/work_orders/"+j.order, "status") != "qa_review" {
		t.Errorf("after taking it back: %v", result)
	}
}

func TestReceiptOfAcceptedWorkVerifiesOffline(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
	if r := j.do(http.MethodGet, "/v1/work_orders/"+j.order+"/receipt", ""); r.status != 409 {
		t.Errorf("the receipt of unaccepted work = %d %s", r.status, r.body)
	}
	j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/accept", "")
	file := j.want(200, http.MethodGet, "/v1/work_orders/"+j.order+"/receipt", "").body
	keys, err := receipt.ParsePublicKeys([]byte(j.want(200, http.MethodGet, receipt.WellKnownPath, "").body))
	if err != nil {
		t.Fatal(err)
	}
	r, err := receipt.Verify([]byte(file), keys...)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, p := range r.Postings {
		sum += p.AmountMinor
	}
	if len(r.Files) != 3 || r.QA == nil || !r.QA.OverallPass || len(r.Postings) == 0 || sum != 0 {
		t.Errorf("receipt: %+v", r)
	}
	if _, err := receipt.Verify([]byte(strings.Replace(file, `"accepted"`, `"resolved"`, 1)), keys...); err == nil {
		t.Error("a receipt that was changed verifies")
	}
}

func TestFileReplacedInStorageAfterQABlocksAcceptance(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
	order := j.want(200, http.MethodGet, "/v1/work_orders/"+j.order, "").json(t)
	id := order["deliverables"].([]any)[0].(map[string]any)["file_id"].(string)
	object, err := j.server.Blob.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	path := object.File().Name()
	_ = object.Close()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := j.do(http.MethodPost, "/v1/work_orders/"+j.order+"/accept", "")
	if e := r.err(t); r.status != 409 || len(e.Details["files"].([]any)) != 1 || e.Details["files"].([]any)[0] != id {
		t.Errorf("accepting a replaced file = %d %s", r.status, r.body)
	}
}

func TestPartOfWhatWasAskedForPaysThatPartOnly(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked()
	one := j.upload("clip.mp4", "video/mp4", "only one")
	j.asTalent(201, http.MethodPost, "/v1/work_orders/"+j.order+"/deliverables", fmt.Sprintf(`{"files":[{"file_id":%q,"kind":"video"}]}`, one))
	j.judged(qa.Fail)
	order := j.want(200, http.MethodGet, "/v1/work_orders/"+j.order, "").json(t)
	id := order["deliverables"].([]any)[0].(map[string]any)["id"].(string)
	accepted := j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/accept", fmt.Sprintf(`{"deliverable_ids":[%q]}`, id)).json(t)
	if s := accepted["settlement"].(map[string]any); s["to_talent"] != 85.0 || s["to_requester"] != 200.0 {
		t.Errorf("one clip of the three asked for, at 300 CAD, was divided %v", s)
	}
}

func TestRequesterCannotReplaceWhatTheTalentSubmitted(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
	j.want(200, http.MethodPost, "/v1/work_orders/"+j.order+"/request_changes", `{"message":"Other clips, please"}`)
	own := j.want(201, http.MethodPost, "/v1/files/presign", `{"filename":"a.mp4","content_type":"video/mp4","bytes":3}`).json(t)["file_id"].(string)
	j.tx(func(tx pgx.Tx) error {
		return j.server.Dispatch.FileStored(t.Context(), tx, j.clock.Now(), own, 3, "aa")
	})
	r := j.do(http.MethodPost, "/v1/work_orders/"+j.order+"/deliverables", fmt.Sprintf(`{"files":[{"file_id":%q,"kind":"video"}]}`, own))
	if r.status != 409 || r.err(t).Code != "INVALID_STATE" {
		t.Errorf("a revision by the requester = %d %s", r.status, r.body)
	}
}

func TestInvitationsAreToldWhateverTheClocksPrecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.Advance(123 * time.Nanosecond)
	j := newJob(w).create(remoteTask).invite()
	j.invite() // again: told once
	if events := j.want(200, http.MethodGet, "/v1/events?types=quote.requested", "").json(t)["data"].([]any); len(events) != 1 {
		t.Errorf("%d events of one invitation", len(events))
	}
}

func TestPositionThatIsNoneEarnsNoCancellationShare(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(onsiteTask).invite().quoted().booked()
	vague := j.asTalent(201, http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", `{"lat":44.4,"lng":-79.3807,"accuracy_m":100000}`).json(t)
	if got := vague["booking"].(map[string]any)["status"]; got != "confirmed" {
		t.Errorf("a circle of 100 km checked the booking in: %v", got)
	}
	// Near the fence's edge it checks in, but proves nothing.
	j.asTalent(201, http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", `{"lat":43.6557,"lng":-79.3807,"accuracy_m":40}`)
	done := j.want(200, http.MethodPost, "/v1/bookings/"+j.booking+"/cancel", "").json(t)
	if s := done["settlement"].(map[string]any); s["to_talent"] != 0.0 {
		t.Errorf("an uncertain check-in earned %v", s)
	}
}

func TestSiteCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(onsiteTask).invite().quoted().booked()
	code := j.want(200, http.MethodGet, "/v1/bookings/"+j.booking, "").json(t)["site_code"].(string)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	body := `{"lat":43.6557,"lng":-79.3807,"accuracy_m":40,"site_code":%q}`
	for range 5 {
		j.asTalent(400, http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", fmt.Sprintf(body, wrong))
	}
	if r := j.do(http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", fmt.Sprintf(body, code), bearer(j.token)...); r.status != 409 {
		t.Errorf("the right code after five wrong ones = %d %s", r.status, r.body)
	}
	j.clock.Advance(6 * time.Minute)
	code = j.want(200, http.MethodGet, "/v1/bookings/"+j.booking, "").json(t)["site_code"].(string)
	j.asTalent(201, http.MethodPost, "/v1/bookings/"+j.booking+"/checkin", fmt.Sprintf(body, code))
}

func TestWorkStuckInQACanBeRerunAndDisputed(t *testing.T) {
	t.Parallel()
	j := newJob(newWorld(t)).create(remoteTask).invite().quoted().booked().submitted()
	j.want(202, http.MethodPost, "/v1/work_orders/"+j.order+"/qa", `{"checks":["video.duration"]}`)
	j.judged(qa.Pass)
	if got := j.state("/v1/work_orders/"+j.order, "status"); got != "qa_passed" {
		t.Errorf("after the rerun the work order is %v", got)
	}
	stuck := nextJob(j).create(remoteTask).invite().quoted().booked().submitted().disputed()
	if got := stuck.state("/v1/work_orders/"+stuck.order, "status"); got != "disputed" {
		t.Errorf("disputed while QA is stuck: %v", got)
	}
}

// nextJob is another job of the same requester and talent.
func nextJob(j *job) *job { return &job{world: j.world, talentID: j.talentID, token: j.token} }
