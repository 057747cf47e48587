package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/dispatch/account"
	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/qa"
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

	"POST /v1/tasks": func(p *parties) {
		newJob(p.world).create(remoteTask)
		p.emptyList("/v1/tasks")
	},
	"GET /v1/tasks": func(p *parties) { newJob(p.world).create(remoteTask); p.emptyList("/v1/tasks") },
	"GET /v1/tasks/{id}": func(p *parties) {
		p.hiddenFromNonReviewers("GET", "/v1/tasks/"+newJob(p.world).create(remoteTask).task, "")
	},
	"POST /v1/tasks/{id}/cancel": func(p *parties) {
		p.hidden("POST", "/v1/tasks/"+newJob(p.world).create(remoteTask).task+"/cancel", "")
	},
	"POST /v1/tasks/{id}/quote_requests": func(p *parties) {
		p.hidden("POST", "/v1/tasks/"+newJob(p.world).create(remoteTask).task+"/quote_requests", `{}`)
	},
	"GET /v1/tasks/{id}/quotes": func(p *parties) {
		p.hidden("GET", "/v1/tasks/"+newJob(p.world).create(remoteTask).invite().quoted().task+"/quotes", "")
	},
	"POST /v1/quotes/{id}/accept": func(p *parties) {
		p.hidden("POST", "/v1/quotes/"+newJob(p.world).create(remoteTask).invite().quoted().quote+"/accept", "")
	},
	"GET /v1/talent/me/quote_requests": func(p *parties) {
		newJob(p.world).create(remoteTask).invite()
		r := p.want(200, "GET", "/v1/talent/me/quote_requests", "", p.strangerTalent...)
		if list := r.json(p)["data"].([]any); len(list) != 0 {
			p.Errorf("strange talent sees invitations %v", list)
		}
	},
	"POST /v1/quote_requests/{id}/quotes": func(p *parties) {
		p.hiddenFromTalent("POST", "/v1/quote_requests/"+newJob(p.world).create(remoteTask).invite().request+"/quotes", `{"amount":1}`)
	},
	"POST /v1/quote_requests/{id}/decline": func(p *parties) {
		p.hiddenFromTalent("POST", "/v1/quote_requests/"+newJob(p.world).create(remoteTask).invite().request+"/decline", "")
	},
	"POST /v1/bookings": func(p *parties) {
		j := newJob(p.world).create(remoteTask).invite().quoted()
		p.want(200, "POST", "/v1/quotes/"+j.quote+"/accept", "")
		p.hidden("POST", "/v1/bookings", `{"quote_id":"`+j.quote+`"}`)
	},
	"GET /v1/bookings/{id}": func(p *parties) {
		path := "/v1/bookings/" + newJob(p.world).create(remoteTask).invite().quoted().booked().booking
		p.hidden("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"POST /v1/bookings/{id}/checkin": func(p *parties) {
		path := "/v1/bookings/" + newJob(p.world).create(onsiteTask).invite().quoted().booked().booking + "/checkin"
		p.hidden("POST", path, `{"lat":1,"lng":1,"accuracy_m":5}`)
		p.hiddenFromTalent("POST", path, `{"lat":1,"lng":1,"accuracy_m":5}`)
	},
	"POST /v1/bookings/{id}/cancel": func(p *parties) {
		p.hidden("POST", "/v1/bookings/"+newJob(p.world).create(remoteTask).invite().quoted().booked().booking+"/cancel", "")
	},
	"GET /v1/work_orders/{id}": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().order
		p.hiddenFromNonReviewers("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"POST /v1/work_orders/{id}/deliverables": func(p *parties) {
		j := newJob(p.world).create(remoteTask).invite().quoted().booked()
		body := `{"files":[{"file_id":"file_x","kind":"video"}]}`
		p.hiddenFromNonReviewers("POST", "/v1/work_orders/"+j.order+"/deliverables", body)
		p.hiddenFromTalent("POST", "/v1/work_orders/"+j.order+"/deliverables", body)
		// A file of somebody else is no file to submit.
		foreign := p.want(201, "POST", "/v1/files/presign", `{"filename":"a.mp4","content_type":"video/mp4","bytes":3}`, p.strangerTalent...).json(p)["file_id"].(string)
		j.asTalent(400, "POST", "/v1/work_orders/"+j.order+"/deliverables", `{"files":[{"file_id":"`+foreign+`","kind":"video"}]}`)
	},
	"POST /v1/work_orders/{id}/preflight": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().order + "/preflight"
		p.hiddenFromNonReviewers("POST", path, `{"files":[{"file_id":"file_x","kind":"video"}]}`)
		p.hiddenFromTalent("POST", path, `{"files":[{"file_id":"file_x","kind":"video"}]}`)
	},
	"GET /v1/work_orders/{id}/qa": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().order + "/qa"
		p.hiddenFromNonReviewers("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"GET /v1/work_orders/{id}/qa/runs": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().order + "/qa/runs"
		p.hiddenFromNonReviewers("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"POST /v1/work_orders/{id}/qa": func(p *parties) {
		p.hiddenFromNonReviewers("POST", "/v1/work_orders/"+newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Fail).order+"/qa", "")
	},
	"POST /v1/work_orders/{id}/qa/checks/{check}/override": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Fail).order + "/qa/checks/video.duration/override"
		p.hiddenFrom("a reviewer of the other mode", p.otherMode, "POST", path, `{"verdict":"pass","reason":"why not"}`)
	},
	"POST /v1/work_orders/{id}/request_changes": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Fail).order + "/request_changes"
		p.hidden("POST", path, `{"message":"Again, please"}`)
	},
	"POST /v1/work_orders/{id}/accept": func(p *parties) {
		p.hidden("POST", "/v1/work_orders/"+newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass).order+"/accept", "")
	},
	"POST /v1/work_orders/{id}/disputes": func(p *parties) {
		path := "/v1/work_orders/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass).order + "/disputes"
		p.hidden("POST", path, `{"reason":"Not mine"}`)
		p.hiddenFromTalent("POST", path, `{"reason":"Not mine"}`)
	},
	"GET /v1/disputes/{id}": func(p *parties) {
		path := "/v1/disputes/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass).disputed().dispute
		p.hiddenFromNonReviewers("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"POST /v1/disputes/{id}/resolve": func(p *parties) {
		path := "/v1/disputes/" + newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass).disputed().dispute + "/resolve"
		p.hiddenFrom("a reviewer of the other mode", p.otherMode, "POST", path, `{"to_talent":300,"to_requester":0,"reason":"Mine now"}`)
	},
	"POST /v1/files/presign": func(p *parties) {
		id := p.want(201, "POST", "/v1/files/presign", `{"filename":"a.jpg","content_type":"image/jpeg","bytes":3}`).json(p)["file_id"].(string)
		p.hiddenFromNonReviewers("GET", "/v1/files/"+id, "")
	},
	"GET /v1/files/{id}": func(p *parties) {
		j := newJob(p.world).create(remoteTask).invite().quoted().booked()
		id := j.upload("clip.mp4", "video/mp4", "content")
		p.hiddenFrom("its requester, before it is submitted", bearer(p.key), "GET", "/v1/files/"+id, "")
		p.hiddenFromNonReviewers("GET", "/v1/files/"+id, "")
		p.hiddenFromTalent("GET", "/v1/files/"+id, "")
	},
	"GET /v1/balance": func(p *parties) {
		newJob(p.world)
		if r := p.want(200, "GET", "/v1/balance", "", p.stranger...); len(r.json(p)["balances"].([]any)) != 0 {
			p.Errorf("a stranger's balance: %s", r.body)
		}
	},
	"GET /v1/ledger/entries": func(p *parties) { newJob(p.world); p.emptyList("/v1/ledger/entries") },
	"GET /v1/payouts": func(p *parties) {
		p.paid()
		p.emptyList("/v1/payouts")
	},
	"GET /v1/payouts/{id}": func(p *parties) {
		path := "/v1/payouts/" + p.paid()
		p.hidden("GET", path, "")
		p.hiddenFromTalent("GET", path, "")
	},
	"GET /v1/work_orders/{id}/receipt": func(p *parties) {
		j := newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
		j.want(200, "POST", "/v1/work_orders/"+j.order+"/accept", "")
		p.hiddenFromNonReviewers("GET", "/v1/work_orders/"+j.order+"/receipt", "")
		p.hiddenFromTalent("GET", "/v1/work_orders/"+j.order+"/receipt", "")
	},
	// Whose money it is follows from the key alone.
	"POST /v1/fundings": func(p *parties) {
		p.want(409, "POST", "/v1/fundings", `{"amount":5,"currency":"CAD"}`, p.otherMode...)
	},
	"POST /v1/sandbox/fund": func(p *parties) {
		p.want(201, "POST", "/v1/sandbox/fund", `{"amount":5,"currency":"CAD"}`, p.otherMode...)
		if r := p.want(200, "GET", "/v1/balance", "", p.stranger...); len(r.json(p)["balances"].([]any)) != 0 {
			p.Errorf("play money reached a live account: %s", r.body)
		}
		p.want(409, "POST", "/v1/sandbox/fund", `{"amount":5,"currency":"CAD"}`, p.stranger...)
	},
	"POST /v1/webhooks":     func(p *parties) { p.hook(); p.emptyList("/v1/webhooks") },
	"GET /v1/webhooks":      func(p *parties) { p.hook(); p.emptyList("/v1/webhooks") },
	"GET /v1/webhooks/{id}": func(p *parties) { p.hidden("GET", "/v1/webhooks/"+p.hook(), "") },
	"PATCH /v1/webhooks/{id}": func(p *parties) {
		p.hidden("PATCH", "/v1/webhooks/"+p.hook(), `{"enabled":false}`)
	},
	"DELETE /v1/webhooks/{id}":             func(p *parties) { p.hidden("DELETE", "/v1/webhooks/"+p.hook(), "") },
	"POST /v1/webhooks/{id}/rotate_secret": func(p *parties) { p.hidden("POST", "/v1/webhooks/"+p.hook()+"/rotate_secret", "") },
	"POST /v1/webhooks/{id}/test":          func(p *parties) { p.hidden("POST", "/v1/webhooks/"+p.hook()+"/test", "") },
	"GET /v1/webhooks/{id}/deliveries":     func(p *parties) { p.hidden("GET", "/v1/webhooks/"+p.hook()+"/deliveries", "") },
	"POST /v1/webhooks/{id}/replay": func(p *parties) {
		p.hidden("POST", "/v1/webhooks/"+p.hook()+"/replay", `{"since":"2026-04-01T00:00:00Z"}`)
	},
	"GET /v1/events": func(p *parties) { newJob(p.world).create(remoteTask); p.emptyList("/v1/events") },
	"GET /v1/events/{id}": func(p *parties) {
		newJob(p.world).create(remoteTask)
		first := p.want(200, "GET", "/v1/events", "").json(p)["data"].([]any)[0].(map[string]any)["id"].(string)
		p.hidden("GET", "/v1/events/"+first, "")
	},
	"GET /v1/reviews/policy": func(p *parties) {
		p.parked()
		if r := p.want(200, "GET", "/v1/reviews/policy", "", p.otherMode...); len(r.json(p)["data"].([]any)) != 0 {
			p.Errorf("a reviewer of the other mode sees %s", r.body)
		}
		p.want(403, "GET", "/v1/reviews/policy", "")
	},
	"POST /v1/reviews/policy/{id}": func(p *parties) {
		p.hiddenFrom("a reviewer of the other mode", p.otherMode, "POST", "/v1/reviews/policy/"+p.parked(), `{"decision":"approve","reason":"why not"}`)
	},
}

