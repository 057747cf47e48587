package talent

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent/internal/talentdb"
)

// Query says who is looked for. Every given condition must hold; empty ones ask nothing.
type Query struct {
	Skills    []string // all of them
	Languages []string // all of them; fr also finds fr-CA
	TaskType  string
	// Lat and Lng are where the work is: only talent who travels that far is
	// found, the nearest first. Without them the best rated come first.
	Lat, Lng      *float64
	RadiusKm      *float64 // only talent at most this far away; needs a point
	City          string   // compared without case, up to a comma: toronto is Toronto, ON
	MinRating     *float64 // finds no one without a rating
	Limit         int      // 1 to 100; 0 is 20
	StartingAfter string   // the id of the last talent of the page before
}

// Found is talent with the distance to the asked point; nil without a point.
type Found struct {
	Talent
	DistanceKm *float64 `json:"distance_km" doc:"Great-circle distance from lat and lng, as they are shown, to the asked point, kilometres; null when none was asked"`
}

// Search finds talent of one world, a page at a time, and reports whether there
// is more. Places and distances are coarse. It returns SCHEMA_VALIDATION_FAILED with every wrong field.
func Search(ctx context.Context, tx pgx.Tx, livemode bool, query Query) ([]Found, bool, error) {
	query, wrong := query.checked()
	if len(wrong) > 0 {
		return nil, false, fault.Invalid("The search is not valid", wrong...)
	}
	search := searchRanked
	if query.Lat != nil {
		search = searchNear
	}
	// One more than asked tells whether there is more.
	found, err := search(ctx, talentdb.New(tx), livemode, query, query.Limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(found) > query.Limit {
		return found[:query.Limit], true, nil
	}
	return found, false, nil
}

func (query Query) checked() (Query, []fault.Field) {
	var f fields
	query.Skills = f.list("skills", query.Skills, f.skill)
	query.Languages = f.list("languages", query.Languages, f.language)
	if query.TaskType != "" {
		query.TaskType = f.taskType("task_type", query.TaskType)
	}
	city, _, _ := strings.Cut(f.line("city", query.City, 0, 100), ",")
	query.City = strings.ToLower(city)
	f.point(query.Lat, query.Lng)
	f.within("radius_km", query.RadiusKm, 0, math.MaxFloat64, true)
	if query.RadiusKm != nil && query.Lat == nil && query.Lng == nil {
		f.add("radius_km", *query.RadiusKm, "radius_km together with lat and lng", "Give the point, or leave radius_km out")
	}
	f.within("min_rating", query.MinRating, 0, 5, false)
	if query.Limit == 0 {
		query.Limit = 20
	}
	if query.Limit < 1 || query.Limit > 100 {
		f.add("limit", query.Limit, "1 to 100", "Ask for a page of that size and go on with starting_after")
	}
	if query.StartingAfter != "" {
		f.text("starting_after", query.StartingAfter, 1, 64, "")
	}
	return query, f
}

func badCursor(id string) error {
	return fault.Invalid("The search is not valid", fault.Field{Path: "starting_after", Found: id,
		Expected: "the id of the last talent of the page before", Fix: "Start again without starting_after"})
}

func searchNear(ctx context.Context, q *talentdb.Queries, livemode bool, query Query, limit int) ([]Found, error) {
	lat, lng, radius := *query.Lat, *query.Lng, float64(maxRadiusKm)
	if query.RadiusKm != nil {
		radius = min(radius, *query.RadiusKm)
	}
	afterKm := -1.0
	if query.StartingAfter != "" {
		var err error
		afterKm, err = q.DistanceTo(ctx, talentdb.DistanceToParams{Lat: lat, Lng: lng, ID: query.StartingAfter, Livemode: livemode})
		if db.Missing(err) {
			return nil, badCursor(query.StartingAfter)
		}
		if err != nil {
			return nil, fmt.Errorf("search talent: %w", err)
		}
	}
	b := boxAround(lat, lng, radius+coarseKm)
	rows, err := q.SearchNear(ctx, talentdb.SearchNearParams{
		Livemode: livemode, Lat: lat, Lng: lng, RadiusKm: radius,
		LatMin: b.latMin, LatMax: b.latMax, WestMin: b.lng[0].min, WestMax: b.lng[0].max, EastMin: b.lng[1].min, EastMax: b.lng[1].max,
		Skills: query.Skills, Languages: query.Languages, TaskType: query.TaskType, City: query.City, MinRating: query.MinRating,
		AfterKm: afterKm, AfterID: query.StartingAfter, Lim: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("search talent: %w", err)
	}
	found := make([]Found, len(rows))
	for i, row := range rows {
		found[i] = Found{view(row.Talent).Coarse(), &row.Km}
	}
	return found, nil
}

func searchRanked(ctx context.Context, q *talentdb.Queries, livemode bool, query Query, limit int) ([]Found, error) {
	// Before the first: better than any.
	afterRating, afterJobs := 6.0, int32(0)
	if query.StartingAfter != "" {
		last, err := q.Talent(ctx, talentdb.TalentParams{ID: query.StartingAfter, Livemode: livemode})
		if db.Missing(err) {
			return nil, badCursor(query.StartingAfter)
		}
		if err != nil {
			return nil, fmt.Errorf("search talent: %w", err)
		}
		afterRating, afterJobs = -1, last.CompletedJobs
		if last.Rating != nil {
			afterRating = *last.Rating
		}
	}
	rows, err := q.SearchRanked(ctx, talentdb.SearchRankedParams{
		Livemode: livemode, Skills: query.Skills, Languages: query.Languages, TaskType: query.TaskType, City: query.City, MinRating: query.MinRating,
		AfterRating: afterRating, AfterJobs: afterJobs, AfterID: query.StartingAfter, Lim: int32(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("search talent: %w", err)
	}
	found := make([]Found, len(rows))
	for i, row := range rows {
		found[i] = Found{Talent: view(row).Coarse()}
	}
	return found, nil
}
