package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// PolicyScreen screens a task against what needs the database or an outside
// moderation service.
type PolicyScreen struct {
	TaskID string `json:"task_id"`
}

// Kind implements river.JobArgs.
func (PolicyScreen) Kind() string { return "policy_screen" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PolicyScreen) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueuePolicy, MaxAttempts: 25}
}

// PolicyScreenTimeout bounds one run of PolicyScreen, an outside service's answer included.
const PolicyScreenTimeout = 30 * time.Second

// Rescreen screens the next open tasks again with the rules of the running
// version, and inserts itself for those that follow.
type Rescreen struct {
	ID    string `json:"id"`    // of the whole rescreening
	After string `json:"after"` // id of the last task screened
	Done  int    `json:"done"`  // tasks screened so far
	Total int    `json:"total"` // open tasks when it began
}

// Kind implements river.JobArgs.
func (Rescreen) Kind() string { return "rescreen" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (Rescreen) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueuePolicy, MaxAttempts: 5}
}

// RescreenTimeout bounds one run of Rescreen.
const RescreenTimeout = 2 * time.Minute

// MediaQA judges one QA run.
type MediaQA struct {
	RunID string `json:"run_id"`
}

// Kind implements river.JobArgs.
func (MediaQA) Kind() string { return "media_qa" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (MediaQA) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMediaQA, MaxAttempts: 25, Priority: 2}
}

// MediaQATimeout bounds the first attempt at MediaQA, and is how long the job of
// a killed worker waits for another one. It can be short because facts already
// read are kept: a run that is cut off goes on where it stopped.
const MediaQATimeout = time.Minute

// InviteTalent mails an invitation to quote.
type InviteTalent struct {
	QuoteRequestID string `json:"quote_request_id"`
}

// Kind implements river.JobArgs.
func (InviteTalent) Kind() string { return "invite_talent" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (InviteTalent) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMail, MaxAttempts: 12}
}

// InviteTalentTimeout bounds one mail.
const InviteTalentTimeout = time.Minute

// Due is a deadline of the domain: when it runs, the subject's own row says
// whether there is still something to do.
type Due struct {
	Deadline  Deadline `json:"deadline"`
	SubjectID string   `json:"subject_id"`
}

// Deadline names what is due.
type Deadline string

// The deadlines of the domain.
const (
	QuoteRequestExpiry Deadline = "quote_request_expiry"
	QuoteExpiry        Deadline = "quote_expiry"
	NoShow             Deadline = "no_show"
	AutoAccept         Deadline = "auto_accept"
	DisputeDeadline    Deadline = "dispute_deadline"
)

// Kind implements river.JobArgs.
func (Due) Kind() string { return "due" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (Due) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMoney, MaxAttempts: 25}
}

// DueTimeout bounds one run of Due; acceptance reads every accepted file again.
const DueTimeout = 4 * time.Minute

// Tidy removes what has run out: upload permissions never used and idempotency keys.
type Tidy struct{}

// Kind implements river.JobArgs.
func (Tidy) Kind() string { return "tidy" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (Tidy) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMaintenance, MaxAttempts: 3}
}

// TidyTimeout bounds one run of Tidy.
const TidyTimeout = 5 * time.Minute

// ReadFiles reads the facts of uploaded files ahead of their submission and
// tells whoever waits at the work order.
type ReadFiles struct {
	WorkOrderID string   `json:"work_order_id"`
	FileIDs     []string `json:"file_ids"`
}

// Kind implements river.JobArgs.
func (ReadFiles) Kind() string { return "read_files" }

// InsertOpts implements river.JobArgsWithInsertOpts. Somebody is waiting, so it
// goes before the runs of whole submissions.
func (ReadFiles) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueMediaQA, MaxAttempts: 3, Priority: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// ReadFilesTimeout bounds one run of ReadFiles.
const ReadFilesTimeout = 5 * time.Minute
