package mcpserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/humandispatch/humandispatch/client"
)

// maxBody is the largest MCP message over HTTP, in bytes: room for the largest
// request body of the API and what JSON-RPC puts around it.
const maxBody = 2 << 20

// peerHeader carries the caller's network address from the HTTP request to the
// tool. What a caller writes into it is overwritten.
const peerHeader = "X-Humandispatch-Peer"

// Handler serves MCP over streamable HTTP, for mounting at /mcp of the API. Each
// request acts with the bearer key of its own Authorization header; it holds no
// sessions, so any process answers any request. Requests to the API go to
// baseURL through transport; Local reaches a handler in the same process, where
// baseURL does not matter.
// Requests of pages of other origins are refused.
func Handler(baseURL string, transport http.RoundTripper, version string) http.Handler {
	if _, inProcess := transport.(local); inProcess {
		baseURL = "http://localhost" // the public one may have a path that a proxy takes off
	}
	// The key of each request is put in its place; without one there is none.
	c := client.New(baseURL, "", patience, client.WithHTTPClient(&http.Client{Transport: transport}), client.WithUserAgent("humandispatch-mcp/"+version))
	server := New(c, version)
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if extra := req.GetExtra(); extra != nil && extra.Header != nil {
				ctx = context.WithValue(ctx, peerKey{}, extra.Header.Get(peerHeader))
			}
			return next(ctx, method, req)
		}
	})
	streamable := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, &mcp.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, PropagateRequestCancellation: true,
		// A page that rebinds its name to this machine has no key, without which
		// there is nothing here that is not public; and a proxy on this machine
		// rightly sends the public name.
		DisableLocalhostProtection: true,
	})
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			if errors.As(err, new(*http.MaxBytesError)) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, "The message could not be read: "+err.Error(), status)
			return
		}
		// The body is here: calls that wait must not end by the server's ReadTimeout.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.Header.Set(peerHeader, r.RemoteAddr)
		streamable.ServeHTTP(w, r)
	}))
}

type peerKey struct{}

// Local sends requests to a handler in the same process, as if they came from
// the network address of the MCP request they are made for.
func Local(handler http.Handler) http.RoundTripper { return local{handler} }

type local struct{ handler http.Handler }

func (l local) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr, _ = r.Context().Value(peerKey{}).(string)
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	w := &answer{header: http.Header{}}
	l.handler.ServeHTTP(w, in)
	if err := r.Context().Err(); err != nil {
		return nil, err // as a network would
	}
	w.WriteHeader(http.StatusOK) // unless it was
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}
