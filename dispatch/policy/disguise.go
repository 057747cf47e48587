package policy

// lookUp reads every token: as written, and where the lexicon does not know it as
// written, the ways it may be in disguise. A reading may span several tokens.
func (d *document) lookUp(l *lexicon) {
	d.expand(l)
	n := len(d.tokens)
	d.cands = d.cands[:0]
	d.first = d.first[:0]
	for i := 0; i < n; i++ {
		d.first = append(d.first, int32(len(d.cands)))
		t := &d.tokens[i]
		w := d.norm[t.from:t.to]
		d.ids = l.look(w, d.ids[:0])
		for _, id := range d.ids {
			d.cands = append(d.cands, cand{id, int32(i + 1)})
		}
		if !t.glued && i+1 < n && d.tokens[i+1].glued {
			d.joinLetters(l, i)
		}
		if len(d.ids) > 0 && !t.digits {
			continue
		}
		if t.digits {
			d.leet(l, w, i+1)
		}
		if len(d.ids) == 0 {
			d.repeats(l, w, i+1)
		}
		if len(w) >= 2 && i+1 < n && len(d.ids) == 0 && l.continues(w) {
			d.joinNext(l, i)
		}
	}
	d.first = append(d.first, int32(len(d.cands)))
}

func (d *document) addReading(l *lexicon, w []byte, next int) bool {
	from := len(d.ids)
	d.ids = l.look(w, d.ids)
	for _, id := range d.ids[from:] {
		d.cands = append(d.cands, cand{id, int32(next)})
	}
	return len(d.ids) > from
}

// leetDigit gives the letters a digit or sign is written for.
func leetDigit(c byte) (byte, byte) {
	switch c {
	case '0':
		return 'o', 0
	case '1', '!', '|':
		return 'i', 'l'
	case '2':
		return 'z', 0
	case '3':
		return 'e', 0
	case '4', '@':
		return 'a', 0
	case '5', '$':
		return 's', 0
	case '6':
		return 'g', 'b'
	case '7':
		return 't', 0
	case '8':
		return 'b', 0
	case '9':
		return 'g', 0
	case '+':
		return 't', 0
	case '<', '(':
		return 'c', 0
	}
	return 0, 0
}

// leet looks a word up with its digits read as letters, in both ways where two are usual.
func (d *document) leet(l *lexicon, w []byte, next int) {
	letters := 0
	for _, c := range w {
		if c > '9' {
			letters++
		}
	}
	if letters == 0 || len(w) < 3 || letters == 1 && len(w) > 3 || len(w) > 64 {
		return
	}
	for way := 0; way < 2; way++ {
		d.word = d.word[:0]
		second := false
		for _, c := range w {
			if c <= '9' {
				a, b := leetDigit(c)
				if b != 0 {
					second = true
					if way == 1 {
						a = b
					}
				}
				c = a
			}
			d.word = append(d.word, c)
		}
		word := d.word
		if !d.addReading(l, word, next) {
			d.repeats(l, word, next)
		}
		if !second {
			return
		}
	}
}

// repeats looks a word up with its repeated letters collapsed to one or two.
func (d *document) repeats(l *lexicon, w []byte, next int) {
	long, double := false, false
	for k := 1; k < len(w); k++ {
		if w[k] == w[k-1] {
			double = true
			long = long || k > 1 && w[k] == w[k-2]
		}
	}
	if double && len(w) <= 200 {
		d.collapse(l, 0, w, long, 0, 0, next)
	}
}

// collapse walks the trie with each run of letters taken once or twice. Without a run
// of three, only words of six letters and more count: too many short words are another
// one with a letter doubled.
func (d *document) collapse(l *lexicon, node int32, w []byte, long bool, size, branches, next int) {
	if len(w) == 0 {
		if e := l.nodes[node].exact; e != 0 && (long || size >= 6) {
			d.cands = append(d.cands, cand{e, int32(next)})
		}
		return
	}
	x := letterIndex(w[0])
	if x < 0 {
		return
	}
	run := 1
	for run < len(w) && w[run] == w[0] {
		run++
	}
	for k := 1; k <= min(run, 2); k++ {
		if node = l.nodes[node].child[x]; node == 0 {
			return
		}
		size++
		if p := l.nodes[node].prefix; p != 0 && (long || size >= 6) {
			d.cands = append(d.cands, cand{p, int32(next)})
		}
		if run > 1 {
			branches++
		}
		if branches <= 12 {
			d.collapse(l, node, w[run:], long, size, branches, next)
		}
	}
}

