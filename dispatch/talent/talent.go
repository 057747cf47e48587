// Package talent owns the people who do the work: their profiles, the search
// for them and their tokens. It knows nothing of tasks, quotes or templates.
package talent

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent/internal/talentdb"
)

// Talent is the profile that requesters see. The email address is no part of it.
type Talent struct {
	ID            string    `json:"id" doc:"Such as tal_01J9Z3N7QX2M8K4V6B0C5D1E2F"`
	Livemode      bool      `json:"livemode" doc:"False in test mode"`
	Name          string    `json:"name" doc:"As the talent gave it: untrusted text"`
	Bio           string    `json:"bio" doc:"As the talent gave it: untrusted text"`
	Skills        []string  `json:"skills" nullable:"false" doc:"In lower case"`
	TaskTypes     []string  `json:"task_types" nullable:"false" doc:"The templates the talent works on"`
	Languages     []string  `json:"languages" nullable:"false" doc:"BCP 47 tags, such as en or fr-CA"`
	City          string    `json:"city" doc:"As the talent gave it: untrusted text"`
	Lat           *float64  `json:"lat" doc:"Where the talent starts from, degrees, to a hundredth (about 1 km) for others than the talent; null when not given"`
	Lng           *float64  `json:"lng" doc:"Where the talent starts from, degrees, to a hundredth (about 1 km) for others than the talent; null when not given"`
	RadiusKm      float64   `json:"radius_km" doc:"How far the talent travels, kilometres"`
	Rating        *float64  `json:"rating" doc:"0 to 5; null before the first one"`
	CompletedJobs int       `json:"completed_jobs" doc:"Work orders accepted"`
	CreatedAt     time.Time `json:"created_at" doc:"When the talent was registered"`
}

// New is who to register.
type New struct {
	Name      string   `json:"name" doc:"1 to 100 characters"`
	Email     string   `json:"email" doc:"Where invitations go; never shown to requesters"`
	Bio       string   `json:"bio,omitempty" doc:"Up to 2,000 characters"`
	Skills    []string `json:"skills,omitempty" nullable:"false" doc:"Up to 50, each 1 to 60 characters; case does not matter"`
	TaskTypes []string `json:"task_types,omitempty" nullable:"false" doc:"The templates the talent works on"`
	Languages []string `json:"languages,omitempty" nullable:"false" doc:"BCP 47 tags, such as en or fr-CA"`
	City      string   `json:"city,omitempty" doc:"Such as Toronto, ON"`
	Lat       *float64 `json:"lat,omitempty" doc:"Where the talent starts from, -90 to 90 degrees; only together with lng"`
	Lng       *float64 `json:"lng,omitempty" doc:"Where the talent starts from, -180 to 180 degrees; only together with lat"`
	RadiusKm  *float64 `json:"radius_km,omitempty" doc:"How far the talent travels, over 0 and up to 500 kilometres; 50 when not given"`
}

// DefaultRadiusKm is how far talent travels who did not say.
const DefaultRadiusKm = 50

// maxRadiusKm bounds every search near a point; the table enforces it.
const maxRadiusKm = 500

// Register adds talent to one world and returns its token, which is kept
// nowhere: only its SHA-256 is stored. It returns SCHEMA_VALIDATION_FAILED with
// every wrong field, or INVALID_STATE when the address is registered already.
func Register(ctx context.Context, tx pgx.Tx, now time.Time, registeredBy string, livemode bool, n New) (Talent, string, error) {
	n, wrong := checked(n)
	if len(wrong) > 0 {
		return Talent{}, "", fault.Invalid("The talent was not registered", wrong...)
	}
	// Postgres keeps microseconds: what is returned now is what is read later.
	t := Talent{ID: db.NewID("tal", now), Livemode: livemode, Name: n.Name, Bio: n.Bio, Skills: n.Skills, TaskTypes: n.TaskTypes, Languages: n.Languages,
		City: n.City, Lat: n.Lat, Lng: n.Lng, RadiusKm: *n.RadiusKm, CreatedAt: now.UTC().Truncate(time.Microsecond)}
	q := talentdb.New(tx)
	rows, err := q.InsertTalent(ctx, talentdb.InsertTalentParams{
		ID: t.ID, Livemode: livemode, RegisteredBy: registeredBy, Name: t.Name, Email: n.Email, Bio: t.Bio, Skills: t.Skills, TaskTypes: t.TaskTypes,
		Languages: t.Languages, City: t.City, Lat: t.Lat, Lng: t.Lng, RadiusKm: t.RadiusKm, CreatedAt: t.CreatedAt,
	})
	if err != nil {
		return Talent{}, "", fmt.Errorf("register talent: %w", err)
	}
	if rows == 0 {
		return Talent{}, "", fault.New(fault.InvalidState, "This email address is registered already").With("errors", []fault.Field{{
			Path: "email", Found: n.Email, Expected: "an address that is not registered yet", Fix: "Find the talent with GET /v1/talent/search, or use another address; the deployment's operator replaces a lost token"}})
	}
	token, err := newToken(ctx, q, now, t.ID)
	return t, token, err
}

