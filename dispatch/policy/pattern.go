package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A pattern is a sequence of classes with the most words allowed between each and
// the one before. It is written in rules as
//
//	[follow] ~4 [person]     a class, at most four words, a class
//	[follow] <6> [person]    in either order
//	hidden (camera|mic)      words; alternatives
//	(the)? [home]            may be missing
//	gun+ weapon*             gun and its inflections; words that begin with weapon
type pattern struct {
	elems    []elem
	negative bool // holds a negation of its own
}

type elem struct{ class, gap int32 }

// compiler turns the text of rules into a lexicon and patterns.
type compiler struct {
	lex     *lexicon
	named   map[string]string // class name -> its source
	ids     map[string]int32  // class source -> id
	pending []string          // names being expanded, to find a class that contains itself
	classes int32
	letters *document // tokenises rule text
	// negative holds the classes with a word such as "without": a pattern with one of
	// them is not excused by its own negation.
	negative map[int32]bool
	own      map[string]bool // names of a deployment's classes
	names    []int32         // classes that hold [name], any two capitalised words
}

var negatives = map[string]bool{"no": true, "not": true, "without": true, "never": true, "dont": true, "cant": true, "wont": true, "doesnt": true, "isnt": true, "sans": true, "pas": true, "ne": true, "n": true, "jamais": true, "aucun": true, "aucune": true,
	"sin": true, "nunca": true, "nadie": true, "ohne": true, "nicht": true, "kein": true, "keine": true, "keinen": true, "nie": true, "sem": true, "nao": true, "nenhum": true, "nenhuma": true, "shouldnt": true, "mustnt": true, "avoid": true, "avoiding": true,
	"forbidden": true, "prohibited": true, "banned": true, "verboten": true, "interdit": true, "prohibido": true, "proibido": true}

func newCompiler() *compiler {
	return &compiler{lex: newLexicon(), named: map[string]string{}, ids: map[string]int32{}, letters: &document{fold: theFold()}, negative: map[int32]bool{}, own: map[string]bool{}}
}

// class returns the id of the class with this source: alternatives separated by |,
// each a phrase or the [name] of another class.
func (c *compiler) class(source string) (int32, error) {
	source = strings.TrimSpace(source)
	if id, ok := c.ids[source]; ok {
		return id, nil
	}
	c.classes++
	id := c.classes
	c.ids[source] = id
	return id, c.fill(id, source)
}

func (c *compiler) fill(id int32, source string) error {
	alternatives, err := flatten(source)
	if err != nil {
		return err
	}
	for _, alt := range alternatives {
		if alt == "[name]" {
			c.names = append(c.names, id)
			continue
		}
		if name, ok := strings.CutPrefix(alt, "["); ok {
			name = strings.TrimSuffix(name, "]")
			inner, ok := c.named[name]
			if !ok {
				return fmt.Errorf("class [%s] is not defined", name)
			}
			if slices.Contains(c.pending, name) {
				return fmt.Errorf("class [%s] contains itself", name)
			}
			c.pending = append(c.pending, name)
			err := c.fill(id, inner)
			c.pending = c.pending[:len(c.pending)-1]
			if err != nil {
				return err
			}
			continue
		}
		phrases, err := c.phrases(alt)
		if err != nil {
			return err
		}
		for _, p := range phrases {
			c.lex.add(p, id)
			for _, w := range p {
				c.negative[id] = c.negative[id] || negatives[w]
			}
		}
	}
	return nil
}

// closing is the index of the parenthesis that closes the one text begins with, or -1.
func closing(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// flatten writes out alternatives that hold alternatives: a|b (c|d)? is a, b, b c, b d.
func flatten(source string) ([]string, error) {
	var out, sofar []string
	sofar = []string{""}
	end := func() {
		for _, s := range sofar {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
		sofar = []string{""}
	}
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '|':
			end()
		case '(':
			n := closing(source[i:])
			if n < 0 {
				return nil, fmt.Errorf("%q is not closed", source)
			}
			inner, err := flatten(source[i+1 : i+n])
			if err != nil {
				return nil, err
			}
			i += n
			if i+1 < len(source) && source[i+1] == '?' {
				i++
				inner = append(inner, "")
			}
			var grown []string
			for _, a := range sofar {
				for _, b := range inner {
					grown = append(grown, a+" "+b+" ")
				}
			}
			sofar = grown
		default:
			for k := range sofar {
				sofar[k] += source[i : i+1]
			}
		}
	}
	end()
	return out, nil
}

