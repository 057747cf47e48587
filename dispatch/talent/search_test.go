package talent_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/dispatch/talent"
)

// search returns the ids of all pages, having checked that pages fit together.
func (b *bundle) search(t testing.TB, query talent.Query) []string {
	t.Helper()
	ids := []string{}
	for range 1000 {
		found, more, err := talent.Search(t.Context(), b.tx, false, query)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			ids = append(ids, f.ID)
		}
		if !more {
			return ids
		}
		query.StartingAfter = ids[len(ids)-1]
	}
	t.Fatal("the pages have no end")
	return nil
}

func (b *bundle) rate(t testing.TB, id string, rating float64, jobs int) {
	t.Helper()
	if _, err := b.tx.Exec(t.Context(), `UPDATE talent SET rating = $2, completed_jobs = $3 WHERE id = $1`, id, rating, jobs); err != nil {
		t.Fatal(err)
	}
}

func TestEveryConditionOfASearchMustHold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who, _ := b.register(t, talent.New{Skills: []string{"audio", "video"}, TaskTypes: []string{"PODCAST_ON_SITE_CAPTURE"}, Languages: []string{"en", "fr-CA"}, City: "Toronto, ON"})
	b.rate(t, who.ID, 4.5, 3)
	b.register(t, talent.New{}) // matches nothing that is asked
	for name, c := range map[string]struct {
		query talent.Query
		found bool
	}{
		"skill":            {talent.Query{Skills: []string{"Audio"}}, true},
		"all skills":       {talent.Query{Skills: []string{"video", "audio"}}, true},
		"one skill less":   {talent.Query{Skills: []string{"audio", "drone"}}, false},
		"language":         {talent.Query{Languages: []string{"EN", "fr"}}, true},
		"variant":          {talent.Query{Languages: []string{"fr-CA"}}, true},
		"other variant":    {talent.Query{Languages: []string{"fr-FR"}}, false},
		"longer language":  {talent.Query{Languages: []string{"en-GB"}}, false},
		"task type":        {talent.Query{TaskType: "PODCAST_ON_SITE_CAPTURE"}, true},
		"other task type":  {talent.Query{TaskType: "UGC_VERTICAL_BATCH"}, false},
		"city":             {talent.Query{City: "toronto"}, true},
		"city and region":  {talent.Query{City: "Toronto, Ontario"}, true},
		"other city":       {talent.Query{City: "Montréal"}, false},
		"rating":           {talent.Query{MinRating: ptr(4.5)}, true},
		"higher rating":    {talent.Query{MinRating: ptr(4.6)}, false},
		"one does not fit": {talent.Query{Skills: []string{"audio"}, City: "Ottawa"}, false},
	} {
		var want []string
		if c.found {
			want = []string{who.ID}
		}
		if got := b.search(t, c.query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	found, more, err := talent.Search(t.Context(), b.tx, true, talent.Query{})
	if err != nil || more || len(found) != 0 || found == nil {
		t.Errorf("in the other world: %v, %v, %v", found, more, err)
	}
}

func TestNearbyTalentComesNearestFirstAndWithinItsOwnRadius(t *testing.T) {
	t.Parallel()
	b := setup(t)
	// Along a meridian a degree is 111.195 km.
	at := func(degrees, radius float64) string {
		who, _ := b.register(t, talent.New{Lat: ptr(degrees), Lng: ptr(10.0), RadiusKm: ptr(radius)})
		return who.ID
	}
	far, near, middle := at(0.4, 50), at(0.1, 50), at(-0.2, 50)
	homebody, traveller := at(0.3, 30), at(2, 300)
	b.register(t, talent.New{}) // nobody knows where

	point := talent.Query{Lat: ptr(0.0), Lng: ptr(10.0)}
	if got, want := b.search(t, point), []string{near, middle, far, traveller}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v (without %s)", got, want, homebody)
	}
	point.RadiusKm = ptr(23.0)
	if got, want := b.search(t, point), []string{near, middle}; !slices.Equal(got, want) {
		t.Errorf("within 23 km: %v, want %v", got, want)
	}
	found, _, err := talent.Search(t.Context(), b.tx, false, point)
	if err != nil || found[0].DistanceKm == nil || math.Abs(*found[0].DistanceKm-11.1195) > 0.001 {
		t.Errorf("distance of %+v, %v", found, err)
	}
}

func TestWithoutAPointTheBestComeFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var ids []string
	for range 4 {
		who, _ := b.register(t, talent.New{})
		ids = append(ids, who.ID)
	}
	b.rate(t, ids[1], 4, 1)
	b.rate(t, ids[2], 4, 9)
	b.rate(t, ids[3], 5, 0)
	if got, want := b.search(t, talent.Query{}), []string{ids[3], ids[2], ids[1], ids[0]}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	found, _, err := talent.Search(t.Context(), b.tx, false, talent.Query{})
	if err != nil || found[0].DistanceKm != nil {
		t.Errorf("a distance without a point: %+v, %v", found, err)
	}
}

func TestPagesShowEveryoneOnceAlsoAmongEquals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 23 {
		who, _ := b.register(t, talent.New{Lat: ptr(float64(i/5) / 100), Lng: ptr(0.0)})
		if i%3 > 0 {
			b.rate(t, who.ID, float64(i%3), i%2)
		}
	}
	for _, query := range []talent.Query{{}, {Lat: ptr(0.0), Lng: ptr(0.0)}} {
		whole := b.search(t, query)
		if len(whole) != 23 {
			t.Errorf("found %d of 23", len(whole))
		}
		for _, query.Limit = range []int{1, 2, 7, 23, 100} {
			if got := b.search(t, query); !slices.Equal(got, whole) {
				t.Errorf("in pages of %d: %v\nwant %v", query.Limit, got, whole)
			}
		}
	}
}

// The search is compared with going through everyone, at places where boxes are hard.
func TestSearchFindsTheSameAsGoingThroughEveryone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	random := rand.New(rand.NewPCG(7, 11))
	centres := [][2]float64{{43.65, -79.38}, {0, 180}, {-17, -179.95}, {89.9, 30}, {-89.5, -100}, {90, 0}, {66, 179.9}}
	var everyone []talent.Talent
	for range 300 {
		c := centres[random.IntN(len(centres))]
		lat := max(-90, min(90, c[0]+random.NormFloat64()*2))
		lng := math.Mod(c[1]+random.NormFloat64()*4+540, 360) - 180
		if math.Abs(lat) > 85 {
			lng = random.Float64()*360 - 180
		}
		who, _ := b.register(t, talent.New{Lat: &lat, Lng: &lng, RadiusKm: ptr(1 + 499*random.Float64())})
		everyone = append(everyone, who.Coarse())
	}
	total := 0
	for i := range 60 {
		c := centres[i%len(centres)]
		lat, lng, radius := c[0], c[1], 1+600*random.Float64()
		want := []string{}
		for _, who := range everyone {
			if km := distance(lat, lng, *who.Lat, *who.Lng); km <= min(radius, who.RadiusKm) {
				want = append(want, who.ID)
			}
		}
		got := b.search(t, talent.Query{Lat: &lat, Lng: &lng, RadiusKm: &radius, Limit: 100})
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%.0f km around (%v, %v): found %d, want %d", radius, lat, lng, len(got), len(want))
		}
		total += len(want)
	}
	if total < 500 {
		t.Errorf("only %d finds in all: the test proves little", total)
	}
}

// distance is by the spherical law of cosines on unit vectors, unlike the table's.
func distance(lat1, lng1, lat2, lng2 float64) float64 {
	vector := func(lat, lng float64) [3]float64 {
		lat, lng = lat*math.Pi/180, lng*math.Pi/180
		return [3]float64{math.Cos(lat) * math.Cos(lng), math.Cos(lat) * math.Sin(lng), math.Sin(lat)}
	}
	a, b := vector(lat1, lng1), vector(lat2, lng2)
	chord := math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
	return 2 * 6371.0088 * math.Asin(math.Min(1, chord/2))
}

func TestSearchNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		query talent.Query
		want  []string
	}{
		{talent.Query{Skills: []string{""}, Languages: []string{"klingon speaking"}, TaskType: "x", Lat: ptr(-91.0), RadiusKm: ptr(0.0), MinRating: ptr(6.0), Limit: 101},
			[]string{"skills[0]", "languages[0]", "task_type", "lat", "lng", "radius_km", "min_rating", "limit"}},
		{talent.Query{RadiusKm: ptr(5.0), Limit: -1}, []string{"radius_km", "limit"}},
		{talent.Query{Lat: ptr(math.NaN()), Lng: ptr(math.Inf(1))}, []string{"lat", "lng"}},
		{talent.Query{StartingAfter: "tal_absent"}, []string{"starting_after"}},
		{talent.Query{StartingAfter: "tal_absent", Lat: ptr(0.0), Lng: ptr(0.0)}, []string{"starting_after"}},
		{talent.Query{StartingAfter: "a\x00"}, []string{"starting_after"}},
		{talent.Query{City: "a\x00"}, []string{"city"}},
	} {
		_, _, err := talent.Search(t.Context(), b.tx, false, c.query)
		if got := wrong(t, err); !slices.Equal(got, c.want) {
			t.Errorf("fields = %v, want %v", got, c.want)
		}
	}
	who, _ := b.register(t, talent.New{})
	if _, _, err := talent.Search(t.Context(), b.tx, true, talent.Query{StartingAfter: who.ID}); !fault.Is(err, fault.SchemaValidationFailed) {
		t.Errorf("a cursor of the other world: %v", err)
	}
}

