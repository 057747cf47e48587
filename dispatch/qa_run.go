package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/qa"
	"github.com/humandispatch/humandispatch/templates"
)

// StoredFile is a file in the blob store as its row knows it.
type StoredFile struct {
	ID     string
	Name   string
	Bytes  int64
	SHA256 string
}

// Run is what a worker needs to know of a QA run before it reads files.
type Run struct {
	ID          string
	WorkOrderID string
	Completed   bool
	Unread      []StoredFile // files whose facts the engine has not read yet
	FilesTotal  int
}

// StartRun marks a run as running and tells which files are still to be read.
// A run that was interrupted starts again with what is left.
func (d *Dispatch) StartRun(ctx context.Context, tx pgx.Tx, now time.Time, runID, engine string) (Run, error) {
	row, err := d.q(tx).Run(ctx, runID)
	if row, err = load(row, err, "QA run", runID, func(dispatchdb.QaRun) bool { return true }); err != nil {
		return Run{}, err
	}
	run := Run{ID: runID, WorkOrderID: row.WorkOrderID, Completed: row.Status == RunCompleted, FilesTotal: int(row.FilesTotal)}
	if run.Completed {
		return run, nil
	}
	if _, err := d.q(tx).StartRun(ctx, dispatchdb.StartRunParams{ID: runID, StartedAt: &now}); err != nil {
		return run, fmt.Errorf("start QA run: %w", err)
	}
	deliverables, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: row.WorkOrderID, Revision: row.Revision})
	if err != nil {
		return run, fmt.Errorf("deliverables: %w", err)
	}
	ids := make([]string, len(deliverables))
	for i, r := range deliverables {
		ids[i] = r.File.ID
	}
	if run.Unread, err = d.UnreadFiles(ctx, tx, ids, engine); err != nil {
		return run, err
	}
	return run, d.RunProgress(ctx, tx, run, run.FilesTotal-len(run.Unread))
}

// UnreadFiles returns those of the files whose facts this engine has not read yet.
func (d *Dispatch) UnreadFiles(ctx context.Context, tx pgx.Tx, ids []string, engine string) ([]StoredFile, error) {
	rows, err := d.q(tx).FilesWithoutFacts(ctx, dispatchdb.FilesWithoutFactsParams{Ids: ids, Engine: &engine})
	if err != nil {
		return nil, fmt.Errorf("unread files: %w", err)
	}
	files := make([]StoredFile, len(rows))
	for i, r := range rows {
		files[i] = StoredFile{ID: r.ID, Name: r.Name, Bytes: r.Bytes, SHA256: *r.Sha256}
	}
	return files, nil
}

// SaveFacts keeps what was read from a file; however often it is judged, it is
// read once per engine version.
func (d *Dispatch) SaveFacts(ctx context.Context, tx pgx.Tx, fileID string, facts json.RawMessage, engine string) error {
	if err := d.q(tx).SetFacts(ctx, dispatchdb.SetFactsParams{ID: fileID, Facts: facts, FactsEngine: &engine}); err != nil {
		return fmt.Errorf("save facts: %w", err)
	}
	return nil
}

// RunProgress records how many files of a run have been read and tells waiters.
func (d *Dispatch) RunProgress(ctx context.Context, tx pgx.Tx, run Run, done int) error {
	if err := d.q(tx).ProgressRun(ctx, dispatchdb.ProgressRunParams{ID: run.ID, FilesDone: int32(done)}); err != nil {
		return fmt.Errorf("QA progress: %w", err)
	}
	return event.Notify(ctx, tx, QATopic(run.WorkOrderID))
}

