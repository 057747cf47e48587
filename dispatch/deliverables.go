package dispatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/internal/dispatchdb"
	"github.com/humandispatch/humandispatch/jobs"
)

// MaxFiles is the most files one submission can have.
const MaxFiles = 2000

// NewDeliverable is one file of a submission.
type NewDeliverable struct {
	FileID string            `json:"file_id" minLength:"1" doc:"An uploaded file"`
	Kind   string            `json:"kind" enum:"photo,video,audio,document"`
	Labels map[string]string `json:"labels,omitempty" doc:"What the file shows, by the template: sku, angle, platform, store_id, asset_id, view, speaker, mix, person"`
	Note   string            `json:"note,omitempty" maxLength:"1000"`
}

// Submission is one revision of a work order's deliverables.
type Submission struct {
	Files   []NewDeliverable          `json:"files" minItems:"1" maxItems:"2000"`
	Answers map[string]map[string]any `json:"answers,omitempty" doc:"Answers to the task's questions by store_id, then by question id"`
	Message string                    `json:"message,omitempty" maxLength:"5000"`
}

// RegisterDeliverables submits files as the work order's next revision and has
// QA judge it. Faults: NOT_FOUND, INVALID_STATE, SCHEMA_VALIDATION_FAILED.
func (d *Dispatch) RegisterDeliverables(ctx context.Context, tx pgx.Tx, now time.Time, c Caller, id string, s Submission) (WorkOrder, error) {
	j, err := d.orderJob(ctx, tx, c, id, eitherSide, true)
	if err != nil {
		return WorkOrder{}, err
	}
	allowed := []string{WorkOrderOpen, WorkOrderQAFailed, WorkOrderChangesRequested}
	if !oneOf(j.order.Status, allowed) {
		return WorkOrder{}, invalidState("Work order", id, j.order.Status, "submit deliverables", allowed, workOrderActions(c, j.order))
	}
	if j.onsite() && j.booking.Status != BookingCheckedIn {
		return WorkOrder{}, invalidState("Booking", j.booking.ID, j.booking.Status, "submit deliverables of an onsite task", []string{BookingCheckedIn}, bookingActions(c, j))
	}
	if err := d.submittable(ctx, tx, j, s); err != nil {
		return WorkOrder{}, err
	}
	if err := d.notInPlaceOfTalent(ctx, tx, c, j); err != nil {
		return WorkOrder{}, err
	}
	q := d.q(tx)
	revision := j.order.Revision + 1
	answers := mustJSON(s.Answers)
	if s.Answers == nil {
		answers = json.RawMessage("{}")
	}
	if err := q.InsertSubmission(ctx, dispatchdb.InsertSubmissionParams{WorkOrderID: id, Revision: revision, Answers: answers, Message: s.Message, ReceivedAt: now}); err != nil {
		return WorkOrder{}, fmt.Errorf("submit: %w", err)
	}
	rows := make([]dispatchdb.InsertDeliverablesParams, len(s.Files))
	for i, f := range s.Files {
		labels := f.Labels
		if labels == nil {
			labels = map[string]string{}
		}
		rows[i] = dispatchdb.InsertDeliverablesParams{ID: db.NewID("dlv", now), WorkOrderID: id, Revision: revision, Position: int32(i), FileID: f.FileID, Kind: f.Kind, Labels: mustJSON(labels), Note: f.Note}
	}
	if _, err := q.InsertDeliverables(ctx, rows); err != nil {
		return WorkOrder{}, fmt.Errorf("submit: %w", err)
	}
	runID, err := d.enqueueRun(ctx, tx, now, j, revision, "submission", nil, len(s.Files))
	if err != nil {
		return WorkOrder{}, err
	}
	if err := q.SubmitRevision(ctx, dispatchdb.SubmitRevisionParams{ID: id, Revision: revision, CurrentRunID: &runID, UpdatedAt: now}); err != nil {
		return WorkOrder{}, fmt.Errorf("submit: %w", err)
	}
	return d.orderChanged(ctx, tx, now, c, j, event.DeliverableRegistered)
}

// notInPlaceOfTalent keeps the requester, who may submit what talent handed over
// in another way, from replacing what the talent has submitted.
func (d *Dispatch) notInPlaceOfTalent(ctx context.Context, tx pgx.Tx, c Caller, j job) error {
	if c.AccountID == "" || j.order.Revision == 0 {
		return nil
	}
	rows, err := d.q(tx).Deliverables(ctx, dispatchdb.DeliverablesParams{WorkOrderID: j.order.ID, Revision: j.order.Revision})
	if err != nil {
		return fmt.Errorf("deliverables: %w", err)
	}
	for _, r := range rows {
		if r.File.TalentID != nil {
			return fault.New(fault.InvalidState, "The talent submits the deliverables of work order %s: only the talent can submit its next revision", j.order.ID).
				With("current_state", j.order.Status).With("next_actions", workOrderActions(c, j.order))
		}
	}
	return nil
}

// enqueueRun records a QA run and the job that judges it.
func (d *Dispatch) enqueueRun(ctx context.Context, tx pgx.Tx, now time.Time, j job, revision int32, by string, only []string, files int) (string, error) {
	if only == nil {
		only = []string{}
	}
	runID := db.NewID("qar", now)
	err := d.q(tx).InsertRun(ctx, dispatchdb.InsertRunParams{ID: runID, WorkOrderID: j.order.ID, Revision: revision, RequestedBy: by, OnlyChecks: only, FilesTotal: int32(files), TemplateVersion: j.task.TemplateVersion, CreatedAt: now})
	if err != nil {
		return "", fmt.Errorf("enqueue QA: %w", err)
	}
	return runID, jobs.Insert(ctx, tx, jobs.MediaQA{RunID: runID})
}

// submittable checks that every file is there once, uploaded, and belongs to
// one of the two sides. It names every problem at once.
func (d *Dispatch) submittable(ctx context.Context, tx pgx.Tx, j job, s Submission) error {
	ids := make([]string, len(s.Files))
	for i, f := range s.Files {
		ids[i] = f.FileID
	}
	rows, err := d.q(tx).FilesByID(ctx, ids)
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	known := make(map[string]dispatchdb.File, len(rows))
	for _, r := range rows {
		if ownsFile(r, j.order.AccountID, j.order.TalentID) {
			known[r.ID] = r
		}
	}
	var wrong []fault.Field
	seen := map[string]int{}
	for i, f := range s.Files {
		path := fmt.Sprintf("files[%d].file_id", i)
		file, ok := known[f.FileID]
		first, again := seen[f.FileID]
		seen[f.FileID] = i
		switch {
		case again:
			wrong = append(wrong, fault.Field{Path: path, Found: f.FileID + ", which is files[" + fmt.Sprint(first) + "] too", Expected: "each file once", Fix: "Remove the repetition"})
		case !ok:
			wrong = append(wrong, fault.Field{Path: path, Found: f.FileID, Expected: "a file uploaded by this work order's talent or requester", Fix: "Upload it with POST /v1/files/presign and use the file_id it returns"})
		case file.Status != FileUploaded:
			wrong = append(wrong, fault.Field{Path: path, Found: f.FileID + ", of which nothing was uploaded yet", Expected: "an uploaded file", Fix: "PUT the content to its upload_url first"})
		}
	}
	if len(wrong) > 0 {
		return fault.Invalid("The deliverables cannot be submitted", wrong...)
	}
	return nil
}
