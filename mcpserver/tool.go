package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/humandispatch/humandispatch/client"
)

// tool is one operation of the REST API as an agent sees it.
type tool struct {
	name, title, description string
	method, path             string // {task_id} is the argument of that name
	args                     []arg
	example                  string // of the arguments, as JSON
	output                   *jsonschema.Schema
	hints                    hints
	keyed                    bool   // its arguments say all there is to say: see Retries
	look                     string // the tool that reads what this one changes, by the same id

	// What differs from one request with the arguments, when something does.
	route func(args arguments) string                                                   // the path
	key   func(ctx context.Context, c *client.Client, args arguments) (string, error)   // what else is in the key
	shape func(args arguments, body map[string]json.RawMessage) (map[string]any, error) // the answer
}

// arg is one argument of a tool.
type arg struct {
	name     string
	in       place
	required bool
	schema   *jsonschema.Schema
}

// place is where an argument goes in the request.
type place int

const (
	inPath place = iota
	inQuery
	inBody
	inTool // nowhere: it is for the tool itself
)

// hints are the tool's annotations.
type hints struct {
	readOnly    bool
	destructive bool // moves or freezes money, or ends something
	idempotent  bool
	openWorld   bool // reaches people, or returns their words
}

// arguments are those of one call, without null ones.
type arguments map[string]json.RawMessage

// text is an argument that is a string, "" when it is missing.
func (a arguments) text(name string) string {
	var s string
	_ = json.Unmarshal(a[name], &s) // checked by the schema
	return s
}

// on reports whether an argument is true.
func (a arguments) on(name string) bool { return string(a[name]) == "true" }

const keyArg = "idempotency_key"

// describe is the tool as tools/list shows it.
func (t *tool) describe() *mcp.Tool {
	var example any
	if err := json.Unmarshal([]byte(t.example), &example); err != nil {
		panic(fmt.Sprintf("example of %s: %v", t.name, err)) // a mistake in the table, found by any test
	}
	input := t.input()
	input.Examples = []any{example}
	return &mcp.Tool{
		Name: t.name, Title: t.title, Description: t.description, InputSchema: input, OutputSchema: t.output,
		Annotations: &mcp.ToolAnnotations{Title: t.title, ReadOnlyHint: t.hints.readOnly, DestructiveHint: &t.hints.destructive, IdempotentHint: t.hints.idempotent, OpenWorldHint: &t.hints.openWorld},
	}
}

// input is the schema of the arguments.
func (t *tool) input() *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}}}
	for _, a := range t.allArgs() {
		s.Properties[a.name] = a.schema
		s.PropertyOrder = append(s.PropertyOrder, a.name)
		if a.required {
			s.Required = append(s.Required, a.name)
		}
	}
	return s
}

// allArgs are the arguments with that of the idempotency key.
func (t *tool) allArgs() []arg {
	if t.method != http.MethodPost {
		return t.args
	}
	description := "Makes a repeated call return the first answer for 24 hours. Made from the arguments unless you give one: give one only to do the same thing twice on purpose"
	if !t.keyed {
		description = "Makes a repeated call return the first answer for 24 hours; without one each call is done anew"
	}
	return append(slices.Clip(t.args), arg{keyArg, inTool, false, limited(text(description), 1, 255)})
}

// handler is what runs when the tool is called.
func (d door) handler(t tool) mcp.ToolHandler {
	schema, err := t.input().Resolve(nil)
	if err != nil {
		panic(fmt.Sprintf("input of %s: %v", t.name, err)) // a mistake in the table, found by any test
	}
	return func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		args, problem := t.read(req.Params.Arguments, schema)
		if problem != nil {
			return failed(*problem, next{Do: "Correct the arguments and call " + t.name + " again", Tool: t.name}), nil
		}
		answer, err := t.call(ctx, d.caller(req.Extra), args)
		if err != nil {
			return t.refused(args, err), nil
		}
		return t.result(args, answer)
	}
}

