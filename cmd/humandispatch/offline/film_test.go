package offline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// clip is a vertical clip of 10 s with sound, unless changed.
func clip(seed int64, change ...func(*mediatest.Clip)) []byte {
	c := mediatest.Clip{Seed: seed, Seconds: 10}
	for _, f := range change {
		f(&c)
	}
	return once(c, func() []byte { return mediatest.MP4(c) })
}

func seconds(n float64) func(*mediatest.Clip) { return func(c *mediatest.Clip) { c.Seconds = n } }

func frame(w, h int) func(*mediatest.Clip) {
	return func(c *mediatest.Clip) { c.Width, c.Height = w, h }
}

func sound(s mediatest.Sound) func(*mediatest.Clip) { return func(c *mediatest.Clip) { c.Sound = s } }

func srt(text string) []byte {
	return []byte("1\n00:00:00,500 --> 00:00:04,000\n" + text + "\n\n2\n00:00:04,500 --> 00:00:08,000\nSee for yourself.\n")
}

func clipsScene() *scene {
	s := &scene{
		taskType: "UGC_VERTICAL_BATCH",
		location: object{"mode": "remote"},
		schedule: object{"start_at": start.Format(time.RFC3339), "duration_hours": 48},
		asked:    []object{ask("video", 3, "mp4")},
		spec: object{"clip_count": 3, "hook_prompts": []string{"Surprise"}, "captions_required": true,
			"claims_blocklist": []string{"guaranteed", "cures acne"}, "clip_seconds": object{"max": 30}},
	}
	for i := range int64(3) {
		s.files = append(s.files, file{fmt.Sprintf("clip%d.mp4", i+1), "video", nil, clip(i + 1)},
			file{fmt.Sprintf("clip%d.srt", i+1), "document", nil, srt("I like this bottle.")})
	}
	return s
}

func TestVerticalClips(t *testing.T) {
	t.Parallel()
	says := func(text string) func(*scene) { return replace("clip2.srt", srt(text)) }
	vary(t, clipsScene, []variation{
		{"a file that does not decode", replace("clip1.mp4", garbage), fails("file.readable")},
		{"sidecars do not count as clips", func(s *scene) { s.remove("clip3.mp4") }, fails("deliverables.count")},
		{"a mov named mp4", replace("clip1.mp4", clip(1, func(c *mediatest.Clip) { c.QuickTime = true })), fails("file.format")},
		{"checked in far from a task on site", func(s *scene) {
			s.location = object{"mode": "onsite", "lat": place.Lat, "lng": place.Lng}
			s.checkins = []object{checkin("in", "", place.Move(2000, 0), start)}
		}, fails("checkin.location")},
		{"too short", replace("clip1.mp4", clip(1, seconds(5))), fails("video.duration")},
		{"too long", replace("clip1.mp4", clip(1, seconds(31))), fails("video.duration")},
		{"a header that claims more than the samples hold", replace("clip1.mp4", clip(1, seconds(5), func(c *mediatest.Clip) { c.HeaderSeconds = 12 })), fails("video.duration")},
		{"a header that claims less", replace("clip1.mp4", clip(1, func(c *mediatest.Clip) { c.HeaderSeconds = 2 })), expect{}},
		{"on its side, rotated upright", replace("clip1.mp4", clip(1, frame(1920, 1080), func(c *mediatest.Clip) { c.Rotation = 90 })), expect{}},
		{"on its side", replace("clip1.mp4", clip(1, frame(1920, 1080))), fails("video.aspect")},
		{"upright, rotated on its side", replace("clip1.mp4", clip(1, func(c *mediatest.Clip) { c.Rotation = 90 })), fails("video.aspect")},
		{"small", replace("clip1.mp4", clip(1, frame(720, 1280))), fails("video.resolution")},
		{"no sound", replace("clip1.mp4", clip(1, sound(mediatest.NoSound))), fails("video.audio_track")},
		{"silent", replace("clip1.mp4", clip(1, sound(mediatest.SilentSound))), fails("audio.silence")},
		{"clipped", replace("clip1.mp4", clip(1, sound(mediatest.ClippedTone))), fails("audio.clipping")},
		{"AAC sound", replace("clip1.mp4", clip(1, sound(mediatest.AACTone))), expect{}},
		{"captions missing", func(s *scene) { s.remove("clip2.srt") }, fails("captions.present")},
		{"captions of another name", func(s *scene) { s.file("clip2.srt").path = "other.srt" }, fails("captions.present")},
		{"captions as vtt", func(s *scene) {
			s.remove("clip2.srt")
			s.files = append(s.files, file{"clip2.vtt", "document", nil, []byte("WEBVTT\n\n00:00.500 --> 00:04.000\nI like it.\n")})
		}, expect{}},
		{"captions in the clip", func(s *scene) {
			s.remove("clip2.srt")
			s.file("clip2.mp4").bytes = clip(2, func(c *mediatest.Clip) { c.Captions = []string{"I like", "this bottle"} })
		}, expect{}},
		{"captions not asked for", func(s *scene) { s.spec["captions_required"] = false; s.remove("clip2.srt") }, expect{}},
		{"a blocked claim", says("Results guaranteed!"), fails("captions.claims")},
		{"a blocked claim in the clip's own captions", func(s *scene) {
			s.remove("clip2.srt")
			s.file("clip2.mp4").bytes = clip(2, func(c *mediatest.Clip) { c.Captions = []string{"It cures", "acne"} })
		}, fails("captions.claims")},
		{"a blocked claim in look-alike letters", says("Results guаrаntееd"), fails("captions.claims")},
		{"a blocked claim in digits", says("Results gu4r4nt33d"), fails("captions.claims")},
		{"a blocked claim spaced out", says("g u a r a n t e e d results"), fails("captions.claims")},
		{"a blocked claim with invisible characters", says("guar\u200ban\u00adteed"), fails("captions.claims")},
		{"a longer word", says("We give no guarantee and it is unguaranteedly good."), expect{}},
		{"half of a claim", says("Nothing cures boredom like acne stories."), expect{}},
	}...)
}

