package qa

// JudgeCheckIn judges one position by the fence of a checkin.location
// requirement, as it is recorded. Without any point to compare with it is
// uncertain and the distance, in metres to the nearest place or the area, is nil.
func JudgeCheckIn(req Requirement, ci CheckIn) (FenceVerdict, *float64) {
	p, err := params[struct {
		places
		PlacesRadiusM float64 `json:"places_radius_m"`
		Area          Polygon `json:"area"`
	}](req)
	if err != nil {
		return Uncertain, nil
	}
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
	at := Point{ci.Lat, ci.Lng}
	var nearest *float64
	verdict := Uncertain
	if len(spots) > 0 {
		_, v, d := nearestSpot(spots, at, ci.AccuracyM)
		verdict, nearest = v, &d
	}
	if len(p.Area) > 0 && verdict != Inside {
		d := p.Area.DistanceM(at)
		v := fence(d, ci.AccuracyM, 0)
		if d == 0 {
			v = Inside
		}
		if nearest == nil || d < *nearest {
			nearest = &d
		}
		if len(spots) == 0 || v != Outside {
			verdict = v
		}
	}
	return verdict, nearest
}
