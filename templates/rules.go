package templates

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"github.com/humandispatch/humandispatch/qa"
)

// formats lists what may be asked for of each kind; some names mean the same format.
var formats = map[string][]string{
	"photo":    {"jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tiff", "tif", "gif", "bmp"},
	"video":    {"mp4", "m4v", "mov", "webm", "mkv", "avi"},
	"audio":    {"wav", "flac", "mp3", "m4a", "aac", "ogg", "oga", "opus", "aiff", "aif"},
	"document": {"pdf", "txt", "srt", "vtt", "csv", "json", "md", "docx", "xlsx"},
}

// rules are the checks across fields. Each looks only at fields that are right
// by themselves, so that one mistake is one problem.
type rules struct {
	root     map[string]any
	tpl      Template
	known    bool
	wrong    map[string]bool
	problems []Problem
}

func (r *rules) check() []Problem {
	r.location()
	r.schedule()
	r.budget()
	r.deliverables()
	if spec, ok := r.root["task_spec"].(map[string]any); ok && r.known {
		r.spec(spec)
	}
	return r.problems
}

func (r *rules) add(path, found, expected, fix string) {
	r.problems = append(r.problems, Problem{path, found, expected, fix})
}

func (r *rules) location() {
	at, ok := r.root["location"].(map[string]any)
	if !ok {
		return
	}
	mode, _ := at["mode"].(string)
	if r.known && !r.wrong["location.mode"] && !slices.Contains(r.tpl.LocationModes, mode) {
		r.add("location.mode", show(mode), fmt.Sprintf("%s for %s", strings.Join(r.tpl.LocationModes, " or "), r.tpl.TaskType),
			fmt.Sprintf("Set mode to %q or choose another template.", r.tpl.LocationModes[0]))
	}
	_, lat := at["lat"]
	_, lng := at["lng"]
	switch {
	case lat && !lng:
		r.add("location.lng", "nothing", "a longitude beside the latitude", "Add lng, or leave lat out as well.")
	case lng && !lat:
		r.add("location.lat", "nothing", "a latitude beside the longitude", "Add lat, or leave lng out as well.")
	case mode == "onsite" && !lat && at["address"] == nil:
		r.add("location", "neither an address nor a position", "an address, or lat and lng", "Add address, or lat and lng.")
	}
}

func (r *rules) schedule() {
	s, ok := r.root["schedule"].(map[string]any)
	if !ok {
		return
	}
	start, startOK := r.time(s, "schedule", "start_at")
	end, endOK := r.time(s, "schedule", "end_at")
	deadline, deadlineOK := r.time(s, "schedule", "deadline_at")
	_, hasEnd := s["end_at"]
	hours, hasHours := s["duration_hours"]
	if !hasEnd && !hasHours {
		r.add("schedule.duration_hours", "neither duration_hours nor end_at", "one of the two", "Add duration_hours or end_at.")
	}
	if startOK && endOK && !end.After(start) {
		r.add("schedule.end_at", show(s["end_at"]), "a time after start_at", "Move end_at after start_at.")
	} else if n, ok := hours.(json.Number); ok && startOK && endOK && !r.wrong["schedule.duration_hours"] {
		h, _ := n.Float64()
		if gap := end.Sub(start) - time.Duration(h*float64(time.Hour)); gap.Abs() > time.Minute {
			r.add("schedule.duration_hours", show(n), fmt.Sprintf("%g hours, as start_at and end_at say", end.Sub(start).Hours()), "Leave out duration_hours or end_at.")
		}
	}
	if startOK && deadlineOK && !deadline.After(start) {
		r.add("schedule.deadline_at", show(s["deadline_at"]), "a time after start_at", "Move deadline_at after the work.")
	}
}

// time reads an RFC 3339 time that the schema has passed.
func (r *rules) time(object map[string]any, base, name string) (time.Time, bool) {
	path := join(base, name)
	text, ok := object[name].(string)
	if !ok || r.wrong[path] {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.add(path, show(text), "an RFC 3339 time with offset, such as 2026-04-22T10:00:00-04:00", "Write "+name+" as the example shows.")
		return time.Time{}, false
	}
	return t, true
}

// maxAmount keeps every currency's minor units within the integers that JSON readers keep exact.
var maxAmount = big.NewRat(1_000_000_000_000, 1)

func (r *rules) budget() {
	b, ok := r.root["budget"].(map[string]any)
	if !ok {
		return
	}
	code, codeOK := b["currency"].(string)
	digits, known := currency.GetDigits(code)
	if codeOK && !known {
		r.add("budget.currency", show(code), "an ISO 4217 code such as CAD, EUR or USD", "Use the three capital letters of a currency in use.")
	}
	n, ok := b["max_total"].(json.Number)
	if !ok || r.wrong["budget.max_total"] {
		return
	}
	const path = "budget.max_total"
	amount, ok := new(big.Rat).SetString(n.String())
	switch {
	case !ok || amount.Sign() <= 0:
		r.add(path, show(n), "an amount over 0", "Set max_total to what you are ready to pay.")
	case amount.Cmp(maxAmount) > 0:
		r.add(path, show(n), "at most 1000000000000", "Lower max_total.")
	case known && !new(big.Rat).Mul(amount, pow10(digits)).IsInt():
		r.add(path, show(n), fmt.Sprintf("at most %d decimals, as %s has", digits, code), fmt.Sprintf("Round max_total to %d decimals.", digits))
	}
}

func pow10(n uint8) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

