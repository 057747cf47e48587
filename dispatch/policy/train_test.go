package policy

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "train the weights anew from testdata and write weights.gz")

// How the weights are trained.
const (
	leastTexts = 3    // a feature of fewer texts is not learned
	softness   = 0.02 // of the margin: the C of the support vector machine
	rarity     = 2.5  // how much more a rare feature tells
	passes     = 40   // over the texts
	// Shares of honest texts, of authors not learned from, that each limit lets be stopped.
	honestReviews = 0.01
	honestParts   = 0.001
	honestRules   = 0.003
)

// example is a labelled text as its features.
type example struct {
	file     string
	group    string
	category int // -1 for none
	keys     []uint32
	measure  float64
	label    float64 // 1 forbidden, -1 honest
	fields   []field
	template string
	x        []int32 // features in the dictionary
	squared  float64 // length of x, squared

	// By weights that were not learned from its file:
	score, part float64
	rule        float64 // the highest score around a match of a rule
}

func (e *example) forbidden() bool { return e.group != "honest" }

func (e *example) document(s *Screener) *document {
	d := &document{fold: s.fold}
	d.reset()
	for _, f := range e.fields {
		d.addField(f)
	}
	d.read(s)
	return d
}

// weigh scores the text as the screening does.
func (e *example) weigh(s *Screener, w *weights) {
	d := e.document(s)
	all := d.weigh(s.lex, w)
	e.score, e.part, e.rule = float64(all.score), float64(all.part), math.Inf(-1)
	for i := range s.rules {
		r := &s.rules[i]
		if r.path != "" || len(r.templates) > 0 {
			continue
		}
		d.applies(r, func(sp span) bool {
			e.rule = max(e.rule, float64(d.around(w, sp)))
			return false
		})
	}
}

func examples(t testing.TB, parts []string) []*example {
	t.Helper()
	s := Default()
	var out []*example
	for _, part := range parts {
		for _, l := range readLabelled(t, "testdata/"+part+".jsonl") {
			body := l.body(t)
			root, fields, err := read(body)
			if err != nil {
				t.Fatal(err)
			}
			e := &example{file: part, group: l.group(), category: slices.Index(Categories, l.Category), label: -1}
			if e.forbidden() {
				e.label = 1
			}
			e.fields, e.template = fields, root.Get("task_type").Str
			d := e.document(s)
			known := map[uint32]bool{}
			d.features(s.lex, func(key uint32, _ int32) { known[key] = true })
			e.keys = slices.Sorted(maps.Keys(known))
			e.measure = 1 / math.Sqrt(float64(d.weighedWords()+1))
			out = append(out, e)
		}
	}
	return out
}

