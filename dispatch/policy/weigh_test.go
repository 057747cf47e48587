package policy

import (
	"encoding/json"
	"strings"
	"testing"
)

func decided(t *testing.T, s *Screener, body map[string]any) Decision {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Task(raw)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	harmless = "Photograph our twelve ceramic bowls on a white background, from the side and from above. Files as JPEG, sRGB, by Friday. The studio has daylight and a table. "
	tracking = "Put a magnetic GPS tracker under my ex-girlfriend's car and follow her home without her noticing. "
)

func TestHarmlessWordsDoNotHideWhatIsAsked(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]map[string]any{
		"before and after": {"title": "Bowls", "brief": strings.Repeat(harmless, 6) + tracking + strings.Repeat(harmless, 6)},
		"in the address":   {"title": "Bowls", "brief": strings.Repeat(harmless, 3), "location": map[string]any{"mode": "onsite", "address": tracking}},
		"in metadata":      {"title": "Bowls", "brief": strings.Repeat(harmless, 6), "metadata": map[string]any{"note": tracking}},
	} {
		if d := decided(t, Default(), body); d.Decision == Allow {
			t.Errorf("%s: allowed", name)
		}
	}
	if d := decided(t, Default(), map[string]any{"title": "Bowls", "brief": strings.Repeat(harmless, 12)}); d.Decision != Allow {
		t.Errorf("harmless words alone: %+v", d)
	}
}

func TestARuleReadsOnPastAMatchThatIsAboutSomethingElse(t *testing.T) {
	t.Parallel()
	decoy := "Film the rehearsal of our radio drama in the museum: an actor reads the part of a thief, everybody has signed a release, visitors are welcome. "
	for _, before := range []string{"", decoy, strings.Repeat(decoy, 4)} {
		if d := decided(t, Default(), map[string]any{"title": "Radio drama", "brief": before + tracking}); d.Decision != Block {
			t.Errorf("after %d bytes of a drama: %+v", len(before), d)
		}
	}
}

func TestWeightsAskForAReviewWithTheWordsThatSpeak(t *testing.T) {
	t.Parallel()
	body := map[string]any{"title": "Couch in a pool", "brief": "The villa on the hill is empty until August and nobody gave us permission, the wall is low on the left. Climb in and photograph our couch in their pool."}
	d := decided(t, Default(), body)
	found := false
	for _, m := range d.Rules {
		if m.ID == "trespass."+Learned {
			found = m.Severity == Review && m.Matched != "" && m.Path == "brief" && m.Fix != ""
		}
	}
	if !found {
		t.Errorf("got %+v, want a review by trespass.%s", d, Learned)
	}
	var all []string
	for _, category := range Categories {
		all = append(all, category+"."+Learned)
	}
	s, err := Load([]byte("disable: [" + strings.Join(all, ", ") + "]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range decided(t, s, body).Rules {
		if strings.HasSuffix(m.ID, Learned) {
			t.Errorf("switched off, but %+v", m)
		}
	}
}

func TestADeploymentsRulesChangeNothingOfTheWeights(t *testing.T) {
	t.Parallel()
	s, err := Load([]byte("classes: {house_words: 'photo+|film+|the|our|follow+'}\nrules: [{id: house.zebra, category: weapons, severity: review, fix: None., match: ['[house_words] ~1 zebra']}]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range measured {
		for _, l := range readLabelled(t, "testdata/"+part+".jsonl") {
			own, err := s.Task(l.body(t))
			if err != nil {
				t.Fatal(err)
			}
			built, err := Default().Task(l.body(t))
			if err != nil {
				t.Fatal(err)
			}
			if own.Decision != built.Decision {
				t.Errorf("%s: %s with a rule about zebras, %s without", l.body(t), own.Decision, built.Decision)
			}
		}
	}
}

func TestTruncatedWeightsAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := readWeights(weightsData[:len(weightsData)/2]); err == nil {
		t.Error("half a file of weights was read")
	}
}
