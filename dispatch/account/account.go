// Package account owns accounts, API keys and their scopes. It knows nothing of
// tasks or money.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/account/internal/accountdb"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Account is one requester in one world: a live account or a test account.
type Account struct {
	ID               string
	Name             string
	Livemode         bool
	AcceptanceWindow time.Duration // how long a work order that passed QA waits before it accepts itself
	CreatedAt        time.Time
}

// DefaultAcceptanceWindow holds unless the account says otherwise.
const DefaultAcceptanceWindow = 72 * time.Hour

// Resources that scopes are given for, each with :read or :write.
var resources = []string{"tasks", "quotes", "bookings", "work_orders", "talent", "files", "webhooks", "money", "reviews", "ops"}

// AllScopes lists every scope a key can carry.
func AllScopes() []string {
	var all []string
	for _, r := range resources {
		all = append(all, r+":read", r+":write")
	}
	return all
}

// AgentScopes is what an agent's key carries unless told otherwise: everything
// but reviewing and operating.
func AgentScopes() []string {
	return slices.DeleteFunc(AllScopes(), func(s string) bool {
		return strings.HasPrefix(s, "reviews:") || strings.HasPrefix(s, "ops:")
	})
}

// Create makes an account.
func Create(ctx context.Context, tx pgx.Tx, now time.Time, name string, livemode bool, acceptanceWindow time.Duration) (Account, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 200 {
		return Account{}, fault.Invalid("The account was not created", fault.Field{Path: "name", Found: fmt.Sprintf("%d characters", len(name)), Expected: "1 to 200 characters", Fix: "Give the account a name"})
	}
	a := Account{ID: db.NewID("acct", now), Name: name, Livemode: livemode, AcceptanceWindow: acceptanceWindow, CreatedAt: now}
	err := accountdb.New(tx).InsertAccount(ctx, accountdb.InsertAccountParams{
		ID: a.ID, Name: name, Livemode: livemode, AcceptanceWindowHours: int32(acceptanceWindow / time.Hour), CreatedAt: now,
	})
	if err != nil {
		return Account{}, fmt.Errorf("create account: %w", err)
	}
	return a, nil
}

// Get returns an account, or NOT_FOUND.
func Get(ctx context.Context, tx pgx.Tx, id string) (Account, error) {
	row, err := accountdb.New(tx).Account(ctx, id)
	if db.Missing(err) {
		return Account{}, fault.New(fault.NotFound, "There is no account %s", id)
	}
	if err != nil {
		return Account{}, fmt.Errorf("account %s: %w", id, err)
	}
	return Account{ID: row.ID, Name: row.Name, Livemode: row.Livemode, AcceptanceWindow: time.Duration(row.AcceptanceWindowHours) * time.Hour, CreatedAt: row.CreatedAt}, nil
}

// NewKey says what a new API key may do. A limit of 0 means the deployment's.
type NewKey struct {
	AccountID         string
	Name              string
	Scopes            []string
	RequestsPerMinute int
	MoneyPerMinute    int
}

// Key is what authentication knows about an API key.
type Key struct {
	ID                string
	AccountID         string
	Livemode          bool
	Scopes            []string
	RequestsPerMinute int // 0: the deployment's
	MoneyPerMinute    int // 0: the deployment's
}

// Allows reports whether the key carries a scope. A :write scope includes :read.
func (k Key) Allows(scope string) bool {
	return slices.Contains(k.Scopes, scope) ||
		(strings.HasSuffix(scope, ":read") && slices.Contains(k.Scopes, strings.TrimSuffix(scope, "read")+"write"))
}

// CreateKey makes an API key and returns it with its secret, which is kept
// nowhere: only its SHA-256 is stored.
func CreateKey(ctx context.Context, tx pgx.Tx, now time.Time, n NewKey) (Key, string, error) {
	a, err := Get(ctx, tx, n.AccountID)
	if err != nil {
		return Key{}, "", err
	}
	for i, scope := range n.Scopes {
		if !slices.Contains(AllScopes(), scope) {
			return Key{}, "", fault.Invalid("The key was not created", fault.Field{
				Path: fmt.Sprintf("scopes[%d]", i), Found: scope, Expected: "one of " + strings.Join(AllScopes(), ", "), Fix: "Use known scopes"})
		}
	}
	prefix := "sk_test_"
	if a.Livemode {
		prefix = "sk_live_"
	}
	random := make([]byte, 24) // 192 bits
	if _, err := rand.Read(random); err != nil {
		return Key{}, "", err
	}
	secret := prefix + base64.RawURLEncoding.EncodeToString(random)
	key := Key{ID: db.NewID("key", now), AccountID: a.ID, Livemode: a.Livemode, Scopes: n.Scopes, RequestsPerMinute: n.RequestsPerMinute, MoneyPerMinute: n.MoneyPerMinute}
	err = accountdb.New(tx).InsertKey(ctx, accountdb.InsertKeyParams{
		ID: key.ID, AccountID: a.ID, Name: n.Name, Hash: hash(secret), Last4: secret[len(secret)-4:], Scopes: n.Scopes,
		RequestsPerMinute: limit(n.RequestsPerMinute), MoneyPerMinute: limit(n.MoneyPerMinute), CreatedAt: now,
	})
	if err != nil {
		return Key{}, "", fmt.Errorf("create key: %w", err)
	}
	return key, secret, nil
}

func limit(n int) *int32 {
	if n == 0 {
		return nil
	}
	v := int32(n)
	return &v
}

// Authenticate finds the key that a secret belongs to, or UNAUTHENTICATED.
func Authenticate(ctx context.Context, tx pgx.Tx, secret string) (Key, error) {
	row, err := accountdb.New(tx).KeyByHash(ctx, hash(secret))
	if db.Missing(err) {
		return Key{}, fault.New(fault.Unauthenticated, "This API key is unknown or was revoked; send `Authorization: Bearer sk_live_…` (or sk_test_…) with a key of your account")
	}
	if err != nil {
		return Key{}, fmt.Errorf("authenticate: %w", err)
	}
	key := Key{ID: row.ID, AccountID: row.AccountID, Livemode: row.Livemode, Scopes: row.Scopes}
	if row.RequestsPerMinute != nil {
		key.RequestsPerMinute = int(*row.RequestsPerMinute)
	}
	if row.MoneyPerMinute != nil {
		key.MoneyPerMinute = int(*row.MoneyPerMinute)
	}
	return key, nil
}

// RevokeKey ends a key, or answers NOT_FOUND.
func RevokeKey(ctx context.Context, tx pgx.Tx, now time.Time, id string) error {
	n, err := accountdb.New(tx).RevokeKey(ctx, accountdb.RevokeKeyParams{ID: id, RevokedAt: &now})
	if err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There is no active key %s", id)
	}
	return nil
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