func highlightScene() *scene {
	s := onsite("EVENT_HIGHLIGHT_VIDEO", object{"event_name": "Festival", "seconds": object{"min": 4, "max": 8}}, ask("video", 1, "mp4"))
	s.files = []file{{"film.mp4", "video", nil, film()}}
	s.ignore = []string{"audio.loudness"} // the generated tone is a little quiet
	return s
}

func film(change ...func(*mediatest.Clip)) []byte {
	return clip(1, append([]func(*mediatest.Clip){frame(1920, 1080), seconds(5)}, change...)...)
}

func TestHighlightFilm(t *testing.T) {
	t.Parallel()
	variations := append([]variation{
		{"a file that does not decode", replace("film.mp4", garbage), fails("file.readable")},
		{"two asked for", func(s *scene) { s.asked[0]["count"] = 2 }, fails("deliverables.count")},
		{"a mov", replace("film.mp4", film(func(c *mediatest.Clip) { c.QuickTime = true })), fails("file.format")},
		{"too short", replace("film.mp4", film(seconds(3))), fails("video.duration")},
		{"too long", replace("film.mp4", film(seconds(9))), fails("video.duration")},
		{"vertical", replace("film.mp4", film(frame(1080, 1920))), fails("video.aspect")},
		{"vertical, wanted so", func(s *scene) { s.spec["aspect_ratio"] = "9:16"; replace("film.mp4", film(frame(1080, 1920)))(s) }, expect{}},
		{"4:5", func(s *scene) { s.spec["aspect_ratio"] = "4:5"; replace("film.mp4", film(frame(1080, 1350)))(s) }, expect{}},
		{"small", replace("film.mp4", film(frame(1280, 720))), fails("video.resolution")},
		{"small, wanted so", func(s *scene) { s.spec["min_short_edge_px"] = 720; replace("film.mp4", film(frame(1280, 720)))(s) }, expect{}},
		{"15 frames a second", replace("film.mp4", film(func(c *mediatest.Clip) { c.FrameRate = 15 })), fails("video.frame_rate")},
		{"23.976 frames a second", replace("film.mp4", film(func(c *mediatest.Clip) { c.FrameRate = 24000.0 / 1001 })), expect{}},
		{"no sound", replace("film.mp4", film(sound(mediatest.NoSound))), fails("video.audio_track")},
	}, everyOnsite...)
	vary(t, highlightScene, variations...)
}

