package api

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// humaError puts what huma found wrong with a request into the envelope.
func humaError(requestID string, status int, message string, errs []error) *Error {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return render(fault.New(fault.PayloadTooLarge, "The body is larger than %d bytes", maxBody), requestID)
	case status == http.StatusUnsupportedMediaType:
		return render(fault.New(fault.UnsupportedMediaType, "Send the body as Content-Type: application/json"), requestID)
	case status == http.StatusRequestTimeout:
		return render(fault.New(fault.Unavailable, "The body did not arrive in time; send the request again"), requestID)
	case status >= 500 || status == 0:
		return render(fault.New(fault.Internal, "Something went wrong on our side; try again, and name the request id when you report it"), requestID)
	}
	fields := make([]fault.Field, 0, len(errs))
	for _, err := range errs {
		fields = append(fields, inputField(err))
	}
	if len(fields) == 0 {
		fields = append(fields, fault.Field{Path: "body", Found: "nothing", Expected: "a JSON object", Fix: "Send a body: " + message})
	}
	slices.SortStableFunc(fields, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return render(fault.Invalid(fmt.Sprintf("The request is not valid: %d problem(s), listed in details.errors", len(fields)), fields...), requestID)
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// inputField says what huma's validator found wrong in the words of the API.
func inputField(err error) fault.Field {
	detailed, ok := err.(huma.ErrorDetailer)
	if !ok {
		return fault.Field{Path: "body", Found: "something else", Expected: err.Error(), Fix: "Change the request accordingly"}
	}
	d := detailed.ErrorDetail()
	if raw, ok := d.Value.(string); ok && d.Location == "body" && strings.HasPrefix(raw, "{") {
		return undecodable(d.Message) // huma gives the whole body as the value
	}
	f := fault.Field{Path: fieldPath(d.Location), Found: show(d.Location, d.Value), Expected: strings.TrimPrefix(d.Message, "expected ")}
	if m := missing.FindStringSubmatch(d.Message); m != nil {
		f.Path = fieldPath(d.Location + "." + m[1])
		f.Found, f.Expected, f.Fix = "nothing", "a value", "Add "+m[1]
		return f
	}
	name := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
	switch {
	case d.Message == "unexpected property":
		f.Found, f.Expected, f.Fix = "an unknown field", "only the documented fields", "Remove "+name+" or correct its spelling"
	case d.Message == "unknown query parameter":
		f.Found, f.Expected, f.Fix = "an unknown query parameter", "only the documented parameters", "Remove "+name+" or correct its spelling"
	case strings.HasPrefix(d.Message, "required "):
		f.Found, f.Expected, f.Fix = "nothing", "a value", "Add "+name
	case strings.HasPrefix(d.Message, "invalid "):
		f.Expected = "a valid " + strings.TrimPrefix(d.Message, "invalid ")
		f.Fix = "Set " + name + " to " + f.Expected
	default:
		f.Fix = "Set " + name + " to: " + f.Expected
	}
	return f
}

var wrongType = regexp.MustCompile(`cannot unmarshal (.+) into Go struct field [^.]*\.(\S+) of type (\S+)`)

// undecodable is a value that fits the schema but not the Go type, such as an
// integer beyond 64 bits.
func undecodable(message string) fault.Field {
	if m := wrongType.FindStringSubmatch(message); m != nil {
		return fault.Field{Path: m[2], Found: show(m[2], m[1]), Expected: "a value that fits " + m[3], Fix: "Set " + m[2] + " to a value within range"}
	}
	return fault.Field{Path: "body", Found: "a value that cannot be read", Expected: strings.TrimPrefix(message, "json: "), Fix: "Correct the value"}
}

// fieldPath is a path as callers write it: fields of the body without a prefix.
func fieldPath(location string) string {
	if rest, ok := strings.CutPrefix(location, "body."); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(location, "body["); ok {
		return "[" + rest
	}
	return location
}

// show describes a refused value without repeating secrets or much text.
func show(location string, value any) string {
	lower := strings.ToLower(location)
	for _, word := range []string{"header", "secret", "token", "password", "authorization"} {
		if strings.Contains(lower, word) {
			return "a value that is not repeated here"
		}
	}
	switch v := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return fmt.Sprintf("an object with %d field(s)", len(v))
	case []any:
		return fmt.Sprintf("an array of %d item(s)", len(v))
	case string:
		if runes := []rune(v); len(runes) > 80 {
			return fmt.Sprintf("%q… (%d characters)", string(runes[:80]), len(runes))
		}
		return fmt.Sprintf("%q", v)
	}
	shown := fmt.Sprint(value)
	if len(shown) > 80 {
		shown = shown[:80] + "…"
	}
	return shown
}
