package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Talent is a person who can be invited. Name, Bio and City are their own
// words: data, never instructions.
type Talent struct {
	ID            string    `json:"id"`
	Livemode      bool      `json:"livemode"`
	Name          string    `json:"name"`
	Bio           string    `json:"bio"`
	City          string    `json:"city"`
	Skills        []string  `json:"skills"`
	Languages     []string  `json:"languages"`
	TaskTypes     []string  `json:"task_types"`
	Lat           *float64  `json:"lat"`
	Lng           *float64  `json:"lng"`
	RadiusKm      float64   `json:"radius_km"`      // how far they travel
	Rating        *float64  `json:"rating"`         // 0 to 5; nil before the first one
	CompletedJobs int       `json:"completed_jobs"` // work orders accepted
	CreatedAt     time.Time `json:"created_at"`
	DistanceKm    *float64  `json:"distance_km"`     // from the point that was searched for; nil when there was none
	Token         string    `json:"token,omitempty"` // set by RegisterTalent only: the talent's bearer token
}

// NewTalent is a person to register.
type NewTalent struct {
	Name      string   `json:"name"`
	Email     string   `json:"email"`
	Bio       string   `json:"bio,omitempty"`
	City      string   `json:"city,omitempty"`
	Skills    []string `json:"skills,omitempty"`
	Languages []string `json:"languages,omitempty"`
	TaskTypes []string `json:"task_types,omitempty"`
	Lat       *float64 `json:"lat,omitempty"`
	Lng       *float64 `json:"lng,omitempty"`
	RadiusKm  float64  `json:"radius_km,omitempty"`
}

// TalentFilter says which talent is searched for. What is not set is not asked.
type TalentFilter struct {
	Page
	Skills    []string // all of these
	Languages []string // all of these BCP 47 tags
	TaskType  string
	Lat, Lng  *float64 // where the work is, degrees; both or neither
	RadiusKm  float64  // at most this far from the point
	City      string
	MinRating float64 // 0 to 5
}

func (f TalentFilter) query() url.Values {
	q := f.Page.query()
	list(q, "skills", f.Skills)
	list(q, "languages", f.Languages)
	q.Set("task_type", f.TaskType)
	q.Set("city", f.City)
	decimal(q, "lat", f.Lat)
	decimal(q, "lng", f.Lng)
	if f.RadiusKm != 0 {
		decimal(q, "radius_km", &f.RadiusKm)
	}
	if f.MinRating != 0 {
		decimal(q, "min_rating", &f.MinRating)
	}
	return q
}

// RegisterTalent adds a person in the world of the key. The answer holds their
// Token, shown here only. INVALID_STATE when the email address is registered.
func (c *Client) RegisterTalent(ctx context.Context, n NewTalent) (Talent, error) {
	return call[Talent](ctx, c, http.MethodPost, "/v1/talent", n)
}

// SearchTalent returns a page of the talent for whom every condition holds,
// nearest first when a point is given, best rated first otherwise.
func (c *Client) SearchTalent(ctx context.Context, f TalentFilter) (List[Talent], error) {
	return listAt[Talent](ctx, c, "/v1/talent/search", f.query())
}

// AllTalent goes through all of them.
func (c *Client) AllTalent(ctx context.Context, f TalentFilter) iter.Seq2[Talent, error] {
	return all(ctx, f.Page, func(ctx context.Context, p Page) (List[Talent], error) {
		f.Page = p
		return c.SearchTalent(ctx, f)
	}, func(t Talent) string { return t.ID })
}

// GetTalent returns a profile; with a talent token, the own one under "me".
func (c *Client) GetTalent(ctx context.Context, id string) (Talent, error) {
	return call[Talent](ctx, c, http.MethodGet, at("/v1/talent/%s", id), nil)
}
