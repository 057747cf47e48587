// Package client is a Go client of the HumanDispatch REST API: one method for
// each operation, typed errors, retries that repeat nothing, iterators over
// pages. It owns how the API is spoken to and knows nothing of the server's own
// packages.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client speaks to one server as one caller. It is safe for concurrent use.
type Client struct {
	baseURL string
	key     string
	http    *http.Client
	retries int
	wait    time.Duration // before the first retry
	maxWait time.Duration // the longest wait that is sat out
	agent   string
}

// Option changes how a Client works.
type Option func(*Client)

// WithHTTPClient sends requests through c instead of http.DefaultClient's
// settings. A Timeout of it must be longer than the longest wait asked for (60 s).
func WithHTTPClient(c *http.Client) Option { return func(cl *Client) { cl.http = c } }

// WithRetries sets how often a request is tried again (2 unless set), after
// about firstWait (half a second unless set) and twice as long each time.
func WithRetries(n int, firstWait time.Duration) Option {
	return func(cl *Client) { cl.retries, cl.wait = n, firstWait }
}

// WithMaxWait bounds a single wait before a retry (a minute unless set). A
// Retry-After beyond it is not sat out: the error is returned at once.
func WithMaxWait(d time.Duration) Option { return func(cl *Client) { cl.maxWait = d } }

// WithUserAgent names the program in the User-Agent header.
func WithUserAgent(agent string) Option { return func(cl *Client) { cl.agent = agent } }

// New makes a client of the API at baseURL (such as https://api.example.com)
// with an API key (sk_live_…, sk_test_…) or a talent token (tk_…). An empty key
// reaches the public operations only.
func New(baseURL, key string, options ...Option) *Client {
	c := &Client{baseURL: strings.TrimRight(baseURL, "/"), key: key, http: &http.Client{}, retries: 2, wait: 500 * time.Millisecond, maxWait: time.Minute, agent: "humandispatch-go"}
	for _, option := range options {
		option(c)
	}
	return c
}

// With is the same server as somebody else.
func (c *Client) With(key string) *Client {
	other := *c
	other.key = key
	return &other
}

type idempotencyKey struct{}

// IdempotencyKey makes the next POST under ctx carry this key instead of a
// generated one, so that the caller can repeat it after a crash of its own. A
// context is for one POST: another request under the same key is refused.
func IdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}

// Response is the answer of a success.
type Response struct {
	Body     []byte // JSON; empty for 204
	Replayed bool   // the answer to an earlier request, or an earlier try of this one, under the same idempotency key
}

// Do sends one request: body (nil for none; anything that marshals, or
// json.RawMessage) to path, and decodes the answer into out unless that is nil.
// path may carry a query. A POST has an Idempotency-Key, the same in every try,
// so what was done once is not done again. Errors are *Error when the server
// answered, and otherwise say what failed on the way.
func (c *Client) Do(ctx context.Context, method, path string, body, out any) error {
	answer, err := c.Raw(ctx, method, path, body)
	if err != nil || out == nil || len(answer.Body) == 0 {
		return err
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what was expected: %w", method, path, err)
	}
	return nil
}

// Raw is Do without decoding.
func (c *Client) Raw(ctx context.Context, method, path string, body any) (Response, error) {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return Response{}, fmt.Errorf("%s %s: the body does not marshal: %w", method, path, err)
		}
	}
	key := ""
	if method == http.MethodPost {
		if key, _ = ctx.Value(idempotencyKey{}).(string); key == "" {
			key = rand.Text()
		}
	}
	return c.send(ctx, method, path, func() (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, bytes.NewReader(encoded))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/json")
		if body != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		if c.key != "" {
			req.Header.Set("Authorization", "Bearer "+c.key)
		}
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		return req, nil
	})
}

// send tries a request until it is answered for good. build makes it anew for
// each try.
func (c *Client) send(ctx context.Context, method, path string, build func() (*http.Request, error)) (Response, error) {
	for try := 0; ; try++ {
		req, err := build()
		if err != nil {
			return Response{}, fmt.Errorf("%s %s: %w", method, path, err)
		}
		req.Header.Set("User-Agent", c.agent)
		answer, retryAfter, err := c.once(req)
		if err == nil {
			return answer, nil
		}
		wait := c.backoff(try, retryAfter)
		if try >= c.retries || wait > c.maxWait || ctx.Err() != nil || !temporary(err) {
			return Response{}, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return Response{}, fmt.Errorf("%w while waiting to retry after: %w", context.Cause(ctx), err)
		}
	}
}

// once sends a request one time.
func (c *Client) once(req *http.Request) (answer Response, retryAfter time.Duration, err error) {
	resp, err := c.http.Do(req)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the URL: that of an upload is a secret
		}
		return Response{}, 0, fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Response{}, 0, fmt.Errorf("%s %s: the answer broke off: %w", req.Method, req.URL.Path, err)
	}
	replayed := resp.Header.Get("Idempotency-Replayed") == "true"
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return Response{Body: body, Replayed: replayed}, 0, nil
	}
	refusal := errorOf(resp, body)
	refusal.Replayed = replayed
	return Response{}, waitOf(resp.Header.Get("Retry-After")), refusal
}

// backoff is how long to wait before try number try+1: what the server asked
// for, or twice as long each time, with up to half of it taken off at random so
// that callers who failed together do not return together.
func (c *Client) backoff(try int, retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		return retryAfter
	}
	wait := time.Duration(float64(c.wait) * math.Pow(2, float64(try)))
	return wait - time.Duration(mathrand.Float64()*float64(wait)/2)
}

// waitOf reads Retry-After: seconds or a date (RFC 9110, 10.2.3).
func waitOf(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// temporary reports whether the same request may succeed later. GET, PUT of the
// same content and POST under one key can all be repeated.
func temporary(err error) bool {
	var answered *Error
	if !errors.As(err, &answered) {
		return true // never answered, or not wholly
	}
	switch answered.HTTPStatus {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// call is Do with a typed answer.
func call[T any](ctx context.Context, c *Client, method, path string, body any) (out T, err error) {
	err = c.Do(ctx, method, path, body, &out)
	return out, err
}

// at fills ids into a path, escaped.
func at(format string, ids ...string) string {
	escaped := make([]any, len(ids))
	for i, id := range ids {
		escaped[i] = url.PathEscape(id)
	}
	return fmt.Sprintf(format, escaped...)
}

// withQuery appends what is set of a query.
func withQuery(path string, query url.Values) string {
	for name, values := range query {
		if len(values) == 0 || values[0] == "" {
			query.Del(name)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// number is a count as a query value; 0 is not sent.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// flag is a switch as a query value; false is not sent.
func flag(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// list is a list as a query value, separated by commas.
func list(q url.Values, name string, values []string) { q.Set(name, strings.Join(values, ",")) }

// decimal is an optional number as a query value.
func decimal(q url.Values, name string, value *float64) {
	if value != nil {
		q.Set(name, strconv.FormatFloat(*value, 'f', -1, 64))
	}
}
