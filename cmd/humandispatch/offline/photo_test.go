package offline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// Variations that every photo template has.
func everyPhoto(path string, bad []byte) []variation {
	return []variation{
		{"a file that does not decode", replace(path, garbage), fails("file.readable")},
		{"a truncated file", replace(path, bad[:len(bad)/3]), fails("file.readable")},
		{"png asked as jpg by its name", func(s *scene) { s.asked[0]["format"] = "png" }, fails("file.format")},
		{"jpeg is jpg", func(s *scene) { s.asked[0]["format"] = "jpeg" }, expect{}},
		{"more files asked for", func(s *scene) { s.asked[0]["count"] = len(s.files) + 1 }, fails("deliverables.count")},
	}
}

// Variations that every onsite template has.
var everyOnsite = []variation{
	{"checked in 3 km away", func(s *scene) {
		for _, c := range s.checkins {
			far := place.Move(3000, 0)
			c["lat"], c["lng"] = far.Lat, far.Lng
		}
	}, fails("checkin.location")},
	{"uncertain check-in", func(s *scene) {
		for _, c := range s.checkins {
			c["accuracy_m"] = 3000
		}
	}, expect{open: []string{"checkin.location"}}},
}

func productScene() *scene {
	s := onsite("PRODUCT_PHOTO_ECOMM", object{"product_count": 2, "background": "white", "angles": []string{"front", "45deg"}, "min_long_edge_px": 1200}, ask("photo", 4, "jpg"))
	seed := int64(1)
	for _, sku := range []string{"A", "B"} {
		for _, angle := range []string{"front", "45deg"} {
			s.files = append(s.files, file{sku + "-" + angle + ".jpg", "photo", labels("sku", sku, "angle", angle), studio(seed)})
			seed++
		}
	}
	return s
}

func studio(seed int64, change ...func(*mediatest.Photo)) []byte {
	return photo(seed, append([]func(*mediatest.Photo){size(1200, 900), look(mediatest.WhiteBackground), func(p *mediatest.Photo) {
		p.GPS, p.CapturedAt, p.ColorProfile = nil, time.Time{}, "sRGB IEC61966-2.1"
	}}, change...)...)
}

func TestProductPhotos(t *testing.T) {
	t.Parallel()
	variations := append(everyPhoto("A-front.jpg", studio(1)), append(everyOnsite, []variation{
		{"no check-ins", func(s *scene) { s.checkins = nil }, expect{}},
		{"a task without a point, as in the quick start", func(s *scene) {
			s.location = object{"mode": "onsite", "address": "Toronto, ON"}
			s.checkins = nil
		}, expect{}},
		{"remote", func(s *scene) { s.location = object{"mode": "remote"}; s.checkins = nil }, expect{}},
		{"a small picture", replace("B-front.jpg", studio(3, size(1100, 825))), fails("photo.resolution")},
		{"a small picture on its side", replace("B-front.jpg", studio(3, size(825, 1100), func(p *mediatest.Photo) { p.Orientation = 6 })), fails("photo.resolution")},
		{"2000 px unless the task says less", func(s *scene) { delete(s.spec, "min_long_edge_px") }, fails("photo.resolution")},
		{"orientation 6 at full size", replace("B-front.jpg", studio(3, func(p *mediatest.Photo) { p.Orientation = 6 })), expect{}},
		{"no white background", replace("A-front.jpg", studio(1, look(mediatest.Sharp))), fails("photo.background")},
		{"no white background wanted", func(s *scene) {
			s.spec["background"] = "lifestyle"
			replace("A-front.jpg", studio(1, look(mediatest.Sharp)))(s)
		}, expect{}},
		{"blurred", func(s *scene) {
			s.spec["background"] = "lifestyle"
			replace("A-front.jpg", studio(1, look(mediatest.Blurred)))(s)
		}, fails("photo.sharpness")},
		{"the same file twice", func(s *scene) { s.file("B-front.jpg").bytes = s.file("A-front.jpg").bytes }, fails("photo.duplicates")},
		{"the same picture encoded again", replace("B-front.jpg", studio(1, func(p *mediatest.Photo) { p.Quality = 60 })), fails("photo.duplicates")},
		{"the same picture, smaller", replace("B-front.jpg", studio(1, size(1400, 1050))), fails("photo.duplicates")},
		{"an angle missing", func(s *scene) { s.file("B-45deg.jpg").labels = labels("sku", "B", "angle", "back") }, fails("labels.covered")},
		{"a product missing", func(s *scene) {
			for i := range s.files {
				s.files[i].labels["sku"] = "A"
			}
		}, fails("labels.covered")},
		{"no labels at all", func(s *scene) {
			for i := range s.files {
				s.files[i].labels = nil
			}
		}, fails("labels.covered")},
		{"angle in capitals", func(s *scene) { s.file("A-front.jpg").labels["angle"] = "Front" }, expect{}},
		{"Adobe RGB", replace("A-front.jpg", studio(1, func(p *mediatest.Photo) { p.ColorProfile = "Adobe RGB (1998)" })), expect{advised: []string{"photo.color_space"}}},
		{"overexposed", func(s *scene) {
			s.spec["background"] = "lifestyle"
			replace("A-front.jpg", studio(1, look(mediatest.Overexposed)))(s)
		}, fails("photo.exposure")},
		{"nearly black", func(s *scene) {
			s.spec["background"] = "lifestyle"
			replace("A-front.jpg", studio(1, look(mediatest.Black)))(s)
		}, fails("photo.exposure")},
	}...)...)
	vary(t, productScene, variations...)
}

