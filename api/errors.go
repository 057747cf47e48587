package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// methodNotAllowed is a code of this door only: the domain has no methods.
const methodNotAllowed fault.Code = "METHOD_NOT_ALLOWED"

// statuses is the one table that turns a fault into an HTTP status.
var statuses = map[fault.Code]int{
	fault.SchemaValidationFailed: http.StatusBadRequest,
	fault.Unauthenticated:        http.StatusUnauthorized,
	fault.InsufficientFunds:      http.StatusPaymentRequired,
	fault.EscrowRequired:         http.StatusPaymentRequired,
	fault.PolicyBlocked:          http.StatusForbidden,
	fault.AuthScopeDenied:        http.StatusForbidden,
	fault.NotFound:               http.StatusNotFound,
	methodNotAllowed:             http.StatusMethodNotAllowed,
	fault.ConflictIdempotency:    http.StatusConflict,
	fault.InvalidState:           http.StatusConflict,
	fault.PayloadTooLarge:        http.StatusRequestEntityTooLarge,
	fault.UnsupportedMediaType:   http.StatusUnsupportedMediaType,
	fault.RateLimited:            http.StatusTooManyRequests,
	fault.Internal:               http.StatusInternalServerError,
	fault.Unavailable:            http.StatusServiceUnavailable,
}

// Error is the envelope of every answer that is not a success.
type Error struct {
	Err ErrorBody `json:"error"`
}

// ErrorBody is what the envelope holds.
type ErrorBody struct {
	HTTPStatus int            `json:"http_status" doc:"The HTTP status of this answer" example:"400"`
	Code       string         `json:"code" doc:"What kind of error, stable across versions" example:"SCHEMA_VALIDATION_FAILED"`
	Message    string         `json:"message" doc:"What was wrong and how to fix it, for the reader"`
	Details    map[string]any `json:"details" doc:"More by code: errors[] with path, found, expected and fix for SCHEMA_VALIDATION_FAILED; otherwise what the message speaks of"`
	RequestID  string         `json:"request_id" doc:"Name this when you ask for help" example:"req_01JAAAAAAAAAAAAAAAAAAAAAAA"`
}

func (e *Error) Error() string { return e.Err.Code + ": " + e.Err.Message }

// GetStatus tells huma the HTTP status.
func (e *Error) GetStatus() int { return e.Err.HTTPStatus }

// recordedError is an error whose effect is committed all the same.
type recordedError struct{ err error }

func (e recordedError) Error() string { return e.err.Error() }
func (e recordedError) Unwrap() error { return e.err }

// recorded makes an operation commit what it wrote and answer err: a blocked
// task is recorded and refused.
func recorded(err error) error { return recordedError{err} }

// toFault turns any error into what the caller may see. The second result is
// true when err itself must go to the log because the caller is not shown it.
func toFault(err error) (*fault.Error, bool) {
	var f *fault.Error
	if errors.As(err, &f) {
		if _, known := statuses[f.Code]; known {
			return f, false
		}
	}
	var envelope *Error
	if errors.As(err, &envelope) {
		return &fault.Error{Code: fault.Code(envelope.Err.Code), Message: envelope.Err.Message, Details: envelope.Err.Details}, false
	}
	var unreachable *pgconn.ConnectError
	var pgErr *pgconn.PgError
	switch {
	case errors.Is(err, context.Canceled):
		return fault.New(fault.Unavailable, "The request was given up before it was answered; send it again"), false
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "The answer took too long; nothing was changed; send the request again with the same Idempotency-Key"), true
	case errors.As(err, &unreachable), errors.As(err, &pgErr) && transient(pgErr.Code):
		return fault.New(fault.Unavailable, "The service is busy or restarting; nothing was changed; send the request again with the same Idempotency-Key"), true
	}
	return fault.New(fault.Internal, "Something went wrong on our side; nothing was changed; try again, and name the request id when you report it"), true
}

// transient reports whether a Postgres error code says "later" rather than "never":
// serialization failure, deadlock, too many connections, shutting down.
func transient(code string) bool {
	switch code {
	case "40001", "40P01", "53300", "57P01", "57P02", "57P03":
		return true
	}
	return false
}

// render makes the envelope of a fault.
func render(f *fault.Error, requestID string) *Error {
	details := f.Details
	if details == nil {
		details = map[string]any{}
	}
	return &Error{ErrorBody{HTTPStatus: statuses[f.Code], Code: string(f.Code), Message: f.Message, Details: details, RequestID: requestID}}
}

// answer is a response before it is written.
type answer struct {
	status   int
	body     []byte // JSON, empty for 204
	replayed bool
}

// failure renders err, and logs it when the caller is not shown it.
func (s *Server) failure(ctx context.Context, requestID string, err error) answer {
	f, hidden := toFault(err)
	if hidden {
		s.Log.ErrorContext(ctx, "request failed", "request_id", requestID, "error", err)
	}
	body, err := marshal(render(f, requestID))
	if err != nil { // a detail that does not marshal is our mistake, the fault is still the caller's to know
		s.Log.ErrorContext(ctx, "fault details do not marshal", "request_id", requestID, "error", err)
		body, _ = marshal(render(fault.New(f.Code, "%s", f.Message), requestID))
	}
	return answer{status: statuses[f.Code], body: body}
}

// fail writes err in the envelope.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	a := s.failure(r.Context(), requestOf(r.Context()).id, err)
	h := w.Header()
	switch a.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="humandispatch"`)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// huma keeps its error constructor and schema conventions in package variables.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaError("", status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return humaError(requestOf(ctx.Context()).id, status, message, errs)
	}
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
}
