package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	maxAnswer  = 64 << 10 // read, so that the connection can be used again
	keptAnswer = 2 << 10  // kept with the attempt
)

// Attempt is one request of a delivery and what came of it.
type Attempt struct {
	At         time.Time
	Latency    time.Duration
	StatusCode int    // 0 when there was no answer
	Error      string // why there was none, in at most 2 KB of words for the endpoint's owner
	Response   string // the first 2 KB of the answer as text
	RetryAfter time.Duration
}

// Succeeded reports whether the endpoint has received the delivery: it answered 2xx.
func (a Attempt) Succeeded() bool { return a.StatusCode >= 200 && a.StatusCode < 300 }

func (a Attempt) gone() bool { return a.StatusCode == http.StatusGone }

func (a Attempt) status() *int32 {
	if a.StatusCode == 0 {
		return nil
	}
	code := int32(a.StatusCode)
	return &code
}

func (a Attempt) problem() *string {
	if a.Error == "" {
		return nil
	}
	return &a.Error
}

// Send makes one attempt: the event as JSON, signed at the given time with every
// live secret. webhook-id is the event's id, the same in all attempts. A problem
// of the endpoint is in the attempt; the error is one of this side.
func Send(ctx context.Context, client *http.Client, now time.Time, d Due) (Attempt, error) {
	body, err := json.Marshal(d.Event)
	if err != nil {
		return Attempt{}, err
	}
	signatures := make([]string, 0, len(d.Secrets))
	for _, secret := range d.Secrets {
		if s := Sign(secret, d.Event.ID, now, body); s != "" {
			signatures = append(signatures, s)
		}
	}
	if len(signatures) == 0 {
		return Attempt{}, errors.New("webhook endpoint " + d.EndpointID + " has no usable secret")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return Attempt{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "HumanDispatch-Webhooks/1")
	req.Header.Set(HeaderID, d.Event.ID)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(HeaderSignature, strings.Join(signatures, " "))

	a := Attempt{At: now}
	began := time.Now()
	res, err := client.Do(req)
	if err == nil {
		a.StatusCode = res.StatusCode
		a.RetryAfter = retryAfter(res, now)
		// The status decides; whether its text arrives whole does not matter.
		answer, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		_ = res.Body.Close() // an answer that goes on is cut off here
		a.Response = text(answer)
	} else {
		a.Error = explain(err)
	}
	a.Latency = time.Since(began)
	// A worker that is being stopped has learned nothing about the endpoint.
	if err != nil && ctx.Err() != nil {
		return Attempt{}, ctx.Err()
	}
	return a, nil
}

// retryAfter reads Retry-After (seconds or a date, RFC 9110 section 10.2.3) of
// the answers that may carry it.
func retryAfter(res *http.Response, now time.Time) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	value := strings.TrimSpace(res.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// text keeps the beginning of what an endpoint wrote in a form that the database takes.
func text(answer []byte) string {
	if len(answer) > keptAnswer {
		answer = answer[:keptAnswer]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(answer), ""), "\x00", "")
}

// explain says why there was no answer, without the addresses of this network.
func explain(err error) string {
	var (
		timeout interface{ Timeout() bool }
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		network *net.OpError
		urlErr  *url.Error
	)
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork):
		return "not sent: the host resolves to an address that webhooks are never sent to"
	case errors.As(err, &dns):
		return "the host does not resolve"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer within 15 seconds"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer came"
	case errors.As(err, &cert):
		return text([]byte("TLS: " + cert.Err.Error())) // names that the endpoint wrote
	case errors.As(err, &record):
		return "TLS: the endpoint does not speak it"
	case errors.As(err, &network) && network.Op == "remote error": // an alert, RFC 8446 section 6
		return network.Err.Error()
	case errors.As(err, &network):
		return "the connection failed" // its own words name both ends of the connection
	case errors.As(err, &urlErr):
		return text([]byte(urlErr.Err.Error()))
	}
	return "no answer"
}