// RunInput puts together everything a run is judged by. Every file's facts must
// have been saved.
func (d *Dispatch) RunInput(ctx context.Context, tx pgx.Tx, runID string) (qa.Input, error) {
	q := d.q(tx)
	run, err := q.Run(ctx, runID)
	if err != nil {
		return qa.Input{}, fmt.Errorf("QA run %s: %w", runID, err)
	}
	order, err := q.WorkOrder(ctx, run.WorkOrderID)
	if err != nil {
		return qa.Input{}, fmt.Errorf("work order %s: %w", run.WorkOrderID, err)
	}
	j, err := d.job(ctx, tx, order.BookingID, false)
	if err != nil {
		return qa.Input{}, err
	}
	tpl, ok := templates.GetVersion(j.task.TaskType, run.TemplateVersion)
	if !ok {
		return qa.Input{}, fmt.Errorf("this binary has no template %s version %s, which task %s was made from", j.task.TaskType, run.TemplateVersion, j.task.ID)
	}
	stored, err := q.Submission(ctx, dispatchdb.SubmissionParams{WorkOrderID: run.WorkOrderID, Revision: run.Revision})
	if err != nil {
		return qa.Input{}, fmt.Errorf("submission: %w", err)
	}
	submission := qa.Submission{Message: stored.Message, ReceivedAt: stored.ReceivedAt}
	if err := json.Unmarshal(stored.Answers, &submission.Answers); err != nil {
		return qa.Input{}, fmt.Errorf("answers: %w", err)
	}
	if submission.Files, err = d.submitted(ctx, tx, run); err != nil {
		return qa.Input{}, err
	}
	for i, f := range submission.Files {
		if submission.Files[i].Reused, err = d.seenBefore(ctx, tx, j, f, stored.ReceivedAt); err != nil {
			return qa.Input{}, err
		}
	}
	checkins, err := d.checkins(ctx, tx, order.BookingID)
	if err != nil {
		return qa.Input{}, err
	}
	var reported []qa.CheckIn
	for _, c := range checkins {
		reported = append(reported, qa.CheckIn{Kind: c.Kind, Person: c.Person, Lat: c.Lat, Lng: c.Lng, AccuracyM: c.AccuracyM, CapturedAt: c.CapturedAt, Verdict: c.Verdict})
	}
	input := templates.Input(j.body, tpl, submission, reported)
	input.Only = run.OnlyChecks
	return input, nil
}

// submitted is the files of a run's revision. Their facts must have been saved.
func (d *Dispatch) submitted(ctx context.Context, tx pgx.Tx, run dispatchdb.QaRun) ([]qa.File, error) {
	rows, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: run.WorkOrderID, Revision: run.Revision})
	if err != nil {
		return nil, fmt.Errorf("deliverables: %w", err)
	}
	var files []qa.File
	for _, r := range rows {
		file, err := qaFile(r.File, r.Deliverable.Kind, r.Deliverable.Labels)
		if err != nil {
			return nil, err
		}
		file.Note = r.Deliverable.Note
		files = append(files, file)
	}
	return files, nil
}

// qaFile is a stored file as QA sees it.
func qaFile(r dispatchdb.File, kind string, labels json.RawMessage) (qa.File, error) {
	file := qa.File{ID: r.ID, Name: r.Name}
	var err error
	if len(r.Facts) == 0 {
		return file, fmt.Errorf("file %s: its facts have not been read", r.ID)
	}
	if err := json.Unmarshal(r.Facts, &file.Facts); err != nil {
		return file, fmt.Errorf("file %s: facts: %w", r.ID, err)
	}
	if err := json.Unmarshal(mustJSON(kind), &file.Kind); err != nil {
		return file, err
	}
	if len(labels) > 0 {
		err = json.Unmarshal(labels, &file.Labels)
	}
	if err == nil {
		file.PortalCapture, err = capture(r.Capture)
	}
	if err != nil {
		return file, fmt.Errorf("file %s: %w", r.ID, err)
	}
	return file, nil
}

