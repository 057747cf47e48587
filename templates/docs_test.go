package templates

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/humandispatch/humandispatch/qa"
)

var update = flag.Bool("update", false, "write docs/checks.md and the golden files anew")

// golden compares with a committed file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date; run: go test ./templates -update", path)
	}
}

// TestDocsOfChecks keeps docs/checks.md true: it is made from the catalogue and
// the templates.
func TestDocsOfChecks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(docsIntroduction)
	b.WriteString("\n## The catalogue\n\nA file that cannot be read fails `file.readable` alone: the other checks skip it and say so.\n\n| check | measured | fails when | in preflight |\n|---|---|---|---|\n")
	for _, c := range qa.Catalogue() {
		preflight := ""
		if c.PerFile {
			preflight = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.ID, c.Measured, c.FailsOn, preflight)
	}
	b.WriteString("\n## Which template runs which\n\n")
	for _, tpl := range All() {
		fmt.Fprintf(&b, "### %s\n\n%s Version %s.\n\n| check | | with | proves |\n|---|---|---|---|\n", tpl.TaskType, tpl.Description, tpl.Version)
		for _, test := range tpl.AcceptanceTests {
			kind := "blocking"
			if !test.Blocking {
				kind = "advisory"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", test.Check, kind, docsParams(t, test.Params), test.Description)
		}
		b.WriteString("\n")
	}
	b.WriteString(docsEvidence)
	golden(t, "../docs/checks.md", []byte(b.String()))
}

func docsParams(t *testing.T, params map[string]any) string {
	t.Helper()
	var parts []string
	for k, v := range params {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Trim(string(raw), `"`)
		parts = append(parts, fmt.Sprintf("%s `%s`", k, strings.TrimPrefix(text, "$")))
	}
	slices.Sort(parts)
	return strings.Join(parts, "<br>")
}

const docsIntroduction = `# What QA checks

Every work order is judged by the acceptance tests of its template. Each names a check of this catalogue, says whether
it is blocking or advisory, and carries parameters: literals of the template, or fields of the task.

A check answers ` + "`pass`, `fail` or `inconclusive`" + `. ` + "`overallPass`" + ` is true when no blocking check failed and none is
inconclusive; nothing is averaged. A blocking check that cannot be measured is inconclusive and goes to a reviewer; an
advisory one says ` + "`not measured`" + ` and stops nothing.

This page is made from the code (` + "`go test ./templates -update`" + `), and a test fails when the two differ.
`

const docsEvidence = `## What counts as evidence

- **Place.** GPS in the file, whether in EXIF, XMP or the film's container, counts; else the position the portal recorded
  when the file was taken inside it, its accuracy counted. A file with neither fails with ` + "`no location in the file`" + `.
- **Which place.** A picture is compared with the store or placement its label names. Without a label, or with one that
  names none, it is compared with the nearest: that the label is missing is for ` + "`labels.covered`" + ` to say.
- **Time.** The camera's clock, in its own offset or else in that of ` + "`schedule.start_at`" + `. When the GPS clock of the file
  differs by over 2 minutes, the GPS clock counts. A film's creation time counts as a photo's capture time does.
- **What is judged.** Files of the kinds the task asks for. Another kind that the talent adds is not judged, but must be readable.
- **Same day.** The calendar day of ` + "`schedule.start_at`" + ` at the place; work that runs past midnight is allowed its time.
- **Day and night.** The sun's elevation is computed for the time and for the placement's position. From −6° to 0°, civil
  twilight, a picture counts as either.
- **Blurred.** Focus is the variance of the Laplacian of luma at a long edge of at most 1024 px. A picture is clearly
  blurred when it is under 12 and under 0.01 of the luma variance. On real pictures, sharp ones measured 190 to 6200,
  plain clouds 53; blurred with a radius of 3 px at that scale all of them measured 2 to 5. A blur of 1 px passes.
- **The same picture.** Two files with the same bytes, or whose perceptual hashes differ in at most 2 of 64 bits while their
  tones are the same. Encoding real pictures again (JPEG quality 10 to 92, half and quarter size, progressive) moved 0 to 2
  bits; different generated pictures differed in 4 or more. Up to 8 bits are mentioned as near-alike.
- **Nearly black or white.** 98 % of the pixels under level 32, or at 224 and over. For products on white the border is left
  out, and white means 99.5 % at 240 and over.
- **Podcast tracks.** A file for each speaker, labelled ` + "`speaker`" + `, and one labelled ` + "`mix`" + `; or one unlabelled file whose first
  channels are the speakers in order, the mix being its further channels or a further file.
- **The same recording.** Two tracks whose levels correlate over 0.95 whatever their gain, and whose sound is equally bright
  (within 0.5 dB); two steady sounds only when their levels wander alike. Voices that take turns evenly are not the same.
- **Check-ins.** A check-in is inside when its whole accuracy circle is in the fence, outside when none of it is, and uncertain
  otherwise. The fence is the task's point; for audits and placements also each of their points, for street teams also
  the area. Where the template can be done remotely, a task without a point or a check-in is not held up.
- **Captions.** A sidecar belongs to the clip with its base name; ` + "`clip.en.srt`" + ` belongs to ` + "`clip.mp4`" + ` too.
`

// TestTemplatesAreAsPublished makes a change of a published template visible: it
// needs a new version, as tasks keep the version they were made from.
func TestTemplatesAreAsPublished(t *testing.T) {
	t.Parallel()
	tpl, _ := Get("OOH_ASSET_VERIFICATION")
	raw, err := json.MarshalIndent(tpl, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/ooh_asset_verification.json", append(raw, '\n'))
}

// TestTemplatesNameKnownChecks also holds the catalogue to its use: every check
// is run by some template.
func TestTemplatesNameKnownChecks(t *testing.T) {
	t.Parallel()
	unused := map[string]bool{}
	for _, c := range qa.Catalogue() {
		unused[c.ID] = true
	}
	known := len(unused)
	for _, tpl := range All() {
		seen := map[string]bool{}
		for _, test := range tpl.AcceptanceTests {
			if seen[test.Check] {
				t.Errorf("%s runs %s twice", tpl.TaskType, test.Check)
			}
			seen[test.Check] = true
			delete(unused, test.Check)
		}
	}
	if known != 38 || len(unused) > 0 {
		t.Errorf("%d checks, of which no template runs %v", known, unused)
	}
}
