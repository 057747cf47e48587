package policy

// How far a prohibition reaches, in words.
const (
	negationReach = 14
	listReach     = 60 // after "Not allowed:"
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
	for i := range d.tokens {
		if d.fields[d.tokens[i].field].forbids {
			d.neg[i] = true
		}
	}
	falseAt := starts(d.occ[s.marks.falseNegator])
	breaks := starts(d.occ[s.marks.clauseBreak])
	imperative := starts(d.occ[s.marks.imperative])
	or := starts(d.occ[s.marks.or])
	for _, o := range d.occ[s.marks.negator] {
		if falseAt.has(o.start) || falseAt.has(o.end-1) {
			continue
		}
		d.negateAfter(o, breaks, imperative, or, falseAt)
	}
	for _, o := range d.occ[s.marks.postNegator] {
		low := o.start - negationReach
		for i := o.start - 1; i >= 0 && i >= low; i-- {
			if d.tokens[i].field != d.tokens[o.start].field {
				break
			}
			d.neg[i] = true
			if d.tokens[i].clause || breaks.has(i) || d.tokens[i].comma && imperative.has(i-1) {
				break
			}
			if d.tokens[i].comma && i > 0 && d.hasImperative(imperative, i-1) {
				break
			}
		}
	}
}

// hasImperative reports whether the clause that ends at token i tells somebody to do something.
func (d *document) hasImperative(imperative set, i int32) bool {
	for k := i; k >= 0 && i-k < negationReach && d.tokens[k].field == d.tokens[i].field; k-- {
		if imperative.has(k) {
			return true
		}
		if d.tokens[k].clause {
			return false
		}
	}
	return false
}

func (d *document) negateAfter(o span, breaks, imperative, or, falseAt set) {
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
		if t.clause && !list || breaks.has(i) {
			return
		}
		// "No photos of staff, follow him": a new order ends the prohibition,
		// unless it is one of a list (enter, climb or touch).
		if t.comma && !list && imperative.has(i) && !d.orAhead(or, i) {
			return
		}
		d.neg[i] = true
	}
}

func (d *document) orAhead(or set, i int32) bool {
	for k := i; k < int32(len(d.tokens)) && k < i+12; k++ {
		if k > i && d.tokens[k].clause {
			return false
		}
		if or.has(k) {
			return true
		}
	}
	return false
}

// forbidden reports whether the match is something the text forbids: it begins inside a
// prohibition, or ends inside one ("photograph no minors") that is not part of the
// pattern itself ("without her knowing").
func (d *document) forbidden(p pattern, sp span, last int32) bool {
	return d.neg[sp.start] || !p.negative && d.neg[last]
}

// set is a sorted list of token indexes.
type set []span

func starts(o []span) set { return set(o) }

func (s set) has(i int32) bool {
	low, high := 0, len(s)
	for low < high {
		mid := (low + high) / 2
		if s[mid].start < i {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low < len(s) && s[low].start == i
}
