package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// maxDepth bounds how deep a body may nest; tasks need 6.
const maxDepth = 64

// Task screens a whole POST /v1/tasks body, template gates and restricted places
// included. The error says that the body is not a JSON object; whether it is a valid
// task is not for this package to say.
func (s *Screener) Task(body []byte) (Decision, error) {
	root, fields, err := read(body)
	if err != nil {
		return Decision{}, err
	}
	out := s.screen(fields, root.Get("task_type").String(), "", true)
	for _, m := range s.gates(root) {
		out.add(m)
	}
	for _, m := range s.restricted(root) {
		out.add(m)
	}
	return out, nil
}

// read parses a task and gathers what people would read of it.
func read(body []byte) (gjson.Result, []field, error) {
	if !gjson.ValidBytes(body) {
		return gjson.Result{}, nil, errors.New("the task is not valid JSON")
	}
	root := gjson.ParseBytes(body)
	if !root.IsObject() {
		return root, nil, errors.New("the task is not a JSON object")
	}
	var fields []field
	err := collect(&fields, "", root, false, 0)
	return root, fields, err
}

// longestAddress is how many bytes of a location can be an address; more is prose.
const longestAddress = 200

// unread are the places whose strings are not prose: enumerations and instants that
// validation checks, and claims_blocklist, which lists what talent may not say.
var unread = map[string]bool{
	"task_type": true, "schedule": true, "budget": true, "deliverables": true, "location.mode": true,
	"task_spec.claims_blocklist": true, "task_spec.area": true, "task_spec.shift": true, "task_spec.platforms": true, "metadata.simulate": true,
}

// forbidding keys hold what must not be done or shown.
var forbidding = map[string]bool{
	"dont": true, "donts": true, "do_not": true, "avoid": true, "never": true, "forbidden": true, "prohibited": true, "banned": true, "exclusions": true,
	"excluded": true, "not_allowed": true, "off_limits": true, "blocklist": true, "blocked_words": true, "must_not": true, "no_go": true,
}

// collect gathers every string that people would read, with its path. A key that is
// given twice is read twice, whichever of them a decoder would take.
func collect(fields *[]field, path string, v gjson.Result, forbids bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the task nests deeper than %d levels", maxDepth)
	}
	switch {
	case v.Type == gjson.String:
		if v.Str != "" {
			*fields = append(*fields, field{path: path, text: v.Str, forbids: forbids, place: strings.HasPrefix(path, "location.") && len(v.Str) <= longestAddress})
		}
	case v.IsArray():
		i := 0
		var err error
		v.ForEach(func(_, e gjson.Result) bool {
			err = collect(fields, path+"["+strconv.Itoa(i)+"]", e, forbids, depth+1)
			i++
			return err == nil
		})
		return err
	case v.IsObject():
		var err error
		v.ForEach(func(k, e gjson.Result) bool {
			p := k.Str
			if path != "" {
				p = path + "." + k.Str
			}
			if unread[p] {
				return true
			}
			f := forbids || forbidding[strings.ToLower(k.Str)]
			err = collect(fields, p, e, f, depth+1)
			return err == nil
		})
		return err
	}
	return nil
}