func eventScene() *scene {
	s := onsite("EVENT_PHOTO_COVERAGE", object{"event_name": "Launch", "selects": 3, "min_long_edge_px": 1200}, ask("photo", 3, "jpg"))
	for i := range int64(3) {
		s.files = append(s.files, file{fmt.Sprintf("%d.jpg", i+1), "photo", nil, event(i + 1)})
	}
	return s
}

func event(seed int64, change ...func(*mediatest.Photo)) []byte {
	return photo(seed, append([]func(*mediatest.Photo){size(1200, 800)}, change...)...)
}

func TestEventPhotos(t *testing.T) {
	t.Parallel()
	variations := append(everyPhoto("1.jpg", event(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"a small picture", replace("2.jpg", event(2, size(1100, 733))), fails("photo.resolution")},
		{"3000 px unless the task says less", func(s *scene) { delete(s.spec, "min_long_edge_px") }, fails("photo.resolution")},
		{"blurred", replace("2.jpg", event(2, look(mediatest.Blurred))), fails("photo.sharpness")},
		{"nearly black", replace("2.jpg", event(2, look(mediatest.Black))), fails("photo.exposure")},
		{"nearly white", replace("2.jpg", event(2, look(mediatest.Overexposed))), fails("photo.exposure")},
		{"taken 2 km away", replace("2.jpg", event(2, moved(2000, 0))), fails("photo.location")},
		{"taken 120 m away of 150", replace("2.jpg", event(2, moved(0, 120))), expect{}},
		{"no GPS", replace("2.jpg", event(2, func(p *mediatest.Photo) { p.GPS = nil })), fails("photo.location")},
		{"GPS in XMP only", replace("2.jpg", event(2, func(p *mediatest.Photo) { p.XMPGPS, p.GPS = p.GPS, nil })), expect{}},
		{"taken 40 min after the end", replace("2.jpg", event(2, taken(start.Add(4*time.Hour+40*time.Minute)))), fails("photo.captured_within")},
		{"taken 20 min after the end", replace("2.jpg", event(2, taken(start.Add(4*time.Hour+20*time.Minute)))), expect{}},
		{"taken the day before", replace("2.jpg", event(2, taken(start.AddDate(0, 0, -1)))), fails("photo.captured_within")},
		{"no capture time", replace("2.jpg", event(2, func(p *mediatest.Photo) { p.CapturedAt = time.Time{} })), fails("photo.captured_within")},
		{"the camera's clock a day wrong, GPS time right", replace("2.jpg", event(2, func(p *mediatest.Photo) {
			p.GPSTime = p.CapturedAt
			p.CapturedAt = p.CapturedAt.AddDate(0, 0, -1)
		})), expect{}},
		{"no offset and no GPS time", replace("2.jpg", event(2, func(p *mediatest.Photo) { p.NoOffset, p.NoGPSTime = true, true })), expect{}},
		{"another offset of the same moment", replace("2.jpg", event(2, func(p *mediatest.Photo) { p.CapturedAt = p.CapturedAt.UTC() })), expect{}},
		{"the same file twice", func(s *scene) { s.file("2.jpg").bytes = s.file("1.jpg").bytes }, fails("photo.duplicates")},
		{"the same picture encoded again", replace("2.jpg", event(1, func(p *mediatest.Photo) { p.Quality = 50; p.CapturedAt = start })), fails("photo.duplicates")},
		{"no check-ins", func(s *scene) { s.checkins = nil }, expect{open: []string{"checkin.location"}}},
		{"a task without a point", func(s *scene) { delete(s.location, "lat"); delete(s.location, "lng") },
			expect{open: []string{"checkin.location", "photo.location"}}},
		{"a film declared as a photo", replace("2.jpg", mediatest.MP4(mediatest.Clip{Seconds: 1})), fails("file.format")},
	}...)
	vary(t, eventScene, variations...)
}

