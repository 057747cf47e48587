package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/humandispatch/humandispatch/dispatch/account"
)

// parties are an owner (the world's key) and strangers who try to reach what is
// the owner's.
type parties struct {
	*world
	stranger       []string // header of a key of another live account with every scope
	otherMode      []string // header of a key of a test account with every scope
	strangerTalent []string // header of a token of talent that has nothing to do with the owner
}

// hidden demands that strangers are told that the owner's object does not exist.
// It is for requests about one object; the owner's own request is the test of
// the operation, not of this.
func (p *parties) hidden(method, path, body string) {
	p.Helper()
	for who, header := range map[string][]string{"another account": p.stranger, "the other mode": p.otherMode} {
		p.hiddenFrom(who, header, method, path, body)
	}
}

// hiddenFromTalent is hidden for operations that accept talent tokens.
func (p *parties) hiddenFromTalent(method, path, body string) {
	p.Helper()
	p.hiddenFrom("strange talent", p.strangerTalent, method, path, body)
}

func (p *parties) hiddenFrom(who string, header []string, method, path, body string) {
	p.Helper()
	r := p.do(method, path, body, header...)
	if r.status != http.StatusNotFound || r.err(p).Code != "NOT_FOUND" {
		p.Errorf("%s %s as %s = %d, want 404 NOT_FOUND: %.300s", method, path, who, r.status, r.body)
	}
}

// emptyList demands that strangers see none of the owner's objects in a list.
func (p *parties) emptyList(path string) {
	p.Helper()
	for who, header := range map[string][]string{"another account": p.stranger, "the other mode": p.otherMode} {
		r := p.do(http.MethodGet, path, "", header...)
		if r.status != http.StatusOK {
			p.Errorf("GET %s as %s = %d: %.300s", path, who, r.status, r.body)
			continue
		}
		if data, ok := r.json(p)["data"].([]any); !ok || len(data) != 0 {
			p.Errorf("GET %s as %s shows %.300s", path, who, r.body)
		}
	}
}

func newParties(t *testing.T) *parties {
	w := newWorld(t)
	live, test := w.account("Stranger", true), w.account("Rehearsal", false)
	p := &parties{world: w,
		stranger:  bearer(w.newKey(live, account.AllScopes()...)),
		otherMode: bearer(w.newKey(test, account.AllScopes()...)),
	}
	token := w.want(201, http.MethodPost, "/v1/talent", `{"name":"Stranger","email":"stranger@example.com"}`, p.stranger...).json(t)["token"].(string)
	p.strangerTalent = bearer(token)
	return p
}

// public is the case of operations that show everybody the same.
func public(*parties) {}

// isolation says of every route how it keeps one account from another's
// objects. Add a case with each operation; the keys are "METHOD /path".
var isolation = map[string]func(p *parties){
	"GET /v1/templates":             public,
	"GET /v1/templates/{task_type}": public,

	// Talent serves every requester of its world, and none of the other one.
	"POST /v1/talent": func(p *parties) {
		p.want(201, http.MethodPost, "/v1/talent", ada)
		p.want(201, http.MethodPost, "/v1/talent", ada, p.otherMode...) // the address is free there
	},
	"GET /v1/talent/search": func(p *parties) {
		p.want(201, http.MethodPost, "/v1/talent", ada)
		found := p.want(200, http.MethodGet, "/v1/talent/search", "", p.otherMode...).json(p)["data"].([]any)
		if len(found) != 0 {
			p.Errorf("the other mode finds %v", found)
		}
	},
	"GET /v1/talent/{id}": func(p *parties) {
		id := p.want(201, http.MethodPost, "/v1/talent", ada).json(p)["id"].(string)
		p.want(200, http.MethodGet, "/v1/talent/"+id, "", p.stranger...)
		p.hiddenFrom("the other mode", p.otherMode, http.MethodGet, "/v1/talent/"+id, "")
		p.hiddenFromTalent(http.MethodGet, "/v1/talent/"+id, "")
	},
}

func TestEveryRouteKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	routes := map[string]bool{}
	err := chi.Walk(newWorld(t).server.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !isDocument(route) && route != "/healthz" && route != "/readyz" {
			routes[method+" "+route] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for route := range routes {
		if isolation[route] == nil {
			t.Errorf("%s has no tenant-isolation case: add one to isolation in isolation_test.go", route)
		}
	}
	for route, check := range isolation {
		if !routes[route] {
			t.Errorf("%s is no route any more: remove its case", route)
			continue
		}
		t.Run(strings.NewReplacer("/", " ").Replace(route), func(t *testing.T) {
			t.Parallel()
			check(newParties(t))
		})
	}
}
