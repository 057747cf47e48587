package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/media/mediatest"
)

// journey is one job of the demo: its first submission breaks a rule that QA
// must catch, its second keeps them all.
type journey struct {
	taskType string
	task     map[string]any
	price    json.Number
	site     *mediatest.Position // where the talent checks in; nil for remote work
	answers  map[string]map[string]any
	mistake  string // what is wrong with the first submission, in words
	caught   string // the check that must fail, and no other blocking one
	revision func(n int) []demoFile
}

// demoFile is a file that the talent uploads.
type demoFile struct {
	name, contentType, kind string
	labels                  map[string]string
	content                 []byte
}

var (
	yonge = mediatest.Position{Lat: 43.6544, Lng: -79.3807}
	queen = mediatest.Position{Lat: 43.6487, Lng: -79.3969}
)

// demoJourneys makes the jobs, for work that began two hours ago. The time also
// makes their media new: a picture that an earlier job used would be caught.
func demoJourneys(now time.Time) []journey {
	seed := now.UnixNano()
	start := now.In(time.FixedZone("", -4*3600)).Truncate(time.Hour).Add(-2 * time.Hour)
	schedule := map[string]any{"start_at": start.Format(time.RFC3339), "duration_hours": 6}
	place := map[string]any{"mode": "onsite", "address": "Toronto, ON", "lat": yonge.Lat, "lng": yonge.Lng}
	budget := func(total int) map[string]any {
		return map[string]any{"currency": "CAD", "pricing_model": "fixed", "max_total": total}
	}
	return []journey{
		{
			taskType: "RETAIL_AUDIT_PHOTO_CHECK", price: "180.50", site: &yonge,
			mistake: "one photo was taken 2 km away from its store", caught: "photo.location",
			task: map[string]any{
				"title": "Shelf audit of two stores", "brief": "Photograph the whole shelf, then the price labels.", "location": place, "schedule": schedule, "budget": budget(200),
				"deliverables": []any{map[string]any{"kind": "photo", "count": 4, "format": "jpg"}},
				"task_spec": map[string]any{
					"stores": []any{
						map[string]any{"store_id": "S1", "name": "Yonge Street", "lat": yonge.Lat, "lng": yonge.Lng},
						map[string]any{"store_id": "S2", "name": "Queen Street", "lat": queen.Lat, "lng": queen.Lng},
					},
					"questions":        []any{map[string]any{"id": "q1", "text": "Is the product on the shelf?", "type": "yes_no"}, map[string]any{"id": "q2", "text": "How many facings?", "type": "number"}},
					"photos_per_store": 2,
				},
			},
			answers: map[string]map[string]any{"S1": {"q1": true, "q2": 4}, "S2": {"q1": false, "q2": 0}},
			revision: func(n int) []demoFile {
				var files []demoFile
				for i := range 4 {
					store, at := "S1", yonge
					if i >= 2 {
						store, at = "S2", queen
					}
					where := at.Move(float64(10*i), 5)
					if n == 1 && i == 2 {
						where = at.Move(2000, 0)
					}
					files = append(files, demoFile{fmt.Sprintf("%s-%d.jpg", store, i), "image/jpeg", "photo", map[string]string{"store_id": store}, mediatest.JPEG(mediatest.Photo{
						Width: 1600, Height: 1200, Seed: seed + int64(i), CapturedAt: start.Add(time.Duration(30+i) * time.Minute), GPS: &where, Make: "Google", Model: "Pixel 9",
					})})
				}
				return files
			},
		},
		{
			taskType: "UGC_VERTICAL_BATCH", price: "240",
			mistake: "the third clip lasts 4 seconds", caught: "video.duration",
			task: map[string]any{
				"title": "Three vertical clips about a water bottle", "brief": "Speak to the camera, daylight, no logos of others.", "location": map[string]any{"mode": "remote"}, "schedule": schedule, "budget": budget(300),
				"deliverables": []any{map[string]any{"kind": "video", "count": 3, "format": "mp4"}},
				"task_spec":    map[string]any{"clip_count": 3, "hook_prompts": []any{"Why I stopped buying plastic"}, "clip_seconds": map[string]any{"min": 9, "max": 30}},
			},
			revision: func(n int) []demoFile {
				var files []demoFile
				for i := range 3 {
					seconds := float64(10 + i)
					if n == 1 && i == 2 {
						seconds = 4
					}
					// One of them filmed with the phone on its side, as phones store it.
					clip := mediatest.Clip{Width: 1080, Height: 1920, Seconds: seconds, Seed: seed + int64(i)}
					if i == 1 {
						clip.Width, clip.Height, clip.Rotation = 1920, 1080, 90
					}
					files = append(files, demoFile{fmt.Sprintf("clip-%d.mp4", i+1), "video/mp4", "video", nil, mediatest.MP4(clip)})
				}
				return files
			},
		},
		{
			taskType: "PODCAST_ON_SITE_CAPTURE", price: "95", site: &yonge,
			mistake: "the second speaker's track is missing", caught: "audio.tracks",
			task: map[string]any{
				"title": "Record a short interview at our office", "brief": "Two speakers, quiet meeting room.", "location": place, "schedule": schedule, "budget": budget(100),
				"deliverables": []any{map[string]any{"kind": "audio", "count": 3, "format": "wav"}},
				"task_spec":    map[string]any{"speakers": 2, "sample_rate": 48000, "bit_depth": 24, "minutes": 0.3},
			},
			revision: func(n int) []demoFile {
				track := func(name string, labels map[string]string, seed int64, channels int) demoFile {
					return demoFile{name, "audio/wav", "audio", labels, mediatest.WAV(mediatest.Recording{Seconds: 20, Seed: seed, Channels: channels})}
				}
				files := []demoFile{track("speaker-1.wav", map[string]string{"speaker": "1"}, seed+1, 1), track("mix.wav", map[string]string{"mix": "true"}, seed+10, 1)}
				if n == 1 {
					return append(files, track("mix-again.wav", map[string]string{"mix": "true"}, seed+20, 1))
				}
				return append(files, track("speaker-2.wav", map[string]string{"speaker": "2"}, seed+2, 1))
			},
		},
	}
}

// body is the task as it is posted.
func (j journey) body() map[string]any {
	body := map[string]any{"task_type": j.taskType}
	for k, v := range j.task {
		body[k] = v
	}
	return body
}

// failed lists the blocking checks that did not pass.
func failed(qa client.QA) []string {
	var ids []string
	for _, check := range qa.Checks {
		if check.Blocking && check.Verdict != "pass" {
			ids = append(ids, check.ID)
		}
	}
	return ids
}
