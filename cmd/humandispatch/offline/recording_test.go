package offline_test

import (
	"testing"

	"github.com/humandispatch/humandispatch/media/mediatest"
)

// recording is 6 s of one voice at 48 kHz and 24 bits, unless changed.
func recording(seed int64, change ...func(*mediatest.Recording)) []byte {
	r := mediatest.Recording{Seed: seed, Seconds: 6}
	for _, f := range change {
		f(&r)
	}
	return once(r, func() []byte { return mediatest.WAV(r) })
}

func podcastScene() *scene {
	s := onsite("PODCAST_ON_SITE_CAPTURE", object{"speakers": 2, "minutes": 0.1}, ask("audio", 3, "wav"))
	s.files = []file{
		{"ana.wav", "audio", labels("speaker", "Ana"), recording(10)},
		{"ben.wav", "audio", labels("speaker", "Ben"), recording(20)},
		{"mix.wav", "audio", labels("mix", "true"), recording(30, stereo)},
	}
	return s
}

func stereo(r *mediatest.Recording) { r.Channels = 2; r.Same = true }

func voice(v mediatest.Voice) func(*mediatest.Recording) {
	return func(r *mediatest.Recording) { r.Voice = v }
}

func TestPodcast(t *testing.T) {
	t.Parallel()
	multichannel := func(channels int, rest ...file) func(*scene) {
		return func(s *scene) {
			s.ignore = []string{"audio.noise_floor"} // six seconds can be all speech
			s.asked[0]["count"] = 1 + len(rest)
			s.files = append([]file{{"all.wav", "audio", nil, recording(40, func(r *mediatest.Recording) { r.Channels = channels })}}, rest...)
		}
	}
	mix := file{"mix.wav", "audio", labels("mix", "true"), recording(30, stereo)}
	variations := append([]variation{
		{"a file that does not decode", replace("ana.wav", garbage), fails("file.readable")},
		{"four asked for", func(s *scene) { s.asked[0]["count"] = 4 }, fails("deliverables.count")},
		{"flac asked for", func(s *scene) { s.asked[0]["format"] = "flac" }, fails("file.format")},
		{"RF64 is wav", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.RF64 = true })), expect{}},
		{"a speaker's track missing", func(s *scene) { s.asked[0]["count"] = 2; s.remove("ben.wav") }, fails("audio.tracks")},
		{"no mix", func(s *scene) { s.asked[0]["count"] = 2; s.remove("mix.wav") }, fails("audio.tracks")},
		{"a file without label", func(s *scene) { s.file("ben.wav").labels = nil }, fails("labels.covered")},
		{"one speaker twice", func(s *scene) { s.file("ben.wav").labels["speaker"] = "Ana" }, fails("labels.covered")},
		{"the mix without label", func(s *scene) { s.file("mix.wav").labels = nil }, expect{}},
		{"speaker called mix", func(s *scene) { s.file("mix.wav").labels = labels("speaker", "mix") }, expect{}},
		{"one multichannel file and a mix", multichannel(2, mix), expect{}},
		{"one multichannel file with the mix as a channel", multichannel(3), expect{}},
		{"one multichannel file without a mix", multichannel(2), fails("audio.tracks")},
		{"one multichannel file that does not decode", func(s *scene) {
			multichannel(3)(s)
			s.files[0].bytes = garbage
		}, fails("file.readable")},
		{"only a mix wanted", func(s *scene) {
			s.spec["isolated_tracks"] = false
			s.asked[0]["count"] = 1
			s.files = s.files[2:]
		}, expect{}},
		{"44.1 kHz", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.SampleRate = 44100 })), fails("audio.sample_rate")},
		{"44.1 kHz, wanted so", func(s *scene) {
			s.spec["sample_rate"] = 44100
			replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.SampleRate = 44100 }))(s)
		}, expect{}},
		{"96 kHz is more", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.SampleRate = 96000 })), expect{}},
		{"16 bits", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.Bits = 16 })), fails("audio.bit_depth")},
		{"32 bits of float are more", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.Float = true })), expect{}},
		{"all too short", func(s *scene) { s.spec["minutes"] = 0.2 }, fails("audio.duration")},
		{"one track a second longer", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.Seconds = 7 })), fails("audio.duration")},
		{"one track 0.3 s longer", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.Seconds = 6.3 })), expect{}},
		{"clipped", replace("ana.wav", recording(10, voice(mediatest.Clipped))), fails("audio.clipping")},
		{"a silent track", replace("ana.wav", recording(10, voice(mediatest.Silence))), fails("audio.silence")},
		{"a silent mix", replace("mix.wav", recording(30, stereo, voice(mediatest.Silence))), fails("audio.silence")},
		{"the same recording twice", replace("ben.wav", recording(10)), fails("audio.isolation")},
		{"the same recording in two channels", func(s *scene) {
			multichannel(2, mix)(s)
			s.files[0].bytes = recording(40, stereo)
		}, fails("audio.isolation")},
		{"a noisy room", replace("ana.wav", recording(10, func(r *mediatest.Recording) { r.NoiseFloor = -35 })), expect{advised: []string{"audio.noise_floor"}}},
	}, everyOnsite...)
	vary(t, podcastScene, variations...)
}