// CompleteRun records the engine's report, once: of a run that is completed
// already nothing changes. A run of some checks takes the others from the
// revision's verdict before it.
func (d *Dispatch) CompleteRun(ctx context.Context, tx pgx.Tx, now time.Time, runID string, report qa.Report) error {
	run, err := d.q(tx).Run(ctx, runID)
	if err != nil {
		return fmt.Errorf("QA run %s: %w", runID, err)
	}
	order, err := d.q(tx).WorkOrder(ctx, run.WorkOrderID)
	if err != nil {
		return fmt.Errorf("work order %s: %w", run.WorkOrderID, err)
	}
	j, err := d.job(ctx, tx, order.BookingID, true)
	if err != nil {
		return err
	}
	if run.Status == RunCompleted {
		return nil
	}
	if len(run.OnlyChecks) > 0 {
		before, err := d.latestCompleted(ctx, tx, run.WorkOrderID, run.Revision)
		if err != nil {
			return err
		}
		if before == nil {
			return errors.New("a run of some checks needs a completed one before it")
		}
		if report, err = merge(before.Report, report); err != nil {
			return err
		}
	}
	files, err := d.submitted(ctx, tx, run)
	if err != nil {
		return err
	}
	check, refused := d.screenCaptions(files)
	report = withCaptions(report, check)
	n, err := d.q(tx).CompleteRun(ctx, dispatchdb.CompleteRunParams{ID: runID, Report: mustJSON(report), EngineVersion: &report.EngineVersion, CompletedAt: &now})
	if err != nil {
		return fmt.Errorf("complete QA run: %w", err)
	}
	if n == 0 {
		return nil
	}
	for _, decision := range refused {
		if _, err := policy.Record(ctx, tx, now, policy.Subject{AccountID: j.task.AccountID, TaskID: j.task.ID, Kind: policy.SubjectCaption}, decision); err != nil {
			return err
		}
	}
	if err := d.index(ctx, tx, j, run, files); err != nil {
		return err
	}
	if run, err = d.q(tx).Run(ctx, runID); err != nil {
		return fmt.Errorf("QA run %s: %w", runID, err)
	}
	return d.judged(ctx, tx, now, j, run)
}

// merge replaces those checks of an earlier report that were judged again.
func merge(earlier json.RawMessage, again qa.Report) (qa.Report, error) {
	var merged qa.Report
	if err := json.Unmarshal(earlier, &merged); err != nil {
		return merged, err
	}
	for i, old := range merged.Checks {
		for _, fresh := range again.Checks {
			if fresh.ID == old.ID {
				merged.Checks[i] = fresh
			}
		}
	}
	merged.EngineVersion, merged.TemplateVersion = again.EngineVersion, again.TemplateVersion
	merged.Settle()
	return merged, nil
}

// sameBits is how far two perceptual hashes of one picture may be apart for the
// index to find it: hashes within 7 bits share a band up to one flipped bit.
const sameBits = 7

// bands cuts a perceptual hash into four 16-bit numbers.
func bands(phash uint64) [4]int32 {
	return [4]int32{int32(phash & 0xffff), int32(phash >> 16 & 0xffff), int32(phash >> 32 & 0xffff), int32(phash >> 48)}
}

// neighbours are a band's value and the 16 values one bit away.
func neighbours(band int32) []int32 {
	near := make([]int32, 1, 17)
	near[0] = band
	for bit := range 16 {
		near = append(near, band^1<<bit)
	}
	return near
}

// pictureHash returns a file's perceptual hash. Flat pictures hash to a few
// extreme values that say nothing about what they show.
func pictureHash(f qa.File) (uint64, bool) {
	if !f.Facts.OK || f.Facts.Kind != "photo" || f.Facts.Signals == nil || f.Facts.Signals.Image == nil {
		return 0, false
	}
	hash := f.Facts.Signals.Image.PHash
	ones := bits.OnesCount64(hash)
	return hash, ones > 4 && ones < 60
}

// seenBefore looks a file up among those of other work orders that were
// submitted earlier; it never says whose they were.
func (d *Dispatch) seenBefore(ctx context.Context, tx pgx.Tx, j job, f qa.File, submitted time.Time) (*qa.Reuse, error) {
	if !f.Facts.OK || f.Facts.Kind == "document" {
		return nil, nil
	}
	q := d.q(tx)
	exact, err := q.SeenExactly(ctx, dispatchdb.SeenExactlyParams{Sha256: f.Facts.SHA256, WorkOrderID: j.order.ID, Livemode: j.task.Livemode, Before: submitted})
	if err != nil {
		return nil, fmt.Errorf("earlier files: %w", err)
	}
	if exact {
		return &qa.Reuse{Exact: true}, nil
	}
	hash, ok := pictureHash(f)
	if !ok {
		return nil, nil
	}
	b := bands(hash)
	distance, err := q.NearestSeen(ctx, dispatchdb.NearestSeenParams{Phash: int64(hash), WorkOrderID: j.order.ID, Livemode: j.task.Livemode, Before: submitted,
		N0: neighbours(b[0]), N1: neighbours(b[1]), N2: neighbours(b[2]), N3: neighbours(b[3])})
	if err != nil {
		return nil, fmt.Errorf("earlier files: %w", err)
	}
	if distance < 0 || distance > sameBits {
		return nil, nil
	}
	return &qa.Reuse{Distance: int(distance)}, nil
}

