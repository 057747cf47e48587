package stripe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v84/webhook"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/escrow/stripe"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

const webhookSecret = "whsec_test"

func newProvider(t *testing.T, url string) *stripe.Provider {
	t.Helper()
	p, err := stripe.New(stripe.Config{SecretKey: "sk_test_123", WebhookSecret: webhookSecret, URL: url})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func payment() escrow.Payment {
	return escrow.Payment{Key: "payout:pay_1:1", PayoutID: "pay_1", Amount: escrow.Amount{Minor: 255000, Currency: "CAD"}, Destination: "acct_1Talent"}
}

func TestCollectCreatesAPaymentIntentForTheAccount(t *testing.T) {
	t.Parallel()
	l := connect(t)
	got, err := newProvider(t, l.URL).Collect(t.Context(), escrow.Collection{Key: "fund-1", AccountID: "acct_1", Amount: escrow.Amount{Minor: 24950, Currency: "CAD"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Reference == "" || got.ClientSecret == "" || got.Done {
		t.Errorf("collected = %+v", got)
	}
	r := l.requests[0]
	if r.method != "POST" || r.path != "/v1/payment_intents" || r.key != "fund-1" {
		t.Errorf("request = %+v", r)
	}
	if r.form.Get("amount") != "24950" || r.form.Get("currency") != "cad" || r.form.Get("metadata[humandispatch_account_id]") != "acct_1" {
		t.Errorf("form = %v", r.form)
	}
}

func TestPayTransfersUnderTheAttemptsKey(t *testing.T) {
	t.Parallel()
	l := connect(t)
	reference, err := newProvider(t, l.URL).Pay(t.Context(), payment())
	if err != nil || reference == "" {
		t.Fatalf("reference %q, %v", reference, err)
	}
	r := l.requests[0]
	if len(l.requests) != 1 || r.path != "/v1/transfers" || r.key != "payout:pay_1:1" {
		t.Errorf("requests = %+v", l.requests)
	}
	if r.form.Get("amount") != "255000" || r.form.Get("destination") != "acct_1Talent" || r.form.Get("transfer_group") != "payout:pay_1:1" {
		t.Errorf("form = %v", r.form)
	}
}

func TestRepeatedPayLooksForItsTransferFirst(t *testing.T) {
	t.Parallel()
	l := connect(t)
	p := newProvider(t, l.URL)
	repeated := payment()
	repeated.Repeated = true
	// The mock's list holds a transfer of another group, so a new one is made.
	if _, err := p.Pay(t.Context(), repeated); err != nil {
		t.Fatal(err)
	}
	if len(l.requests) != 2 || l.requests[0].method != "GET" || l.requests[1].method != "POST" {
		t.Fatalf("requests = %+v", l.requests)
	}
	// Stripe, unlike its mock, remembers: a transfer of this group is the answer.
	l.answer = func(w http.ResponseWriter) {
		_, _ = fmt.Fprint(w, `{"object": "list", "data": [{"id": "tr_before", "object": "transfer", "transfer_group": "payout:pay_1:1"}], "has_more": false}`)
	}
	reference, err := p.Pay(t.Context(), repeated)
	if err != nil || reference != "tr_before" {
		t.Errorf("reference = %q, %v", reference, err)
	}
}

func TestOnlyADefiniteNoIsDeclined(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   error // nil: the outcome is unknown
	}{
		{"bad destination", 400, `{"error": {"type": "invalid_request_error", "message": "No such destination"}}`, escrow.ErrDeclined},
		{"balance too low", 400, `{"error": {"type": "invalid_request_error", "code": "balance_insufficient", "message": "Insufficient funds"}}`, escrow.ErrNotYet},
		{"key used otherwise", 400, `{"error": {"type": "idempotency_error", "message": "Keys for idempotent requests"}}`, nil},
		{"wrong API key", 401, `{"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}`, nil},
		{"same key in progress", 409, `{"error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "Busy"}}`, nil},
		{"rate limit", 429, `{"error": {"type": "invalid_request_error", "message": "Too many"}}`, nil},
		{"Stripe down", 503, `<html>`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := connect(t)
			l.answer = func(w http.ResponseWriter) {
				w.WriteHeader(test.status)
				_, _ = fmt.Fprint(w, test.body)
			}
			_, err := newProvider(t, l.URL).Pay(t.Context(), payment())
			definite := errors.Is(err, escrow.ErrDeclined) || errors.Is(err, escrow.ErrNotYet)
			if err == nil || definite != (test.want != nil) || (definite && !errors.Is(err, test.want)) {
				t.Errorf("error = %v, want %v", err, test.want)
			}
			if len(l.requests) != 1 {
				t.Errorf("%d requests: retries belong to the job", len(l.requests))
			}
		})
	}
	l := connect(t)
	l.Close()
	if _, err := newProvider(t, l.URL).Pay(t.Context(), payment()); err == nil || errors.Is(err, escrow.ErrDeclined) {
		t.Errorf("unreachable: %v", err)
	}
	nobody := payment()
	nobody.Destination = ""
	if _, err := newProvider(t, l.URL).Pay(t.Context(), nobody); !errors.Is(err, escrow.ErrDeclined) {
		t.Errorf("without destination: %v", err)
	}
}

func TestStripesUnitsDifferFromISOWhereItSaysSo(t *testing.T) {
	t.Parallel()
	l := connect(t)
	p := newProvider(t, l.URL)
	for _, test := range []struct {
		minor    int64
		currency string
		want     string // empty: declined
	}{
		{250, "JPY", "250"}, {250, "CAD", "250"}, {250, "ISK", "25000"}, {1250, "KWD", "1250"},
		{1251, "KWD", ""}, {250, "UGX", ""}, {250, "MGA", ""}, {2500, "IQD", ""},
	} {
		before := len(l.requests)
		pay := payment()
		pay.Amount = escrow.Amount{Minor: test.minor, Currency: test.currency}
		_, err := p.Pay(t.Context(), pay)
		switch {
		case test.want == "" && (!errors.Is(err, escrow.ErrDeclined) || len(l.requests) != before):
			t.Errorf("%s: %v", pay.Amount, err)
		case test.want != "" && (err != nil || l.requests[before].form.Get("amount") != test.want):
			t.Errorf("%s: %v", pay.Amount, err)
		}
	}
}

// signed is a webhook as Stripe would send it at a moment.
func signed(at time.Time, secret string, event any) ([]byte, string) {
	body, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	s := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
	return s.Payload, s.Header
}

func object(kind string, livemode bool, object map[string]any) map[string]any {
	return map[string]any{"id": "evt_1", "object": "event", "api_version": "2024-06-20", "livemode": livemode, "type": kind, "data": map[string]any{"object": object}}
}

func TestNoticesAreVerified(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "http://127.0.0.1:1")
	intent := object("payment_intent.succeeded", true, map[string]any{
		"id": "pi_1", "object": "payment_intent", "amount_received": 24950, "currency": "cad", "metadata": map[string]string{"humandispatch_account_id": "acct_1"}})
	body, header := signed(time.Now(), webhookSecret, intent)
	n, err := p.Notice(body, header)
	if err != nil || n.Kind != escrow.NoticeFunded || n.Reference != "pi_1" || n.AccountID != "acct_1" || n.Amount.String() != "249.50 CAD" {
		t.Errorf("notice = %+v, %v", n, err)
	}
	if _, err := p.Notice(append(body, ' '), header); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("changed body: %v", err)
	}
	if _, err := p.Notice(body, ""); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("no signature: %v", err)
	}
	body, header = signed(time.Now(), "whsec_other", intent)
	if _, err := p.Notice(body, header); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("another secret: %v", err)
	}
	body, header = signed(time.Now().Add(-6*time.Minute), webhookSecret, intent)
	if _, err := p.Notice(body, header); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("replayed after 6 minutes: %v", err)
	}
	for name, other := range map[string]map[string]any{
		"test mode":     object("payment_intent.succeeded", false, map[string]any{"id": "pi_2", "object": "payment_intent", "metadata": map[string]string{"humandispatch_account_id": "acct_1"}}),
		"another event": object("customer.created", true, map[string]any{"id": "cus_1", "object": "customer"}),
		"not ours":      object("payment_intent.succeeded", true, map[string]any{"id": "pi_3", "object": "payment_intent", "currency": "cad", "amount_received": 1}),
	} {
		body, header := signed(time.Now(), webhookSecret, other)
		if n, err := p.Notice(body, header); err != nil || n.Kind != escrow.NoticeIgnored {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
}

func TestStripeFundsPaysAndTakesBackThroughTheLedger(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	now := time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)
	p := newProvider(t, connect(t).URL)
	ledger, err := escrow.New(escrow.DefaultPolicy, p)
	if err != nil {
		t.Fatal(err)
	}
	account, talent, booking := db.NewID("acct", now), db.NewID("tal", now), db.NewID("bkg", now)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', true, $2)`, account, now)
	must(err)
	_, err = tx.Exec(t.Context(), `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Talent', $1, $3)`, talent, account, now)
	must(err)
	must(escrow.SetDestination(t.Context(), tx, now, talent, "stripe", "acct_1Talent"))

	funded := object("payment_intent.succeeded", true, map[string]any{
		"id": "pi_1" + account, "object": "payment_intent", "amount_received": 300000, "currency": "cad", "metadata": map[string]string{"humandispatch_account_id": account}})
	for range 3 { // Stripe sends some webhooks more than once
		body, header := signed(time.Now(), webhookSecret, funded)
		n, err := p.Notice(body, header)
		must(err)
		must(ledger.Apply(t.Context(), tx, now, p.Name(), n))
	}
	amount := escrow.Amount{Minor: 300000, Currency: "CAD"}
	if got, err := escrow.Available(t.Context(), tx, account, "CAD"); err != nil || got != amount {
		t.Fatalf("available = %s, %v", got, err)
	}
	_, err = ledger.Hold(t.Context(), tx, now, escrow.HoldRequest{AccountID: account, TalentID: talent, BookingID: booking, Amount: amount, ExpiresAt: now.Add(time.Hour)})
	must(err)
	done, err := ledger.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
	must(err)
	payout, send, err := ledger.PaymentOf(t.Context(), tx, *done.PayoutID)
	must(err)
	reference, err := p.Pay(t.Context(), send)
	must(err)
	_, err = ledger.RecordPaid(t.Context(), tx, now, payout, reference)
	must(err)

	reversed := object("transfer.reversed", true, map[string]any{"id": reference, "object": "transfer", "transfer_group": send.Key, "reversed": true})
	for range 2 {
		body, header := signed(time.Now(), webhookSecret, reversed)
		n, err := p.Notice(body, header)
		must(err)
		must(ledger.Apply(t.Context(), tx, now, p.Name(), n))
	}
	payout, err = escrow.GetPayout(t.Context(), tx, payout.ID)
	must(err)
	if payout.Status != escrow.PayoutFailed {
		t.Errorf("payout = %+v", payout)
	}
	found, err := escrow.Verify(t.Context(), tx)
	must(err)
	for _, d := range found {
		t.Error(d)
	}
}

// A payout unit is right when every multiple of it is taken and nothing between.
func TestPayoutUnitIsWhatStripeTakes(t *testing.T) {
	t.Parallel()
	p := newProvider(t, "http://127.0.0.1:1")
	for currency, want := range map[string]int64{"CAD": 1, "JPY": 1, "ISK": 1, "KWD": 10, "BHD": 10, "UGX": 0, "MGA": 0, "LYD": 0, "XXX": 0} {
		if got := p.PayoutUnit(currency); got != want {
			t.Errorf("%s: %d, want %d", currency, got, want)
		}
	}
}
