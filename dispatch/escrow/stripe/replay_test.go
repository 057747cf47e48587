package stripe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// remembering is the part of Stripe that its mock leaves out: it repeats its
// answer to an idempotency key, has a balance, and keeps transfers.
type remembering struct {
	balance   bool // there is enough of it
	lose      bool // the next answer is lost on its way
	answers   map[string]string
	transfers []map[string]any
}

func (s *remembering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if r.Method == http.MethodGet {
		found := []map[string]any{}
		for _, transfer := range s.transfers {
			if transfer["transfer_group"] == r.Form.Get("transfer_group") {
				found = append(found, transfer)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"object": "list", "data": found, "has_more": false})
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if s.answers[key] == "" && s.balance {
		transfer := map[string]any{"id": fmt.Sprint("tr_", len(s.transfers)), "object": "transfer", "transfer_group": r.Form.Get("transfer_group")}
		s.transfers = append(s.transfers, transfer)
		body, _ := json.Marshal(transfer)
		s.answers[key] = string(body)
	} else if s.answers[key] == "" {
		s.answers[key] = `{"error": {"type": "invalid_request_error", "code": "balance_insufficient", "message": "Insufficient funds"}}`
	}
	if s.lose {
		s.lose = false
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if strings.HasPrefix(s.answers[key], `{"error"`) {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = fmt.Fprint(w, s.answers[key])
}

// A payout whose money was collected by card and is not available yet is paid
// later, and once, whatever is killed or lost on the way.
func TestAPayoutAheadOfTheBalanceIsPaidOnce(t *testing.T) {
	t.Parallel()
	tx, now := dbtest.Tx(t), time.Date(2026, 4, 22, 10, 0, 0, 0, time.UTC)
	bank := &remembering{answers: map[string]string{}}
	server := httptest.NewServer(bank)
	t.Cleanup(server.Close)
	p := newProvider(t, server.URL)
	ledger, err := escrow.New(escrow.DefaultPolicy, p)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	account, talent, booking := db.NewID("acct", now), db.NewID("tal", now), db.NewID("bkg", now)
	_, err = tx.Exec(t.Context(), `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Requester', true, $2)`, account, now)
	must(err)
	_, err = tx.Exec(t.Context(), `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Talent', $1, $3)`, talent, account, now)
	must(err)
	must(escrow.SetDestination(t.Context(), tx, now, talent, "stripe", "acct_1Talent"))
	amount := escrow.Amount{Minor: 300000, Currency: "CAD"}
	_, err = ledger.FundFrom(t.Context(), tx, now, "stripe", account, amount, "pi_1"+account)
	must(err)
	_, err = ledger.Hold(t.Context(), tx, now, escrow.HoldRequest{AccountID: account, TalentID: talent, BookingID: booking, Amount: amount, ExpiresAt: now.Add(time.Hour)})
	must(err)
	done, err := ledger.Release(t.Context(), tx, now, escrow.ReleaseRequest{BookingID: booking, Accepted: 1, Total: 1})
	must(err)
	// pay is one run of the payout's job up to what it records.
	pay := func(repeated bool) (escrow.Payout, string, error) {
		t.Helper()
		payout, send, err := ledger.PaymentOf(t.Context(), tx, *done.PayoutID)
		must(err)
		send.Repeated = repeated
		reference, err := p.Pay(t.Context(), send)
		return payout, reference, err
	}

	if _, _, err := pay(false); !errors.Is(err, escrow.ErrNotYet) {
		t.Fatal(err)
	}
	// The process was killed before it recorded that. By now there is a balance, and
	// Stripe still answers this key as it did.
	bank.balance = true
	first, _, err := pay(true)
	if !errors.Is(err, escrow.ErrNotYet) {
		t.Fatal(err)
	}
	_, err = ledger.Postpone(t.Context(), tx, first, now.Add(time.Hour))
	must(err)

	// The new attempt is paid, its answer is lost, and Stripe forgets the key.
	bank.lose = true
	if _, _, err := pay(false); err == nil || errors.Is(err, escrow.ErrNotYet) || errors.Is(err, escrow.ErrDeclined) {
		t.Fatalf("a lost answer is %v", err)
	}
	clear(bank.answers)
	second, reference, err := pay(true)
	must(err)
	paid, err := ledger.RecordPaid(t.Context(), tx, now, second, reference)
	must(err)
	if paid.Status != escrow.PayoutPaid || paid.Attempts != 2 || len(bank.transfers) != 1 {
		t.Errorf("payout %+v, transfers %v", paid, bank.transfers)
	}
	// A run of the first attempt that was held up until now changes nothing.
	late, err := ledger.Postpone(t.Context(), tx, first, now)
	if err != nil || late.Status != escrow.PayoutPaid || late.Attempts != 2 {
		t.Errorf("late outcome made it %+v, %v", late, err)
	}
	found, err := escrow.Verify(t.Context(), tx)
	must(err)
	for _, d := range found {
		t.Error(d)
	}
}