// hiddenFromNonReviewers is hidden for what a reviewer of the same world may see.
func (p *parties) hiddenFromNonReviewers(method, path, body string) {
	p.Helper()
	p.hiddenFrom("another account", bearer(p.newKey(p.account("Other", true), account.AgentScopes()...)), method, path, body)
	p.hiddenFrom("a reviewer of the other mode", p.otherMode, method, path, body)
}

// paid is the id of a payout of the owner.
func (p *parties) paid() string {
	p.Helper()
	j := newJob(p.world).create(remoteTask).invite().quoted().booked().submitted().judged(qa.Pass)
	return j.want(200, "POST", "/v1/work_orders/"+j.order+"/accept", "").json(p)["settlement"].(map[string]any)["payout_id"].(string)
}

// hook is the id of a webhook endpoint of the owner.
func (p *parties) hook() string {
	p.Helper()
	return p.want(201, "POST", "/v1/webhooks", `{"url":"http://127.0.0.1:9999/hook"}`).json(p)["id"].(string)
}

// parked is the id of a task of the owner that waits for a reviewer.
func (p *parties) parked() string {
	p.Helper()
	id := newJob(p.world).create(remoteTask).task
	p.tx(func(tx pgx.Tx) error {
		return p.server.Dispatch.RecordScreening(p.Context(), tx, p.clock.Now(), id, policy.Decision{Decision: policy.Review, Rules: []policy.Match{}})
	})
	return id
}

func TestEveryRouteKeepsTenantsApart(t *testing.T) {
	t.Parallel()
	routes := map[string]bool{}
	err := chi.Walk(newWorld(t).server.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		// Nobody signs in there: a signature says what is allowed, or everybody may look.
		signed := strings.HasPrefix(route, blob.UploadPath) || strings.HasPrefix(route, blob.DownloadPath) || route == providerNotices || route == receipt.WellKnownPath
		if !signed && !isDocument(route) && route != "/healthz" && route != "/readyz" {
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
