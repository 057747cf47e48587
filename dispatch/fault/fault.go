// Package fault holds the one error type of the domain. A fault is for the
// caller to read: what was wrong, where, what was expected and how to fix it.
// Every other error is internal and never shown.
package fault

import (
	"errors"
	"fmt"
)

// Code names a kind of fault. The codes are part of the public API.
type Code string

// The codes of the public API, with the HTTP status each door gives them.
const (
	SchemaValidationFailed Code = "SCHEMA_VALIDATION_FAILED" // 400
	Unauthenticated        Code = "UNAUTHENTICATED"          // 401
	InsufficientFunds      Code = "INSUFFICIENT_FUNDS"       // 402
	EscrowRequired         Code = "ESCROW_REQUIRED"          // 402
	PolicyBlocked          Code = "POLICY_BLOCKED"           // 403
	AuthScopeDenied        Code = "AUTH_SCOPE_DENIED"        // 403
	NotFound               Code = "NOT_FOUND"                // 404
	ConflictIdempotency    Code = "CONFLICT_IDEMPOTENCY"     // 409
	InvalidState           Code = "INVALID_STATE"            // 409
	PayloadTooLarge        Code = "PAYLOAD_TOO_LARGE"        // 413
	UnsupportedMediaType   Code = "UNSUPPORTED_MEDIA_TYPE"   // 415
	RateLimited            Code = "RATE_LIMITED"             // 429
	Internal               Code = "INTERNAL"                 // 500
	Unavailable            Code = "UNAVAILABLE"              // 503
)

// Error is a fault. Details is marshalled into the answer as it is; nil means none.
type Error struct {
	Code    Code
	Message string
	Details map[string]any
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// New makes a fault with a formatted message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// With returns a copy of the fault with one more detail.
func (e *Error) With(key string, value any) *Error {
	details := make(map[string]any, len(e.Details)+1)
	for k, v := range e.Details {
		details[k] = v
	}
	details[key] = value
	return &Error{Code: e.Code, Message: e.Message, Details: details}
}

// Field is one entry of details.errors of a SCHEMA_VALIDATION_FAILED fault.
type Field struct {
	Path     string `json:"path" doc:"Where: a JSON path such as task_spec.angles[0]"`
	Found    string `json:"found" doc:"What was found"`
	Expected string `json:"expected" doc:"What was expected"`
	Fix      string `json:"fix" doc:"How to fix it"`
}

// Invalid makes a SCHEMA_VALIDATION_FAILED fault that lists every wrong field.
func Invalid(message string, fields ...Field) *Error {
	return &Error{Code: SchemaValidationFailed, Message: message, Details: map[string]any{"errors": fields}}
}

// Is reports whether err is or wraps a fault with this code.
func Is(err error, code Code) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}
