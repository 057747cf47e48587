package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/humandispatch/humandispatch/dispatch/account"
)

const ada = `{"name":"Ada Okafor","email":"ada@example.com","skills":["photography"],"city":"Toronto, ON","lat":43.6532,"lng":-79.3832}`

func TestTalentIsRegisteredFoundAndRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.want(201, http.MethodPost, "/v1/talent", ada).json(t)
	id, token := created["id"].(string), created["token"].(string)

	got := w.want(200, http.MethodGet, "/v1/talent/"+id, "").json(t)
	if got["name"] != "Ada Okafor" || got["token"] != nil || got["email"] != nil {
		t.Errorf("profile = %v", got)
	}
	if got["lat"] != 43.65 || got["lng"] != -79.38 {
		t.Errorf("the profile shows where the talent lives: %v, %v", got["lat"], got["lng"])
	}
	found := w.want(200, http.MethodGet, "/v1/talent/search?lat=43.7&lng=-79.4&skills=photography", "").json(t)["data"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["id"] != id || found[0].(map[string]any)["distance_km"].(float64) > 10 {
		t.Errorf("found %v", found)
	}
	if me := w.want(200, http.MethodGet, "/v1/talent/me", "", bearer(token)...).json(t); me["id"] != id || me["lat"] != 43.6532 {
		t.Errorf("me = %v", me)
	}
	w.want(403, http.MethodGet, "/v1/talent/search", "", bearer(token)...)
	w.want(404, http.MethodGet, "/v1/talent/tal_01JAAAAAAAAAAAAAAAAAAAAAAA", "", bearer(token)...)
	if e := w.want(409, http.MethodPost, "/v1/talent", ada).err(t); e.Code != "INVALID_STATE" {
		t.Errorf("registering twice = %v", e)
	}
}

func TestTestWorldSeesNoLiveTalent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.want(201, http.MethodPost, "/v1/talent", ada).json(t)["id"].(string)
	test := bearer(w.newKey(w.account("Rehearsal", false), account.AgentScopes()...))
	w.want(404, http.MethodGet, "/v1/talent/"+id, "", test...)
	if l := w.want(200, http.MethodGet, "/v1/talent/search", "", test...).json(t); len(l["data"].([]any)) != 0 {
		t.Errorf("test world finds %v", l)
	}
	w.want(201, http.MethodPost, "/v1/talent", ada, test...)
}

func TestPagesHoldEveryTalentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.want(201, http.MethodPost, "/v1/talent", fmt.Sprintf(`{"name":"T%d","email":"t%d@example.com"}`, i, i))
	}
	seen, after := map[string]bool{}, ""
	for range 3 {
		l := w.want(200, http.MethodGet, "/v1/talent/search?limit=2"+after, "").json(t)
		data := l["data"].([]any)
		for _, d := range data {
			id := d.(map[string]any)["id"].(string)
			if seen[id] {
				t.Errorf("%s came twice", id)
			}
			seen[id] = true
			after = "&starting_after=" + id
		}
		if more := l["has_more"].(bool); more != (len(seen) < 5) {
			t.Errorf("has_more = %v after %d", more, len(seen))
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 seen", len(seen))
	}
	for _, limit := range []string{"0", "101", "-1", "x", "1.5", "+3", ""} {
		e := w.want(400, http.MethodGet, "/v1/talent/search?limit="+limit, "").err(t)
		if e.Code != "SCHEMA_VALIDATION_FAILED" {
			t.Errorf("limit=%s: %v", limit, e)
		}
	}
}
