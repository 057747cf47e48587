package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
	"github.com/humandispatch/humandispatch/templates"
)

const serviceDescription = "HumanDispatch lets a software agent get work done in the physical world: fill a typed task template, " +
	"invite people to quote, book one of them with the money held in escrow, and pay when automated media QA says the deliverables meet the template's acceptance tests."

// openAPI is the document before any operation is in it.
func (s *Server) openAPI() *huma.OpenAPI {
	server := s.PublicURL
	if server == "" {
		server = "/"
	}
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaNamer())
	// Amounts are exact in Go and plain numbers on the wire.
	schemas.RegisterTypeAlias(reflect.TypeFor[json.Number](), reflect.TypeFor[float64]())
	schemas.RegisterTypeAlias(reflect.TypeFor[escrow.Amount](), reflect.TypeFor[float64]())
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "HumanDispatch", Version: s.Version, Description: serviceDescription,
			License: &huma.License{Name: "MIT", Identifier: "MIT"},
		},
		Servers: []*huma.Server{{URL: server}},
		Components: &huma.Components{
			Schemas: schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"apiKey":      {Type: "http", Scheme: "bearer", Description: "An API key of an account: sk_live_… or, in the test world, sk_test_…"},
				"talentToken": {Type: "http", Scheme: "bearer", Description: "The token of one talent: tk_…"},
			},
		},
	}
}

// schemaNamer names schemas after their types; where two packages use one name,
// the second type met carries its package too (TemplatesTask).
func schemaNamer() func(reflect.Type, string) string {
	names := map[reflect.Type]string{
		reflect.TypeFor[templates.Task](): "NewTask",
		reflect.TypeFor[talent.New]():     "NewTalent",
		reflect.TypeFor[talent.Found]():   "FoundTalent",
	}
	taken := map[string]bool{"NewTask": true, "NewTalent": true, "FoundTalent": true}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if name, ok := names[t]; ok {
			return name
		}
		name := huma.DefaultSchemaNamer(t, hint)
		if t.Name() == "" {
			return name
		}
		if taken[name] {
			pkg := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
			name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
		}
		taken[name] = true
		names[t] = name
		return name
	}
}

// describe makes the OpenAPI operation of a spec whose success answers an O.
func describe[O any](a huma.API, sp spec) *huma.Operation {
	switch {
	case sp.ID == "" || sp.Summary == "" || sp.Description == "" || sp.Tag == "":
		panic("api: " + sp.Method + " " + sp.Path + ": an operation needs an id, a summary, a description and a tag")
	case !sp.Public && sp.Scope == "" && !sp.Talent:
		panic("api: " + sp.ID + ": nobody may use it: set Scope, Talent or Public")
	}
	registry := a.OpenAPI().Components.Schemas
	op := &huma.Operation{
		OperationID: sp.ID, Method: sp.Method, Path: sp.Path, Summary: sp.Summary, Description: sp.Description, Tags: []string{sp.Tag},
		DefaultStatus: sp.Status, Responses: map[string]*huma.Response{}, Extensions: map[string]any{},
		// The guard has read and bounded the body before huma sees it.
		MaxBodyBytes: 2 * maxBody, BodyReadTimeout: -1,
	}
	success := &huma.Response{Description: http.StatusText(sp.Status), Headers: responseHeaders(sp)}
	if sp.Status != http.StatusNoContent {
		success.Content = map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeFor[O](), true, sp.ID+"Response")}}
	}
	op.Responses[strconv.Itoa(sp.Status)] = success
	describeErrors(op, registry, sp)

	if sp.Body != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: sp.Body}}}
		op.SkipValidateBody = true
	}
	if sp.Example != nil {
		if op.RequestBody == nil {
			op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {}}}
		}
		op.RequestBody.Content["application/json"].Example = sp.Example
	}

	group := "general"
	if sp.Money {
		group = "money"
	}
	op.Extensions["x-rate-limit-group"] = group
	if sp.Scope != "" {
		op.Extensions["x-scope"] = sp.Scope
		op.Security = append(op.Security, map[string][]string{"apiKey": {}})
	}
	if sp.Talent {
		op.Security = append(op.Security, map[string][]string{"talentToken": {}})
	}
	if sp.Public {
		op.Security = []map[string][]string{{}, {"apiKey": {}}}
	}
	if sp.Method == http.MethodPost {
		op.Extensions["x-idempotency"] = "supported"
		shortest, longest := 1, 255
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header",
			Description: "Makes the request safe to send again: within 24 hours the same key with the same method, path and body answers the first response (Idempotency-Replayed: true) and changes nothing; with anything else it answers 409 CONFLICT_IDEMPOTENCY. 429 and 5xx are not kept.",
			Schema:      &huma.Schema{Type: "string", MinLength: &shortest, MaxLength: &longest, Pattern: "^[ -~]+$"},
			Example:     "8e03978e-40d5-43dd-bc93-6894a57f9324",
		})
	}
	return op
}