func retailScene() *scene {
	second := place.Move(900, 400)
	s := onsite("RETAIL_AUDIT_PHOTO_CHECK", object{
		"stores": []object{
			{"store_id": "S1", "name": "Yonge", "lat": place.Lat, "lng": place.Lng},
			{"store_id": "S2", "name": "Queen", "lat": second.Lat, "lng": second.Lng, "radius_m": 120},
		},
		"questions": []object{
			{"id": "q1", "text": "In stock?", "type": "yes_no"},
			{"id": "q2", "text": "Facings?", "type": "number"},
			{"id": "q3", "text": "Shelf?", "type": "choice", "choices": []string{"top", "bottom"}},
			{"id": "q4", "text": "Remarks?", "type": "text"},
		},
		"photos_per_store": 2,
	}, ask("photo", 4, "jpg"))
	for i := range int64(4) {
		store, where := "S1", place
		if i > 1 {
			store, where = "S2", second
		}
		s.files = append(s.files, file{fmt.Sprintf("%d.jpg", i+1), "photo", labels("store_id", store), photo(i+1, at(where))})
	}
	answer := func() object { return object{"q1": true, "q2": 4, "q3": "top", "q4": "all fine"} }
	s.answers = object{"S1": answer(), "S2": answer()}
	return s
}

func TestRetailAudit(t *testing.T) {
	t.Parallel()
	answer := func(q string, v any) func(*scene) {
		return func(s *scene) { s.answers["S2"].(object)[q] = v }
	}
	variations := append(everyPhoto("1.jpg", photo(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"a small picture", replace("1.jpg", photo(1, size(700, 500))), fails("photo.resolution")},
		{"a portrait picture of 800", replace("1.jpg", photo(1, size(600, 800))), expect{}},
		{"taken 2 km away", replace("1.jpg", photo(1, moved(2000, 0))), fails("photo.location")},
		{"taken 120 m away of 150", replace("1.jpg", photo(1, moved(120, 0))), expect{}},
		{"no GPS", replace("1.jpg", photo(1, func(p *mediatest.Photo) { p.GPS = nil })), fails("photo.location")},
		{"at the other store", func(s *scene) {
			s.file("1.jpg").bytes, s.file("3.jpg").bytes = s.file("3.jpg").bytes, s.file("1.jpg").bytes
		}, fails("photo.location")},
		{"taken at midnight", replace("1.jpg", photo(1, taken(start.Add(12*time.Hour)))), fails("photo.captured_within")},
		{"a film nobody asked for", func(s *scene) { s.files = append(s.files, file{"5.mp4", "video", nil, clip(1, seconds(1))}) }, expect{}},
		{"a label missing", func(s *scene) { s.file("4.jpg").labels = nil }, fails("labels.covered")},
		{"a store that is not one", func(s *scene) { s.file("4.jpg").labels = labels("store_id", "S9") }, fails("labels.covered")},
		{"an answer missing", func(s *scene) { delete(s.answers["S1"].(object), "q1") }, fails("answers.complete")},
		{"a store without answers", func(s *scene) { delete(s.answers, "S2") }, fails("answers.complete")},
		{"a word for a number", answer("q2", "four"), fails("answers.complete")},
		{"yes for true", answer("q1", "yes"), fails("answers.complete")},
		{"a choice that is none", answer("q3", "middle"), fails("answers.complete")},
		{"false is an answer", answer("q1", false), expect{}},
		{"zero is an answer", answer("q2", 0), expect{}},
		{"the same file for two stores", func(s *scene) {
			s.file("3.jpg").bytes = photo(1, at(place.Move(900, 400)), func(p *mediatest.Photo) { p.Quality = 70 })
		}, fails("photo.duplicates")},
		{"blurred is advice here", replace("1.jpg", photo(1, look(mediatest.Blurred))), expect{advised: []string{"photo.sharpness"}}},
		{"checked in at the second store", func(s *scene) {
			second := place.Move(900, 400)
			s.checkins = []object{checkin("in", "", second, start)}
		}, expect{}},
	}...)
	vary(t, retailScene, variations...)
}