// dictionary numbers the features of at least leastTexts texts.
func dictionary(texts []*example) (map[uint32]int32, []uint32) {
	count := map[uint32]int{}
	for _, e := range texts {
		for _, k := range e.keys {
			count[k]++
		}
	}
	var keys []uint32
	for k, n := range count {
		if n >= leastTexts {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	index := make(map[uint32]int32, len(keys))
	for i, k := range keys {
		index[k] = int32(i)
	}
	return index, keys
}

func enter(texts []*example, index map[uint32]int32) {
	for _, e := range texts {
		e.x = e.x[:0]
		for _, k := range e.keys {
			if i, ok := index[k]; ok {
				e.x = append(e.x, i)
			}
		}
	}
}

// learn finds the weights and the bias of a linear support vector machine with squared
// hinge loss, by coordinate descent in the dual (Hsieh et al., ICML 2008). Both sides
// weigh the same however many texts they have.
func learn(texts []*example, features int) ([]float64, float64) {
	w := make([]float64, features)
	bias := 0.0
	v := tell(texts, features)
	for _, e := range texts {
		sum := 0.0
		for _, f := range e.x {
			sum += v[f] * v[f]
		}
		e.squared = sum*e.measure*e.measure + 1
	}
	var sides [2]float64
	for _, e := range texts {
		sides[side(e)]++
	}
	n := float64(len(texts))
	alpha := make([]float64, len(texts))
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range passes {
		random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, i := range order {
			e := texts[i]
			soft := softness * n / (2 * sides[side(e)])
			diagonal := 1 / (2 * soft)
			g := e.label*dot(w, bias, e) - 1 + diagonal*alpha[i]
			next := math.Max(alpha[i]-g/(e.squared+diagonal), 0)
			if step := (next - alpha[i]) * e.label; step != 0 {
				for _, f := range e.x {
					w[f] += step * e.measure * v[f] * v[f]
				}
				bias += step
			}
			alpha[i] = next
		}
	}
	return w, bias
}

func side(e *example) int {
	if e.label > 0 {
		return 1
	}
	return 0
}

func dot(w []float64, bias float64, e *example) float64 {
	sum := 0.0
	for _, f := range e.x {
		sum += w[f]
	}
	return bias + sum*e.measure
}

// quantised rounds weights to a byte each; the few largest are cut off.
func quantised(w []float64) ([]int8, float64) {
	sizes := make([]float64, len(w))
	for i, x := range w {
		sizes[i] = math.Abs(x)
	}
	slices.Sort(sizes)
	scale := sizes[int(float64(len(sizes)-1)*0.9995)] / 127
	out := make([]int8, len(w))
	for i, x := range w {
		out[i] = int8(math.Max(-127, math.Min(127, math.Round(x/scale))))
	}
	return out, scale
}

// crossed gives every text the score of weights learned from the other parts only, which
// is what a text of an author nobody has read may expect.
func crossed(texts []*example) {
	for _, part := range learned {
		var from, to []*example
		for _, e := range texts {
			if e.file == part {
				to = append(to, e)
			} else {
				from = append(from, e)
			}
		}
		index, keys := dictionary(from)
		enter(from, index)
		w, bias := learn(from, len(keys))
		weight, scale := quantised(w)
		crossing := newWeights(weightsHead{Bias: float32(bias), Scale: float32(scale)}, keys, weight, make([]int8, len(keys)*len(Categories)))
		for _, e := range to {
			e.weigh(Default(), crossing)
		}
	}
}

// TestWeights sees to it that weights.gz was learned from the briefs and rules as they
// are. With -update it learns, which takes a minute, and prints what held for each
// author's briefs with weights learned from the others'.
func TestWeights(t *testing.T) {
	t.Parallel()
	of := source(t)
	if !*update {
		if theWeights().Source != of {
			t.Errorf("weights.gz was learned from %x, the briefs and rules are %x now: run make policy-weights", theWeights().Source, of)
		}
		return
	}
	texts := examples(t, learned)
	crossed(texts)
	limits := limitsOf(texts)
	t.Logf("\n%s", authors(texts, limits))

	index, keys := dictionary(texts)
	enter(texts, index)
	w, bias := learn(texts, len(keys))
	weight, scale := quantised(w)
	var all []float64 // the weights for the first category, for the second, and so on
	var forbidden []*example
	for _, e := range texts {
		if e.forbidden() && e.category >= 0 {
			forbidden = append(forbidden, e)
		}
	}
	for c := range Categories {
		for _, e := range forbidden {
			e.label = -1
			if e.category == c {
				e.label = 1
			}
		}
		w, _ := learn(forbidden, len(keys))
		all = append(all, w...)
	}
	column, _ := quantised(all)
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	var kept weightsFile
	for i, k := range keys {
		if weight[i] != 0 {
			kept.keys, kept.weight = append(kept.keys, k), append(kept.weight, weight[i])
			for c := range Categories {
				kept.category = append(kept.category, column[c*len(keys)+i]/8*8) // the little ones only take room
			}
		}
	}
	kept.head = weightsHead{Source: of, Review: float32(limits.review), Part: float32(limits.part), Confirm: float32(limits.rule), Bias: float32(bias), Scale: float32(scale), Features: uint32(len(kept.keys))}
	for _, part := range []any{kept.head, kept.keys, kept.weight, kept.category} {
		if err := binary.Write(z, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("weights.gz", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d briefs, %d features, %d bytes", len(texts), len(kept.keys), out.Len())
}

type weightsFile struct {
	head     weightsHead
	keys     []uint32
	weight   []int8
	category []int8
}

// source identifies what the weights are learned from.
func source(t testing.TB) (sum [16]byte) {
	t.Helper()
	h := sha256.New()
	names, err := fs.Glob(embedded, "rules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(data)
	}
	for _, part := range learned {
		data, err := os.ReadFile("testdata/" + part + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		h.Write(data)
	}
	for _, e := range examples(t, measured) { // how texts are read
		fmt.Fprint(h, e.keys)
	}
	fmt.Fprint(h, leastTexts, softness, rarity, passes, honestReviews, honestParts, honestRules)
	copy(sum[:], h.Sum(nil))
	return sum
}

// limits are scores above which a text, a part of it, and a match of a rule count.
type limits struct{ review, part, rule float64 }

func (l limits) stops(e *example) bool {
	return e.score > l.review || e.part > l.part || e.rule > l.rule
}

// limitsOf finds the limits one after the other, each as low as its share of honest
// texts that are stopped allows.
func limitsOf(texts []*example) limits {
	var honest []*example
	for _, e := range texts {
		if !e.forbidden() && !twins(e.file) {
			honest = append(honest, e)
		}
	}
	l := limits{math.Inf(1), math.Inf(1), math.Inf(1)}
	lowest := func(limit *float64, share float64, score func(*example) float64) {
		var scores []float64
		for _, e := range honest {
			if !l.stops(e) {
				scores = append(scores, score(e))
			}
		}
		slices.Sort(scores)
		*limit = scores[len(scores)-1-int(share*float64(len(honest)))]
	}
	lowest(&l.review, honestReviews, func(e *example) float64 { return e.score })
	lowest(&l.part, honestParts, func(e *example) float64 { return e.part })
	lowest(&l.rule, honestRules, func(e *example) float64 { return e.rule })
	return l
}

// twins are honest texts made to be like a forbidden one, more alike than any that
// people send: to learn from, but not to set limits by.
func twins(part string) bool { return strings.HasPrefix(part, "twins") || part == "paraphrases" }

// authors is the table of how the briefs of each author fare.
func authors(texts []*example, l limits) string {
	type count struct{ n, stopped int }
	counts := map[string]map[string]*count{}
	for _, e := range texts {
		for _, row := range []string{e.file, "all but twins"} {
			if row != e.file && twins(e.file) {
				continue
			}
			if counts[row] == nil {
				counts[row] = map[string]*count{}
			}
			if counts[row][e.group] == nil {
				counts[row][e.group] = &count{}
			}
			counts[row][e.group].n++
			if l.stops(e) {
				counts[row][e.group].stopped++
			}
		}
	}
	out := fmt.Sprintf("review over %.3f, of a part over %.3f, rules count over %.3f\n| file | honest | plain | disguised | language |\n|---|---|---|---|---|\n", l.review, l.part, l.rule)
	for _, row := range slices.Sorted(maps.Keys(counts)) {
		out += "| " + row
		for _, g := range groups {
			if c := counts[row][g]; c != nil {
				out += fmt.Sprintf(" | %d of %d = %.1f %%", c.stopped, c.n, 100*float64(c.stopped)/float64(c.n))
			} else {
				out += " |"
			}
		}
		out += " |\n"
	}
	return out
}

// tell is how much a feature tells: the more, the rarer it is and the more it leans to
// one side (Wang and Manning, ACL 2012).
func tell(texts []*example, features int) []float64 {
	var in [2][]float64
	var total [2]float64
	in[0], in[1] = make([]float64, features), make([]float64, features)
	for _, e := range texts {
		total[side(e)]++
		for _, f := range e.x {
			in[side(e)][f]++
		}
	}
	v := make([]float64, features)
	for f := range v {
		rare := math.Log((total[0] + total[1]) / (in[0][f] + in[1][f] + 1))
		leans := math.Abs(math.Log((in[1][f] + 1) / (total[1] + 2) * (total[0] + 2) / (in[0][f] + 1)))
		v[f] = math.Pow(rare/4, rarity) * math.Sqrt(0.3+leans)
	}
	return v
}
