package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// bank is the outside world: it keeps what it paid by key, as a payment provider
// does, and it is not reliable. It declines some payments for good, loses some
// requests, and loses some answers after it has paid.
type bank struct {
	url    string
	server *http.Server

	lock     sync.Mutex
	paid     map[string]int64 // minor units, by idempotency key
	declined map[string]bool
	calls    int
	lost     int // requests or answers
}

func openBank() (*bank, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bank{url: "http://" + listener.Addr().String(), paid: map[string]int64{}, declined: map[string]bool{}}
	b.server = &http.Server{Handler: b}
	go func() { _ = b.server.Serve(listener) }()
	return b, nil
}

func (b *bank) close() { _ = b.server.Close() }

// ServeHTTP answers one payment.
func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var payment struct {
		Key   string
		Minor int64
	}
	if err := json.Unmarshal([]byte(r.FormValue("payment")), &payment); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.calls++
	luck := rand.IntN(100)
	if luck < 5 {
		b.lost++
		http.Error(w, "request lost", http.StatusServiceUnavailable)
		return
	}
	if _, known := b.paid[payment.Key]; !known && !b.declined[payment.Key] {
		if luck < 8 {
			b.declined[payment.Key] = true
		} else {
			b.paid[payment.Key] = payment.Minor
		}
	}
	switch {
	case luck >= 95:
		b.lost++
		http.Error(w, "answer lost", http.StatusServiceUnavailable)
	case b.declined[payment.Key]:
		http.Error(w, "declined", http.StatusPaymentRequired)
	default:
		_, _ = fmt.Fprint(w, "bank_"+payment.Key)
	}
}

// remoteBank is the provider through which workers reach the bank.
type remoteBank struct{ url string }

func (remoteBank) Name() string { return "bank" }

func (remoteBank) Collect(context.Context, escrow.Collection) (escrow.Collected, error) {
	return escrow.Collected{}, fmt.Errorf("the soak's bank collects nothing")
}

func (remoteBank) Notice([]byte, string) (escrow.Notice, error) { return escrow.Notice{}, nil }

func (remoteBank) PayoutUnit(string) int64 { return 1 }

func (r remoteBank) Pay(ctx context.Context, p escrow.Payment) (string, error) {
	payment, err := json.Marshal(map[string]any{"Key": p.Key, "Minor": p.Amount.Minor})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, strings.NewReader(url.Values{"payment": {string(payment)}}.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
		return "bank_" + p.Key, nil
	case http.StatusPaymentRequired:
		return "", fmt.Errorf("%w: by the soak's bank", escrow.ErrDeclined)
	default:
		return "", fmt.Errorf("bank answered %s", answer.Status)
	}
}
