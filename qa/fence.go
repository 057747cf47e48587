package qa

// areaSlackM is how far outside its area a street team may check in, in metres, as
// route.inside_area allows for its proof photos.
const areaSlackM = 50

// fences are what a checkin.location requirement compares with: the place of
// the task, its stores or placements, its area. Any of them will do.
type fences struct {
	places
	PlacesRadiusM float64 `json:"places_radius_m"` // for places without a radius of their own
	Area          Polygon `json:"area"`
}

// standing is where a check-in stands to the fences.
type standing struct {
	verdict   FenceVerdict
	distanceM float64 // to the nearest place, or to the area
	name      string
	allowedM  float64
}

// stand compares a check-in with every fence; ok is false when there is none.
func (p fences) stand(ci CheckIn) (best standing, ok bool) {
	at := Point{ci.Lat, ci.Lng}
	if spots := p.spots(); len(spots) > 0 {
		s, verdict, d := nearestSpot(spots, at, ci.AccuracyM)
		best, ok = standing{verdict, d, s.name, s.radiusM}, true
	}
	if len(p.Area) == 0 || best.verdict == Inside {
		return best, ok
	}
	d := p.Area.DistanceM(at)
	signed := d
	if d == 0 {
		signed = -p.Area.edgeDistance(at)
	}
	if verdict := fence(signed, ci.AccuracyM, areaSlackM); !ok || verdict != Outside {
		best = standing{verdict, d, "the area", areaSlackM}
	}
	return best, true
}

func (p fences) spots() []spot {
	var spots []spot
	if p.Point != nil {
		if s, ok := p.spot(*p.Point); ok {
			spots = append(spots, s)
		}
	}
	for _, d := range p.Places {
		if s, ok := p.spot(d); ok {
			if d.RadiusM == 0 {
				s.radiusM = p.PlacesRadiusM
			}
			spots = append(spots, s)
		}
	}
	return spots
}

// JudgeCheckIn judges one position by the fence of a checkin.location
// requirement, as it is recorded. Without any point to compare with it is
// uncertain and the distance, in metres to the nearest place or the area, is nil.
func JudgeCheckIn(req Requirement, ci CheckIn) (FenceVerdict, *float64) {
	p, err := params[fences](req)
	if err != nil {
		return Uncertain, nil
	}
	at, ok := p.stand(ci)
	if !ok {
		return Uncertain, nil
	}
	return at.verdict, &at.distanceM
}
