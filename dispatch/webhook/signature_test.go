package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/humandispatch/humandispatch/dispatch/webhook"
)

var update = flag.Bool("update", false, "write testdata/vectors.json")

// vector is one case that every SDK's verification must decide alike.
type vector struct {
	Name    string            `json:"name"`
	Secrets []string          `json:"secrets"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Now     int64             `json:"now"` // Unix seconds
	Valid   bool              `json:"valid"`
	Reason  string            `json:"reason,omitempty"` // secret, headers, too_old, too_new or signature
}

var reasons = map[string]error{
	"secret": webhook.ErrSecret, "headers": webhook.ErrHeaders, "too_old": webhook.ErrTooOld, "too_new": webhook.ErrTooNew, "signature": webhook.ErrSignature,
}

const vectorsFile = "testdata/vectors.json"

// makeVectors uses fixed secrets, so that the file changes only when the rules do.
func makeVectors() []vector {
	const id, sent = "evt_01J9ZK3V5QW8X7Y6T5R4E3W2Q1", int64(1_776_852_000)
	fixed := func(b byte) string {
		return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(b)), 32)))
	}
	secret, other := fixed('k'), fixed('o')
	body := `{"id":"evt_01J9ZK3V5QW8X7Y6T5R4E3W2Q1","type":"qa.completed","sequence":7,"livemode":false,"created_at":"2026-04-22T10:00:00Z","data":{"object":{"id":"wo_1","note":"Café – 100 % \u003cok\u003e"}},"related":{"task_id":"task_1"}}`
	sign := func(s, id string, at int64, body string) string {
		return webhook.Sign(s, id, time.Unix(at, 0), []byte(body))
	}
	good := sign(secret, id, sent, body)
	base := func(name string) vector {
		return vector{Name: name, Secrets: []string{secret}, Body: body, Now: sent, Headers: map[string]string{
			webhook.HeaderID: id, webhook.HeaderTimestamp: strconv.FormatInt(sent, 10), webhook.HeaderSignature: good,
		}}
	}
	var vectors []vector
	add := func(name, reason string, change func(v *vector)) {
		v := base(name)
		change(&v)
		v.Valid, v.Reason = reason == "", reason
		vectors = append(vectors, v)
	}
	header := func(key, value string) func(v *vector) { return func(v *vector) { v.Headers[key] = value } }
	missing := func(key string) func(v *vector) { return func(v *vector) { delete(v.Headers, key) } }

	add("signed now", "", func(*vector) {})
	add("five minutes old", "", func(v *vector) { v.Now += 300 })
	add("five minutes ahead", "", func(v *vector) { v.Now -= 300 })
	add("secret without prefix", "", func(v *vector) { v.Secrets = []string{strings.TrimPrefix(secret, "whsec_")} })
	add("empty body", "", func(v *vector) { v.Body = ""; v.Headers[webhook.HeaderSignature] = sign(secret, id, sent, "") })
	add("second of two signatures", "", header(webhook.HeaderSignature, sign(other, id, sent, body)+" "+good))
	add("unknown scheme beside ours", "", header(webhook.HeaderSignature, "v1a,"+strings.Repeat("A", 86)+"== "+good))
	add("receiver still holds the old secret too", "", func(v *vector) { v.Secrets = []string{other, secret} })
	add("one of the secrets is empty", "", func(v *vector) { v.Secrets = []string{"", secret} })

	add("body changed", "signature", func(v *vector) { v.Body = strings.Replace(body, `"sequence":7`, `"sequence":8`, 1) })
	add("body with a byte appended", "signature", func(v *vector) { v.Body += "\n" })
	add("id changed", "signature", header(webhook.HeaderID, id[:len(id)-1]+"2"))
	add("timestamp changed", "signature", header(webhook.HeaderTimestamp, strconv.FormatInt(sent+1, 10)))
	add("boundary between id and timestamp moved", "signature", func(v *vector) {
		v.Headers[webhook.HeaderSignature] = sign(secret, id+"."+strconv.FormatInt(sent, 10), sent, body)
	})
	add("another secret", "signature", func(v *vector) { v.Secrets = []string{other} })
	add("signature cut short", "signature", header(webhook.HeaderSignature, good[:len(good)-4]))
	add("signature without scheme", "signature", header(webhook.HeaderSignature, strings.TrimPrefix(good, "v1,")))
	add("signature of another scheme", "signature", header(webhook.HeaderSignature, "v2,"+strings.TrimPrefix(good, "v1,")))
	add("signature empty", "signature", header(webhook.HeaderSignature, "v1,"))
	add("signature header empty", "signature", header(webhook.HeaderSignature, ""))
	add("301 seconds old", "too_old", func(v *vector) { v.Now += 301 })
	add("301 seconds ahead", "too_new", func(v *vector) { v.Now -= 301 })
	add("no id", "headers", missing(webhook.HeaderID))
	add("no timestamp", "headers", missing(webhook.HeaderTimestamp))
	add("no signature", "headers", missing(webhook.HeaderSignature))
	add("id empty", "headers", header(webhook.HeaderID, ""))
	add("timestamp not a number", "headers", header(webhook.HeaderTimestamp, "2026-04-22T10:00:00Z"))
	add("timestamp with a sign", "headers", header(webhook.HeaderTimestamp, "+"+strconv.FormatInt(sent, 10)))
	add("timestamp with a fraction", "headers", header(webhook.HeaderTimestamp, strconv.FormatInt(sent, 10)+".5"))
	add("no secret at all", "secret", func(v *vector) { v.Secrets = []string{} })
	add("empty secret", "secret", func(v *vector) { v.Secrets = []string{""} })
	add("prefix without secret", "secret", func(v *vector) { v.Secrets = []string{"whsec_"} })
	add("secret of 23 bytes", "secret", func(v *vector) {
		short := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 23)))
		v.Secrets = []string{short}
	})
	add("secret not base64", "secret", func(v *vector) { v.Secrets = []string{"whsec_!!!!"} })
	return vectors
}

func TestVectorsFileIsWhatThisPackageSays(t *testing.T) {
	t.Parallel()
	want, err := json.MarshalIndent(map[string]any{
		"about":     "Written by go test ./dispatch/webhook -update. Every SDK decides these alike. Tolerance is 300 seconds, inclusive.",
		"tolerance": 300, "vectors": makeVectors(),
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(vectorsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error(vectorsFile + " is out of date: go test ./dispatch/webhook -run Vectors -update")
	}
}

func TestVerifyDecidesTheVectors(t *testing.T) {
	t.Parallel()
	for _, v := range makeVectors() {
		headers := http.Header{}
		for key, value := range v.Headers {
			headers.Set(key, value)
		}
		err := webhook.Verify(v.Secrets, headers, []byte(v.Body), time.Unix(v.Now, 0))
		if v.Valid && err != nil || !v.Valid && !errors.Is(err, reasons[v.Reason]) {
			t.Errorf("%s: %v, want %q", v.Name, err, v.Reason)
		}
	}
}

func TestHeadersGivenTwiceAreRefused(t *testing.T) {
	t.Parallel()
	secret, at, body := webhook.NewSecret(), time.Unix(1_776_852_000, 0), []byte("{}")
	headers := http.Header{}
	headers.Set(webhook.HeaderID, "evt_1")
	headers.Set(webhook.HeaderTimestamp, "1776852000")
	headers.Set(webhook.HeaderSignature, webhook.Sign(secret, "evt_1", at, body))
	if err := webhook.Verify([]string{secret}, headers, body, at); err != nil {
		t.Fatal(err)
	}
	headers.Add(webhook.HeaderID, "evt_2")
	if err := webhook.Verify([]string{secret}, headers, body, at); !errors.Is(err, webhook.ErrHeaders) {
		t.Errorf("err = %v, want %v", err, webhook.ErrHeaders)
	}
}

func TestReferenceLibraryAndThisOneAgree(t *testing.T) {
	t.Parallel()
	body := []byte(`{"type":"task.created"}`)
	now := time.Now()
	for range 20 {
		secret := webhook.NewSecret()
		reference, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := reference.Sign("evt_1", now, body)
		if err != nil {
			t.Fatal(err)
		}
		if ours := webhook.Sign(secret, "evt_1", now, body); ours != theirs {
			t.Fatalf("signature %s, the reference library's is %s", ours, theirs)
		}
		headers := http.Header{}
		headers.Set(webhook.HeaderID, "evt_1")
		headers.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
		headers.Set(webhook.HeaderSignature, webhook.Sign(secret, "evt_1", now, body))
		if err := reference.Verify(body, headers); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzVerify looks for anything but the one true signature that is accepted.
func FuzzVerify(f *testing.F) {
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	for _, v := range makeVectors() {
		f.Add(v.Headers[webhook.HeaderID], v.Headers[webhook.HeaderTimestamp], v.Headers[webhook.HeaderSignature], v.Body)
	}
	f.Fuzz(func(t *testing.T, id, stamp, signature, body string) {
		headers := http.Header{webhookKey(webhook.HeaderID): {id}, webhookKey(webhook.HeaderTimestamp): {stamp}, webhookKey(webhook.HeaderSignature): {signature}}
		now := time.Unix(1_776_852_000, 0)
		if webhook.Verify([]string{secret}, headers, []byte(body), now) != nil {
			return
		}
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || !strings.Contains(signature, webhook.Sign(secret, id, time.Unix(seconds, 0), []byte(body))) {
			t.Errorf("accepted %q %q %q", id, stamp, signature)
		}
	})
}

func webhookKey(name string) string { return http.CanonicalHeaderKey(name) }
