package policy

import "bytes"

// Features are what the weights know of a text: its words, their beginnings and
// neighbours, pieces of words, the concepts they stand for, and concepts near each
// other. Each is a 32-bit key; what the text forbids has keys of its own, so that
// "no weapons" is not "weapons". Streets and house numbers are not looked at.

// The kinds of features.
const (
	ofWord uint64 = iota + 1
	ofStart
	ofStarts // of two words in a row
	ofStem
	ofStems      // of two words in a row
	ofStemsApart // of two words with one to three between
	ofPiece      // four or five letters of a word
	ofConcept
	ofConcepts // two within conceptReach tokens
	ofConceptStem
)

const (
	startLetters  = 4
	stemLetters   = 6
	farthest      = 4 // words apart
	conceptReach  = 4
	neighbours    = 2
	maxPieces     = 40 // letters of a word that pieces are taken of
	conceptsAhead = 8  // pairs looked at for each occurrence of a concept
)

// concept is an occurrence of a class with a name.
type concept struct {
	key   uint64
	token int32
}

// featureWord is a token as features see it.
type featureWord struct {
	word, stem, start uint64
	text              []byte
	skip, neg         bool
}

// key mixes a feature to its 32 bits (the finalizer of splitmix64).
func key(kind uint64, neg bool, a, b uint64) uint32 {
	h := kind*0x9e3779b97f4a7c15 ^ a*0xbf58476d1ce4e5b9 ^ b*0x94d049bb133111eb
	if neg {
		h += 0x632be59bd9b4e019
	}
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return uint32(h >> 32)
}

// hash is FNV-1a.
func hash[T string | []byte](w T) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(w); i++ {
		h = (h ^ uint64(w[i])) * 1099511628211
	}
	return h
}

var hashOfNumber = hash("0")

// features calls note with every feature and the token it begins at. A feature that
// occurs several times is noted as often.
func (d *document) features(l *lexicon, note func(key uint32, token int32)) {
	d.featureWords(l)
	words := d.words
	for i := range words {
		w := &words[i]
		if w.skip {
			continue
		}
		t := int32(i)
		note(key(ofWord, w.neg, w.word, 0), t)
		note(key(ofStart, w.neg, w.start, 0), t)
		note(key(ofStem, w.neg, w.stem, 0), t)
		for gap := 1; gap <= min(farthest, i) && d.tokens[i-gap].field == d.tokens[i].field; gap++ {
			before := &words[i-gap]
			if gap > 1 {
				note(key(ofStemsApart, w.neg, before.stem, w.stem), t)
				continue
			}
			note(key(ofStems, w.neg, before.stem, w.stem), t)
			note(key(ofStarts, w.neg, before.start, w.start), t)
		}
		d.pieces(w, t, note)
	}
	for x, c := range d.concepts {
		w := &words[c.token]
		if w.skip {
			continue
		}
		note(key(ofConcept, w.neg, c.key, 0), c.token)
		field := d.tokens[c.token].field
		for y := x + 1; y < len(d.concepts) && y-x <= conceptsAhead; y++ {
			o := d.concepts[y]
			if o.token-c.token > conceptReach || d.tokens[o.token].field != field {
				break
			}
			if o.key != c.key {
				note(key(ofConcepts, w.neg || words[o.token].neg, c.key, o.key), c.token)
			}
		}
		for k := max(c.token-neighbours, 0); k <= c.token+neighbours && int(k) < len(words); k++ {
			if k != c.token && !words[k].skip && d.tokens[k].field == field {
				note(key(ofConceptStem, w.neg, c.key, words[k].stem), c.token)
			}
		}
	}
}

// featureWords reads every token, one in disguise as the lexicon does.
func (d *document) featureWords(l *lexicon) {
	d.words = d.words[:0]
	for i := range d.tokens {
		t := &d.tokens[i]
		text := d.norm[t.from:t.to]
		for _, c := range d.cands[d.first[i]:d.first[i+1]] {
			if known := l.texts[c.word]; len(text) > 1 && known != nil && !bytes.Equal(known, text) {
				text = known
				break
			}
		}
		f := featureWord{text: text, skip: d.fields[t.field].place, neg: d.neg[i] || d.post[i]}
		if number(text) {
			f.word, f.stem, f.start = hashOfNumber, hashOfNumber, hashOfNumber
		} else {
			f.word, f.stem, f.start = hash(text), hash(text[:min(len(text), stemLetters)]), hash(text[:min(len(text), startLetters)])
		}
		d.words = append(d.words, f)
	}
}

func number(w []byte) bool {
	for _, c := range w {
		if c > '9' {
			return false
		}
	}
	return true
}

// pieces notes the runs of four and five letters of a word, its ends marked.
func (d *document) pieces(w *featureWord, token int32, note func(key uint32, token int32)) {
	n := min(len(w.text), maxPieces)
	if n < 4 {
		return
	}
	at := func(i int) uint64 {
		switch {
		case i == 0:
			return '<'
		case i <= n:
			return uint64(w.text[i-1])
		}
		return '>'
	}
	four := at(0)<<16 | at(1)<<8 | at(2)
	for i := 3; i < n+2; i++ {
		c := at(i)
		five := four<<8 | c
		four = five & 0xffffffff
		note(key(ofPiece, w.neg, four, 0), token)
		if i > 3 {
			note(key(ofPiece, w.neg, five, 0), token)
		}
	}
}