// index makes a run's files findable from later work orders.
func (d *Dispatch) index(ctx context.Context, tx pgx.Tx, j job, run dispatchdb.QaRun, files []qa.File) error {
	submission, err := d.q(tx).Submission(ctx, dispatchdb.SubmissionParams{WorkOrderID: run.WorkOrderID, Revision: run.Revision})
	if err != nil {
		return fmt.Errorf("submission: %w", err)
	}
	for _, file := range files {
		if !file.Facts.OK || file.Facts.Kind == "document" {
			continue
		}
		params := dispatchdb.InsertFileHashParams{FileID: file.ID, WorkOrderID: run.WorkOrderID, Livemode: j.task.Livemode, SeenAt: submission.ReceivedAt, Sha256: file.Facts.SHA256}
		if hash, ok := pictureHash(file); ok {
			b, signed := bands(hash), int64(hash)
			params.Phash, params.Band0, params.Band1, params.Band2, params.Band3 = &signed, &b[0], &b[1], &b[2], &b[3]
		}
		if err := d.q(tx).InsertFileHash(ctx, params); err != nil {
			return fmt.Errorf("index file: %w", err)
		}
	}
	return nil
}

// MaxPreflight is the most files that are checked ahead in one request.
const MaxPreflight = 50

// Preflight puts together what the per-file checks of uploaded files are judged
// by, before they are submitted. unread lists files whose facts must be read first.
func (d *Dispatch) Preflight(ctx context.Context, tx pgx.Tx, c Caller, workOrderID string, s Submission) (input qa.Input, unread []string, err error) {
	j, err := d.orderJob(ctx, tx, c, workOrderID, eitherSide, false)
	if err != nil {
		return input, nil, err
	}
	if allowed := []string{WorkOrderOpen, WorkOrderSubmitted, WorkOrderQAPassed, WorkOrderQAFailed, WorkOrderQAReview, WorkOrderChangesRequested}; !oneOf(j.order.Status, allowed) {
		return input, nil, invalidState("Work order", workOrderID, j.order.Status, "check files", allowed, workOrderActions(c, j.order))
	}
	if len(s.Files) > MaxPreflight {
		return input, nil, fault.Invalid("Too many files at once", fault.Field{Path: "files", Found: fmt.Sprint(len(s.Files)), Expected: fmt.Sprintf("at most %d", MaxPreflight), Fix: "Check them in several requests"})
	}
	if err := d.submittable(ctx, tx, j, s); err != nil {
		return input, nil, err
	}
	ids := make([]string, len(s.Files))
	for i, f := range s.Files {
		ids[i] = f.FileID
	}
	rows, err := d.q(tx).FilesByID(ctx, ids)
	if err != nil {
		return input, nil, fmt.Errorf("files: %w", err)
	}
	for _, r := range rows {
		if len(r.Facts) == 0 {
			unread = append(unread, r.ID)
		}
	}
	if len(unread) > 0 {
		return input, unread, nil
	}
	byID := make(map[string]dispatchdb.File, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	submission := qa.Submission{Answers: s.Answers, Message: s.Message}
	for _, f := range s.Files {
		file, err := qaFile(byID[f.FileID], f.Kind, mustJSON(f.Labels))
		if err != nil {
			return input, nil, err
		}
		if file.Reused, err = d.seenBefore(ctx, tx, j, file, byID[f.FileID].CreatedAt); err != nil {
			return input, nil, err
		}
		submission.Files = append(submission.Files, file)
	}
	tpl, _ := templates.GetVersion(j.task.TaskType, j.task.TemplateVersion)
	return templates.Input(j.body, tpl, submission, nil), nil, nil
}
