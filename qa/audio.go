package qa

import (
	"fmt"
	"math"

	"github.com/humandispatch/humandispatch/media"
)

// heard is one sound to be judged: a whole file, or one channel of it.
type heard struct {
	file    *File
	channel int  // -1 for the whole file
	alone   bool // one speaker's own track, which may well be silent for long
}

func (h heard) name() string {
	if h.channel < 0 {
		return ""
	}
	return fmt.Sprintf("channel %d ", h.channel+1)
}

// signals returns the measurements of the sound; why says what keeps them away.
func (h heard) signals() (s media.ChannelSignals, why string) {
	if why := missing(h.file, "audio"); why != "" {
		return s, why
	}
	a := h.file.Facts.Signals.Audio
	if h.channel < 0 {
		return media.ChannelSignals{SilentShare: a.SilentShare, ClippedShare: a.ClippedShare, NoiseFloor: a.NoiseFloor, Peak: a.Peak}, ""
	}
	if h.channel >= len(a.Channels) {
		return s, fmt.Sprintf("channel %d was not measured", h.channel+1)
	}
	return a.Channels[h.channel], ""
}

// sounds returns what is to be judged by itself: the sound of every clip, and
// every track of a podcast. Files without sound are named in the notes.
func sounds(in *Input, p podcast) (out []heard, notes []string) {
	files, notes := readable(in, media.KindVideo, media.KindAudio)
	tracks := p.layout(in)
	var mute []string
	for _, f := range files {
		if f.Kind == media.KindVideo && len(f.Facts.AudioTracks) == 0 {
			mute = append(mute, f.ID)
			continue
		}
		if own := tracks.of(f); len(own) > 0 {
			out = append(out, own...)
			continue
		}
		out = append(out, heard{file: f, channel: -1})
	}
	if len(mute) > 0 {
		notes = append(notes, "skipped, without an audio track: "+shortList(mute))
	}
	return out, notes
}

// eachSound judges every sound by its measurements.
func eachSound(in *Input, req Requirement, required string, p podcast, judge func(heard, media.ChannelSignals) finding) Check {
	all, notes := sounds(in, p)
	var findings []finding
	for _, h := range all {
		s, why := h.signals()
		found := unmeasured(why)
		if why == "" {
			found = judge(h, s)
		}
		found.file = h.file.ID
		findings = append(findings, found)
	}
	nothing := "no sound to measure"
	if len(notes) > 0 {
		nothing = ""
	}
	return conclude(req, required, nothing, findings, notes)
}

