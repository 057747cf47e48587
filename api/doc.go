// Package api is the HTTP door: it owns authentication, the error envelope,
// idempotency, rate limits, the OpenAPI document and everything made from it.
// It must not know what a transition means: operations call the domain, which
// knows no HTTP.
//
// # An operation
//
// Operations live in a file named after their noun and are registered by one
// function of it, listed in nouns (server.go). Input is a struct with path,
// query and Body fields; output is the body. Everything around fn (who, may
// they, how often, well-formed JSON, schema, transaction, idempotency record,
// envelope, documents) is done by the five helpers:
//
//	write(s, a, spec, fn(ctx, tx, c, in) (O, error))                        POST, PATCH, DELETE: one transaction
//	writePrepared(s, a, spec, prepare(ctx, c, in) (P, error), fn(ctx, tx, c, in, P) (O, error))
//	                                                                        network or file work before the transaction
//	read(s, a, spec, fn(ctx, tx, c, in) (O, error))                         GET in one read-only snapshot
//	readRaw(s, a, spec, fn(ctx, c, in) (O, error))                          GET without a transaction; LongPoll: true for waits
//	recorded(err)                                                           commit what fn wrote, answer err all the same
//
// For example:
//
//	type cancelTask struct {
//		ByID
//		Body struct {
//			Reason string `json:"reason,omitempty" maxLength:"500" doc:"Shown to the talent"`
//		}
//	}
//
//	func registerTask(s *Server, a huma.API) {
//		write(s, a, spec{
//			ID: "cancel_task", Method: http.MethodPost, Path: "/v1/tasks/{id}/cancel", Tag: "tasks", Scope: "tasks:write",
//			Summary: "Cancel a task", Description: "Before a booking only. Open quote requests are withdrawn.",
//			Errors: []fault.Code{fault.InvalidState}, Example: map[string]any{"reason": "The shop has closed"},
//		}, func(ctx context.Context, tx pgx.Tx, c caller, in *cancelTask) (taskView, error) {
//			t, err := dispatch.CancelTask(ctx, tx, c.Now, c.AccountID, in.ID, in.Body.Reason)
//			return viewTask(t), err
//		})
//	}
//
// Rules for fn and its types:
//
//   - Return faults of the domain as they are; errors.go has the one table of
//     statuses. Anything else is logged with the request id and shown as INTERNAL.
//     Codes that method, path and access do not imply are named in spec.Errors.
//   - spec.Talent accepts talent tokens (caller.TalentID is set and AccountID is
//     not); spec.Scope accepts API keys with that scope; spec.Public accepts all.
//   - spec.Money counts against the money limit besides the general one.
//   - Types embedded in an input are exported: huma does not see others.
//   - Lists embed Page in the input and return list[T] through listOf, which takes
//     one row more than in.Limit to know whether another page follows.
//   - An optional body is a pointer: Body *struct{…}. An operation that checks its
//     body itself (task creation) has no Body field, sets spec.Body to the schema to
//     document and reads caller.Body, which is the checked raw JSON.
//   - Slices in output are never nil: the schema says array, not null. Optional
//     fields have omitempty. Type names become schema names; they are unique.
//   - Every route needs a case in isolation_test.go.
//
// # Idempotency
//
// The record is claimed first and written in the transaction of the effect, so a
// second request with the key waits for the first and replays it, and a crash
// between commit and answer replays too. fn runs in a savepoint: a 4xx undoes
// its work and is recorded; 429 and 5xx undo everything. What is refused before
// fn (401, 403 of scopes, 400 of the schema, 413, 415) changes nothing and is not
// recorded. Answers that show a secret once (webhook secrets, talent tokens) are
// kept for the 24 hours like all others, in clear: a caller whose connection broke
// would lose the secret otherwise. PurgeIdempotencyKeys ends them. The body of a
// replay is the first one byte for byte, an error's request_id included; the
// X-Request-Id header is the new request's.
package api
