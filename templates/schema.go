package templates

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

//go:embed data/common/task.json
var commonSchema []byte

// common is the schema of the fields that every task has.
var common = sync.OnceValue(func() *jsonschema.Schema {
	s, err := compile("task", commonSchema)
	if err != nil {
		panic("templates: " + err.Error())
	}
	return s
})

// TaskSchema returns the JSON Schema (2020-12) of the fields every task has;
// that of task_spec is the template's.
func TaskSchema() json.RawMessage { return bytes.Clone(commonSchema) }

// noLoader refuses every reference out of a schema, files included.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("schemas may not refer to %s", url)
}

func compile(name string, raw []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	url := "urn:humandispatch:" + name
	if err := c.AddResource(url, doc); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// check validates a value and returns every problem with its path below base.
func check(s *jsonschema.Schema, base string, value any) []Problem {
	err := s.Validate(value)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var problems []Problem
	collect(invalid, base, value, s, &problems)
	return problems
}

func collect(e *jsonschema.ValidationError, base string, root any, s *jsonschema.Schema, out *[]Problem) {
	if len(e.Causes) > 0 {
		for _, c := range e.Causes {
			collect(c, base, root, s, out)
		}
		return
	}
	path, value, schema := locate(e.InstanceLocation, base, root, s)
	*out = append(*out, explain(e.ErrorKind, path, value, schema)...)
}

// locate follows an instance location to its path as shown, its value and its schema.
func locate(location []string, base string, value any, s *jsonschema.Schema) (string, any, *jsonschema.Schema) {
	path := base
	for _, step := range location {
		switch v := value.(type) {
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return path, nil, s
			}
			path += "[" + step + "]"
			value = v[i]
			if s != nil {
				s = s.Items2020
			}
		case map[string]any:
			path = join(path, step)
			value = v[step]
			if s != nil {
				s = s.Properties[step]
			}
		}
	}
	return path, value, s
}

func join(base, name string) string {
	if base == "" {
		return name
	}
	return base + "." + name
}

func explain(k jsonschema.ErrorKind, path string, value any, s *jsonschema.Schema) []Problem {
	one := func(expected, fix string) []Problem {
		return []Problem{{Path: path, Found: show(value), Expected: expected, Fix: fix}}
	}
	name := path[strings.LastIndexByte(path, '.')+1:]
	switch k := k.(type) {
	case *kind.Required:
		var out []Problem
		for _, missing := range k.Missing {
			expected := "a value"
			if s != nil {
				if p := s.Properties[missing]; p != nil {
					expected = wanted(p)
				}
			}
			out = append(out, Problem{join(path, missing), "nothing", expected, "Add " + missing + "."})
		}
		return out
	case *kind.AdditionalProperties:
		var out []Problem
		for _, extra := range k.Properties {
			expected, fix := "no such field", "Remove "+strconv.Quote(extra)+"."
			if s != nil {
				known := make([]string, 0, len(s.Properties))
				for p := range s.Properties {
					known = append(known, p)
				}
				slices.Sort(known)
				expected = "one of the known fields: " + strings.Join(known, ", ")
				if near := nearest(extra, known); near != "" {
					fix = fmt.Sprintf("Remove %q, or rename it to %q.", extra, near)
				}
			}
			found := "an unknown field"
			if m, ok := value.(map[string]any); ok {
				found = "an unknown field with the value " + show(m[extra])
			}
			out = append(out, Problem{join(path, printable(extra)), found, expected, fix})
		}
		return out
	case *kind.Type:
		return one(wantedOr(s, strings.Join(k.Want, " or ")), fmt.Sprintf("Give %s as %s.", name, article(strings.Join(k.Want, " or "))))
	case *kind.Enum:
		return one("one of "+list(k.Want), fmt.Sprintf("Set %s to one of %s.", name, list(k.Want)))
	case *kind.Const:
		return one(show(k.Want), fmt.Sprintf("Set %s to %s.", name, show(k.Want)))
	case *kind.Minimum:
		return one("at least "+number(k.Want), fmt.Sprintf("Raise %s to %s or more.", name, number(k.Want)))
	case *kind.Maximum:
		return one("at most "+number(k.Want), fmt.Sprintf("Lower %s to %s or less.", name, number(k.Want)))
	case *kind.ExclusiveMinimum:
		return one("over "+number(k.Want), fmt.Sprintf("Set %s to a number over %s.", name, number(k.Want)))
	case *kind.ExclusiveMaximum:
		return one("under "+number(k.Want), fmt.Sprintf("Set %s to a number under %s.", name, number(k.Want)))
	case *kind.MinLength:
		return one(fmt.Sprintf("at least %d characters", k.Want), fmt.Sprintf("Lengthen %s to %d characters or more.", name, k.Want))
	case *kind.MaxLength:
		return one(fmt.Sprintf("at most %d characters", k.Want), fmt.Sprintf("Shorten %s to %d characters or fewer.", name, k.Want))
	case *kind.MinItems:
		return []Problem{{path, count(k.Got, "item"), fmt.Sprintf("at least %s", count(k.Want, "item")), fmt.Sprintf("Add items to %s.", name)}}
	case *kind.MaxItems:
		return []Problem{{path, count(k.Got, "item"), fmt.Sprintf("at most %s", count(k.Want, "item")), fmt.Sprintf("Remove items from %s.", name)}}
	case *kind.MaxProperties:
		return []Problem{{path, count(k.Got, "key"), fmt.Sprintf("at most %s", count(k.Want, "key")), fmt.Sprintf("Remove keys from %s.", name)}}
	case *kind.UniqueItems:
		return []Problem{{fmt.Sprintf("%s[%d]", path, k.Duplicates[1]), fmt.Sprintf("the same item as %s[%d]", path, k.Duplicates[0]),
			"items that differ from each other", "Remove the repeated item."}}
	case *kind.Pattern:
		return one(wantedOr(s, "text that matches "+k.Want), fmt.Sprintf("Write %s in the expected form.", name))
	case *kind.Format:
		return one(wantedOr(s, "a "+k.Want), fmt.Sprintf("Write %s as the example shows.", name))
	default:
		return one(wantedOr(s, "a value the schema allows"), fmt.Sprintf("Correct %s.", name))
	}
}