// A hundred thousand people over a continent, as a large deployment would have.
func BenchmarkSearch(b *testing.B) {
	world := setup(b)
	_, err := world.tx.Exec(b.Context(), `
		INSERT INTO talent (id, livemode, registered_by, name, email, skills, task_types, languages, lat, lng, rating, created_at)
		SELECT 'tal_' || i, false, 'acct_1', 'T', i || '@example.com', ARRAY['photo', 's' || i % 50], ARRAY['RETAIL_AUDIT_PHOTO_CHECK'], ARRAY['en'],
		       30 + 20 * random(), -120 + 50 * random(), 5 * random(), now()
		FROM generate_series(1, 100000) i`)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := world.tx.Exec(b.Context(), "ANALYZE talent"); err != nil {
		b.Fatal(err)
	}
	for name, query := range map[string]talent.Query{
		"near":          {Lat: ptr(43.65), Lng: ptr(-79.38), TaskType: "RETAIL_AUDIT_PHOTO_CHECK"},
		"near_25km":     {Lat: ptr(43.65), Lng: ptr(-79.38), RadiusKm: ptr(25.0)},
		"ranked":        {TaskType: "RETAIL_AUDIT_PHOTO_CHECK"},
		"ranked_skills": {Skills: []string{"photo", "s7"}},
		"ranked_rare":   {Skills: []string{"photo", "nobody has this"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := talent.Search(b.Context(), world.tx, false, query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The distance from a few points, or the radius at which somebody is just found,
// would otherwise tell a home to the metre.
func TestSearchTellsAHomeNoCloserThanAHundredthOfADegree(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.register(t, talent.New{Lat: ptr(43.653226), Lng: ptr(-79.383184)})
	asked := talent.Query{Lat: ptr(43.7), Lng: ptr(-79.4)}
	found, _, err := talent.Search(t.Context(), b.tx, false, asked)
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	if *found[0].Lat != 43.65 || *found[0].Lng != -79.38 {
		t.Errorf("at %v, %v", *found[0].Lat, *found[0].Lng)
	}
	if found, _, err := talent.Search(t.Context(), b.tx, false, talent.Query{}); err != nil || *found[0].Lat != 43.65 {
		t.Errorf("without a point: %v, %v", found, err)
	}
	coarse := 5.788 // kilometres from (43.65, -79.38); the home is 5.378 away
	if km := *found[0].DistanceKm; math.Abs(km-coarse) > 0.01 {
		t.Errorf("%v km away, want %v", km, coarse)
	}
	asked.RadiusKm = ptr(5.6)
	if got := b.search(t, asked); len(got) != 0 {
		t.Error("found within 5.6 km, which tells that the home is nearer than it is shown to be")
	}
	asked.RadiusKm = ptr(5.9)
	if got := b.search(t, asked); len(got) != 1 {
		t.Error("not found within 5.9 km")
	}
}

// Whom rounding moves nearer is found although the exact point lies outside.
func TestSearchFindsWhomRoundingMovesNearer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		lat, lng := rng.Float64()*160-80, 180-rng.Float64()*0.05 // beside the antimeridian
		who, _ := b.register(t, talent.New{Lat: &lat, Lng: &lng})
		round := func(x float64) float64 { return math.RoundToEven(x*100) / 100 }
		// Two metres from where they are shown to be, on the far side of the rounding.
		got := b.search(t, talent.Query{Lat: ptr(round(lat)), Lng: ptr(math.Min(round(lng), 180)), RadiusKm: ptr(0.002)})
		if !slices.Contains(got, who.ID) {
			t.Fatalf("(%v, %v) is not found where it is shown", lat, lng)
		}
	}
}