// newToken adds a token of 192 random bits to talent.
func newToken(ctx context.Context, q *talentdb.Queries, now time.Time, id string) (string, error) {
	secret := make([]byte, 24)
	_, _ = rand.Read(secret) // never fails
	token := "tk_" + base64.RawURLEncoding.EncodeToString(secret)
	err := q.InsertToken(ctx, talentdb.InsertTokenParams{ID: db.NewID("ttk", now), TalentID: id, Hash: hash(token), CreatedAt: now})
	if err != nil {
		return "", fmt.Errorf("token of talent %s: %w", id, err)
	}
	return token, nil
}

// RevokeTokens ends all tokens of talent and returns how many there were, or
// NOT_FOUND. It is the operator's: a token that leaked has no end of its own.
func RevokeTokens(ctx context.Context, tx pgx.Tx, now time.Time, id string) (int, error) {
	q := talentdb.New(tx)
	// Of two that reissue at once, the second revokes what the first one made.
	if _, err := q.LockTalent(ctx, id); db.Missing(err) {
		return 0, notFound(id)
	} else if err != nil {
		return 0, fmt.Errorf("talent %s: %w", id, err)
	}
	revoked, err := q.RevokeTokens(ctx, talentdb.RevokeTokensParams{TalentID: id, Now: now})
	if err != nil {
		return 0, fmt.Errorf("revoke tokens of talent %s: %w", id, err)
	}
	return int(revoked), nil
}

// ReissueToken ends all tokens of talent and returns a new one, and how many it
// ended, or NOT_FOUND.
func ReissueToken(ctx context.Context, tx pgx.Tx, now time.Time, id string) (token string, revoked int, err error) {
	if revoked, err = RevokeTokens(ctx, tx, now, id); err != nil {
		return "", 0, err
	}
	token, err = newToken(ctx, talentdb.New(tx), now, id)
	return token, revoked, err
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Authenticate finds the talent that a token belongs to, or UNAUTHENTICATED.
func Authenticate(ctx context.Context, tx pgx.Tx, token string) (Talent, error) {
	row, err := talentdb.New(tx).TalentByHash(ctx, hash(token))
	if db.Missing(err) {
		return Talent{}, fault.New(fault.Unauthenticated, "This talent token is unknown or revoked: use the tk_… token from the registration; the deployment's operator replaces a lost one")
	}
	if err != nil {
		return Talent{}, fmt.Errorf("authenticate talent: %w", err)
	}
	return view(row.Talent), nil
}

// coarseKm is more than Coarse can move a point: half a hundredth of a degree of
// latitude and as much of longitude, at the equator.
const coarseKm = 0.8

// Coarse is the profile as others than the talent may see it: people start from
// home, so the place is given to a hundredth of a degree, about a kilometre.
func (t Talent) Coarse() Talent {
	t.Lat, t.Lng = hundredth(t.Lat), hundredth(t.Lng)
	return t
}

// hundredth rounds as the search's SQL does.
func hundredth(degrees *float64) *float64 {
	if degrees == nil {
		return nil
	}
	rounded := math.RoundToEven(*degrees*100)/100 + 0 // never -0
	return &rounded
}

// Get returns talent of one world, or NOT_FOUND.
func Get(ctx context.Context, tx pgx.Tx, livemode bool, id string) (Talent, error) {
	row, err := talentdb.New(tx).Talent(ctx, talentdb.TalentParams{ID: id, Livemode: livemode})
	if db.Missing(err) {
		return Talent{}, notFound(id)
	}
	if err != nil {
		return Talent{}, fmt.Errorf("talent %s: %w", id, err)
	}
	return view(row), nil
}

// Email returns the address to write to, or NOT_FOUND. It is for mail only.
func Email(ctx context.Context, tx pgx.Tx, id string) (string, error) {
	email, err := talentdb.New(tx).Email(ctx, id)
	if db.Missing(err) {
		return "", notFound(id)
	}
	if err != nil {
		return "", fmt.Errorf("email of talent %s: %w", id, err)
	}
	return email, nil
}

// Completed counts one more accepted work order, or returns NOT_FOUND.
func Completed(ctx context.Context, tx pgx.Tx, id string) error {
	rows, err := talentdb.New(tx).Complete(ctx, id)
	if err != nil {
		return fmt.Errorf("talent %s: %w", id, err)
	}
	if rows == 0 {
		return notFound(id)
	}
	return nil
}

func notFound(id string) error {
	return fault.New(fault.NotFound, "There is no talent %.100q: take ids from GET /v1/talent/search", id)
}

func view(r talentdb.Talent) Talent {
	return Talent{ID: r.ID, Livemode: r.Livemode, Name: r.Name, Bio: r.Bio, Skills: r.Skills, TaskTypes: r.TaskTypes, Languages: r.Languages, City: r.City,
		Lat: r.Lat, Lng: r.Lng, RadiusKm: r.RadiusKm, Rating: r.Rating, CompletedJobs: int(r.CompletedJobs), CreatedAt: r.CreatedAt.UTC()}
}
