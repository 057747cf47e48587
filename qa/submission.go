package qa

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/humandispatch/humandispatch/media"
)

// FileRef is one file as a submission names it: by file id, or offline by path.
type FileRef struct {
	FileID string
	Path   string
	Kind   media.Kind
	Labels map[string]string
	Note   string
}

// ParseSubmission reads the body of POST /v1/work_orders/{id}/deliverables with
// path or file_id for each file. Every mistake is in the error, one a line, with
// its place.
func ParseSubmission(raw []byte) (files []FileRef, answers map[string]map[string]any, message string, err error) {
	var body struct {
		Files []struct {
			FileID string         `json:"file_id"`
			Path   string         `json:"path"`
			Kind   string         `json:"kind"`
			Labels map[string]any `json:"labels"`
			Note   string         `json:"note"`
		} `json:"files"`
		Answers map[string]map[string]any `json:"answers"`
		Message string                    `json:"message"`
	}
	if err := decodeStrict(raw, &body); err != nil {
		return nil, nil, "", err
	}
	var wrong []error
	problem := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	for i, f := range body.Files {
		ref := FileRef{FileID: f.FileID, Path: f.Path, Kind: media.Kind(f.Kind), Note: f.Note, Labels: map[string]string{}}
		if f.FileID == "" && f.Path == "" {
			problem("files[%d]: found neither path nor file_id; give each file a path (offline) or a file_id", i)
		}
		switch ref.Kind {
		case media.KindPhoto, media.KindVideo, media.KindAudio, media.KindDocument:
		default:
			problem("files[%d].kind: found %q; expected photo, video, audio or document", i, f.Kind)
		}
		for name, v := range f.Labels {
			text, ok := labelText(v)
			if !ok {
				problem("files[%d].labels.%s: expected text", i, name)
			}
			ref.Labels[name] = text
		}
		files = append(files, ref)
	}
	if body.Files == nil {
		problem("files: found nothing; expected an array of files")
	}
	return files, body.Answers, body.Message, errors.Join(wrong...)
}

// labelText takes numbers and booleans for the text they print as.
func labelText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

// ParseCheckIns reads an array of check-ins:
// {"kind": "in"|"out", "person"?, "lat", "lng", "accuracy_m", "captured_at"}.
func ParseCheckIns(raw []byte) ([]CheckIn, error) {
	var body []struct {
		Kind       string     `json:"kind"`
		Person     string     `json:"person"`
		Lat        *float64   `json:"lat"`
		Lng        *float64   `json:"lng"`
		AccuracyM  *float64   `json:"accuracy_m"`
		CapturedAt *time.Time `json:"captured_at"`
	}
	if err := decodeStrict(raw, &body); err != nil {
		return nil, err
	}
	var wrong []error
	out := make([]CheckIn, len(body))
	for i, c := range body {
		if c.Kind != "in" && c.Kind != "out" {
			wrong = append(wrong, fmt.Errorf("[%d].kind: found %q; expected in or out", i, c.Kind))
		}
		if c.Lat == nil || c.Lng == nil || math.Abs(*c.Lat) > 90 || math.Abs(*c.Lng) > 180 {
			wrong = append(wrong, fmt.Errorf("[%d]: expected lat from -90 to 90 and lng from -180 to 180", i))
			continue
		}
		if c.CapturedAt == nil {
			wrong = append(wrong, fmt.Errorf("[%d].captured_at: found nothing; expected an RFC 3339 time", i))
			continue
		}
		out[i] = CheckIn{Kind: c.Kind, Person: c.Person, Lat: *c.Lat, Lng: *c.Lng, CapturedAt: *c.CapturedAt}
		if c.AccuracyM != nil {
			out[i].AccuracyM = *c.AccuracyM
			if *c.AccuracyM < 0 {
				wrong = append(wrong, fmt.Errorf("[%d].accuracy_m: found %g; expected metres, 0 or more", i, *c.AccuracyM))
			}
		}
	}
	return out, errors.Join(wrong...)
}

// decodeStrict reads one JSON value without unknown fields.
func decodeStrict(raw []byte, into any) error {
	if !utf8.Valid(raw) {
		return errors.New("the JSON is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("near byte %d: %s", d.InputOffset(), strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("near byte %d: text after the JSON value", d.InputOffset())
	}
	return nil
}
