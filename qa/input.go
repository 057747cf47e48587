package qa

import (
	"slices"
	"time"

	"github.com/humandispatch/humandispatch/media"
)

// Requirement is one acceptance test with its parameters resolved for one task.
type Requirement struct {
	Check       string         `json:"check"`
	Blocking    bool           `json:"blocking"`
	Description string         `json:"description"`
	Params      map[string]any `json:"params,omitempty"`
}

// Input is all that a judgement depends on. The same input gives the same report.
type Input struct {
	TaskType        string
	TemplateVersion string
	Task            Task
	Requirements    []Requirement
	Submission      Submission
	CheckIns        []CheckIn

	// Only limits the run to these check ids; empty runs every requirement.
	Only []string
	// NoIndex says that no index of earlier files was at hand, as offline:
	// photo.reused then passes and says that nothing was compared.
	NoIndex bool
}

// Task is what checks need of a task besides their parameters.
type Task struct {
	Onsite       bool
	StartAt      time.Time // its offset is the offset of the place
	EndAt        time.Time
	DeadlineAt   time.Time
	Deliverables []Deliverable
}

// asks says whether files of a kind were asked for. What the talent adds of
// another kind is a gift and not judged; documents are there for their clips.
func (t Task) asks(kind media.Kind) bool {
	return kind == media.KindDocument || len(t.Deliverables) == 0 ||
		slices.ContainsFunc(t.Deliverables, func(d Deliverable) bool { return d.Kind == kind })
}

// Kind is what a file is; see package media.
type Kind = media.Kind

// Deliverable is one line of what the task asks for.
type Deliverable struct {
	Kind   media.Kind
	Count  int
	Format string // as asked, such as jpg; empty for any
}

// Submission is one revision of a work order's deliverables. ReceivedAt is the
// server's clock; zero when there was no server.
type Submission struct {
	Files      []File
	Answers    map[string]map[string]any // by store, then by question
	Message    string
	ReceivedAt time.Time
}

// File is one submitted file: what the talent said of it and what was found in it.
type File struct {
	ID     string     // file id, or the path offline
	Kind   media.Kind // as declared
	Name   string     // file name as uploaded, for caption sidecars
	Labels map[string]string
	Note   string
	Facts  media.Facts

	// PortalCapture is the place and time the portal recorded when the file was
	// taken inside it. It stands in for what the file itself does not hold.
	PortalCapture *Capture
	// Reused is set when the file was seen in an earlier work order.
	Reused *Reuse
}

// Capture is a place and time recorded by the portal.
type Capture struct {
	Lat       float64   `json:"lat"`
	Lng       float64   `json:"lng"`
	AccuracyM float64   `json:"accuracy_m"`
	At        time.Time `json:"at"`
}

// Reuse says how a file is known from earlier work, never from whose.
type Reuse struct {
	Exact    bool `json:"exact"`    // the same bytes
	Distance int  `json:"distance"` // perceptual distance in bits, when not exact
}

// CheckIn is one check-in ("in") or check-out ("out") of a person. An empty
// Verdict is computed from the position.
type CheckIn struct {
	Kind       string
	Person     string
	Lat        float64
	Lng        float64
	AccuracyM  float64
	CapturedAt time.Time
	Verdict    FenceVerdict
}