// plain writes a checked amount without exponent and without trailing zeros.
func plain(n json.Number) string {
	amount, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return n.String()
	}
	text := amount.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (r *rules) deliverables() {
	lines, ok := r.root["deliverables"].([]any)
	if !ok {
		return
	}
	present := map[string]bool{}
	for i, l := range lines {
		line, _ := l.(map[string]any)
		kind, _ := line["kind"].(string)
		format, ok := line["format"].(string)
		present[kind] = true
		allowed := formats[kind]
		path := fmt.Sprintf("deliverables[%d].format", i)
		if ok && allowed != nil && !slices.Contains(allowed, strings.ToLower(format)) {
			r.add(path, show(format), "for "+kind+" one of "+strings.Join(allowed, ", "), "Choose a format of that kind.")
		}
	}
	if !r.known || r.wrong["deliverables"] {
		return
	}
	for _, asked := range r.tpl.Deliverables {
		if !slices.ContainsFunc(asked.Kinds, func(k string) bool { return present[k] }) {
			r.add("deliverables", "no "+strings.Join(asked.Kinds, " or "), fmt.Sprintf("%s among the deliverables of %s", strings.Join(asked.Kinds, " or "), r.tpl.TaskType),
				fmt.Sprintf("Add a deliverable of kind %s.", strings.Join(asked.Kinds, " or ")))
		}
	}
}

// spec holds the rules across fields of task_spec that JSON Schema cannot say.
func (r *rules) spec(spec map[string]any) {
	for _, name := range []string{"clip_seconds", "seconds"} {
		if limits, ok := spec[name].(map[string]any); ok {
			low, lowOK := float(limits["min"])
			high, highOK := float(limits["max"])
			if lowOK && highOK && low > high {
				r.add("task_spec."+name+".min", show(limits["min"]), fmt.Sprintf("at most max, which is %s", show(limits["max"])), "Swap or correct min and max.")
			}
		}
	}
	r.unique(spec, "stores", "store_id")
	r.unique(spec, "questions", "id")
	r.unique(spec, "placements", "asset_id")
	questions, _ := spec["questions"].([]any)
	for i, q := range questions {
		question, _ := q.(map[string]any)
		choices, _ := question["choices"].([]any)
		if question["type"] == "choice" && len(choices) == 0 {
			r.add(fmt.Sprintf("task_spec.questions[%d].choices", i), "nothing", "the choices of a question of type choice", "Add choices, or make the question one of type text.")
		}
	}
	if shift, ok := spec["shift"].(map[string]any); ok {
		start, startOK := r.time(shift, "task_spec.shift", "start_at")
		end, endOK := r.time(shift, "task_spec.shift", "end_at")
		if startOK && endOK && !end.After(start) {
			r.add("task_spec.shift.end_at", show(shift["end_at"]), "a time after the shift's start_at", "Move the shift's end after its start.")
		}
	}
	if area, ok := spec["area"]; ok {
		r.area(area)
	}
}

func (r *rules) area(area any) {
	for path := range r.wrong {
		if strings.HasPrefix(path, "task_spec.area") {
			return
		}
	}
	const path = "task_spec.area"
	raw, err := json.Marshal(area)
	var polygon qa.Polygon
	if err == nil {
		err = json.Unmarshal(raw, &polygon)
	}
	if err == nil {
		err = polygon.Validate()
	}
	if err != nil {
		r.add(path, err.Error(), "a valid GeoJSON Polygon: closed rings of [longitude, latitude] that do not cross", "Correct the polygon.")
	}
}

// unique refuses a repeated key among the objects of an array.
func (r *rules) unique(spec map[string]any, array, key string) {
	items, _ := spec[array].([]any)
	first := map[string]int{}
	for i, item := range items {
		object, _ := item.(map[string]any)
		id, ok := object[key].(string)
		if !ok {
			continue
		}
		if j, seen := first[id]; seen {
			r.add(fmt.Sprintf("task_spec.%s[%d].%s", array, i, key), show(id), fmt.Sprintf("another %s than task_spec.%s[%d]", key, array, j), "Give each its own "+key+".")
			continue
		}
		first[id] = i
	}
}

// float reads a number as written, or one of a default.
func float(v any) (float64, bool) {
	switch n := v.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case float64:
		return n, true
	}
	return 0, false
}

// AreaKm2 returns the size of a GeoJSON Polygon in square kilometres.
func AreaKm2(geoJSON json.RawMessage) (float64, error) {
	var polygon qa.Polygon
	if err := json.Unmarshal(geoJSON, &polygon); err != nil {
		return 0, err
	}
	if err := polygon.Validate(); err != nil {
		return 0, err
	}
	return polygon.AreaKm2(), nil
}

// enough says whether the deliverables cover what task_spec describes.
func enough(tpl Template, task Task) []Problem {
	var problems []Problem
	fields := task.fields()
	for _, asked := range tpl.Deliverables {
		need, have, at := asked.least(fields), 0, -1
		for i, d := range task.Deliverables {
			if slices.Contains(asked.Kinds, d.Kind) {
				have += d.Count
				if at < 0 {
					at = i
				}
			}
		}
		if at >= 0 && have < need {
			problems = append(problems, Problem{fmt.Sprintf("deliverables[%d].count", at), fmt.Sprint(have),
				fmt.Sprintf("at least %d, as task_spec describes", need), fmt.Sprintf("Ask for %d, or ask for less in task_spec.", need)})
		}
	}
	return problems
}

// least multiplies the numbers, and the lengths of the arrays, that Count names.
func (a Asked) least(fields map[string]any) int {
	product := 1.0
	for _, factor := range a.Count {
		switch v := resolve(factor, fields).(type) {
		case float64:
			product *= v
		case []any:
			product *= float64(len(v))
		}
	}
	return int(product)
}