func storiesScene() *scene {
	s := onsite("ON_SITE_STORY_PACK", object{"platforms": []string{"instagram", "tiktok"}, "story_count": 2}, ask("photo", 2, "jpg"), ask("video", 2, "mp4"))
	s.files = []file{
		{"1.jpg", "photo", labels("platform", "instagram"), still(1)},
		{"2.jpg", "photo", labels("platform", "tiktok"), still(2)},
		{"3.mp4", "video", labels("platform", "instagram"), story(3)},
		{"4.mp4", "video", labels("platform", "tiktok"), story(4)},
	}
	return s
}

func still(seed int64, change ...func(*mediatest.Photo)) []byte {
	return photo(seed, append([]func(*mediatest.Photo){size(1080, 1920)}, change...)...)
}

func story(seed int64, change ...func(*mediatest.Clip)) []byte {
	at := place
	return clip(seed, append([]func(*mediatest.Clip){func(c *mediatest.Clip) {
		c.Seconds, c.Location, c.CapturedAt = 3, &at, start.Add(time.Hour)
	}}, change...)...)
}

func TestStories(t *testing.T) {
	t.Parallel()
	variations := append(everyPhoto("1.jpg", still(1)), everyOnsite...)
	variations = append(variations, []variation{
		{"a film that does not decode", replace("3.mp4", garbage), fails("file.readable")},
		{"too long", replace("3.mp4", story(3, seconds(61))), fails("video.duration")},
		{"a film on its side", replace("3.mp4", story(3, frame(1920, 1080))), fails("video.aspect")},
		{"a picture on its side", replace("1.jpg", still(1, size(1920, 1080))), fails("video.aspect")},
		{"a picture turned upright", replace("1.jpg", still(1, size(1920, 1080), func(p *mediatest.Photo) { p.Orientation = 6 })), expect{}},
		{"a small picture", replace("1.jpg", still(1, size(900, 1600))), fails("photo.resolution")},
		{"a small film", replace("3.mp4", story(3, frame(720, 1280))), fails("video.resolution")},
		{"a film from far away", replace("3.mp4", story(3, func(c *mediatest.Clip) { at := place.Move(2000, 0); c.Location = &at })), fails("photo.location")},
		{"a film without a location", replace("3.mp4", story(3, func(c *mediatest.Clip) { c.Location = nil })), fails("photo.location")},
		{"the evening of the same day", replace("1.jpg", still(1, taken(start.Add(10*time.Hour)))), expect{}},
		{"the morning of the same day", replace("1.jpg", still(1, taken(start.Add(-11*time.Hour)))), expect{}},
		{"the day before", replace("1.jpg", still(1, taken(start.AddDate(0, 0, -1)))), fails("photo.captured_within")},
		{"a film of the day after", replace("3.mp4", story(3, func(c *mediatest.Clip) { c.CapturedAt = start.AddDate(0, 0, 1) })), fails("photo.captured_within")},
		{"a film without a time", replace("3.mp4", story(3, func(c *mediatest.Clip) { c.CapturedAt = time.Time{} })), fails("photo.captured_within")},
		{"the evening, when the schedule counts", func(s *scene) {
			s.spec["same_day"] = false
			replace("1.jpg", still(1, taken(start.Add(10*time.Hour))))(s)
		}, fails("photo.captured_within")},
		{"one platform too few", func(s *scene) { s.file("4.mp4").labels["platform"] = "instagram" }, fails("labels.covered")},
		{"the same file twice", func(s *scene) { s.file("2.jpg").bytes = s.file("1.jpg").bytes }, fails("photo.duplicates")},
	}...)
	vary(t, storiesScene, variations...)
}
