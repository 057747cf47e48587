package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

// demoSummary is what --json prints.
type demoSummary struct {
	Journeys  []journeySummary       `json:"journeys"`
	LedgerSum map[string]json.Number `json:"ledger_sum"`
}

type journeySummary struct {
	TaskType         string `json:"task_type"`
	Revisions        int    `json:"revisions"`
	OverallPass      bool   `json:"overallPass"`
	PayoutStatus     string `json:"payout_status"`
	WebhooksVerified int    `json:"webhooks_verified"`
}

// play acts as agent and as talent, over HTTP only.
type play struct {
	agent *client.Client
	story *story
	hooks *receiver
}

func newPlay(agent *client.Client, story *story) *play { return &play{agent: agent, story: story} }

func (p *play) run(ctx context.Context) (*demoSummary, error) {
	hooks, err := listenForWebhooks()
	if err != nil {
		return nil, err
	}
	defer hooks.close()
	p.hooks = hooks
	endpoint, err := p.agent.CreateWebhook(ctx, client.NewWebhook{URL: hooks.url, Types: []string{"*"}})
	if err != nil {
		return nil, fmt.Errorf("register webhook: %w", err)
	}
	hooks.trust(endpoint.Secret)
	balances, err := p.agent.FundSandbox(ctx, "5000", "CAD")
	if err != nil {
		return nil, fmt.Errorf("fund the account: %w", err)
	}
	p.story.line("agent", "webhook endpoint %s registered; play money: %s CAD", endpoint.ID, balances[0].Available)

	summary := &demoSummary{LedgerSum: map[string]json.Number{}}
	for i, j := range demoJourneys(time.Now()) {
		done, err := p.journey(ctx, i+1, j)
		if err != nil {
			return summary, fmt.Errorf("%s: %w", j.taskType, err)
		}
		summary.Journeys = append(summary.Journeys, done)
	}
	if err := p.ledger(ctx, summary); err != nil {
		return summary, err
	}
	p.story.chapter("All three jobs went from template to payout.")
	return summary, nil
}

// journey plays one job from its template to the talent's payout.
func (p *play) journey(ctx context.Context, number int, j journey) (journeySummary, error) {
	s := journeySummary{TaskType: j.taskType}
	p.story.chapter(fmt.Sprintf("%d. %s: %s", number, j.taskType, j.task["title"]))
	tpl, err := p.agent.GetTemplate(ctx, j.taskType)
	if err != nil {
		return s, err
	}
	p.story.line("agent", "read the template: risk %s, %d acceptance tests", tpl.Risk, len(tpl.AcceptanceTests))
	talent, err := p.agent.RegisterTalent(ctx, client.NewTalent{Name: []string{"Ada Okafor", "Bo Lindqvist", "Chiara Neri"}[number-1], Email: fmt.Sprintf("talent-%d-%d@example.com", time.Now().UnixNano(), number),
		TaskTypes: []string{j.taskType}, City: "Toronto, ON", Lat: &yonge.Lat, Lng: &yonge.Lng})
	if err != nil {
		return s, fmt.Errorf("register talent: %w", err)
	}
	person := p.agent.With(talent.Token)
	task, err := p.agent.CreateTask(ctx, j.body())
	if err != nil {
		return s, fmt.Errorf("create task: %w", err)
	}
	p.story.line("agent", "created %s; asked %s to quote", task.ID, talent.Name)
	if _, err := p.agent.RequestQuotes(ctx, task.ID, client.InviteTalent{TalentIDs: []string{talent.ID}}); err != nil {
		return s, fmt.Errorf("request quotes: %w", err)
	}
	booking, err := p.book(ctx, j, task, talent.Name, person)
	if err != nil {
		return s, err
	}
	if j.site != nil {
		checkin, err := person.SubmitCheckin(ctx, booking.ID, client.NewCheckin{Lat: j.site.Lat, Lng: j.site.Lng, AccuracyM: 8})
		if err != nil {
			return s, fmt.Errorf("check in: %w", err)
		}
		p.story.line("talent", "checked in: %s, %.0f m from the place", checkin.Checkin.Verdict, *checkin.Checkin.DistanceM)
	}
	first, err := p.submit(ctx, j, 1, booking.WorkOrderID, person)
	if err != nil {
		return s, err
	}
	if caught := failed(first); first.OverallPass || !slices.Equal(caught, []string{j.caught}) {
		return s, fmt.Errorf("QA should have caught %s (%s) and nothing else; it failed %v: %s", j.caught, j.mistake, caught, first.Summary)
	}
	order, err := p.agent.RequestChanges(ctx, booking.WorkOrderID, "")
	if err != nil {
		return s, fmt.Errorf("request changes: %w", err)
	}
	p.story.line("agent", "requested changes, in QA's own words:")
	p.story.quote(order.ChangesMessage)
	second, err := p.submit(ctx, j, 2, booking.WorkOrderID, person)
	if err != nil {
		return s, err
	}
	if !second.OverallPass {
		return s, fmt.Errorf("the corrected submission should pass: %s", second.Summary)
	}
	accepted, err := p.agent.AcceptWork(ctx, booking.WorkOrderID)
	if err != nil {
		return s, fmt.Errorf("accept: %w", err)
	}
	m := accepted.Settlement
	p.story.line("agent", "accepted: %s %s to the talent, %s fee, %s back", m.ToTalent, m.Currency, m.PlatformFee, m.ToRequester)
	if m.PayoutID == nil {
		return s, errors.New("accepting initiated no payout")
	}
	payout, err := p.paid(ctx, person, *m.PayoutID)
	if err != nil {
		return s, err
	}
	p.story.line("talent", "payout %s of %s %s is %s", payout.ID, payout.Amount, payout.Currency, payout.Status)
	s.Revisions, s.OverallPass, s.PayoutStatus = second.Revision, second.OverallPass, payout.Status
	if payout.Status != "paid" {
		return s, fmt.Errorf("payout %s is %s: %s", payout.ID, payout.Status, payout.FailureReason)
	}
	s.WebhooksVerified, err = p.received(ctx, task.ID)
	return s, err
}