// joinLetters reads pieces joined by signs with no space between (c0c@ine, h3r.oin)
// as one word.
func (d *document) joinLetters(l *lexicon, i int) {
	n := len(d.tokens)
	t := &d.tokens[i]
	// A chain of glued pieces, with signs read as the letters they stand for.
	if i+1 < n && d.tokens[i+1].glued && !t.glued {
		with, without := d.word[:0], [64]byte{}
		plain := without[:0]
		signs, wild := false, false
		var dotted [64]byte
		stars := dotted[:0]
		for k := i; k < n && (k == i || d.tokens[k].glued) && len(with) < 48; k++ {
			u := &d.tokens[k]
			w := d.norm[u.from:u.to]
			if len(w) > 24 {
				break
			}
			if k > i {
				if a, _ := leetDigit(u.sep); a != 0 {
					with = append(with, u.sep)
					signs = true
				}
				if u.sep == '*' || u.sep == '#' || u.sep == '_' {
					stars = append(stars, '*')
					wild = true
				}
			}
			with = append(with, w...)
			plain = append(plain, w...)
			if len(stars)+len(w) < 60 {
				stars = append(stars, w...)
			}
			if k == i {
				continue
			}
			known := d.addJoined(l, plain, k+1, k-i+1)
			if !known && hasDigit(plain) {
				d.leetJoined(l, plain, k+1)
			}
			if signs {
				d.leetJoined(l, with, k+1)
			}
			if wild && !known && len(stars) >= 4 {
				d.wildcard(l, 0, stars, 0, 0, k+1)
			}
		}
		d.word = with[:0]
	}
}

func hasDigit(w []byte) bool {
	for _, c := range w {
		if c <= '9' {
			return true
		}
	}
	return false
}

// addJoined adds the reading of pieces joined into one word of at least four letters.
func (d *document) addJoined(l *lexicon, w []byte, next, pieces int) bool {
	if len(w) < 3 || len(w) < 5 && len(w) != pieces {
		return false
	}
	return d.addExact(l, w, next)
}

// addExact adds the reading of a joined word; words known by their beginning do not
// count, or whatever followed them would belong to them.
func (d *document) addExact(l *lexicon, w []byte, next int) bool {
	id := l.exact(w)
	if id != 0 {
		d.cands = append(d.cands, cand{id, int32(next)})
	}
	return id != 0
}

func (d *document) leetJoined(l *lexicon, w []byte, next int) {
	if len(w) < 3 {
		return
	}
	letters := 0
	var buf [64]byte
	for way := 0; way < 2; way++ {
		out := buf[:0]
		letters = 0
		for _, c := range w {
			if a, b := leetDigit(c); a != 0 {
				if way == 1 && b != 0 {
					a = b
				}
				c = a
			} else {
				letters++
			}
			out = append(out, c)
		}
		if letters > 0 {
			d.addExact(l, out, next)
		}
	}
}

// wildcard looks a word up in which at most two letters are starred out.
func (d *document) wildcard(l *lexicon, node int32, w []byte, at, used, next int) {
	if at == len(w) {
		if e := l.nodes[node].exact; e != 0 {
			d.cands = append(d.cands, cand{e, int32(next)})
		}
		return
	}
	if w[at] == '*' {
		if used == 2 {
			return
		}
		for _, c := range l.nodes[node].child {
			if c != 0 {
				d.wildcard(l, c, w, at+1, used+1, next)
			}
		}
		return
	}
	if x := letterIndex(w[at]); x >= 0 {
		if c := l.nodes[node].child[x]; c != 0 {
			d.wildcard(l, c, w, at+1, used, next)
		}
	}
}

// joinNext reads a word broken by a space or a sign: coc aine, her-oin.
func (d *document) joinNext(l *lexicon, i int) {
	a, b := &d.tokens[i], &d.tokens[i+1]
	if a.field != b.field || b.newline {
		return
	}
	w := append(d.word[:0], d.norm[a.from:a.to]...)
	w = append(w, d.norm[b.from:b.to]...)
	d.word = w
	if len(w) >= 6 && len(w) <= 24 {
		d.addExact(l, w, i+2)
		if i+2 < len(d.tokens) && d.tokens[i+2].field == a.field && l.continues(w) {
			c := &d.tokens[i+2]
			w = append(w, d.norm[c.from:c.to]...)
			d.word = w
			if len(w) <= 24 {
				d.addExact(l, w, i+3)
			}
		}
	}
}
