package qa

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

type question struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"` // yes_no, number, choice or text
	Choices []string `json:"choices"`
}

func answersComplete(in *Input, req Requirement) Check {
	p, err := params[struct {
		Stores    []placeData `json:"stores"`
		Questions []question  `json:"questions"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	c := blank(req, fmt.Sprintf("%s answered for each of %s", plural(len(p.Questions), "question"), plural(len(p.Stores), "store")))
	good := 0
	var lacking []string
	for _, store := range p.Stores {
		for _, q := range p.Questions {
			answer, given := in.Submission.Answers[store.StoreID][q.ID]
			expected, ok := q.takes(answer)
			switch {
			case !given || answer == nil:
				lacking = append(lacking, fmt.Sprintf("%s of %s is missing", q.ID, store.StoreID))
			case !ok:
				lacking = append(lacking, fmt.Sprintf("%s of %s is not %s", q.ID, store.StoreID, expected))
			default:
				good++
			}
		}
	}
	total := len(p.Stores) * len(p.Questions)
	c.Measured = fmt.Sprintf("%d of %s", good, plural(total, "answer"))
	if total == 0 {
		c.Measured = "no questions were asked"
	}
	if len(lacking) > 0 {
		c.Verdict = Fail
		c.Measured += "; " + shortList(lacking)
		c.Fix = fmt.Sprintf("Answer every question for every store: %s.", shortList(lacking))
	}
	return c
}

// takes says whether an answer is of the question's type, and what that type is.
func (q question) takes(answer any) (expected string, ok bool) {
	switch q.Type {
	case "yes_no":
		_, ok = answer.(bool)
		return "true or false", ok
	case "number":
		switch n := answer.(type) {
		case float64:
			ok = !math.IsNaN(n) && !math.IsInf(n, 0)
		case json.Number:
			_, err := n.Float64()
			ok = err == nil
		case int, int64:
			ok = true
		}
		return "a number", ok
	case "choice":
		s, isText := answer.(string)
		return "one of " + strings.Join(q.Choices, ", "), isText && slices.Contains(q.Choices, s)
	default:
		s, isText := answer.(string)
		return "text", isText && strings.TrimSpace(s) != ""
	}
}
