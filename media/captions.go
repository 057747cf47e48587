package media

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxCaptionText bounds the text kept of one file, in bytes.
const maxCaptionText = 256 << 10

// captions gathers the text of all caption tracks.
func (m *movie) captions(f *Facts) {
	var all captionText
	for _, t := range m.tracks {
		switch t.handler {
		case "sbtl", "subt", "text":
		default:
			continue
		}
		t.each(m.in, 100_000, func(p packet) bool {
			if p.size <= 2 || p.size > 64<<10 {
				return true
			}
			return all.add(captionSample(t.entry.code, m.in.upTo(p.off, p.size)))
		})
	}
	f.CaptionText = all.String()
}

type captionText struct{ strings.Builder }

// add appends one caption as a line and says whether there is room for more.
func (c *captionText) add(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || !utf8.ValidString(s) {
		return true
	}
	if c.Len()+len(s) > maxCaptionText {
		return false
	}
	if c.Len() > 0 {
		c.WriteByte('\n')
	}
	c.WriteString(s)
	return true
}

// captionSample returns the text of one sample: 3GPP timed text and QuickTime text
// behind a length (TS 26.245, 5.17), WebVTT in boxes (ISO/IEC 14496-30), TTML as XML.
func captionSample(code string, b []byte) string {
	switch code {
	case "wvtt":
		var text []string
		in := newInput(strings.NewReader(string(b)), int64(len(b)))
		_ = in.boxes(0, in.size, func(cue box) error {
			if cue.name == "vttc" {
				inner, _ := in.children(cue)
				text = append(text, string(in.body(inner["payl"], 16<<10)))
			}
			return nil
		})
		return stripTags(strings.Join(text, "\n"))
	case "stpp":
		return stripTags(string(b))
	}
	if len(b) < 2 {
		return ""
	}
	n := min(int(be.Uint16(b)), len(b)-2)
	if n >= 2 && (b[2] == 0xfe && b[3] == 0xff) {
		return metadataText([]byte{0, 0, 0, 2}, b[4:2+n])
	}
	return string(b[2 : 2+n])
}

var tags = regexp.MustCompile(`<[^<>]*>`)

func stripTags(s string) string { return tags.ReplaceAllString(s, "") }

func (m *matroska) captionText() string {
	var all captionText
	for _, t := range m.order {
		if t.kind != 17 || !strings.HasPrefix(t.codec, "S_TEXT") && !strings.HasPrefix(t.codec, "D_WEBVTT") {
			continue
		}
		for _, p := range t.packets {
			if p.size <= 0 || p.size > 64<<10 {
				continue
			}
			s := string(m.in.upTo(p.off, p.size))
			if strings.HasSuffix(t.codec, "ASS") || strings.HasSuffix(t.codec, "SSA") {
				// Eight fields stand before the text.
				if parts := strings.SplitN(s, ",", 9); len(parts) == 9 {
					s = parts[8]
				}
			}
			if !all.add(stripTags(s)) {
				break
			}
		}
	}
	return all.String()
}

// maxSidecar is the largest caption file read, in bytes.
const maxSidecar = 4 << 20

var cueTiming = regexp.MustCompile(`(?m)^[ \t]*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{3}[ \t]+-->[ \t]+(?:\d+:)?\d{1,2}:\d{2}[,.]\d{3}`)

// sniffText tells caption sidecars by their content: WebVTT by its first line,
// SubRip by a timing line near the start. The name decides nothing.
func sniffText(in *input) *format {
	head := decodeText(in.upTo(0, 8<<10))
	if head == "" {
		return nil
	}
	if first, _, _ := strings.Cut(head, "\n"); strings.HasPrefix(first, "WEBVTT") {
		return &format{"vtt", KindDocument, nil, readCaptionFile}
	}
	if cueTiming.MatchString(head) {
		return &format{"srt", KindDocument, nil, readCaptionFile}
	}
	return nil
}

// decodeText returns b as UTF-8 with plain line ends, empty when it is no text.
func decodeText(b []byte) string {
	var s string
	switch {
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		s = metadataText([]byte{0, 0, 0, 2}, b[2:])
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		swapped := make([]byte, len(b)&^1)
		for i := 0; i+1 < len(b); i += 2 {
			swapped[i], swapped[i+1] = b[i+1], b[i]
		}
		s = metadataText([]byte{0, 0, 0, 2}, swapped[2:])
	default:
		s = strings.TrimPrefix(string(b), "\ufeff")
		if !utf8.ValidString(s) {
			// Old tools write Latin-1: every byte is its own code point.
			runes := make([]rune, len(s))
			for i := range len(s) {
				runes[i] = rune(s[i])
			}
			s = string(runes)
		}
	}
	if strings.ContainsRune(s, 0) {
		return ""
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// readCaptionFile keeps the spoken lines of a sidecar: no numbers, timings, notes or tags.
func readCaptionFile(in *input, f *Facts) error {
	if in.size > maxSidecar {
		return broken("it is larger than the %d MB a caption file may have", maxSidecar>>20)
	}
	var all captionText
	for _, cue := range strings.Split(decodeText(in.upTo(0, int(in.size))), "\n\n") {
		lines := strings.Split(strings.Trim(cue, "\n"), "\n")
		for i, line := range lines {
			if !strings.Contains(line, "-->") {
				continue
			}
			if !all.add(stripTags(strings.Join(lines[i+1:], "\n"))) {
				f.CaptionText = all.String()
				return nil
			}
			break
		}
	}
	f.CaptionText = all.String()
	return nil
}
