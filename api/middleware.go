package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// request is what the door knows of one request, from its first byte on.
type request struct {
	id     string
	caller caller         // once the guard of the operation knows it
	key    idempotencyKey // likewise
}

type requestKey struct{}

// requestOf returns the request that a context belongs to; one without an id
// when it belongs to none.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// envelop gives every request an id, answers panics, sets the headers that every
// response carries, logs and measures.
func (s *Server) envelop(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now() // a duration, not a fact of the domain
		req := &request{id: db.NewID("req", s.Now())}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		h := ww.Header()
		h.Set("X-Request-Id", req.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")

		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // a panic's value is compared, not an error's chain
					panic(p)
				}
				s.Log.ErrorContext(r.Context(), "panic", "request_id", req.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if ww.Status() == 0 {
					s.fail(ww, r, fault.New(fault.Internal, "Something went wrong on our side; nothing was changed; try again, and name the request id when you report it"))
				}
			}
			s.observe(r, ww, req, time.Since(start))
		}()
		next.ServeHTTP(ww, r)
	})
}

func (s *Server) observe(r *http.Request, w middleware.WrapResponseWriter, req *request, took time.Duration) {
	status := w.Status()
	if status == 0 {
		status = http.StatusOK
	}
	route := "none"
	if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" {
		route = c.RoutePattern()
	}
	method := r.Method
	if !slices.Contains(methods, method) {
		method = "other" // the label must not be the caller's to choose
	}
	s.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
	level := slog.LevelInfo
	if status >= 500 {
		level = slog.LevelError
	}
	// Neither headers, query nor body: they hold secrets.
	s.Log.LogAttrs(r.Context(), level, "request",
		slog.String("request_id", req.id), slog.String("method", method), slog.String("route", route), slog.Int("status", status),
		slog.Int("bytes", w.BytesWritten()), slog.Duration("took", took),
		slog.String("account_id", req.caller.AccountID), slog.String("key_id", req.caller.Key.ID), slog.String("talent_id", req.caller.TalentID))
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// allowed lists the methods that a path answers.
func (s *Server) allowed(path string) []string {
	var allow []string
	for _, m := range methods {
		if s.router.Match(chi.NewRouteContext(), m, path) {
			allow = append(allow, m)
			if m == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	return slices.Compact(allow)
}

// headAndOptions answers HEAD wherever GET answers, and OPTIONS everywhere.
// Only the documents may be read by pages of other origins.
func (s *Server) headAndOptions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if public := isDocument(r.URL.Path); public {
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}
		switch r.Method {
		case http.MethodHead:
			if c := chi.RouteContext(r.Context()); !s.router.Match(chi.NewRouteContext(), http.MethodHead, r.URL.Path) {
				c.RouteMethod = http.MethodGet
				c.RoutePath = r.URL.Path
			}
		case http.MethodOptions:
			allow := s.allowed(r.URL.Path)
			if len(allow) == 0 {
				s.notFound(w, r)
				return
			}
			w.Header().Set("Allow", strings.Join(append(allow, http.MethodOptions), ", "))
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, fault.New(fault.NotFound, "There is no such endpoint; GET / lists them all").With("endpoints", s.PublicURL+"/"))
}

func (s *Server) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	allow := s.allowed(r.URL.Path)
	w.Header().Set("Allow", strings.Join(append(allow, http.MethodOptions), ", "))
	s.fail(w, r, fault.New(methodNotAllowed, "This endpoint does not answer that method; it answers %s", strings.Join(allow, ", ")).With("allowed", allow))
}