// wanted describes a field by its schema: the type, its limits and an example.
func wanted(s *jsonschema.Schema) string {
	text := "a value"
	if s.Types != nil {
		text = article(strings.Join(s.Types.ToStrings(), " or "))
	}
	if s.Enum != nil {
		text = "one of " + list(s.Enum.Values)
	}
	if s.Minimum != nil && s.Maximum != nil {
		text += fmt.Sprintf(" from %s to %s", number(s.Minimum), number(s.Maximum))
	} else if s.Minimum != nil {
		text += " of at least " + number(s.Minimum)
	} else if s.ExclusiveMinimum != nil {
		text += " over " + number(s.ExclusiveMinimum)
	}
	if s.MinLength != nil && s.MaxLength != nil {
		text += fmt.Sprintf(" of %d to %d characters", *s.MinLength, *s.MaxLength)
	}
	if s.Description != "" {
		text += " (" + strings.TrimSuffix(s.Description, ".") + ")"
	}
	if len(s.Examples) > 0 {
		text += ", for example " + show(s.Examples[0])
	}
	return text
}

func wantedOr(s *jsonschema.Schema, fallback string) string {
	if s == nil {
		return fallback
	}
	return wanted(s)
}

func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func list(values []any) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = show(v)
	}
	return strings.Join(out, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// show renders a found value for the reader, shortened.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "an array of " + count(len(v), "item")
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%v", v)
	}
	return printable(string(b))
}

func printable(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// nearest returns the known name at most two edits away, if there is one.
func nearest(name string, known []string) string {
	best, found := 3, ""
	for _, k := range known {
		if len(name) <= 40 && edits(strings.ToLower(name), k) < best {
			best, found = edits(strings.ToLower(name), k), k
		}
	}
	return found
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}

// fill adds the defaults of a schema to a value, in place below it.
func fill(schema map[string]any, value any) any {
	switch v := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name, p := range properties {
			sub, ok := p.(map[string]any)
			if !ok {
				continue
			}
			if _, given := v[name]; !given {
				fallback, ok := sub["default"]
				if !ok {
					continue
				}
				v[name] = clone(fallback)
			}
			v[name] = fill(sub, v[name])
		}
	case []any:
		if items, ok := schema["items"].(map[string]any); ok {
			for i := range v {
				v[i] = fill(items, v[i])
			}
		}
	}
	return value
}

// clone copies a default, so that filling it does not write into the schema.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = clone(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = clone(x)
		}
		return out
	}
	return v
}
