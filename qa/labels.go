package qa

import (
	"fmt"
	"strings"

	"github.com/humandispatch/humandispatch/media"
)

// coverage is what labels.covered asks for, by the labels that count.
type coverage struct {
	podcast
	Labels     []string   `json:"labels"`
	Each       []any      `json:"each"`         // names, or objects with a store_id or asset_id
	Views      []string   `json:"views"`        // views of each placement
	Times      int        `json:"times"`        // files for each
	Distinct   int        `json:"distinct"`     // products or people
	IfAskedFor media.Kind `json:"if_asked_for"` // only when the task asks for as many files of this kind
}

func (p coverage) names() []string {
	var out []string
	for _, e := range p.Each {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case map[string]any:
			for _, key := range []string{"store_id", "asset_id"} {
				if id, ok := e[key].(string); ok {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

func labelsCovered(in *Input, req Requirement) Check {
	p, err := params[coverage](req)
	if err != nil {
		return mistaken(req, err)
	}
	switch strings.Join(p.Labels, " ") {
	case "sku angle":
		return productsCovered(in, req, p)
	case "person":
		return peopleCovered(in, req, p)
	case "speaker":
		return speakersCovered(in, req, p)
	case "asset_id view":
		var wanted [][]string
		for _, id := range p.names() {
			for _, view := range p.Views {
				wanted = append(wanted, []string{id, view})
			}
		}
		return combinationsCovered(in, req, p.Labels, wanted, 1)
	default:
		var wanted [][]string
		for _, id := range p.names() {
			wanted = append(wanted, []string{id})
		}
		return combinationsCovered(in, req, p.Labels, wanted, max(1, p.Times))
	}
}

// key joins label values; all but ids compare without case.
func key(values []string) string { return strings.Join(values, "\x00") }

func fold(name, value string) string {
	value = strings.TrimSpace(value)
	switch name {
	case "angle", "view", "platform":
		return strings.ToLower(value)
	}
	return value
}

// labelled counts the delivered pictures and films by their labels. Whether they
// can be read is not asked here.
func labelled(in *Input, labels []string) (counts map[string]int, unlabelled []string) {
	counts = map[string]int{}
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		if f.Kind != media.KindPhoto && f.Kind != media.KindVideo || !in.Task.asks(f.Kind) {
			continue
		}
		values := make([]string, len(labels))
		for j, name := range labels {
			if values[j] = fold(name, f.Labels[name]); values[j] == "" {
				unlabelled = append(unlabelled, f.ID)
				break
			}
		}
		counts[key(values)]++
	}
	return counts, unlabelled
}

func combinationsCovered(in *Input, req Requirement, labels []string, wanted [][]string, times int) Check {
	counts, unlabelled := labelled(in, labels)
	c := blank(req, fmt.Sprintf("%s for each of %d by the label %s", plural(times, "file"), len(wanted), strings.Join(labels, " and ")))
	var lacking []string
	for _, values := range wanted {
		folded := make([]string, len(values))
		for i, v := range values {
			folded[i] = fold(labels[i], v)
		}
		if n := counts[key(folded)]; n < times {
			lacking = append(lacking, fmt.Sprintf("%s has %d of %d", strings.Join(values, " "), n, times))
		}
	}
	return covered(c, len(wanted), lacking, unlabelled, labels)
}

func covered(c Check, of int, lacking, unlabelled, labels []string) Check {
	c.Measured = fmt.Sprintf("%d of %d covered", of-len(lacking), of)
	if len(lacking) == 0 {
		return c
	}
	c.Verdict = Fail
	c.Measured += "; " + shortList(lacking)
	c.Fix = fmt.Sprintf("Deliver what is missing, labelled %s: %s.", strings.Join(labels, " and "), shortList(lacking))
	if len(unlabelled) > 0 {
		c.Files = unlabelled
		c.Fix = fmt.Sprintf("Set the label %s on %s, or deliver what is missing: %s.", strings.Join(labels, " and "), shortList(unlabelled), shortList(lacking))
	}
	return c
}

// productsCovered wants as many products as asked, each from every angle. Which
// products is for the talent's sku labels to say.
func productsCovered(in *Input, req Requirement, p coverage) Check {
	counts, unlabelled := labelled(in, p.Labels)
	angles := p.names()
	c := blank(req, fmt.Sprintf("%s by the label sku, each from %s by the label angle", plural(p.Distinct, "product"), plural(len(angles), "angle")))
	var skus []string
	seen := map[string]bool{}
	for i := range in.Submission.Files {
		f := &in.Submission.Files[i]
		if sku := fold("sku", f.Labels["sku"]); sku != "" && !seen[sku] && f.Kind == media.KindPhoto {
			seen[sku] = true
			skus = append(skus, sku)
		}
	}
	complete := 0
	var lacking []string
	for _, sku := range skus {
		var absent []string
		for _, angle := range angles {
			if counts[key([]string{sku, fold("angle", angle)})] == 0 {
				absent = append(absent, angle)
			}
		}
		if len(absent) == 0 {
			complete++
		} else {
			lacking = append(lacking, fmt.Sprintf("sku %s lacks %s", quoted(sku), strings.Join(absent, ", ")))
		}
	}
	c.Measured = fmt.Sprintf("%d of %s complete", complete, plural(p.Distinct, "product"))
	if complete >= p.Distinct {
		return c
	}
	if more := p.Distinct - len(skus); more > 0 {
		lacking = append(lacking, plural(more, "more sku")+" from every angle")
	}
	c = covered(c, p.Distinct, lacking, unlabelled, p.Labels)
	c.Measured = fmt.Sprintf("%d of %s complete; %s", complete, plural(p.Distinct, "product"), shortList(lacking))
	return c
}

// peopleCovered wants a picture of everybody only when the task asks for as many
// pictures as people and pictures are labelled at all: otherwise they show the team.
func peopleCovered(in *Input, req Requirement, p coverage) Check {
	asked := 0
	for _, d := range in.Task.Deliverables {
		if d.Kind == p.IfAskedFor {
			asked += d.Count
		}
	}
	counts, unlabelled := labelled(in, p.Labels)
	delete(counts, "")
	if p.Distinct < 2 || asked < p.Distinct || len(counts) == 0 {
		c := blank(req, "a picture of the team, or one of each person by the label person")
		c.Measured = "pictures of the team"
		return c
	}
	c := blank(req, fmt.Sprintf("%s by the label person", plural(p.Distinct, "different name")))
	c.Measured = plural(len(counts), "different name")
	if len(counts) < p.Distinct {
		c.Verdict, c.Files = Fail, append(c.Files, unlabelled...)
		c.Fix = fmt.Sprintf("Deliver a picture of each person and set the label person on it: %d of %d people are there.", len(counts), p.Distinct)
	}
	return c
}

// speakersCovered asks only that each delivered track says whose it is; a track
// that is absent is for audio.tracks to say.
func speakersCovered(in *Input, req Requirement, p coverage) Check {
	c := blank(req, "every speaker's file labelled speaker, each with another name; a multichannel file needs no label")
	l := p.layout(in)
	var found []string
	for _, f := range l.unnamed {
		if f.Facts.OK { // an unreadable one may be a multichannel file, which needs none
			c.Files = append(c.Files, f.ID)
			found = append(found, f.ID+" has no label")
		}
	}
	for _, f := range l.repeated {
		c.Files = append(c.Files, f.ID)
		found = append(found, f.ID+" repeats a speaker")
	}
	if len(found) == 0 {
		c.Measured = "every track says whose it is"
		return c
	}
	c.Verdict, c.Measured = Fail, shortList(found)
	c.Fix = fmt.Sprintf("Set the label speaker on %s to the name of who speaks there, or the label mix.", shortList(c.Files))
	return c
}
