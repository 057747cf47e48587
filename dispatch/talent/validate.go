package talent

import (
	"fmt"
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// fields collects what is wrong, so that a caller learns all of it at once.
type fields []fault.Field

func (f *fields) add(path string, found any, expected, fix string) {
	*f = append(*f, fault.Field{Path: path, Found: fmt.Sprintf("%.200v", found), Expected: expected, Fix: fix})
}

// checked returns n as it is stored, and every field that is wrong.
func checked(n New) (New, []fault.Field) {
	var f fields
	n.Name = f.line("name", n.Name, 1, 100)
	n.City = f.line("city", n.City, 0, 100)
	n.Bio = strings.TrimSpace(n.Bio)
	f.text("bio", n.Bio, 0, 2000, "\n\r\t")
	n.Email = f.email(n.Email)
	n.Skills = f.list("skills", n.Skills, f.skill)
	n.TaskTypes = f.list("task_types", n.TaskTypes, f.taskType)
	n.Languages = f.list("languages", n.Languages, f.language)
	f.point(n.Lat, n.Lng)
	if n.RadiusKm == nil {
		n.RadiusKm = new(float64)
		*n.RadiusKm = DefaultRadiusKm
	} else {
		f.within("radius_km", n.RadiusKm, 0, maxRadiusKm, true)
	}
	return n, f
}

// text checks the length in characters and refuses control characters but the allowed.
func (f *fields) text(path, s string, least, most int, allowed string) bool {
	bad := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(allowed, r) }
	switch length := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, bad):
		f.add(path, fmt.Sprintf("%q", s), "text in UTF-8 without control characters", "Remove what cannot be printed")
	case length < least || length > most:
		f.add(path, fmt.Sprintf("%d characters", length), fmt.Sprintf("%d to %d characters", least, most), "Give a text of that length")
	default:
		return true
	}
	return false
}

// line is text on one line, its ends trimmed.
func (f *fields) line(path, s string, least, most int) string {
	s = strings.TrimSpace(s)
	f.text(path, s, least, most, "")
	return s
}

func (f *fields) email(s string) string {
	s = strings.TrimSpace(s)
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s || len(s) > 254 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		f.add("email", fmt.Sprintf("%q", s), "one email address such as ada@example.com, up to 254 bytes", "Give the address alone, without a name")
	}
	return s
}

// list checks and normalises each entry and drops repetitions.
func (f *fields) list(path string, in []string, each func(path, s string) string) []string {
	const most = 50
	if len(in) > most {
		f.add(path, fmt.Sprintf("%d entries", len(in)), fmt.Sprintf("up to %d entries", most), "Give the ones that matter most")
		in = in[:most]
	}
	out := []string{}
	for i, s := range in {
		if v := each(fmt.Sprintf("%s[%d]", path, i), s); !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (f *fields) skill(path, s string) string {
	s = f.line(path, s, 1, 60)
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}

var taskTypeForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,63}$`)

func (f *fields) taskType(path, s string) string {
	if !taskTypeForm.MatchString(s) {
		f.add(path, fmt.Sprintf("%q", s), "a task type such as RETAIL_AUDIT_PHOTO_CHECK", "Take task types from GET /v1/templates")
	}
	return s
}

func (f *fields) language(path, s string) string {
	tag, err := language.Parse(strings.TrimSpace(s))
	if err != nil || tag.IsRoot() {
		f.add(path, fmt.Sprintf("%q", s), "a BCP 47 language tag such as en, fr-CA or zh-Hant", "Give the tag, not the language's name")
		return s
	}
	return tag.String()
}

func (f *fields) point(lat, lng *float64) {
	f.within("lat", lat, -90, 90, false)
	f.within("lng", lng, -180, 180, false)
	switch {
	case lat != nil && lng == nil:
		f.add("lng", "nothing", "lng together with lat", "Give both or neither")
	case lng != nil && lat == nil:
		f.add("lat", "nothing", "lat together with lng", "Give both or neither")
	}
}

// within checks a number that may be absent; over says that least itself is too small.
func (f *fields) within(path string, v *float64, least, most float64, over bool) {
	if v == nil {
		return
	}
	if math.IsNaN(*v) || *v < least || *v > most || over && *v == least {
		expected := fmt.Sprintf("%g to %g", least, most)
		if over {
			expected = fmt.Sprintf("over %g, up to %g", least, most)
		}
		f.add(path, *v, expected, "Give a number in that range")
	}
}
