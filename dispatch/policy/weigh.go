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

// weightsData is written by TestTrain -update: weights, and the limits that go with
// them, of the features of the labelled briefs of testdata.
//
//go:embed weights.gz
var weightsData []byte

// weights say how much each feature speaks for a forbidden purpose (above zero) or for
// an honest one, and for which category. They decide what rules cannot enumerate.
type weights struct {
	// Above review a text goes to a reviewer whatever it says; at or below confirm, a
	// match of the built-in rules does not count.
	review, confirm float32
	bias            float32
	source          [16]byte // a hash of what they were learned from
	slots           []slot
	features        int
	category        []int8  // for each feature in turn its weights for Categories
	scale           float32 // of a weight
}

// A slot of the open addressing table holds a feature's key, 1 + its number in 24 bits,
// and its weight in 8: what a lookup needs in one place, for it is memory that it waits for.
type slot uint64

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
	score    float32
	category int
	where    span // the words that speak most for it
}

// longest is how many words are told to speak for a forbidden purpose.
const longest = 12

// weigh adds up the weights of the document's features, each once, over the square
// root of the number of its words.
func (d *document) weigh(l *lexicon, w *weights) weighed {
	n := len(d.tokens)
	if words := w.features/64 + 1; len(d.noted) < words {
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
	out := weighed{score: w.bias + float32(sum)*w.scale*d.measure()}
	return out
}

// measure makes the sums of long and of short texts comparable.
func (d *document) measure() float32 {
	n := 1
	for i := range d.words {
		if !d.words[i].skip {
			n++
		}
	}
	return float32(1 / math.Sqrt(float64(n)))
}

// explain finds the category and the words of a document that weigh has read.
func (d *document) explain(w *weights, out *weighed) {
	var total [32]int32
	for _, i := range d.known {
		for c := range Categories {
			total[c] += int32(w.category[int(i)*len(Categories)+c])
		}
	}
	for c := range Categories {
		if total[c] > total[out.category] {
			out.category = c
		}
	}
	best := float32(math.Inf(-1))
	sum, start := float32(0), 0
	for i := range d.tokens {
		if i > 0 && d.tokens[i].field != d.tokens[i-1].field {
			sum, start = 0, i
		}
		sum += d.speaks[i]
		if i-start == longest {
			sum -= d.speaks[start]
			start++
		}
		for start < i && d.speaks[start] <= 0 {
			sum -= d.speaks[start]
			start++
		}
		if sum > best {
			best, out.where = sum, span{int32(start), int32(i + 1)}
		}
	}
}

var theWeights = sync.OnceValue(func() *weights {
	w, err := readWeights(weightsData)
	if err != nil {
		panic("embedded policy weights: " + err.Error())
	}
	return w
})

// The file of weights, gzipped, little endian: head, then keys,
// weights, and for each feature in turn its weights for Categories.
type weightsHead struct {
	Source                       [16]byte
	Review, Confirm, Bias, Scale float32
	Features                     uint32
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
	if want := n * (4 + 1 + len(Categories)); r.Len() != want {
		return nil, fmt.Errorf("%d bytes follow the head, expected %d for %d features", r.Len(), want, n)
	}
	w := &weights{source: head.Source, review: head.Review, confirm: head.Confirm, bias: head.Bias, scale: head.Scale, features: n, category: make([]int8, n*len(Categories))}
	keys, weight := make([]uint32, n), make([]int8, n)
	if err := errors.Join(binary.Read(r, binary.LittleEndian, keys), binary.Read(r, binary.LittleEndian, weight), binary.Read(r, binary.LittleEndian, w.category)); err != nil {
		return nil, err
	}
	size := uint32(1)
	for size < uint32(n)/2*3+1 {
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
	return w, nil
}