// read checks the arguments against the tool's schema. What they mean is the
// API's to check, which names every problem with its fix.
func (t *tool) read(raw json.RawMessage, schema *jsonschema.Resolved) (arguments, *failure) {
	wrong := func(message string, details ...any) *failure {
		return &failure{Code: "SCHEMA_VALIDATION_FAILED", Message: message, Details: map[string]any{"errors": details}}
	}
	args := arguments{}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, wrong("The arguments are not a JSON object: " + err.Error())
		}
	}
	values := map[string]any{}
	for name, value := range args {
		if string(value) == "null" { // what some models send for what they leave out
			delete(args, name)
			continue
		}
		var v any
		_ = json.Unmarshal(value, &v) // was unmarshalled as part of the whole
		values[name] = v
	}
	var problems []any
	known := map[string]bool{}
	for _, a := range t.allArgs() {
		known[a.name] = true
		if a.required && args[a.name] == nil {
			problems = append(problems, client.Problem{Path: a.name, Found: "nothing", Expected: a.schema.Description, Fix: "Add " + a.name})
		}
	}
	for name := range args {
		if !known[name] {
			problems = append(problems, client.Problem{Path: name, Found: "an unknown argument", Expected: "only the documented arguments", Fix: "Remove " + name + " or correct its spelling"})
		}
	}
	if len(problems) > 0 {
		slices.SortFunc(problems, func(a, b any) int { return strings.Compare(a.(client.Problem).Path, b.(client.Problem).Path) })
		return nil, wrong("The arguments are not valid; details.errors lists what is wrong", problems...)
	}
	if err := schema.Validate(values); err != nil {
		return nil, wrong("The arguments are not valid", client.Problem{Path: "arguments", Found: err.Error(), Expected: "arguments by the tool's input schema", Fix: "Compare with the example in the schema"})
	}
	return args, nil
}

// call sends the request.
func (t *tool) call(ctx context.Context, c *client.Client, args arguments) (client.Response, error) {
	path, body := t.request(args)
	if t.method != http.MethodPost {
		return c.Raw(ctx, t.method, path, nil)
	}
	if given := args.text(keyArg); given != "" {
		return c.Raw(client.IdempotencyKey(ctx, given), t.method, path, body)
	}
	key, err := t.keyOf(ctx, c, args)
	if err != nil || key == "" {
		if err != nil {
			return client.Response{}, err
		}
		return c.Raw(ctx, t.method, path, body)
	}
	answer, err := c.Raw(client.IdempotencyKey(ctx, key), t.method, path, body)
	if isReplayedRefusal(err) {
		return c.Raw(ctx, t.method, path, body)
	}
	return answer, err
}

// request puts the arguments where they go.
func (t *tool) request(args arguments) (path string, body any) {
	path = t.path
	if t.route != nil {
		path = t.route(args)
	}
	query := url.Values{}
	fields := map[string]json.RawMessage{}
	for _, a := range t.args {
		value, given := args[a.name]
		if !given {
			continue
		}
		switch a.in {
		case inPath:
			path = strings.ReplaceAll(path, "{"+a.name+"}", url.PathEscape(args.text(a.name)))
		case inQuery:
			query.Set(a.name, literal(value))
		case inBody:
			fields[a.name] = value
		}
	}
	if len(query) > 0 {
		if strings.Contains(path, "?") {
			path += "&" + query.Encode()
		} else {
			path += "?" + query.Encode()
		}
	}
	takesBody := slices.ContainsFunc(t.args, func(a arg) bool { return a.in == inBody && a.required }) || len(fields) > 0
	if !takesBody {
		return path, nil
	}
	return path, fields
}

// literal is a value as a query parameter: text as it is, lists by commas,
// numbers and switches as they were written.
func literal(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	var list []string
	if json.Unmarshal(value, &list) == nil {
		return strings.Join(list, ",")
	}
	return string(value)
}

// replayedNote tells an agent that its call was taken for a retry.
const replayedNote = "This is the answer that was given to the same call before: nothing was done a second time. To do it again on purpose, call with an idempotency_key of your own."

// result is the answer as structured content, and as text for clients that do
// not read that.
func (t *tool) result(args arguments, answer client.Response) (*mcp.CallToolResult, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(answer.Body, &fields); err != nil {
		//nolint:nilerr // the agent is told in the result
		return failed(failure{Code: "INTERNAL", Message: "The API answered something that is not a JSON object"}, t.again("Call it again"+t.once())), nil
	}
	structured := json.RawMessage(bytes.TrimSpace(answer.Body))
	if t.shape != nil {
		shaped, err := t.shape(args, fields)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		if structured, err = plain(shaped); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	result := &mcp.CallToolResult{StructuredContent: structured, Content: []mcp.Content{&mcp.TextContent{Text: string(structured)}}}
	if answer.Replayed {
		result.Meta = mcp.Meta{"idempotency_replayed": true}
		result.Content = append(result.Content, &mcp.TextContent{Text: replayedNote})
	}
	return result, nil
}

// plain is JSON without the escapes that only HTML needs.
func plain(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(buf.Bytes()), err
}