// book has the talent quote and the agent accept and book.
func (p *play) book(ctx context.Context, j journey, task client.Task, name string, person *client.Client) (client.Booking, error) {
	var invitation client.Invitation
	for invitation.ID == "" { // the task opens once it has been screened
		for i, err := range person.AllInvitations(ctx, "requested") {
			if err != nil {
				return client.Booking{}, fmt.Errorf("invitations: %w", err)
			}
			if i.TaskID == task.ID {
				invitation = i
			}
		}
		if invitation.ID == "" {
			if err := pause(ctx); err != nil {
				return client.Booking{}, fmt.Errorf("the talent waits for the invitation: %w", err)
			}
		}
	}
	quote, err := person.SubmitQuote(ctx, invitation.ID, client.NewQuote{Amount: j.price, Message: "I can do that."})
	if err != nil {
		return client.Booking{}, fmt.Errorf("quote: %w", err)
	}
	p.story.line("talent", "%s quoted %s %s", name, quote.Amount, quote.Currency)
	if _, err := p.agent.AcceptQuote(ctx, quote.ID); err != nil {
		return client.Booking{}, fmt.Errorf("accept quote: %w", err)
	}
	booking, err := p.agent.CreateBooking(ctx, quote.ID)
	if err != nil {
		return client.Booking{}, fmt.Errorf("book: %w", err)
	}
	p.story.line("agent", "booked %s: %s %s %s in escrow", booking.ID, booking.Amount, booking.Currency, booking.Escrow.Status)
	return booking, nil
}

// submit uploads and registers one revision and waits for its verdict.
func (p *play) submit(ctx context.Context, j journey, revision int, orderID string, person *client.Client) (client.QA, error) {
	done := p.story.begin("media made and uploaded")
	submission := client.Submission{Answers: j.answers, Message: "All done."}
	size := 0
	var names []string // QA speaks of file ids; people of names
	for _, file := range j.revision(revision) {
		id, err := person.UploadFile(ctx, client.NewFile{Filename: file.name, ContentType: file.contentType, Bytes: int64(len(file.content))}, bytes.NewReader(file.content))
		if err != nil {
			return client.QA{}, fmt.Errorf("upload %s: %w", file.name, err)
		}
		size += len(file.content)
		names = append(names, id, file.name)
		submission.Files = append(submission.Files, client.NewDeliverable{FileID: id, Kind: file.kind, Labels: file.labels})
	}
	done(fmt.Sprintf("%d files, %.1f MB", len(submission.Files), float64(size)/1e6))
	if _, err := person.RegisterDeliverables(ctx, orderID, submission); err != nil {
		return client.QA{}, fmt.Errorf("submit: %w", err)
	}
	note := ""
	if revision == 1 {
		note = " (" + j.mistake + ")"
	}
	p.story.line("talent", "submitted revision %d%s", revision, note)
	done = p.story.begin("QA")
	qa, err := p.agent.AwaitQA(ctx, orderID)
	if err != nil {
		return qa, fmt.Errorf("QA: %w", err)
	}
	done(qa.Summary)
	named := strings.NewReplacer(names...)
	for _, check := range qa.Checks {
		mark := p.story.style("32", "pass")
		switch {
		case check.Verdict == "fail" && check.Blocking:
			mark = p.story.style("31", "FAIL")
		case check.Verdict == "fail":
			mark = p.story.style("33", "note")
		case check.Verdict == "inconclusive":
			mark = p.story.style("33", "open")
		}
		p.story.quote(fmt.Sprintf("%s  %-22s %s", mark, check.ID, named.Replace(check.Measured)))
		if check.Verdict == "fail" && check.Blocking {
			p.story.quote("      required: " + check.Required)
		}
	}
	return qa, nil
}

