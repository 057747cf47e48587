package policy

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// document is one task, or one text, being read: its words, what the lexicon knows
// of them, and where each class occurs. It is reused between readings.
type document struct {
	fold   *foldTable
	fields []field
	norm   []byte
	tokens []token
	pos    int32

	cands  []cand  // words read at each token, disguised readings included
	first  []int32 // token -> its first cand; one longer than tokens
	ids    []int32 // scratch
	word   []byte  // scratch
	occ    [][]span
	seen   []int32 // classes that occur
	idiom  []int32 // token -> 1 + last token of the idiom that covers it, from its first token
	idiom0 []int32 // token -> first token of that idiom
	neg    []bool  // after a prohibition
	post   []bool  // before one
	signs  []sign
	work   [2][2][]chained // for find, and for a find inside its accept
	depth  int

	concepts []concept     // in the order of the text
	words    []featureWord // scratch of features and weigh, as are these
	noted    []uint64      // bits of the features that were noted
	known    []int32       // the same as a list
	speaks   []float32     // token -> how much it speaks for a forbidden purpose
}

// cand is one reading: the word with this id, and the token after it.
type cand struct{ word, next int32 }

// span is a run of tokens, end excluded.
type span struct{ start, end int32 }

func (d *document) reset() {
	d.fields, d.norm, d.tokens, d.cands, d.first = d.fields[:0], d.norm[:0], d.tokens[:0], d.cands[:0], d.first[:0]
	d.pos = 0
	for _, c := range d.seen {
		d.occ[c] = d.occ[c][:0]
	}
	d.seen, d.concepts = d.seen[:0], d.concepts[:0]
}

// read looks every token up and records where each class occurs.
func (d *document) read(s *Screener) {
	if len(d.occ) < int(s.classes)+1 {
		d.occ = make([][]span, s.classes+1)
	}
	d.lookUp(s.lex)
	n := int32(len(d.tokens))
	d.idiom = resize(d.idiom, n)
	d.idiom0 = resize(d.idiom0, n)
	var found []event
	for i := int32(0); i < n; i++ {
		if d.first[i] == d.first[i+1] {
			if len(s.names) > 0 && d.isName(i) {
				for _, c := range s.names {
					d.occurs(c, span{i, i + 2})
				}
			}
			continue
		}
		found = d.phrasesAt(s.lex, i, found[:0])
		for _, e := range found {
			if e.class == s.idioms && e.end > d.idiom[i] {
				for t := i; t < e.end; t++ {
					if d.idiom[t] < e.end {
						d.idiom[t], d.idiom0[t] = e.end, i
					}
				}
			}
		}
		here := len(d.concepts)
		for _, e := range found {
			if d.idiom[i] >= e.end && e.class != s.idioms {
				continue // inside an expression that means something else
			}
			d.occurs(e.class, span{i, e.end})
			if k := s.concepts[e.class]; k != 0 {
				d.concepts = append(d.concepts, concept{k, i})
			}
		}
		// The order of classes depends on a deployment's rules; what is learned must not.
		slices.SortFunc(d.concepts[here:], func(a, b concept) int { return cmp.Compare(a.key, b.key) })
	}
	d.markNegation(s)
}

func (d *document) occurs(class int32, sp span) {
	if len(d.occ[class]) == 0 {
		d.seen = append(d.seen, class)
	}
	d.occ[class] = append(d.occ[class], sp)
}

// isName reports whether a personal name may begin at token i: two capitalised words
// that the rules do not know, not at the beginning of a sentence.
func (d *document) isName(i int32) bool {
	if int(i)+1 >= len(d.tokens) || d.first[i+1] != d.first[i+2] {
		return false
	}
	a, b := &d.tokens[i], &d.tokens[i+1]
	return !a.clause && a.field == b.field && b.sep == ' ' && d.capitalised(a) && d.capitalised(b)
}

func (d *document) capitalised(t *token) bool {
	text := d.fields[t.field].text[t.start:t.end]
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	return !t.digits && unicode.IsUpper(first) && unicode.IsLower(second)
}

type event struct{ class, end int32 }

// phrasesAt appends every class whose phrase begins at token i.
func (d *document) phrasesAt(l *lexicon, i int32, out []event) []event {
	for _, c := range d.cands[d.first[i]:d.first[i+1]] {
		if n := l.roots[c.word]; n != 0 {
			out = d.follow(l, n, c.next, 0, out)
		}
	}
	return out
}

func (d *document) follow(l *lexicon, node, at int32, depth int, out []event) []event {
	p := &l.phrase[node]
	for _, c := range p.classes {
		out = append(out, event{c, at})
	}
	if len(p.next) == 0 || depth > 8 || int(at) >= len(d.tokens) || d.tokens[at].field != d.tokens[at-1].field {
		return out
	}
	for _, c := range d.cands[d.first[at]:d.first[at+1]] {
		for _, e := range p.next {
			if e.word == c.word {
				out = d.follow(l, e.node, c.next, depth+1, out)
			}
		}
	}
	return out
}

func resize(s []int32, n int32) []int32 {
	if int32(cap(s)) < n {
		return make([]int32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// text returns the original words of a span, and the path of the field they are in.
func (d *document) text(sp span) (matched, path string) {
	a := d.tokens[sp.start]
	f := d.fields[a.field]
	e := sp.end - 1
	for d.tokens[e].field != a.field {
		e--
	}
	return f.text[a.start:d.tokens[e].end], f.path
}

type chained struct{ start, first, end int32 }

// find calls accept with each occurrence of a pattern, until it returns true. The
// work is linear in the occurrences of the pattern's classes: for every occurrence
// only the nearest ones before it are considered.
func (d *document) find(p pattern, accept func(sp span, last int32) bool) bool {
	for _, e := range p.elems {
		if len(d.occ[e.class]) == 0 {
			return false
		}
	}
	if len(p.elems) == 1 {
		for _, o := range d.occ[p.elems[0].class] {
			if accept(o, o.start) {
				return true
			}
		}
		return false
	}
	work := &d.work[d.depth]
	d.depth++
	prev := work[0][:0]
	for _, o := range d.occ[p.elems[0].class] {
		prev = append(prev, chained{o.start, o.start, o.end})
	}
	next := work[1][:0]
	defer func() {
		work[0], work[1] = prev[:0], next[:0]
		d.depth--
	}()
	for _, e := range p.elems[1:] {
		next = next[:0]
		j := 0
		for _, o := range d.occ[e.class] {
			for j < len(prev) && prev[j].first < o.start {
				j++
			}
			best := -1
			for k := j - 1; k >= 0 && k >= j-6; k-- {
				if prev[k].end > o.start {
					continue
				}
				if best < 0 || prev[k].end > prev[best].end {
					best = k
				}
			}
			if best < 0 || d.tokens[o.start].pos-d.tokens[prev[best].end-1].pos-1 > e.gap {
				continue
			}
			next = append(next, chained{prev[best].start, o.start, o.end})
		}
		if len(next) == 0 {
			return false
		}
		prev, next = next, prev
	}
	for _, c := range prev {
		if accept(span{c.start, c.end}, c.first) {
			return true
		}
	}
	return false
}
