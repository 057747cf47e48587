package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/humandispatch/humandispatch/api/internal/apidb"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// keyLifetime is how long an Idempotency-Key replays its first answer.
const keyLifetime = 24 * time.Hour

// idempotencyKey is the key of a request and the fingerprint of what was asked
// under it. The zero key means that none was sent.
type idempotencyKey struct {
	value string
	hash  [sha256.Size]byte // of method, path with query, and body
}

func keyOf(r *http.Request, body []byte) (idempotencyKey, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return idempotencyKey{}, nil
	}
	value := values[0]
	printable := len(values) == 1 && len(value) >= 1 && len(value) <= 255
	for i := 0; printable && i < len(value); i++ {
		printable = value[i] >= 0x20 && value[i] <= 0x7E
	}
	if !printable {
		return idempotencyKey{}, fault.Invalid("The Idempotency-Key is not valid", fault.Field{
			Path: "header.Idempotency-Key", Found: fmt.Sprintf("%d header(s), %d characters", len(values), len(value)),
			Expected: "one header of 1 to 255 printable ASCII characters", Fix: "Send a UUID or similar"})
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", r.Method, r.URL.RequestURI())
	h.Write(body)
	k := idempotencyKey{value: value}
	h.Sum(k.hash[:0])
	return k, nil
}

// effect runs a change in one transaction together with its idempotency record.
// An error of the caller (4xx) rolls the change back but is recorded under the
// key; 429 and 5xx leave nothing, so that the request can be tried again.
func (s *Server) effect(ctx context.Context, c caller, k idempotencyKey, status int, run func(tx pgx.Tx) (any, error)) answer {
	for attempt := 1; ; attempt++ {
		a, err := s.attempt(ctx, c, k, status, run)
		if err == nil {
			return a
		}
		var pgErr *pgconn.PgError
		if attempt < 4 && errors.As(err, &pgErr) && (pgErr.Code == "40001" || pgErr.Code == "40P01") {
			continue
		}
		return s.failure(ctx, c.RequestID, err)
	}
}

func (s *Server) attempt(ctx context.Context, c caller, k idempotencyKey, status int, run func(tx pgx.Tx) (any, error)) (a answer, err error) {
	err = db.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if k.value != "" {
			replay, found, err := s.claim(ctx, tx, c, k)
			if err != nil || found {
				a = replay
				return err
			}
		}
		var body []byte
		var refused error
		err := db.WithTx(ctx, tx, func(savepoint pgx.Tx) error {
			out, err := run(savepoint)
			if errors.As(err, &recordedError{}) {
				refused = err
				return nil
			}
			if err == nil {
				body, err = encode(out)
			}
			return err
		})
		switch {
		case err != nil && (k.value == "" || !storable(err)):
			return err
		case err != nil:
			a = s.failure(ctx, c.RequestID, err)
		case refused != nil:
			a = s.failure(ctx, c.RequestID, refused)
		default:
			a = answer{status: status, body: body}
		}
		if k.value == "" {
			return nil
		}
		if a.status >= 500 || a.status == http.StatusTooManyRequests { // recorded, yet worth another try
			return apidb.New(tx).ReleaseKey(ctx, apidb.ReleaseKeyParams{CallerID: c.id(), Key: k.value})
		}
		return apidb.New(tx).RecordAnswer(ctx, apidb.RecordAnswerParams{CallerID: c.id(), Key: k.value, Sealed: s.answers.seal(c.id(), k, a)})
	})
	return a, err
}

// storable reports whether an error is the caller's and will stay the same.
func storable(err error) bool {
	f, _ := toFault(err)
	status := statuses[f.Code]
	return status < 500 && status != http.StatusTooManyRequests
}

// claim takes the key for this transaction, after waiting for another that holds
// it, or returns the answer recorded under it.
func (s *Server) claim(ctx context.Context, tx pgx.Tx, c caller, k idempotencyKey) (answer, bool, error) {
	n, err := apidb.New(tx).ClaimKey(ctx, apidb.ClaimKeyParams{
		CallerID: c.id(), Key: k.value, RequestHash: k.hash[:], CreatedAt: c.Now, Expired: c.Now.Add(-keyLifetime)})
	if err != nil {
		return answer{}, false, fmt.Errorf("idempotency key: %w", err)
	}
	if n == 1 {
		return answer{}, false, nil
	}
	return s.lookup(ctx, tx, c, k)
}

// recall looks for a recorded answer without waiting or claiming.
func (s *Server) recall(ctx context.Context, c caller, k idempotencyKey) (a answer, found bool, err error) {
	if k.value == "" {
		return answer{}, false, nil
	}
	err = db.WithTx(ctx, s.Pool, func(tx pgx.Tx) error {
		a, found, err = s.lookup(ctx, tx, c, k)
		return err
	})
	return a, found, err
}

func (s *Server) lookup(ctx context.Context, tx pgx.Tx, c caller, k idempotencyKey) (answer, bool, error) {
	row, err := apidb.New(tx).Recorded(ctx, apidb.RecordedParams{CallerID: c.id(), Key: k.value, Expired: c.Now.Add(-keyLifetime)})
	switch {
	case db.Missing(err):
		return answer{}, false, nil
	case err != nil:
		return answer{}, false, fmt.Errorf("idempotency key: %w", err)
	case !bytes.Equal(row.RequestHash, k.hash[:]):
		return answer{}, false, fault.New(fault.ConflictIdempotency, "This Idempotency-Key was used for another request within 24 hours; send the same method, path and body to get its answer, or use a new key").
			With("idempotency_key", k.value)
	case row.Status != nil:
		return answer{status: int(*row.Status), body: row.Body, replayed: true}, true, nil
	}
	a, ok := s.answers.open(c.id(), k, row.Sealed)
	if !ok {
		return answer{}, false, fault.New(fault.ConflictIdempotency, "This request was answered before, with an answer that cannot be shown again since the deployment's secret changed: read the present state, and send what is still to be done under a new key").
			With("idempotency_key", k.value)
	}
	a.replayed = true
	return a, true, nil
}

// PurgeIdempotencyKeys deletes records past their 24 hours and returns how many;
// for a maintenance job.
func PurgeIdempotencyKeys(ctx context.Context, tx pgx.Tx, now time.Time) (int64, error) {
	return apidb.New(tx).PurgeKeys(ctx, now.Add(-keyLifetime))
}
