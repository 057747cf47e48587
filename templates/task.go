package templates

import (
	"encoding/json"
	"time"

	"github.com/humandispatch/humandispatch/qa"
)

// Task is the body of POST /v1/tasks after Validate: defaults are filled in.
type Task struct {
	TaskType           string              `json:"task_type"`
	Title              string              `json:"title"`
	Brief              string              `json:"brief,omitempty"`
	Location           Location            `json:"location"`
	Schedule           Schedule            `json:"schedule"`
	Budget             Budget              `json:"budget"`
	Deliverables       []Deliverable       `json:"deliverables"`
	TaskSpec           json.RawMessage     `json:"task_spec"`
	TalentRequirements *TalentRequirements `json:"talent_requirements,omitempty"`
	Metadata           json.RawMessage     `json:"metadata,omitempty"` // an object, as given
}

// Location is where the work is done. Lat and Lng are both set or both nil.
type Location struct {
	Mode    string   `json:"mode" enum:"onsite,remote"`
	Address string   `json:"address,omitempty"`
	Lat     *float64 `json:"lat,omitempty"`
	Lng     *float64 `json:"lng,omitempty"`
	RadiusM float64  `json:"radius_m" required:"false"` // metres; 150 unless given
}

// Schedule is when the work is done. Times keep the offset they were given with:
// it is the offset of the place.
type Schedule struct {
	StartAt       time.Time  `json:"start_at"`
	DurationHours *float64   `json:"duration_hours,omitempty"`
	EndAt         *time.Time `json:"end_at,omitempty"`
	DeadlineAt    *time.Time `json:"deadline_at,omitempty"`
}

// Budget is the most the requester pays. MaxTotal is a decimal in major units
// of the currency, with no more decimals than the currency has.
type Budget struct {
	Currency     string      `json:"currency"`
	PricingModel string      `json:"pricing_model" enum:"fixed,hourly,per_unit"`
	MaxTotal     json.Number `json:"max_total"`
}

// Deliverable is one line of what is asked for.
type Deliverable struct {
	Kind   string `json:"kind" enum:"photo,video,audio,document"`
	Count  int    `json:"count"`
	Format string `json:"format"`
}

// TalentRequirements narrows who may be invited.
type TalentRequirements struct {
	Skills    []string `json:"skills,omitempty"`
	Languages []string `json:"languages,omitempty"`
	MinRating *float64 `json:"min_rating,omitempty"`
}

// Point returns the task's position, if it has one.
func (l Location) Point() (qa.Point, bool) {
	if l.Lat == nil || l.Lng == nil {
		return qa.Point{}, false
	}
	return qa.Point{Lat: *l.Lat, Lng: *l.Lng}, true
}

// End returns when the work ends: end_at, or start_at and duration_hours later.
func (s Schedule) End() time.Time {
	if s.EndAt != nil {
		return *s.EndAt
	}
	if s.DurationHours != nil {
		return s.StartAt.Add(time.Duration(*s.DurationHours * float64(time.Hour)))
	}
	return s.StartAt
}

// Deadline returns when deliverables are due: deadline_at, or the end and the
// turnaround of the task (task_spec.turnaround_hours) or else of the template.
func (t Task) Deadline(tpl Template) time.Time {
	if t.Schedule.DeadlineAt != nil {
		return *t.Schedule.DeadlineAt
	}
	hours := tpl.TurnaroundHours
	var spec struct {
		TurnaroundHours *float64 `json:"turnaround_hours"`
	}
	if json.Unmarshal(t.TaskSpec, &spec) == nil && spec.TurnaroundHours != nil {
		hours = *spec.TurnaroundHours
	}
	return t.Schedule.End().Add(time.Duration(hours * float64(time.Hour)))
}

// Problem is one thing wrong with a task: where, what was found, what was
// expected and how to fix it.
type Problem struct {
	Path     string `json:"path"`
	Found    string `json:"found"`
	Expected string `json:"expected"`
	Fix      string `json:"fix"`
}
