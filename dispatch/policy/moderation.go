package policy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Moderator is an outside service that judges text. It is asked between transactions.
type Moderator interface {
	// Moderate judges a text. An error means that there is no judgement.
	Moderate(ctx context.Context, text string) (Moderation, error)
}

// Moderation is what the service said.
type Moderation struct {
	Flagged    bool
	Categories []string // the service's own names of what it saw, sorted
}

// Moderated asks a service about a task. What it flags goes to a reviewer, and so does a
// task it gave no judgement on, for whatever reason: never is a failure an allow. With no
// moderator configured (nil) everything is allowed.
func (s *Screener) Moderated(ctx context.Context, m Moderator, body []byte) Decision {
	out := Decision{Decision: Allow, Rules: []Match{}, RuleSet: s.version}
	if m == nil {
		return out
	}
	var fields []field
	err := collect(&fields, "", gjson.ParseBytes(body), false, 0)
	var text strings.Builder
	for _, f := range fields {
		if !f.forbids {
			text.WriteString(f.text + "\n")
		}
	}
	var judged Moderation
	if err == nil {
		judged, err = m.Moderate(ctx, text.String())
	}
	switch {
	case err != nil:
		out.add(Match{ID: "moderation.unavailable", Category: "moderation", Severity: Review, Matched: "no judgement from the moderation service",
			Fix: "Nothing to change: a reviewer looks at it because the moderation service did not answer."})
	case judged.Flagged:
		out.add(Match{ID: "moderation.flagged", Category: "moderation", Severity: Review, Matched: strings.Join(judged.Categories, ", "),
			Fix: "Rephrase what the moderation service objects to, or wait for a reviewer."})
	}
	return out
}

// HTTPModerator asks an OpenAI-compatible moderation endpoint.
type HTTPModerator struct {
	URL     string        // the whole endpoint, such as https://host/v1/moderations
	Key     string        // bearer token; empty for none
	Model   string        // empty for the service's default
	Timeout time.Duration // of one request; 10 s when 0
	Client  *http.Client  // http.DefaultClient without redirects when nil
}

// maxModerationAnswer bounds how much of an answer is read; real ones are a few KB.
const maxModerationAnswer = 1 << 20

// Moderate implements Moderator. Any answer but a 200 with a result is an error.
func (h HTTPModerator) Moderate(ctx context.Context, text string) (Moderation, error) {
	timeout := h.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request := map[string]string{"input": text}
	if h.Model != "" {
		request["model"] = h.Model
	}
	body, err := json.Marshal(request)
	if err != nil {
		return Moderation{}, fmt.Errorf("moderation: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return Moderation{}, fmt.Errorf("moderation: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if h.Key != "" {
		req.Header.Set("Authorization", "Bearer "+h.Key)
	}
	client := h.Client
	if client == nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	res, err := client.Do(req)
	if err != nil {
		return Moderation{}, fmt.Errorf("moderation: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxModerationAnswer))
	if err != nil {
		return Moderation{}, fmt.Errorf("moderation: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return Moderation{}, fmt.Errorf("moderation: status %d", res.StatusCode)
	}
	var parsed struct {
		Results []struct {
			Flagged    *bool           `json:"flagged"`
			Categories map[string]bool `json:"categories"`
		} `json:"results"`
	}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		return Moderation{}, fmt.Errorf("moderation: %w", err)
	}
	if len(parsed.Results) == 0 {
		return Moderation{}, errors.New("moderation: the answer has no results")
	}
	var out Moderation
	for _, r := range parsed.Results {
		if r.Flagged == nil {
			return Moderation{}, errors.New("moderation: a result does not say whether it is flagged")
		}
		out.Flagged = out.Flagged || *r.Flagged
		for name, on := range r.Categories {
			if on && !slices.Contains(out.Categories, name) {
				out.Categories = append(out.Categories, name)
			}
		}
	}
	slices.Sort(out.Categories)
	return out, nil
}