func audioClipping(in *Input, req Requirement) Check {
	p, err := params[struct {
		podcast
		MaxShare float64 `json:"max_share"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return eachSound(in, req, fmt.Sprintf("at most %g %% of samples at full scale in runs", 100*p.MaxShare), p.podcast, func(h heard, s media.ChannelSignals) finding {
		measured := fmt.Sprintf("%s%.2f %% of samples clipped", h.name(), 100*s.ClippedShare)
		if s.ClippedShare > p.MaxShare {
			return failed(measured, fmt.Sprintf("Record it again with less gain: %.1f %% of the samples are clipped.", 100*s.ClippedShare))
		}
		return passed(measured, p.MaxShare-s.ClippedShare)
	})
}

func audioSilence(in *Input, req Requirement) Check {
	p, err := params[struct {
		podcast
		MaxShare         float64 `json:"max_share"`
		MaxShareIsolated float64 `json:"max_share_isolated"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	required := fmt.Sprintf("at most %g %% of 400 ms windows under −60 dBFS", 100*p.MaxShare)
	if p.Speakers > 0 {
		required += fmt.Sprintf(" in a mix, %g %% in a speaker's own track", 100*p.MaxShareIsolated)
	}
	return eachSound(in, req, required, p.podcast, func(h heard, s media.ChannelSignals) finding {
		limit := p.MaxShare
		if h.alone {
			limit = p.MaxShareIsolated
		}
		measured := fmt.Sprintf("%s%.0f %% silent", h.name(), 100*s.SilentShare)
		if s.SilentShare > limit {
			return failed(measured, fmt.Sprintf("Deliver it with its sound: %.0f %% of it is silent (allowed %g %%).", 100*s.SilentShare, 100*limit))
		}
		return passed(measured, limit-s.SilentShare)
	})
}

func audioNoiseFloor(in *Input, req Requirement) Check {
	p, err := params[struct {
		podcast
		MaxDBFS float64 `json:"max_dbfs"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return eachSound(in, req, fmt.Sprintf("background at most %g dBFS", p.MaxDBFS), p.podcast, func(h heard, s media.ChannelSignals) finding {
		measured := fmt.Sprintf("%sbackground at %.0f dBFS", h.name(), s.NoiseFloor)
		if s.NoiseFloor > p.MaxDBFS {
			return failed(measured, fmt.Sprintf("Record in a quieter room or closer to the microphone: the background is at %.0f dBFS.", s.NoiseFloor))
		}
		return passed(measured, p.MaxDBFS-s.NoiseFloor)
	})
}

func audioLoudness(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinLUFS float64 `json:"min_lufs"`
		MaxLUFS float64 `json:"max_lufs"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("%g to %g LUFS integrated", p.MinLUFS, p.MaxLUFS), func(f *File) finding {
		if len(f.Facts.AudioTracks) == 0 {
			return unmeasured("no audio track")
		}
		if why := missing(f, "audio"); why != "" {
			return unmeasured(why)
		}
		l := f.Facts.Signals.Audio.Loudness
		if l == nil {
			return unmeasured("too short or too silent for a loudness")
		}
		measured := fmt.Sprintf("%.1f LUFS", *l)
		if *l < p.MinLUFS || *l > p.MaxLUFS {
			return failed(measured, fmt.Sprintf("Normalise the loudness to between %g and %g LUFS: it is %.1f.", p.MinLUFS, p.MaxLUFS, *l))
		}
		return passed(measured, min(*l-p.MinLUFS, p.MaxLUFS-*l))
	}, media.KindVideo, media.KindAudio)
}

func audioSampleRate(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinHz int `json:"min_hz"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("at least %d Hz", p.MinHz), func(f *File) finding {
		rate, ok := lowest(f, func(t media.AudioTrack) (int, bool) { return t.SampleRate, t.SampleRate > 0 })
		if !ok {
			return unmeasured("the file does not tell its sample rate")
		}
		measured := fmt.Sprintf("%d Hz", rate)
		if rate < p.MinHz {
			return failed(measured, fmt.Sprintf("Record at %d Hz or more: this one is stored at %d Hz.", p.MinHz, rate))
		}
		return passed(measured, float64(rate-p.MinHz))
	}, media.KindAudio)
}

func audioBitDepth(in *Input, req Requirement) Check {
	p, err := params[struct {
		MinBits int `json:"min_bits"`
	}](req)
	if err != nil {
		return mistaken(req, err)
	}
	return each(in, req, fmt.Sprintf("at least %d bits a sample, in formats that have a bit depth", p.MinBits), func(f *File) finding {
		depth, ok := lowest(f, func(t media.AudioTrack) (int, bool) {
			if t.BitsPerSample == nil {
				return 0, false
			}
			return *t.BitsPerSample, true
		})
		if !ok { // whether such a format will do is for file.format to say
			return passed(f.Facts.Format+" has no bit depth", math.Inf(1))
		}
		measured := fmt.Sprintf("%d bits", depth)
		if depth < p.MinBits {
			return failed(measured, fmt.Sprintf("Record with %d bits a sample or more: this one is stored with %d.", p.MinBits, depth))
		}
		return passed(measured, float64(depth-p.MinBits))
	}, media.KindAudio)
}

func lowest(f *File, of func(media.AudioTrack) (int, bool)) (least int, ok bool) {
	for _, t := range f.Facts.AudioTracks {
		if v, has := of(t); has && (!ok || v < least) {
			least, ok = v, true
		}
	}
	return least, ok
}
