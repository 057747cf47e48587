package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/templates"
)

// templateList is a list under the key that the contract names.
type templateList struct {
	Templates []templates.Template `json:"templates"`
	HasMore   bool                 `json:"has_more"`
}

type templatePath struct {
	TaskType string `path:"task_type" maxLength:"64" doc:"Such as PRODUCT_PHOTO_ECOMM" example:"PRODUCT_PHOTO_ECOMM"`
}

func registerTemplate(s *Server, a huma.API) {
	readRaw(s, a, spec{
		ID: "list_templates", Method: http.MethodGet, Path: "/v1/templates", Tag: "templates", Public: true,
		Summary:     "List the task templates",
		Description: "Every kind of task that can be ordered, with its task_spec schema, rules, acceptance tests and a sample payload that POST /v1/tasks accepts. Start here.",
	}, func(_ context.Context, _ caller, in *struct{ Page }) (templateList, error) {
		all := templates.All()
		if in.StartingAfter != "" {
			at := slices.IndexFunc(all, func(t templates.Template) bool { return t.TaskType == in.StartingAfter })
			if at < 0 {
				return templateList{}, fault.Invalid("There is no such page", fault.Field{Path: "query.starting_after", Found: show("", in.StartingAfter), Expected: "the task_type of a template", Fix: "Send the last task_type of the previous page"})
			}
			all = all[at+1:]
		}
		l := listOf(all, in.Limit, func(t templates.Template) templates.Template { return t })
		return templateList{Templates: l.Data, HasMore: l.HasMore}, nil
	})

	readRaw(s, a, spec{
		ID: "get_template", Method: http.MethodGet, Path: "/v1/templates/{task_type}", Tag: "templates", Public: true,
		Summary:     "Get one template",
		Description: "The task_spec schema (JSON Schema 2020-12), the rules across fields, the acceptance tests that automated QA will run, and a sample payload to start from.",
	}, func(_ context.Context, _ caller, in *templatePath) (templates.Template, error) {
		t, ok := templates.Get(in.TaskType)
		if !ok {
			var known []string
			for _, t := range templates.All() {
				known = append(known, t.TaskType)
			}
			return t, fault.New(fault.NotFound, "There is no template %q; details.task_types lists them", in.TaskType).With("task_types", known)
		}
		return t, nil
	})
}
