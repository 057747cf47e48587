package policy

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
)

// weightsData is written by TestWeights -update: weights, and the limits that go with
// them, of the features of the labelled briefs of testdata.
//
//go:embed weights.gz
var weightsData []byte

// weights say how much each feature speaks for a forbidden purpose (above zero) or for
// an honest one, and for which category. They decide what rules cannot enumerate.
type weights struct {
	weightsHead
	slots    []slot
	category []int8 // for each feature in turn its weights for Categories
}

// A slot of the open addressing table holds a feature's key, 1 + its number in 24 bits,
// and its weight in 8: what a lookup needs in one place, for it is memory that it waits for.
type slot uint64

const mostFeatures = 1 << 24

func (s slot) key() uint32    { return uint32(s >> 32) }
func (s slot) feature() int32 { return int32(s>>8&0xffffff) - 1 }
func (s slot) weight() int8   { return int8(s) }

// Learned is the rule id's last part of what the weights decide, after a category and a dot.
const Learned = "learned"

// find returns the slot of a feature, 0 for one that is not known.
func (w *weights) find(key uint32) slot {
	mask := uint32(len(w.slots) - 1)
	for at := key & mask; ; at = (at + 1) & mask {
		if s := w.slots[at]; s == 0 || s.key() == key {
			return s
		}
	}
}

// weighed is what the weights make of a document.
type weighed struct {
	score float32
	part  float32 // the highest score of partWords in a row; of a shorter text its score
}

// mostTold is how many words a review is told to speak for a forbidden purpose.
const mostTold = 12

// weigh adds up the weights of the document's features, each once, over the square
// root of the number of its words.
func (d *document) weigh(l *lexicon, w *weights) weighed {
	n := len(d.tokens)
	if words := int(w.Features)/64 + 1; len(d.noted) < words {
		d.noted = make([]uint64, words)
	}
	if cap(d.speaks) < n {
		d.speaks = make([]float32, n)
	}
	d.speaks = d.speaks[:n]
	clear(d.speaks)
	d.known = d.known[:0]
	var sum int64
	d.features(l, func(key uint32, token int32) {
		s := w.find(key)
		if s == 0 {
			return
		}
		d.speaks[token] += float32(s.weight())
		f := s.feature()
		if bit := uint64(1) << (f & 63); d.noted[f>>6]&bit == 0 {
			d.noted[f>>6] |= bit
			d.known = append(d.known, f)
			sum += int64(s.weight())
		}
	})
	for _, f := range d.known {
		d.noted[f>>6] = 0
	}
	words := d.weighedWords()
	out := weighed{score: w.score(float32(sum), words)}
	out.part = out.score
	if words <= partWords {
		return out
	}
	part, start, sinceStart := float32(0), 0, 0
	for i := range d.words {
		if d.words[i].skip {
			continue
		}
		part += d.speaks[i]
		for sinceStart++; sinceStart > partWords || d.words[start].skip; start++ {
			if !d.words[start].skip {
				part -= d.speaks[start]
				sinceStart--
			}
		}
		if sinceStart == partWords {
			out.part = max(out.part, w.score(part, partWords))
		}
	}
	return out
}

// weighedWords is the number of words that features has read.
func (d *document) weighedWords() int {
	n := 0
	for i := range d.words {
		if !d.words[i].skip {
			n++
		}
	}
	return n
}

// partWords is how long a part of a text is judged by itself, so that harmless words
// before and after it do not hide it.
const partWords = 32

// score makes the sums of long and of short texts comparable.
func (w *weights) score(sum float32, words int) float32 {
	return w.Bias + sum*w.Scale/float32(math.Sqrt(float64(words+1)))
}

// confirms reports whether what is around a match is not plainly about something
// else. Of an address nothing is known.
func (d *document) confirms(w *weights, sp span) bool {
	return d.fields[d.tokens[sp.start].field].place || d.around(w, sp) > w.Confirm
}

// around is the score of a span with half a part before and after it. Fields do not
// matter: a title says little without the brief.
func (d *document) around(w *weights, sp span) float32 {
	sum, words := float32(0), 0
	for i := max(sp.start-partWords/2, 0); i < min(sp.end+partWords/2, int32(len(d.words))); i++ {
		if !d.words[i].skip {
			sum += d.speaks[i]
			words++
		}
	}
	return w.score(sum, words)
}

// category is the likeliest one, of those allowed, for a document that was weighed.
func (d *document) category(w *weights, allowed func(category string) bool) (string, bool) {
	total := make([]int32, len(Categories))
	for _, f := range d.known {
		for c := range total {
			total[c] += int32(w.category[int(f)*len(total)+c])
		}
	}
	best := -1
	for c, category := range Categories {
		if allowed(category) && (best < 0 || total[c] > total[best]) {
			best = c
		}
	}
	if best < 0 {
		return "", false
	}
	return Categories[best], true
}

// telling is the run of at most mostTold words that speaks most for a forbidden purpose,
// in a document that was weighed.
func (d *document) telling() (where span) {
	best := float32(math.Inf(-1))
	sum, start := float32(0), 0
	for i := range d.tokens {
		if i > 0 && d.tokens[i].field != d.tokens[i-1].field {
			sum, start = 0, i
		}
		sum += d.speaks[i]
		if i-start == mostTold {
			sum -= d.speaks[start]
			start++
		}
		for start < i && d.speaks[start] <= 0 {
			sum -= d.speaks[start]
			start++
		}
		if sum > best {
			best, where = sum, span{int32(start), int32(i + 1)}
		}
	}
	return where
}

var theWeights = sync.OnceValue(func() *weights {
	w, err := readWeights(weightsData)
	if err != nil {
		panic("embedded policy weights: " + err.Error())
	}
	return w
})

// The file of weights, gzipped, little endian: head, then keys, weights, and for each
// feature in turn its weights for Categories.
type weightsHead struct {
	Source [16]byte // a hash of what they were learned from
	// A text over Review, and one with a part over Part, goes to a reviewer whatever it
	// says; where a match of the built-in rules and what is around it are at Confirm or
	// below, the match does not count.
	Review, Part, Confirm float32
	Bias                  float32
	Scale                 float32 // of a weight
	Features              uint32
}

func readWeights(data []byte) (*weights, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var head weightsHead
	r := bytes.NewReader(plain)
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		return nil, err
	}
	n := int(head.Features)
	if n >= mostFeatures {
		return nil, fmt.Errorf("%d features, expected fewer than %d", n, mostFeatures)
	}
	if want := n * (4 + 1 + len(Categories)); r.Len() != want {
		return nil, fmt.Errorf("%d bytes follow the head, expected %d for %d features", r.Len(), want, n)
	}
	keys, weight, category := make([]uint32, n), make([]int8, n), make([]int8, n*len(Categories))
	if err := errors.Join(binary.Read(r, binary.LittleEndian, keys), binary.Read(r, binary.LittleEndian, weight), binary.Read(r, binary.LittleEndian, category)); err != nil {
		return nil, err
	}
	return newWeights(head, keys, weight, category), nil
}

func newWeights(head weightsHead, keys []uint32, weight, category []int8) *weights {
	head.Features = uint32(len(keys))
	w := &weights{weightsHead: head, category: category}
	size := uint32(1)
	for size < uint32(len(keys))/2*3+2 {
		size *= 2
	}
	w.slots = make([]slot, size)
	for i, k := range keys {
		at := k & (size - 1)
		for w.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		w.slots[at] = slot(k)<<32 | slot(i+1)<<8 | slot(uint8(weight[i]))
	}
	return w
}