// paid waits until a payout has ended one way or the other.
func (p *play) paid(ctx context.Context, person *client.Client, id string) (client.Payout, error) {
	for {
		payout, err := person.GetPayout(ctx, id)
		if err != nil || payout.Status != "initiated" {
			return payout, err
		}
		if err := pause(ctx); err != nil {
			return payout, fmt.Errorf("payout %s is still initiated: %w", id, err)
		}
	}
}

// received waits until every event about a task has arrived as a webhook with a
// good signature, and counts them.
func (p *play) received(ctx context.Context, taskID string) (int, error) {
	for {
		missing, verified := 0, 0
		for e, err := range p.agent.Events(ctx, client.EventFilter{Limit: 100}) {
			if err != nil {
				return 0, fmt.Errorf("events: %w", err)
			}
			if e.Related["task_id"] != taskID {
				continue
			}
			if p.hooks.has(e.ID) {
				verified++
			} else {
				missing++
			}
		}
		if refused := p.hooks.refusal(); refused != nil {
			return verified, refused
		}
		if missing == 0 {
			p.story.line("webhooks", "%d events received, every signature verified: %s", verified, strings.Join(p.hooks.types(taskID), ", "))
			return verified, nil
		}
		if err := pause(ctx); err != nil {
			return verified, fmt.Errorf("%d webhooks never arrived: %w", missing, err)
		}
	}
}

// ledger shows what the account's money did and that it sums to zero.
func (p *play) ledger(ctx context.Context, summary *demoSummary) error {
	p.story.chapter("The ledger")
	sums, kinds := map[string]*big.Rat{}, map[string]*big.Rat{}
	var order []string
	for e, err := range p.agent.AllLedgerEntries(ctx) {
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		amount, ok := new(big.Rat).SetString(e.Amount.String())
		if !ok {
			return fmt.Errorf("ledger entry %s: amount %q", e.ID, e.Amount)
		}
		for _, total := range []struct {
			in  map[string]*big.Rat
			key string
		}{{sums, e.Currency}, {kinds, e.Account}} {
			if total.in[total.key] == nil {
				total.in[total.key] = new(big.Rat)
			}
			total.in[total.key].Add(total.in[total.key], amount)
		}
		if !slices.Contains(order, e.Account) {
			order = append(order, e.Account)
		}
	}
	slices.Sort(order)
	for _, account := range order {
		p.story.line("", "%-16s %12s", account, kinds[account].FloatString(2))
	}
	for currency, sum := range sums {
		p.story.line("", "%-16s %12s", "sum in "+currency, sum.FloatString(2))
		summary.LedgerSum[currency] = json.Number(sum.RatString())
		if sum.Sign() != 0 {
			return fmt.Errorf("the ledger's entries in %s sum to %s, not to zero", currency, sum.FloatString(2))
		}
	}
	if len(sums) == 0 {
		return errors.New("the ledger has no entries")
	}
	return nil
}

// pause waits a moment before something is looked at again.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

// receiver is the agent's webhook endpoint: it takes what is signed and new.
type receiver struct {
	url    string
	server *http.Server

	lock    sync.Mutex
	secret  string
	seen    map[string]received
	order   []string
	refused error
}

type received struct{ eventType, taskID string }

func listenForWebhooks() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{url: "http://" + listener.Addr().String() + "/hook", seen: map[string]received{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *receiver) close() { _ = r.server.Close() }

func (r *receiver) trust(secret string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.secret = secret
}

// ServeHTTP verifies the signature before it believes a word.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	r.lock.Lock()
	defer r.lock.Unlock()
	if err == nil {
		err = webhook.Verify([]string{r.secret}, req.Header, body, time.Now())
	}
	var e client.Event
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err != nil {
		r.refused = errors.Join(r.refused, fmt.Errorf("webhook refused: %w", err))
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, again := r.seen[e.ID]; !again {
		r.seen[e.ID] = received{e.Type, e.Related["task_id"]}
		r.order = append(r.order, e.ID)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) has(id string) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	_, ok := r.seen[id]
	return ok
}

func (r *receiver) refusal() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.refused
}

// types lists the types of a task's events in the order they came in.
func (r *receiver) types(taskID string) []string {
	r.lock.Lock()
	defer r.lock.Unlock()
	var types []string
	for _, id := range r.order {
		if e := r.seen[id]; e.taskID == taskID {
			types = append(types, e.eventType)
		}
	}
	return types
}
