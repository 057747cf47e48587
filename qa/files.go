package qa

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/humandispatch/humandispatch/media"
)

func deliverablesCount(in *Input, req Requirement) Check {
	want := map[media.Kind]int{}
	for _, d := range in.Task.Deliverables {
		want[d.Kind] += d.Count
	}
	have := map[media.Kind]int{}
	for _, f := range in.Submission.Files {
		have[f.Kind]++
	}
	var required, found, lacking []string
	for _, kind := range []media.Kind{media.KindPhoto, media.KindVideo, media.KindAudio, media.KindDocument} {
		if want[kind] == 0 {
			continue
		}
		required = append(required, plural(want[kind], string(kind)+" file"))
		found = append(found, plural(have[kind], string(kind)+" file"))
		if n := want[kind] - have[kind]; n > 0 {
			lacking = append(lacking, plural(n, "more "+string(kind)+" file"))
		}
	}
	c := blank(req, "at least "+strings.Join(required, ", "))
	c.Measured = strings.Join(found, ", ")
	if len(lacking) > 0 {
		c.Verdict = Fail
		c.Fix = "Deliver " + strings.Join(lacking, " and ") + "."
	}
	return c
}

func fileReadable(in *Input, req Requirement) Check {
	var findings []finding
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		found := passed("decodes", 0)
		if !f.Facts.OK {
			why := "it cannot be decoded"
			if f.Facts.Error != nil {
				why = f.Facts.Error.Message
			}
			found = failed(why, fmt.Sprintf("Upload %s again from the original: it cannot be read.", f.ID))
		}
		found.file = f.ID
		findings = append(findings, found)
	}
	c := conclude(req, "every file decodes", "no file", findings, nil)
	if c.Verdict == Pass && len(findings) > 0 {
		c.Measured = fmt.Sprintf("%s, all decode", plural(len(findings), "file"))
	}
	return c
}

func fileFormat(in *Input, req Requirement) Check {
	asked := map[media.Kind][]string{}
	var required []string
	for _, d := range in.Task.Deliverables {
		if d.Format != "" && !slices.Contains(asked[d.Kind], d.Format) {
			asked[d.Kind] = append(asked[d.Kind], d.Format)
		}
	}
	for _, kind := range []media.Kind{media.KindPhoto, media.KindVideo, media.KindAudio, media.KindDocument} {
		if len(asked[kind]) > 0 {
			required = append(required, string(kind)+" as "+strings.Join(asked[kind], " or "))
		}
	}
	var findings []finding
	var broken []string
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		formats := asked[f.Kind]
		switch {
		case len(formats) == 0: // nothing was asked of this kind, as with caption sidecars
			continue
		case !f.Facts.OK:
			broken = append(broken, f.ID)
			continue
		case f.Kind == media.KindDocument && isSidecar(f) && !slices.ContainsFunc(formats, isCaptionFormat):
			continue // captions beside a document that was asked for
		}
		found := passed(f.Facts.Format, 0)
		if !slices.ContainsFunc(formats, func(format string) bool { return sameFormat(format, &f.Facts, f.Kind) }) {
			is := f.Facts.Format
			if f.Facts.Kind != f.Kind {
				is = fmt.Sprintf("%s, which is %s", f.Facts.Format, f.Facts.Kind)
			}
			found = failed(is, fmt.Sprintf("Export %s as %s: by its content it is %s.", f.ID, strings.Join(formats, " or "), is))
		}
		found.file = f.ID
		findings = append(findings, found)
	}
	var notes []string
	if len(broken) > 0 {
		notes = append(notes, "skipped, unreadable: "+shortList(broken))
	}
	return conclude(req, strings.Join(required, ", "), "", findings, notes)
}

// families are names of one format: what talent and requesters call it, and what is sniffed.
var families = map[string]string{
	"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "heif": "heic", "m4v": "mp4", "rf64": "wav", "wave": "wav", "bwf": "wav", "w64": "wav",
	"oga": "ogg", "aif": "aiff", "aifc": "aiff", "qt": "mov", "text": "txt", "webvtt": "vtt", "bigtiff": "tiff",
}

func family(format string) string {
	format = strings.ToLower(strings.TrimPrefix(format, "."))
	if f, ok := families[format]; ok {
		return f
	}
	return format
}

// sameFormat says whether a file is of the asked format and kind.
func sameFormat(asked string, facts *media.Facts, kind media.Kind) bool {
	if facts.Kind != kind {
		return false
	}
	a, is := family(asked), family(facts.Format)
	if a == is {
		return true
	}
	codec := ""
	if len(facts.AudioTracks) > 0 {
		codec = facts.AudioTracks[0].Codec
	}
	switch {
	case kind == media.KindAudio && a == "m4a":
		return is == "mp4" // an MP4 file with sound only
	case a == "opus":
		return is == "ogg" && codec == "opus"
	case a == "ogg":
		return is == "opus" || is == "vorbis"
	case kind == media.KindDocument && (a == "txt" || a == "md" || a == "csv" || a == "json"):
		return is == "txt" || is == "srt" || is == "vtt" // plain text has no signature of its own
	}
	return false
}

func deliveryOnTime(in *Input, req Requirement) Check {
	zone := placeZone(in)
	c := blank(req, "received by "+stamp(in.Task.DeadlineAt, zone))
	at := in.Submission.ReceivedAt
	switch {
	case at.IsZero():
		c.Verdict, c.Measured = Inconclusive, "not measured: no server received the files"
	case at.After(in.Task.DeadlineAt):
		c.Verdict = Fail
		c.Measured = fmt.Sprintf("received %s, %s late", stamp(at, zone), span(at.Sub(in.Task.DeadlineAt).Truncate(time.Second)))
		c.Fix = "Deliver by the deadline next time."
	default:
		c.Measured = "received " + stamp(at, zone)
	}
	return c
}
