package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is what the server answered instead of a success.
type Error struct {
	HTTPStatus int            `json:"http_status"`
	Code       string         `json:"code"` // stable, such as SCHEMA_VALIDATION_FAILED; HTTP_502 and the like when something between answered
	Message    string         `json:"message"`
	Details    map[string]any `json:"details"`
	RequestID  string         `json:"request_id"` // name it when asking the operator
	Replayed   bool           `json:"-"`          // the refusal of an earlier request under the same idempotency key
}

// Problem is one entry of details.errors.
type Problem struct {
	Path     string `json:"path"`
	Found    string `json:"found"`
	Expected string `json:"expected"`
	Fix      string `json:"fix"`
}

// Error is the code, the message, each problem and the request id.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Message)
	for _, p := range e.Problems() {
		fmt.Fprintf(&b, "; %s: found %s, expected %s: %s", p.Path, p.Found, p.Expected, p.Fix)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (%s)", e.RequestID)
	}
	return b.String()
}

// Problems is details.errors: each field that was wrong. Nil when the error is
// of another kind.
func (e *Error) Problems() []Problem {
	raw, err := json.Marshal(e.Details["errors"])
	if err != nil {
		return nil
	}
	var problems []Problem
	if json.Unmarshal(raw, &problems) != nil {
		return nil
	}
	return problems
}

// CodeOf is the code of the server's answer in err, "" when it holds none.
func CodeOf(err error) string {
	var answered *Error
	if errors.As(err, &answered) {
		return answered.Code
	}
	return ""
}

// errorOf reads the envelope of an answer that is not a success. What has none
// comes from something between, such as a proxy: its status and the beginning of
// its text are kept.
func errorOf(resp *http.Response, body []byte) *Error {
	var envelope struct {
		Error *Error `json:"error"`
	}
	if err := json.Unmarshal(body, &envelope); err == nil && envelope.Error != nil && envelope.Error.Code != "" {
		envelope.Error.HTTPStatus = resp.StatusCode
		return envelope.Error
	}
	text := strings.ToValidUTF8(strings.TrimSpace(string(body)), "")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	if text == "" {
		text = http.StatusText(resp.StatusCode)
	}
	return &Error{HTTPStatus: resp.StatusCode, Code: fmt.Sprintf("HTTP_%d", resp.StatusCode), Message: text, RequestID: resp.Header.Get("X-Request-Id")}
}