func oohScene() *scene {
	second := place.Move(-700, 0)
	s := onsite("OOH_ASSET_VERIFICATION", object{
		"placements": []object{
			{"asset_id": "BB1", "lat": place.Lat, "lng": place.Lng},
			{"asset_id": "BB2", "lat": second.Lat, "lng": second.Lng, "format": "digital"},
		},
		"daypart": "day",
	}, ask("photo", 4, "jpg"))
	seed := int64(1)
	for i, asset := range []string{"BB1", "BB2"} {
		for _, view := range []string{"wide", "close"} {
			s.files = append(s.files, file{asset + view + ".jpg", "photo", labels("asset_id", asset, "view", view), photo(seed, moved(-700*float64(i), 20))})
			seed++
		}
	}
	return s
}

func TestOutOfHome(t *testing.T) {
	t.Parallel()
	night := start.Add(11 * time.Hour)
	variations := append(everyPhoto("BB1wide.jpg", photo(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"a small picture", replace("BB1wide.jpg", photo(1, size(640, 480))), fails("photo.resolution")},
		{"taken 120 m away of 100", replace("BB1wide.jpg", photo(1, moved(120, 0))), fails("photo.location")},
		{"no GPS", replace("BB1wide.jpg", photo(1, func(p *mediatest.Photo) { p.GPS = nil })), fails("photo.location")},
		{"a wider radius", func(s *scene) { s.spec["radius_m"] = 150; replace("BB1wide.jpg", photo(1, moved(120, 0)))(s) }, expect{}},
		{"by night", replace("BB1wide.jpg", photo(1, taken(night))), fails("photo.daypart")},
		{"no capture time", replace("BB1wide.jpg", photo(1, func(p *mediatest.Photo) { p.CapturedAt = time.Time{} })), fails("photo.daypart")},
		{"by day where night was asked", func(s *scene) {
			s.spec["daypart"] = "night"
			for i := range s.files[1:] {
				s.files[i+1].bytes = photo(int64(i)+2, moved([]float64{0, -700, -700}[i], 20), taken(night))
			}
		}, fails("photo.daypart")},
		{"any daypart by night", func(s *scene) { delete(s.spec, "daypart"); replace("BB1wide.jpg", photo(1, taken(night)))(s) }, expect{}},
		{"a view missing", func(s *scene) { s.file("BB2close.jpg").labels["view"] = "wide" }, fails("labels.covered")},
		{"only wide views wanted", func(s *scene) { s.spec["views"] = []string{"wide"}; s.file("BB2close.jpg").labels["view"] = "wide" }, expect{}},
		{"the same file twice", func(s *scene) { s.file("BB1wide.jpg").bytes = s.file("BB1close.jpg").bytes }, fails("photo.duplicates")},
	}...)
	vary(t, oohScene, variations...)
}

var square = [][]float64{{-79.386, 43.650}, {-79.374, 43.650}, {-79.374, 43.659}, {-79.386, 43.659}, {-79.386, 43.650}}

func streetScene() *scene {
	s := onsite("STREET_TEAM_DISTRIBUTION", object{
		"area":       object{"type": "Polygon", "coordinates": []any{square}},
		"item_count": 500, "permit_reference": "TOR-2026-1", "proof_interval_minutes": 30,
	}, ask("photo", 8, "jpg"))
	s.schedule["duration_hours"] = 4
	for i := range int64(8) {
		s.files = append(s.files, file{fmt.Sprintf("%d.jpg", i+1), "photo", nil, photo(i+1, at(corner(i)), taken(start.Add(time.Duration(i*30+15)*time.Minute)))})
	}
	return s
}

// corner is one of eight places all over the area.
func corner(i int64) mediatest.Position {
	return mediatest.Position{Lat: 43.6512 + float64(i/4)*0.0045, Lng: -79.3850 + float64(i%4)*0.0031}
}