// phrases gives every folded form of one phrase: inflections of words marked +, and
// for letters with an umlaut both ways of writing them without.
func (c *compiler) phrases(text string) ([][]string, error) {
	out := [][]string{nil}
	if strings.ContainsAny(text, "[]~?<>") {
		return nil, fmt.Errorf("%q: a class or a gap cannot stand inside an alternative", text)
	}
	for _, raw := range strings.Fields(text) {
		forms, err := c.forms(raw)
		if err != nil {
			return nil, err
		}
		var grown [][]string
		for _, p := range out {
			for _, f := range forms {
				grown = append(grown, append(slices.Clone(p), f...))
			}
		}
		out = grown
	}
	if len(out) == 0 || len(out[0]) == 0 {
		return nil, fmt.Errorf("phrase %q has no words", text)
	}
	return out, nil
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "ae", "Ö", "oe", "Ü", "ue")

func (c *compiler) forms(raw string) ([][]string, error) {
	mark := byte(0)
	if n := len(raw); n > 1 && (raw[n-1] == '+' || raw[n-1] == '*') {
		mark, raw = raw[n-1], raw[:n-1]
	}
	var out [][]string
	for _, spelling := range []string{raw, umlauts.Replace(raw)} {
		words := c.split(spelling)
		if len(words) == 0 {
			return nil, fmt.Errorf("%q has no letters", raw)
		}
		if strings.ContainsRune(strings.Join(words, ""), '~') {
			return nil, fmt.Errorf("%q is in a script that rules cannot be written in", raw)
		}
		last := words[len(words)-1]
		tails := []string{last}
		switch mark {
		case '+':
			tails = inflections(last)
		case '*':
			tails = []string{last + "*"}
		}
		for _, t := range tails {
			out = append(out, append(slices.Clone(words[:len(words)-1]), t))
		}
		if spelling == umlauts.Replace(raw) {
			break
		}
	}
	return out, nil
}

func (c *compiler) split(s string) []string {
	d := c.letters
	d.reset()
	d.addField(field{text: s})
	var words []string
	for _, t := range d.tokens {
		words = append(words, string(d.norm[t.from:t.to]))
	}
	return words
}

// inflections gives the English forms of a verb or noun, too many rather than too few:
// a form that is no word does no harm.
func inflections(w string) []string {
	out := []string{w, w + "s", w + "ed", w + "ing"}
	n := len(w)
	if n < 2 {
		return out
	}
	vowel := func(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }
	switch last := w[n-1]; {
	case last == 'e':
		out = append(out, w+"d", w[:n-1]+"ing")
	case last == 'y' && !vowel(w[n-2]):
		out = append(out, w[:n-1]+"ies", w[:n-1]+"ied")
	case last == 's' || last == 'x' || last == 'z' || strings.HasSuffix(w, "ch") || strings.HasSuffix(w, "sh"):
		out = append(out, w+"es")
	case n > 2 && !vowel(last) && last != 'w' && vowel(w[n-2]) && !vowel(w[n-3]):
		out = append(out, w+w[n-1:]+"ed", w+w[n-1:]+"ing")
	}
	return out
}

