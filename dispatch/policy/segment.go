package policy

// expand replaces tokens that hide several words, or part of one, by the words they
// hide: runs of single letters (g u n, w.e.e.d) and long unknown words that are known
// words written together (followher, fakereviews).
func (d *document) expand(l *lexicon) {
	var out []token
	shift := int32(0)
	done := 0 // tokens before this are in out
	replace := func(i, end int, w []byte, cuts []int8) {
		if out == nil {
			out = make([]token, 0, len(d.tokens)+16)
		}
		for ; done < i; done++ {
			t := d.tokens[done]
			t.pos += shift
			out = append(out, t)
		}
		from, at := int32(len(d.norm)), 0
		d.norm = append(d.norm, w...)
		base := d.tokens[i].pos + shift
		for k, c := range cuts {
			t := d.tokens[i]
			t.spaced, t.digits, t.glued = c == 1, false, false
			if k > 0 {
				t.clause, t.newline, t.comma, t.colon = false, false, false, false
			}
			if end-i > 1 {
				t.start, t.end = d.tokens[i+at].start, d.tokens[i+at+int(c)-1].end
			} else if int(t.end-t.start) == len(w) {
				t.start, t.end = t.start+int32(at), t.start+int32(at)+int32(c)
			}
			t.from, t.to = from+int32(at), from+int32(at)+int32(c)
			t.pos = base + int32(k)
			out = append(out, t)
			at += int(c)
		}
		done = end
		shift = base + int32(len(cuts)) - 1 - d.tokens[end-1].pos
	}
	n := len(d.tokens)
	var buf [96]byte
	var cuts [96]int8
	for i := 0; i < n; i++ {
		t := &d.tokens[i]
		if t.spaced {
			end := d.runEnd(i)
			if end-i >= 3 {
				w := buf[:0]
				for k := i; k < end; k++ {
					c := d.norm[d.tokens[k].from]
					if a, _ := leetDigit(c); a != 0 && c <= '9' {
						c = a
					}
					w = append(w, c)
				}
				if c, ok := split(l, w, cuts[:0], true); ok {
					replace(i, end, w, c)
				}
			}
			i = end - 1
			continue
		}
		if size := t.to - t.from; size >= 7 && size <= 40 && !t.digits {
			w := d.norm[t.from:t.to]
			if d.ids = l.look(w, d.ids[:0]); len(d.ids) == 0 {
				if c, ok := split(l, w, cuts[:0], false); ok {
					replace(i, i+1, w, c)
				}
			}
		}
	}
	if out == nil {
		return
	}
	for ; done < n; done++ {
		t := d.tokens[done]
		t.pos += shift
		out = append(out, t)
	}
	d.tokens = out
}

// runEnd is the token after the run of single letters that begins at i.
func (d *document) runEnd(i int) int {
	k := i + 1
	for k < len(d.tokens) && k-i < 90 && d.tokens[k].spaced && !d.tokens[k].wide && !d.tokens[k].newline && d.tokens[k].field == d.tokens[i].field {
		k++
	}
	return k
}

// split cuts letters into known words, as few as possible. With rest, letters that
// belong to no word become words of their own; without, all must belong to one.
func split(l *lexicon, w []byte, cuts []int8, rest bool) ([]int8, bool) {
	const never = 1000
	var cost [97]int
	var from [97]int8
	n := len(w)
	for i := 1; i <= n; i++ {
		cost[i] = never
	}
	known := false
	for i := 0; i < n; i++ {
		if cost[i] >= never {
			continue
		}
		if rest && cost[i]+8 < cost[i+1] {
			cost[i+1], from[i+1] = cost[i]+8, 1
		}
		node := int32(0)
		for k := i; k < n; k++ {
			x := letterIndex(w[k])
			if x < 0 {
				break
			}
			if node = l.nodes[node].child[x]; node == 0 {
				break
			}
			size := k - i + 1
			if l.nodes[node].exact == 0 || size < 2 || size == 2 && !rest && !shortWord(w[i:k+1]) {
				continue
			}
			c := cost[i] + 3
			if size == 2 {
				c += 4
			}
			if c < cost[k+1] {
				cost[k+1], from[k+1] = c, int8(size)
			}
		}
	}
	if cost[n] >= never {
		return nil, false
	}
	for i := n; i > 0; i -= int(from[i]) {
		cuts = append(cuts, from[i])
		known = known || from[i] > 2
	}
	for a, b := 0, len(cuts)-1; a < b; a, b = a+1, b-1 {
		cuts[a], cuts[b] = cuts[b], cuts[a]
	}
	if !rest && (len(cuts) < 2 || len(cuts) > 6) {
		return nil, false
	}
	return cuts, known
}

func shortWord(w []byte) bool {
	switch string(w) {
	case "my", "me", "to", "in", "on", "at", "of", "no", "he", "is", "ex", "by", "or", "an", "up":
		return true
	}
	return false
}
