package policy

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestModerationNeverFailsToAllow(t *testing.T) {
	t.Parallel()
	const task = `{"title":"Mugs","brief":"Ten mugs on white.","task_spec":{"claims_blocklist":["cure"]}}`
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   Severity
		id     string
	}{
		{"not flagged", func(w http.ResponseWriter, r *http.Request) {
			var got struct{ Input, Model string }
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil || !strings.Contains(got.Input, "Ten mugs") || strings.Contains(got.Input, "cure") || got.Model != "m" || r.Header.Get("Authorization") != "Bearer k" {
				w.WriteHeader(http.StatusBadRequest)
			}
			_, _ = w.Write([]byte(`{"results":[{"flagged":false,"categories":{"violence":false}}]}`))
		}, Allow, ""},
		{"flagged", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"results":[{"flagged":true,"categories":{"violence":true,"hate":true,"sexual":false}}]}`))
		}, Review, "moderation.flagged"},
		{"server error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, Review, "moderation.unavailable"},
		{"redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(http.StatusFound)
		}, Review, "moderation.unavailable"},
		{"no results", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"results":[]}`)) }, Review, "moderation.unavailable"},
		{"no judgement", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"results":[{}]}`)) }, Review, "moderation.unavailable"},
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) }, Review, "moderation.unavailable"},
		{"too slow", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is the client's leaving noticed
			<-r.Context().Done()
		}, Review, "moderation.unavailable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.answer)
			t.Cleanup(server.Close)
			timeout := 10 * time.Second
			if test.name == "too slow" {
				timeout = 20 * time.Millisecond
			}
			d := Default().Moderated(t.Context(), HTTPModerator{URL: server.URL, Key: "k", Model: "m", Timeout: timeout}, []byte(task))
			if d.Decision != test.want || test.id != "" && d.Rules[0].ID != test.id {
				t.Errorf("got %+v, want %s %s", d, test.want, test.id)
			}
		})
	}
	if d := Default().Moderated(t.Context(), nil, []byte(task)); d.Decision != Allow {
		t.Errorf("without a moderator: %+v", d)
	}
	if d := Default().Moderated(t.Context(), HTTPModerator{URL: "http://127.0.0.1:1/"}, []byte(task)); d.Decision != Review {
		t.Errorf("nobody listening: %+v", d)
	}
}