// codesOf lists every code that an operation can answer.
func codesOf(sp spec) []fault.Code {
	codes := []fault.Code{fault.SchemaValidationFailed, fault.Unauthenticated, fault.RateLimited, fault.Internal, fault.Unavailable}
	if !sp.Public {
		// An id may stand in the path, in the body or in starting_after.
		codes = append(codes, fault.AuthScopeDenied, fault.NotFound)
	}
	if strings.Contains(sp.Path, "{") {
		codes = append(codes, fault.NotFound)
	}
	if sp.Method != http.MethodGet {
		codes = append(codes, fault.PayloadTooLarge, fault.UnsupportedMediaType)
	}
	if sp.Method == http.MethodPost {
		codes = append(codes, fault.ConflictIdempotency)
	}
	codes = append(codes, sp.Errors...)
	slices.Sort(codes)
	return slices.Compact(codes)
}

func describeErrors(op *huma.Operation, registry huma.Registry, sp spec) {
	schema := registry.Schema(reflect.TypeFor[Error](), true, "Error")
	byStatus := map[int][]string{}
	for _, code := range codesOf(sp) {
		byStatus[statuses[code]] = append(byStatus[statuses[code]], string(code))
	}
	for status, codes := range byStatus {
		examples := map[string]*huma.Example{}
		for _, code := range codes {
			examples[code] = &huma.Example{Value: map[string]any{"error": map[string]any{
				"http_status": status, "code": code, "message": meanings[fault.Code(code)], "details": map[string]any{}, "request_id": "req_01JAAAAAAAAAAAAAAAAAAAAAAA"}}}
		}
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: strings.Join(codes, " or "),
			Headers:     errorHeaders(status),
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema, Examples: examples}},
		}
	}
}

// meanings says of each code what it tells the caller, for the documents.
var meanings = map[fault.Code]string{
	fault.SchemaValidationFailed: "The request is not valid; details.errors lists every problem with path, found, expected and fix",
	fault.Unauthenticated:        "The key or token is missing, unknown or revoked",
	fault.InsufficientFunds:      "The amount to hold is larger than what is available; details says both",
	fault.EscrowRequired:         "The action needs a live escrow hold and the booking has none",
	fault.PolicyBlocked:          "The task is not allowed; details names the rule, the words and what to change",
	fault.AuthScopeDenied:        "The key lacks the scope that details.required_scope names",
	fault.NotFound:               "There is no such object, or it belongs to another account",
	methodNotAllowed:             "The endpoint does not answer this method; the Allow header lists those it does",
	fault.ConflictIdempotency:    "The Idempotency-Key was used for another request",
	fault.InvalidState:           "The transition is not allowed from the current state; details names it and what is allowed",
	fault.PayloadTooLarge:        "The body is larger than 1 MB",
	fault.UnsupportedMediaType:   "The body is not application/json",
	fault.RateLimited:            "Too many requests; wait as long as Retry-After says",
	fault.Internal:               "A mistake of the service; nothing was changed",
	fault.Unavailable:            "The service is busy; send the request again",
}

func header(kind, description string) *huma.Header {
	return &huma.Header{Description: description, Schema: &huma.Schema{Type: kind}}
}

func errorHeaders(status int) map[string]*huma.Header {
	h := map[string]*huma.Header{"X-Request-Id": header("string", "The id of this request")}
	switch status {
	case http.StatusUnauthorized:
		h["WWW-Authenticate"] = header("string", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h["Retry-After"] = header("integer", "Seconds to wait before the next try")
	}
	if status != http.StatusServiceUnavailable && status != http.StatusInternalServerError {
		addLimitHeaders(h)
	}
	return h
}

func responseHeaders(sp spec) map[string]*huma.Header {
	h := map[string]*huma.Header{"X-Request-Id": header("string", "The id of this request")}
	addLimitHeaders(h)
	if sp.Method == http.MethodPost {
		h["Idempotency-Replayed"] = header("boolean", "true when this is the first response again, under its Idempotency-Key")
	}
	return h
}

func addLimitHeaders(h map[string]*huma.Header) {
	h["RateLimit-Limit"] = header("integer", "Requests allowed a minute, of the tightest group counted")
	h["RateLimit-Remaining"] = header("integer", "Requests left in this minute")
	h["RateLimit-Reset"] = header("integer", "Seconds until the count starts again")
}

// operation is one entry of the documents made from the OpenAPI document.
type operation struct {
	*huma.Operation
	Scope string
}

// operations lists every operation by tag, path and method.
func (s *Server) operations() []operation {
	var all []operation
	for _, item := range s.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				scope, _ := op.Extensions["x-scope"].(string)
				all = append(all, operation{op, scope})
			}
		}
	}
	slices.SortFunc(all, func(a, b operation) int {
		return strings.Compare(a.sortKey(), b.sortKey())
	})
	return all
}

func (o operation) sortKey() string {
	order := slices.Index([]string{"templates", "tasks", "quotes", "bookings", "work orders", "qa", "disputes", "talent", "talent side", "files", "money", "webhooks", "events", "reviews"}, o.Tags[0])
	if order < 0 {
		order = 99
	}
	return fmt.Sprintf("%02d%s %s %s", order, o.Tags[0], o.Path, o.Method)
}

// access says who may use the operation, in words.
func (o operation) access() string {
	var who []string
	for _, requirement := range o.Security {
		switch {
		case len(requirement) == 0:
			return "open to all"
		case requirement["apiKey"] != nil:
			who = append(who, "API key with "+o.Scope)
		case requirement["talentToken"] != nil:
			who = append(who, "talent token")
		}
	}
	return strings.Join(who, " or ")
}
