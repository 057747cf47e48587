package templates

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth is how deep the arrays and objects of a task may nest.
const maxDepth = 32

// Validate reads the body of POST /v1/tasks: the common fields, the template's
// schema and the rules across fields. It returns the task with the template's
// defaults filled in, and every problem at once; the task is only good when
// there is none. A start in the past is allowed, one over ten years after now
// is taken for a mistake.
func Validate(raw []byte, now time.Time) (Task, []Problem) {
	task, problems := Read(raw)
	if len(problems) > 0 {
		return task, problems
	}
	if task.Schedule.StartAt.After(now.AddDate(10, 0, 0)) {
		problems = append(problems, Problem{"schedule.start_at", task.Schedule.StartAt.Format(time.RFC3339),
			"a time within the next ten years", "Check the year of start_at."})
	}
	tpl, _ := Get(task.TaskType)
	return task, append(problems, enough(tpl, task)...)
}

// Read is Validate without the clock and without the rule that the deliverables
// cover what task_spec describes: enough to judge a submission against the task.
func Read(raw []byte) (Task, []Problem) {
	body, problem := parse(raw)
	if problem != nil {
		return Task{}, []Problem{*problem}
	}
	root, ok := body.(map[string]any)
	if !ok {
		return Task{}, []Problem{{"", show(body), "a JSON object", "Send one task as a JSON object."}}
	}
	problems := check(common(), "", root)

	tpl, known := Template{}, false
	if name, ok := root["task_type"].(string); ok {
		if tpl, known = Get(name); !known {
			fix := "Take one from GET /v1/templates."
			if near := nearest(strings.ToUpper(name), order); near != "" {
				fix = "Did you mean " + near + "?"
			}
			problems = append(problems, Problem{"task_type", show(name), "one of " + strings.Join(order, ", "), fix})
		}
	}
	if spec, ok := root["task_spec"].(map[string]any); ok && known {
		problems = append(problems, check(tpl.spec, "task_spec", spec)...)
		fill(tpl.defaults, spec)
	}
	wrong := make(map[string]bool, len(problems))
	for _, p := range problems {
		wrong[p.Path] = true
	}
	r := &rules{root: root, tpl: tpl, known: known, wrong: wrong}
	problems = append(problems, r.check()...)
	if len(problems) > 0 {
		return Task{}, sorted(problems)
	}
	return decode(root, raw)
}

// maxProblems bounds what is listed of a body that is wrong all over.
const maxProblems = 100

func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) })
	if more := len(problems) - maxProblems; more > 0 {
		problems = append(problems[:maxProblems:maxProblems], Problem{"", fmt.Sprintf("%d more problems", more), "a task without problems", "Correct those listed first."})
	}
	return problems
}

// decode turns a body without problems into the typed task.
func decode(root map[string]any, raw []byte) (Task, []Problem) {
	var task Task
	filled, err := json.Marshal(integers(root))
	if err == nil {
		err = json.Unmarshal(filled, &task)
	}
	if err != nil {
		return Task{}, []Problem{{"", err.Error(), "a task", "Compare the body with the template's sample_payload."}}
	}
	task.Budget.MaxTotal = json.Number(plain(task.Budget.MaxTotal))
	if task.Location.RadiusM == 0 {
		task.Location.RadiusM = defaultRadiusM
	}
	for i := range task.Deliverables {
		task.Deliverables[i].Format = strings.ToLower(task.Deliverables[i].Format)
	}
	// Metadata is returned as given, so it is taken from the body itself.
	var given struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if json.Unmarshal(raw, &given) == nil {
		task.Metadata = given.Metadata
	}
	return task, nil
}

// integers writes whole numbers such as 3.0 and 1e2 without point and exponent,
// as JSON Schema's integer allows them and Go's decoder does not.
func integers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = integers(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = integers(x)
		}
		return out
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return json.Number(strconv.FormatInt(int64(f), 10))
		}
	}
	return v
}

// defaultRadiusM is the radius of location.radius_m where the task names none.
const defaultRadiusM = 150

// parse reads one JSON value with numbers as written, and refuses what JSON
// decoders disagree about: invalid UTF-8, NUL, repeated keys, huge exponents,
// deep nesting.
func parse(raw []byte) (any, *Problem) {
	if !utf8.Valid(raw) {
		return nil, &Problem{"", "bytes that are not UTF-8", "JSON in UTF-8", "Encode the body as UTF-8."}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	p := parser{d: d}
	v, err := p.value("", 0)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return v, nil
		} else if err == nil {
			err = errors.New("text after the JSON value")
		}
	}
	var bad *parseProblem
	if errors.As(err, &bad) {
		return nil, &bad.Problem
	}
	found := "invalid JSON: " + err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		found = "JSON that ends too early"
	}
	return nil, &Problem{"", found, "one JSON object", fmt.Sprintf("Correct the JSON near byte %d.", d.InputOffset())}
}

type parseProblem struct{ Problem }

func (p *parseProblem) Error() string { return p.Found }

type parser struct{ d *json.Decoder }

func (p parser) value(path string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, &parseProblem{Problem{path, fmt.Sprintf("nesting over %d levels", maxDepth), "a flat task", "Remove the deep nesting."}}
	}
	token, err := p.d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return p.object(path, depth)
		}
		array := []any{}
		for p.d.More() {
			v, err := p.value(fmt.Sprintf("%s[%d]", path, len(array)), depth+1)
			if err != nil {
				return nil, err
			}
			array = append(array, v)
		}
		_, err = p.d.Token()
		return array, err
	case string:
		if strings.ContainsRune(t, 0) {
			return nil, &parseProblem{Problem{path, "text with a NUL character", "text", "Remove the NUL character."}}
		}
	case json.Number:
		if !sensible(t.String()) {
			return nil, &parseProblem{Problem{path, printable(t.String()), "a number of a sensible size", "Give a smaller number."}}
		}
	}
	return token, nil
}

// sensible refuses numbers that cost more to compute with than they can mean:
// 1e-999999999 would fill the memory as an exact fraction.
func sensible(number string) bool {
	const longest, largestExponent = 100, 40
	if len(number) > longest {
		return false
	}
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return true
	}
	exponent, err := strconv.Atoi(number[i+1:])
	return err == nil && -largestExponent <= exponent && exponent <= largestExponent
}

func (p parser) object(path string, depth int) (any, error) {
	object := map[string]any{}
	for p.d.More() {
		token, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // the decoder allows nothing else here
		at := join(path, printable(key))
		if strings.ContainsRune(key, 0) {
			return nil, &parseProblem{Problem{at, "a key with a NUL character", "text", "Remove the NUL character."}}
		}
		if _, twice := object[key]; twice {
			return nil, &parseProblem{Problem{at, "the key " + strconv.Quote(key) + " twice", "each key once", "Remove one of the two."}}
		}
		if object[key], err = p.value(at, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := p.d.Token()
	return object, err
}
