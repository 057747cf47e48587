package policy

import "strings"

// lexicon holds every word and phrase that some rule speaks of. Words are kept in
// a byte trie, phrases in a trie of word ids, so that a text is read once,
// whatever the number of rules.
type lexicon struct {
	nodes  []trieNode
	words  int32
	byWord map[string]int32 // "gun" or "stalk*" -> word id
	roots  []int32          // word id -> phrase node, 0 for none
	texts  [][]byte         // word id -> the word, nil for one with any ending
	phrase []phraseNode
}

type trieNode struct {
	child  [36]int32
	exact  int32 // word id, 0 for none
	prefix int32
}

type phraseNode struct {
	next    []phraseEdge
	classes []int32
}

type phraseEdge struct{ word, node int32 }

func newLexicon() *lexicon {
	return &lexicon{nodes: make([]trieNode, 1), byWord: map[string]int32{}, roots: []int32{0}, texts: [][]byte{nil}, phrase: make([]phraseNode, 1)}
}

func letterIndex(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}

func (l *lexicon) word(w string) int32 {
	if id, ok := l.byWord[w]; ok {
		return id
	}
	l.words++
	id := l.words
	l.byWord[w] = id
	l.roots = append(l.roots, 0)
	l.texts = append(l.texts, nil)
	stem, isPrefix := strings.CutSuffix(w, "*")
	n := int32(0)
	for i := 0; i < len(stem); i++ {
		x := letterIndex(stem[i])
		if l.nodes[n].child[x] == 0 {
			l.nodes = append(l.nodes, trieNode{})
			l.nodes[n].child[x] = int32(len(l.nodes) - 1)
		}
		n = l.nodes[n].child[x]
	}
	if isPrefix {
		l.nodes[n].prefix = id
	} else {
		l.nodes[n].exact = id
		l.texts[id] = []byte(w)
	}
	return id
}

// add enters a phrase, a list of folded words (each perhaps ending in *), for a class.
func (l *lexicon) add(words []string, class int32) {
	var n int32
	for i, w := range words {
		id := l.word(w)
		if i == 0 {
			if l.roots[id] == 0 {
				l.phrase = append(l.phrase, phraseNode{})
				l.roots[id] = int32(len(l.phrase) - 1)
			}
			n = l.roots[id]
			continue
		}
		var child int32
		for _, e := range l.phrase[n].next {
			if e.word == id {
				child = e.node
			}
		}
		if child == 0 {
			l.phrase = append(l.phrase, phraseNode{})
			child = int32(len(l.phrase) - 1)
			l.phrase[n].next = append(l.phrase[n].next, phraseEdge{id, child})
		}
		n = child
	}
	for _, c := range l.phrase[n].classes {
		if c == class {
			return
		}
	}
	l.phrase[n].classes = append(l.phrase[n].classes, class)
}

// look appends the ids of the word and of every prefix entry it begins with.
func (l *lexicon) look(w []byte, ids []int32) []int32 {
	n := int32(0)
	for _, c := range w {
		x := letterIndex(c)
		if x < 0 {
			return ids
		}
		if n = l.nodes[n].child[x]; n == 0 {
			return ids
		}
		if p := l.nodes[n].prefix; p != 0 {
			ids = append(ids, p)
		}
	}
	if e := l.nodes[n].exact; e != 0 {
		ids = append(ids, e)
	}
	return ids
}

// exact is the id of the word, 0 for none; prefix entries do not count.
func (l *lexicon) exact(w []byte) int32 {
	n := int32(0)
	for _, c := range w {
		x := letterIndex(c)
		if x < 0 {
			return 0
		}
		if n = l.nodes[n].child[x]; n == 0 {
			return 0
		}
	}
	return l.nodes[n].exact
}

// continues reports whether some longer word of the lexicon begins with w.
func (l *lexicon) continues(w []byte) bool {
	n := int32(0)
	for _, c := range w {
		x := letterIndex(c)
		if x < 0 {
			return false
		}
		if n = l.nodes[n].child[x]; n == 0 {
			return false
		}
	}
	for _, c := range l.nodes[n].child {
		if c != 0 {
			return true
		}
	}
	return false
}