// compile parses the text of one pattern into the patterns it stands for.
func (c *compiler) compile(text string) ([]pattern, error) {
	if texts := spreadGaps(text); len(texts) > 1 {
		var out []pattern
		for _, t := range texts {
			p, err := c.compile(t)
			if err != nil {
				return nil, err
			}
			out = append(out, p...)
		}
		return out, nil
	}
	sides, gap, err := splitSides(text)
	if err != nil {
		return nil, err
	}
	variants := [][][]elem{} // per side, its variants
	for _, s := range sides {
		v, err := c.sequence(s)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", text, err)
		}
		variants = append(variants, v)
	}
	var out []pattern
	for _, order := range orders(len(sides)) {
		combos := [][]elem{nil}
		for at, i := range order {
			var grown [][]elem
			for _, have := range combos {
				for _, v := range variants[i] {
					next := slices.Clone(v)
					if at > 0 {
						next[0].gap = gap
					}
					grown = append(grown, append(slices.Clone(have), next...))
				}
			}
			combos = grown
		}
		for _, e := range combos {
			p := pattern{elems: e}
			for _, x := range e {
				p.negative = p.negative || c.negative[x.class]
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// spreadGaps writes a pattern out once for each alternative of its first group that
// holds a gap, since a class cannot.
func spreadGaps(text string) []string {
	for i := 0; i < len(text); i++ {
		if text[i] != '(' {
			continue
		}
		n := closing(text[i:])
		if n < 0 {
			return nil
		}
		inner := text[i+1 : i+n]
		rest := text[i+n+1:]
		if !strings.Contains(inner, " ~") && !strings.Contains(inner, " <") {
			i += n
			continue
		}
		var out []string
		depth, from := 0, 0
		for k := 0; k <= len(inner); k++ {
			switch {
			case k == len(inner) || inner[k] == '|' && depth == 0:
				out = append(out, text[:i]+" "+inner[from:k]+" "+rest)
				from = k + 1
			case inner[k] == '(':
				depth++
			case inner[k] == ')':
				depth--
			}
		}
		if len(out) == 1 {
			return append(out, out[0])
		}
		return out
	}
	return nil
}

// splitSides cuts a pattern at its <N> signs.
func splitSides(text string) ([]string, int32, error) {
	var sides []string
	var gap int32
	var side []string
	for _, f := range strings.Fields(text) {
		if strings.HasPrefix(f, "<") && strings.HasSuffix(f, ">") {
			n, err := strconv.Atoi(f[1 : len(f)-1])
			if err != nil {
				return nil, 0, fmt.Errorf("pattern %q: %q is not <number>", text, f)
			}
			gap = max(gap, int32(n))
			sides = append(sides, strings.Join(side, " "))
			side = nil
			continue
		}
		side = append(side, f)
	}
	return append(sides, strings.Join(side, " ")), gap, nil
}

func orders(n int) [][]int {
	switch n {
	case 1:
		return [][]int{{0}}
	case 2:
		return [][]int{{0, 1}, {1, 0}}
	}
	return [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
}

// sequence parses one side of a pattern.
func (c *compiler) sequence(text string) ([][]elem, error) {
	out := [][]elem{nil}
	var gap int32
	push := func(source string, optional bool) error {
		id, err := c.class(source)
		if err != nil {
			return err
		}
		var grown [][]elem
		for _, have := range out {
			grown = append(grown, append(slices.Clone(have), elem{id, gap}))
			if optional {
				grown = append(grown, have)
			}
		}
		out, gap = grown, 0
		return nil
	}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		switch text[0] {
		case '[', '(':
			end := strings.IndexByte(text, ']')
			if text[0] == '(' {
				end = closing(text)
			}
			if end < 0 {
				return nil, fmt.Errorf("%q is not closed", text)
			}
			source := text[:end+1]
			if text[0] == '(' {
				source = text[1:end]
			}
			text = text[end+1:]
			optional := strings.HasPrefix(text, "?")
			text = strings.TrimPrefix(text, "?")
			if err := push(source, optional); err != nil {
				return nil, err
			}
		case '~':
			f, rest, _ := strings.Cut(text, " ")
			n, err := strconv.Atoi(f[1:])
			if err != nil {
				return nil, fmt.Errorf("%q is not ~number", f)
			}
			gap, text = int32(n), rest
		default:
			end := strings.IndexAny(text, "[(~")
			if end < 0 {
				end = len(text)
			}
			if err := push(text[:end], false); err != nil {
				return nil, err
			}
			text = text[end:]
		}
	}
	for _, v := range out {
		if len(v) == 0 {
			return nil, fmt.Errorf("it can match nothing")
		}
	}
	return out, nil
}
