package mcpserver

import "encoding/json"

// brief are the fields of a template that a list of them shows: the whole of all
// templates is more than an agent should have to read to choose one.
var brief = []string{"task_type", "version", "name", "description", "risk", "location_modes", "deliverables"}

func shapeTemplates(args arguments, body map[string]json.RawMessage) (map[string]any, error) {
	if args.text("task_type") != "" {
		return map[string]any{"templates": []any{body}}, nil
	}
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(body["templates"], &all); err != nil {
		return nil, err
	}
	list := make([]any, len(all))
	for i, template := range all {
		short := map[string]json.RawMessage{}
		for _, name := range brief {
			if value, has := template[name]; has {
				short[name] = value
			}
		}
		list[i] = short
	}
	return map[string]any{"templates": list}, nil
}

// shapeEvents leaves the objects out unless they were asked for.
func shapeEvents(args arguments, body map[string]json.RawMessage) (map[string]any, error) {
	var events []map[string]json.RawMessage
	if err := json.Unmarshal(body["data"], &events); err != nil {
		return nil, err
	}
	if !args.on("include_objects") {
		for _, e := range events {
			var data struct {
				Object map[string]json.RawMessage `json:"object"`
			}
			if err := json.Unmarshal(e["data"], &data); err != nil {
				return nil, err
			}
			short := map[string]json.RawMessage{}
			for _, name := range []string{"id", "status", "verdict", "overallPass"} {
				if value, has := data.Object[name]; has {
					short[name] = value
				}
			}
			reduced, err := json.Marshal(map[string]any{"object": short})
			if err != nil {
				return nil, err
			}
			e["data"] = reduced
		}
	}
	return map[string]any{"data": events, "has_more": body["has_more"]}, nil
}

// shapeTalent names the fields that talent wrote, as other answers do.
func shapeTalent(_ arguments, body map[string]json.RawMessage) (map[string]any, error) {
	return map[string]any{"data": body["data"], "has_more": body["has_more"], "untrusted": []string{"data[].name", "data[].bio", "data[].city"}}, nil
}
