package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

type docsGroup struct {
	Name       string
	Operations []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Description, Access, Group string
	Idempotent                                            bool
	Parameters                                            []docsField
	Body                                                  []docsField
	Example                                               string
	Answers                                               []docsAnswer
}

type docsField struct {
	Name, Kind, Description string
	Required                bool
	Schema                  string // of the object it holds, to link to
}

type docsAnswer struct{ Status, Description, Schema string }

type docsSchema struct {
	Name, Description string
	Fields            []docsField
}

func (s *Server) docsGroups() []docsGroup {
	var groups []docsGroup
	for _, op := range s.operations() {
		if len(groups) == 0 || groups[len(groups)-1].Name != op.Tags[0] {
			groups = append(groups, docsGroup{Name: op.Tags[0]})
		}
		group, _ := op.Extensions["x-rate-limit-group"].(string)
		d := docsOperation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Access: op.access(), Group: group, Idempotent: op.Method == "POST"}
		for _, param := range op.Parameters {
			d.Parameters = append(d.Parameters, docsField{Name: param.Name, Kind: param.In + ", " + kindOf(param.Schema), Description: param.Description, Required: param.Required})
		}
		if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
			media := op.RequestBody.Content["application/json"]
			d.Body = fieldsOf(s.resolve(media.Schema))
			if media.Example != nil {
				example, _ := json.MarshalIndent(media.Example, "", "  ")
				d.Example = string(example)
			}
		}
		for status, response := range op.Responses {
			answer := docsAnswer{Status: status, Description: response.Description}
			if media := response.Content["application/json"]; media != nil && strings.HasPrefix(status, "2") {
				answer.Schema = refName(media.Schema)
			}
			d.Answers = append(d.Answers, answer)
		}
		slices.SortFunc(d.Answers, func(a, b docsAnswer) int { return strings.Compare(a.Status, b.Status) })
		last := &groups[len(groups)-1]
		last.Operations = append(last.Operations, d)
	}
	return groups
}

func (s *Server) docsSchemas() []docsSchema {
	var all []docsSchema
	for name, schema := range s.api.OpenAPI().Components.Schemas.Map() {
		all = append(all, docsSchema{Name: name, Description: schema.Description, Fields: fieldsOf(schema)})
	}
	slices.SortFunc(all, func(a, b docsSchema) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func fieldsOf(schema *huma.Schema) []docsField {
	if schema == nil {
		return nil
	}
	var fields []docsField
	for name, property := range schema.Properties {
		fields = append(fields, docsField{Name: name, Kind: kindOf(property), Description: property.Description, Required: slices.Contains(schema.Required, name), Schema: refName(property)})
	}
	slices.SortFunc(fields, func(a, b docsField) int {
		if a.Required != b.Required {
			if a.Required {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return fields
}

// kindOf says in a few words what a value is.
func kindOf(schema *huma.Schema) string {
	if schema == nil {
		return "anything"
	}
	if schema.Ref != "" {
		return "object"
	}
	kind := schema.Type
	switch {
	case schema.Items != nil:
		kind = "array of " + kindOf(schema.Items)
	case len(schema.Enum) > 0:
		values, _ := json.Marshal(schema.Enum)
		kind = "one of " + strings.Trim(string(values), "[]")
	case schema.Format != "":
		kind += " (" + schema.Format + ")"
	case kind == "":
		kind = "anything"
	}
	if schema.Minimum != nil {
		kind += ", from " + strconv.FormatFloat(*schema.Minimum, 'f', -1, 64)
	}
	if schema.Maximum != nil {
		kind += ", to " + strconv.FormatFloat(*schema.Maximum, 'f', -1, 64)
	}
	if schema.MaxLength != nil {
		kind += ", at most " + strconv.Itoa(*schema.MaxLength) + " characters"
	}
	return kind
}

// refName is the schema that a reference, or an array of references, names.
func refName(schema *huma.Schema) string {
	if schema == nil {
		return ""
	}
	if schema.Items != nil {
		schema = schema.Items
	}
	return schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:]
}

const docsHTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HumanDispatch API</title>
<style>
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --soft: color-mix(in srgb, currentColor 6%, transparent); --accent: light-dark(#0b5cad, #7db8f2); }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 60rem; }
a { color: var(--accent); }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h3 { margin: 2.2rem 0 .3rem; font-size: 1.05rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; white-space: pre-wrap; }
.method { display: inline-block; min-width: 3.6rem; font-weight: 700; color: var(--accent); }
.meta { font-size: .875rem; opacity: .8; margin: .2rem 0 .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 1rem; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
nav ul { columns: 2 20rem; padding-left: 1rem; } nav li { break-inside: avoid; }
</style>
</head>
<body>
<h1>HumanDispatch API</h1>
<p>{{.Description}}</p>
<p class="meta">Version {{.Version}} · <a href="/openapi.json">OpenAPI 3.1</a> · <a href="/llms.txt">the same as text</a></p>
<nav aria-label="Operations">{{range .Groups}}<h4>{{.Name}}</h4><ul>{{range .Operations}}<li><a href="#{{.ID}}"><code>{{.Method}} {{.Path}}</code></a></li>{{end}}</ul>{{end}}</nav>
<main>
{{define "fields"}}<table><tr><th>Name</th><th>Kind</th><th>Meaning</th></tr>{{range .}}<tr><td><code>{{.Name}}</code>{{if .Required}} <strong title="required">*</strong>{{end}}</td><td>{{if .Schema}}<a href="#schema-{{.Schema}}">{{.Kind}} {{.Schema}}</a>{{else}}{{.Kind}}{{end}}</td><td>{{.Description}}</td></tr>{{end}}</table>{{end}}
{{range .Groups}}<h2>{{.Name}}</h2>{{range .Operations}}
<section id="{{.ID}}"><h3><code><span class="method">{{.Method}}</span> {{.Path}}</code></h3>
<p><strong>{{.Summary}}</strong></p><p>{{.Description}}</p>
<p class="meta">{{.Access}} · rate limit: {{.Group}}{{if .Idempotent}} · takes an Idempotency-Key{{end}}</p>
{{if .Parameters}}{{template "fields" .Parameters}}{{end}}
{{if .Body}}<p>Body</p>{{template "fields" .Body}}{{end}}
{{if .Example}}<pre>{{.Example}}</pre>{{end}}
<table><tr><th>Status</th><th>Answer</th></tr>{{range .Answers}}<tr><td>{{.Status}}</td><td>{{if .Schema}}<a href="#schema-{{.Schema}}">{{.Schema}}</a>{{else}}{{.Description}}{{end}}</td></tr>{{end}}</table>
</section>{{end}}{{end}}
<h2>Objects</h2>{{range .Schemas}}<section id="schema-{{.Name}}"><h3>{{.Name}}</h3><p>{{.Description}}</p>{{if .Fields}}{{template "fields" .Fields}}{{end}}</section>{{end}}
<h2>The guide</h2><pre>{{.Guide}}</pre>
</main>
</body>
</html>
`
