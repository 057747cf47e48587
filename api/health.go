package api

import (
	"context"
	"net/http"
	"time"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// healthz answers as long as the process does.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { s.ok(w) }

// readyz answers 200 when the database does and has been migrated, 503 otherwise.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	var migrated bool
	err := s.Pool.QueryRow(ctx, `SELECT to_regclass('idempotency_keys') IS NOT NULL`).Scan(&migrated)
	if err == nil && s.Ready != nil {
		err = s.Ready(ctx)
	}
	switch {
	case err != nil:
		s.Log.WarnContext(ctx, "not ready", "error", err)
		s.fail(w, r, fault.New(fault.Unavailable, "The database does not answer"))
	case !migrated:
		s.fail(w, r, fault.New(fault.Unavailable, "The database has not been migrated; run humandispatch migrate"))
	default:
		s.ok(w)
	}
}

func (s *Server) ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n"))
}
