package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/jobs"
	"github.com/humandispatch/humandispatch/qa"
)

// preflightPatience is how long preflight waits for files to be read.
const preflightPatience = 15 * time.Second

type getQA struct {
	ByID
	WaitSeconds int `query:"wait_seconds" minimum:"0" maximum:"60" default:"0" doc:"Hold the answer until the run is completed, at most this long"`
}

type rerunQA struct {
	ByID
	Body *struct {
		Checks []string `json:"checks,omitempty" maxItems:"50" doc:"Only these checks; all unless given"`
	}
}

type qaRuns struct {
	ByID
	Page
}

type overrideCheck struct {
	ID    string `path:"id" minLength:"1" maxLength:"64"`
	Check string `path:"check" minLength:"1" maxLength:"64" doc:"Check id, such as photo.sharpness"`
	Body  struct {
		Verdict string `json:"verdict,omitempty" enum:"pass,fail" doc:"What holds instead; required unless revoke"`
		Reason  string `json:"reason" minLength:"3" maxLength:"2000"`
		Revoke  bool   `json:"revoke,omitempty" doc:"Take the override back instead"`
	}
}

type preflight struct {
	ByID
	Body dispatch.Submission
}

// preflightResult is what the per-file checks say before anything is submitted.
type preflightResult struct {
	Preflight qa.Report `json:"preflight" doc:"The checks that judge a file by itself; the others need the whole submission"`
}

func registerQA(s *Server, a huma.API) {
	readRaw(s, a, spec{
		ID: "get_qa", Method: http.MethodGet, Path: "/v1/work_orders/{id}/qa", Tag: "qa", Scope: "work_orders:read", Talent: true, LongPoll: true,
		Summary:     "Get the QA result",
		Description: "The newest run: overallPass, and for each check what was required, what was measured, the files concerned and how to fix it. wait_seconds holds the answer until the run completes.",
	}, func(ctx context.Context, c caller, in *getQA) (dispatch.QAResult, error) {
		wake := s.Listener.Subscribe(dispatch.QATopic(in.ID))
		defer wake.Close()
		timeout := time.After(time.Duration(in.WaitSeconds) * time.Second)
		for {
			result, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (dispatch.QAResult, error) { return s.Dispatch.GetQA(ctx, tx, c.actor(), in.ID) })
			if err != nil || result.QA.Status == dispatch.RunCompleted || in.WaitSeconds == 0 {
				return result, err
			}
			select {
			case <-wake.C:
			case <-timeout:
				return result, nil
			case <-ctx.Done():
				return result, ctx.Err()
			}
		}
	})

	write(s, a, spec{
		ID: "rerun_qa", Method: http.MethodPost, Path: "/v1/work_orders/{id}/qa", Tag: "qa", Scope: "work_orders:write", Status: http.StatusAccepted,
		Summary: "Rerun QA", Description: "Judges the newest revision again, wholly or by the named checks. Earlier runs are kept; the same files and versions give the same result.",
		Errors: []fault.Code{fault.InvalidState}, Example: map[string]any{"checks": []string{"photo.sharpness"}},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *rerunQA) (dispatch.QAResult, error) {
		var checks []string
		if in.Body != nil {
			checks = in.Body.Checks
		}
		return s.Dispatch.RerunQA(ctx, tx, c.Now, c.actor(), in.ID, checks)
	})

	read(s, a, spec{
		ID: "list_qa_runs", Method: http.MethodGet, Path: "/v1/work_orders/{id}/qa/runs", Tag: "qa", Scope: "work_orders:read", Talent: true,
		Summary: "List QA runs", Description: "Every run of every revision, newest first.",
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *qaRuns) (list[dispatch.QA], error) {
		return listed(s.Dispatch.ListRuns(ctx, tx, c.actor(), in.ID, in.of()))
	})

	write(s, a, spec{
		ID: "override_check", Method: http.MethodPost, Path: "/v1/work_orders/{id}/qa/checks/{check}/override", Tag: "qa", Scope: "reviews:write",
		Summary: "Override one check", Description: "A reviewer's verdict replaces the engine's, with a reason, recorded with who and when; revoke takes it back. The work order moves by what then holds.",
		Errors: []fault.Code{fault.InvalidState}, Example: map[string]any{"verdict": "pass", "reason": "The blur is the brief's own motion effect."},
	}, func(ctx context.Context, tx pgx.Tx, c caller, in *overrideCheck) (dispatch.QAResult, error) {
		if !in.Body.Revoke && in.Body.Verdict == "" {
			return dispatch.QAResult{}, fault.Invalid("Nothing was decided", fault.Field{Path: "verdict", Found: "nothing", Expected: "pass or fail", Fix: "Give a verdict, or revoke: true to take an override back"})
		}
		return s.Dispatch.OverrideCheck(ctx, tx, c.Now, c.actor(), in.ID, in.Check, qa.Verdict(in.Body.Verdict), in.Body.Reason, in.Body.Revoke)
	})

	readRaw(s, a, spec{
		ID: "preflight", Method: http.MethodPost, Path: "/v1/work_orders/{id}/preflight", Tag: "qa", Scope: "work_orders:write", Talent: true, LongPoll: true,
		Summary: "Check files before submitting them", Description: "The server's own per-file checks on uploaded files, without creating a revision: what would fail can be taken again on site.",
		Errors:  []fault.Code{fault.InvalidState, fault.Unavailable},
		Example: map[string]any{"files": []any{map[string]any{"file_id": "file_01J8ZQ5V7Q0000000000000000", "kind": "photo", "labels": map[string]any{"store_id": "S1"}}}},
	}, func(ctx context.Context, c caller, in *preflight) (preflightResult, error) {
		ids := make([]string, len(in.Body.Files))
		for i, f := range in.Body.Files {
			ids[i] = f.FileID
		}
		if err := s.claimUploads(ctx, c, ids); err != nil {
			return preflightResult{}, err
		}
		wake := s.Listener.Subscribe(dispatch.QATopic(in.ID))
		defer wake.Close()
		timeout := time.After(preflightPatience)
		asked := false
		for {
			input, err := db.In(ctx, s.Pool, func(tx pgx.Tx) (qa.Input, error) {
				input, unread, err := s.Dispatch.Preflight(ctx, tx, c.actor(), in.ID, in.Body)
				if err == nil && len(unread) > 0 {
					input.Requirements = nil
					if !asked {
						err = jobs.InsertOnce(ctx, tx, jobs.ReadFiles{WorkOrderID: in.ID, FileIDs: unread})
					}
				}
				return input, err
			})
			if err != nil {
				return preflightResult{}, err
			}
			if input.Requirements != nil {
				return preflightResult{qa.PerFile(input)}, nil
			}
			asked = true
			select {
			case <-wake.C:
			case <-timeout:
				return preflightResult{}, fault.New(fault.Unavailable, "The files are still being read: ask again in a few seconds")
			case <-ctx.Done():
				return preflightResult{}, ctx.Err()
			}
		}
	})
}
