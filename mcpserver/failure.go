package mcpserver

import (
	"context"
	"errors"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/humandispatch/humandispatch/client"
)

// failure is the error of a tool call.
type failure struct {
	Code      string         `json:"code"`
	Message   string         `json:"message"`
	Details   map[string]any `json:"details,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
}

// next is what to do about it.
type next struct {
	Do        string         `json:"do"`
	Tool      string         `json:"tool,omitempty"`      // to call
	Arguments map[string]any `json:"arguments,omitempty"` // to call it with, where they are known
}

// failed is a tool error: JSON text with what was wrong and the next call to
// make. It has no structured content, which clients would check against the
// schema of a success.
func failed(f failure, n next) *mcp.CallToolResult {
	text, err := plain(struct {
		Error failure `json:"error"`
		Next  next    `json:"next"`
	}{f, n})
	if err != nil { // details came from JSON, so this does not happen
		text = []byte(f.Code + ": " + f.Message)
	}
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}
}

// refused is the tool error for what the API answered, or for its silence.
func (t *tool) refused(args arguments, err error) *mcp.CallToolResult {
	var answered *client.Error
	if !errors.As(err, &answered) {
		if errors.Is(err, context.Canceled) {
			return failed(failure{Code: "CANCELLED", Message: "The call was cancelled before the API answered"}, t.again("Call it again if you still want it"+t.once()))
		}
		return failed(failure{Code: "UNAVAILABLE", Message: "The API could not be reached: " + err.Error()}, t.again("Call it again in a few seconds"+t.once()+". If it stays so, the API's address (HUMANDISPATCH_API_URL) may be wrong"))
	}
	f := failure{Code: answered.Code, Message: answered.Message, Details: answered.Details, RequestID: answered.RequestID}
	if answered.Replayed {
		return failed(f, t.again("This refusal was recorded under the idempotency_key: call again without it, or with another"))
	}
	return failed(f, t.advice(args, answered))
}

// again is to call the same tool.
func (t *tool) again(do string) next { return next{Do: do, Tool: t.name} }

// once says that a repeated call does nothing twice, where that is so.
func (t *tool) once() string {
	if t.hints.idempotent && !t.hints.readOnly {
		return "; what was done is not done twice"
	}
	return ""
}

// advice is what to do about an error, by its code.
func (t *tool) advice(args arguments, refused *client.Error) next {
	switch refused.Code {
	case "SCHEMA_VALIDATION_FAILED":
		if t.name == "create_task" {
			n := next{Do: "Correct what details.errors names and call create_task again with dry_run: true; the template has the schema and a sample_payload that is accepted", Tool: "get_templates"}
			if taskType := args.text("task_type"); taskType != "" {
				n.Arguments = map[string]any{"task_type": taskType}
			}
			return n
		}
		return t.again("Correct what details.errors names and call it again")
	case "POLICY_BLOCKED":
		return t.again("Leave out what details names and call it again; do not reword it to get past the rules")
	case "INSUFFICIENT_FUNDS":
		return t.again("Ask the operator of this deployment to fund the account (details says what is missing), then call it again with the same arguments. A test account funds itself with POST /v1/sandbox/fund; a cheaper quote is another way")
	case "ESCROW_REQUIRED":
		return t.reading(args, "No money is held for this any more, so nothing can be paid or refunded: read its state")
	case "INVALID_STATE":
		const do = "Do one of details.next_actions, or read the state and follow its next_actions"
		if t.look == "" {
			return t.possible(args, refused, do)
		}
		return t.reading(args, do)
	case "NOT_FOUND":
		if t.name == "get_templates" {
			return next{Do: "Use one of details.task_types", Tool: "get_templates"}
		}
		return next{Do: "Check the id: it must come from an earlier answer under the same key. Your tasks name their booking and work order", Tool: "list_tasks"}
	case "CONFLICT_IDEMPOTENCY":
		return t.again("That idempotency_key was used for a call with other arguments: leave it out, or choose another")
	case "RATE_LIMITED":
		return t.again("Wait details.retry_after_seconds, then call it again; prefer wait_seconds of get_qa and get_events to asking often")
	case "UNAUTHENTICATED":
		return next{Do: "Ask whoever runs you for a valid API key: HUMANDISPATCH_API_KEY over stdio, the header Authorization: Bearer sk_… over HTTP"}
	case "AUTH_SCOPE_DENIED":
		return next{Do: "Ask whoever runs you for an API key with the scope that details.required_scope names"}
	case "INTERNAL", "UNAVAILABLE":
		return t.again("Call it again in a few seconds" + t.once())
	}
	if strings.HasPrefix(refused.Code, "HTTP_") {
		return t.again("Something between here and the API answered: call it again in a few seconds, or check HUMANDISPATCH_API_URL")
	}
	return t.again("Change what the message names and call it again")
}

// possible is to do the first of the refusal's next_actions that is a tool.
func (t *tool) possible(args arguments, refused *client.Error, do string) next {
	actions, _ := refused.Details["next_actions"].([]any)
	for _, a := range actions {
		action, _ := a.(map[string]any)
		for _, other := range tools() {
			if other.name != action["action"] {
				continue
			}
			n := next{Do: do, Tool: other.name, Arguments: map[string]any{}}
			for _, a := range other.args {
				if a.required && args[a.name] != nil {
					n.Arguments[a.name] = args.text(a.name)
				}
			}
			return n
		}
	}
	return next{Do: do}
}

// reading is to read the one thing that the tool is about.
func (t *tool) reading(args arguments, do string) next {
	n := next{Do: do, Tool: t.look}
	for _, a := range t.args {
		if a.in == inPath && t.look != "" {
			n.Arguments = map[string]any{a.name: args.text(a.name)}
		}
	}
	return n
}