func TestStreetTeam(t *testing.T) {
	t.Parallel()
	inside := mediatest.Position{Lat: 43.6512, Lng: -79.3850}
	when := start.Add(15 * time.Minute)
	variations := append(everyPhoto("1.jpg", photo(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"a small picture", replace("1.jpg", photo(1, at(inside), taken(when), size(700, 500))), fails("photo.resolution")},
		{"taken 300 m outside", replace("1.jpg", photo(1, at(mediatest.Position{Lat: 43.6473, Lng: -79.380}), taken(when))), fails("route.inside_area")},
		{"taken 30 m outside", replace("1.jpg", photo(1, at(mediatest.Position{Lat: 43.64973, Lng: -79.380}), taken(when))), expect{}},
		{"no GPS", replace("1.jpg", photo(1, taken(when), func(p *mediatest.Photo) { p.GPS = nil })), fails("route.inside_area")},
		{"no capture time", replace("1.jpg", photo(1, at(inside), func(p *mediatest.Photo) { p.CapturedAt = time.Time{} })), fails("photo.captured_within", "route.interval")},
		{"a gap of 90 minutes", func(s *scene) {
			replace("3.jpg", photo(3, at(corner(2)), taken(when)))(s)
			replace("4.jpg", photo(4, at(corner(3)), taken(when)))(s)
		}, fails("route.interval")},
		{"a gap of an hour", replace("3.jpg", photo(3, at(corner(2)), taken(when))), expect{}},
		{"taken after hours", replace("1.jpg", photo(1, at(inside), taken(start.Add(6*time.Hour)))), fails("photo.captured_within")},
		{"the same picture twice", replace("1.jpg", photo(2, at(inside), taken(when), func(p *mediatest.Photo) { p.Quality = 60 })), fails("photo.duplicates")},
		{"a file that does not decode in a gap", func(s *scene) {
			s.remove("2.jpg")
			s.remove("4.jpg")
			s.asked[0]["count"] = 6
			replace("3.jpg", garbage)(s)
		}, expect{failed: []string{"file.readable"}, open: []string{"route.interval"}, advised: []string{"route.coverage"}}},
		{"all from one corner", func(s *scene) {
			for i := range s.files {
				s.files[i].bytes = photo(int64(i)+1, at(inside), taken(start.Add(time.Duration(i*30+15)*time.Minute)))
			}
		}, expect{advised: []string{"route.coverage"}}},
	}...)
	vary(t, streetScene, variations...)
}

func staffScene() *scene {
	end := start.Add(5 * time.Hour)
	s := onsite("POPUP_EVENT_STAFFING", object{
		"staff_count": 2, "roles": []string{"ambassador"},
		"shift": object{"start_at": start.Format(time.RFC3339), "end_at": end.Format(time.RFC3339)},
	}, ask("photo", 2, "jpg"))
	s.files = []file{{"ana.jpg", "photo", labels("person", "Ana"), photo(1)}, {"ben.jpg", "photo", labels("person", "Ben"), photo(2)}}
	s.checkins = []object{
		checkin("in", "Ana", place.Move(20, 0), start.Add(-10*time.Minute)), checkin("in", "Ben", place, start.Add(5*time.Minute)),
		checkin("out", "Ana", place, end), checkin("out", "Ben", place, end.Add(10*time.Minute)),
	}
	return s
}

func TestStaffing(t *testing.T) {
	t.Parallel()
	end := start.Add(5 * time.Hour)
	variations := append(everyPhoto("ana.jpg", photo(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"one person 2 km away", func(s *scene) { s.checkins[0] = checkin("in", "Ana", place.Move(2000, 0), start) }, fails("checkin.location")},
		{"one person too few", func(s *scene) {
			s.checkins = slices.DeleteFunc(s.checkins, func(c object) bool { return c["person"] == "Ben" })
		}, fails("staff.checkins")},
		{"one person late", func(s *scene) { s.checkins[1] = checkin("in", "Ben", place, start.Add(20*time.Minute)) }, fails("staff.checkins")},
		{"20 minutes are not late", func(s *scene) {
			s.spec["late_minutes"] = 30
			s.checkins[1] = checkin("in", "Ben", place, start.Add(20*time.Minute))
		}, expect{}},
		{"one person leaves early", func(s *scene) { s.checkins[2] = checkin("out", "Ana", place, end.Add(-time.Hour)) }, fails("staff.hours")},
		{"one person never checks out", func(s *scene) { s.checkins = s.checkins[:3] }, fails("staff.hours")},
		{"no check-ins", func(s *scene) { s.checkins = nil }, expect{open: []string{"checkin.location", "staff.checkins", "staff.hours"}}},
		{"a person without a picture", func(s *scene) { s.file("ben.jpg").labels["person"] = "Ana" }, fails("labels.covered")},
		{"a picture without a person", func(s *scene) { s.file("ben.jpg").labels = nil }, fails("labels.covered")},
		{"pictures of the team", func(s *scene) { s.file("ana.jpg").labels, s.file("ben.jpg").labels = nil, nil }, expect{}},
		{"one picture of the team", func(s *scene) { s.asked[0]["count"] = 1; s.remove("ben.jpg"); s.file("ana.jpg").labels = nil }, expect{}},
		{"the same file twice", func(s *scene) { s.file("ben.jpg").bytes = s.file("ana.jpg").bytes }, fails("photo.duplicates")},
	}...)
	vary(t, staffScene, variations...)
}
