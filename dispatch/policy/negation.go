package policy

// How far a prohibition reaches, in words.
const (
	negationReach = 14
	listReach     = 60 // after "Not allowed:"
)

// sign says what a word does to the reach of a prohibition.
type sign uint8

const (
	signFalse      sign = 1 << iota // "no need": forbids nothing
	signBreak                       // "but": ends a clause
	signImperative                  // "follow": a new order
	signOr
)

// markNegation marks the words that the text itself forbids: those after "no",
// "never" or "do not", to the end of the clause, and those before "are prohibited".
// Phrases such as "no need to", "without asking" or "no one will know" forbid nothing.
func (d *document) markNegation(s *Screener) {
	n := len(d.tokens)
	if cap(d.neg) < n {
		d.neg = make([]bool, n)
	}
	d.neg = d.neg[:n]
	clear(d.neg)
	if cap(d.post) < n {
		d.post = make([]bool, n)
	}
	d.post = d.post[:n]
	clear(d.post)
	for i := range d.tokens {
		if d.fields[d.tokens[i].field].forbids {
			d.neg[i] = true
		}
	}
	if cap(d.signs) < n {
		d.signs = make([]sign, n)
	}
	d.signs = d.signs[:n]
	clear(d.signs)
	for class, bit := range map[int32]sign{s.marks.falseNegator: signFalse, s.marks.clauseBreak: signBreak, s.marks.imperative: signImperative, s.marks.or: signOr} {
		for _, o := range d.occ[class] {
			d.signs[o.start] |= bit
		}
	}
	for _, o := range d.occ[s.marks.negator] {
		if (d.signs[o.start]|d.signs[o.end-1])&signFalse != 0 {
			continue
		}
		d.negateAfter(o)
	}
	for _, o := range d.occ[s.marks.heading] {
		if n := int(o.end); n < len(d.tokens) && d.tokens[n].colon {
			d.negateAfter(o)
		}
	}
	for _, o := range d.occ[s.marks.postNegator] {
		if d.signs[o.start]&signFalse != 0 {
			continue
		}
		low := o.start - negationReach
		for i := o.start - 1; i >= 0 && i >= low; i-- {
			if d.tokens[i].field != d.tokens[o.start].field {
				break
			}
			d.post[i] = true
			if d.tokens[i].clause || d.signs[i]&signBreak != 0 || d.tokens[i].comma && i > 0 && d.hasImperative(i-1) {
				break
			}
		}
	}
}

// hasImperative reports whether the clause that ends at token i tells somebody to do something.
func (d *document) hasImperative(i int32) bool {
	for k := i; k >= 0 && i-k < negationReach && d.tokens[k].field == d.tokens[i].field; k-- {
		if d.signs[k]&signImperative != 0 {
			return true
		}
		if d.tokens[k].clause {
			return false
		}
	}
	return false
}

func (d *document) negateAfter(o span) {
	n := int32(len(d.tokens))
	reach := int32(negationReach)
	list := false
	for i := o.end; i < n && i < o.end+reach; i++ {
		t := &d.tokens[i]
		if t.field != d.tokens[o.start].field {
			return
		}
		if t.colon && i <= o.end+4 {
			list, reach = true, listReach
		}
		if t.clause && !list || d.signs[i]&signBreak != 0 {
			return
		}
		// "No photos of staff, follow him": a new order ends the prohibition,
		// unless it is one of a list (enter, climb or touch).
		if t.comma && !list && d.signs[i]&signImperative != 0 && !d.orAhead(i) {
			return
		}
		d.neg[i] = true
	}
}

func (d *document) orAhead(i int32) bool {
	for k := i; k < int32(len(d.tokens)) && k < i+12; k++ {
		if k > i && d.tokens[k].clause {
			return false
		}
		if d.signs[k]&signOr != 0 {
			return true
		}
	}
	return false
}

// forbidden reports whether the match is something the text forbids: it begins inside a
// prohibition, ends inside one ("photograph no minors"), or stands before one ("are
// banned"); the last two not when the pattern itself holds it ("without her knowing").
func (d *document) forbidden(p pattern, sp span, last int32) bool {
	return d.neg[sp.start] || !p.negative && (d.neg[last] || d.post[sp.start])
}
