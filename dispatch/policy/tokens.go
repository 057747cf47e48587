package policy

import "unicode/utf8"

// token is one word of a text, folded, with the place it came from.
type token struct {
	start, end     int32 // byte offsets in the field's original text
	from, to       int32 // the folded word in document.norm
	pos            int32 // place in the document; larger steps at sentence and field ends
	field          int32
	sep            byte // the one symbol that joins it to the word before, with nothing else between; 0 for none
	glued          bool // sep stands between, with no space on either side
	comma          bool // a comma stands before
	clause         bool // a sentence, clause or line begins here
	newline        bool // a line begins here
	colon          bool // a colon stands before
	wide           bool // more than one space before
	digits, spaced bool // holds digits; is a single letter
}

type field struct {
	path, text string
	forbids    bool
	place      bool // an address: rules read it, weights do not
}

const (
	sentenceStep = 4
	fieldStep    = 1000
)

// addField folds and splits one text. Linear in its length.
func (d *document) addField(f field) {
	fi := int32(len(d.fields))
	d.fields = append(d.fields, f)
	d.pos += fieldStep
	table := d.fold
	text := f.text
	var cur token
	in := false
	next := token{clause: true, newline: true}
	gapStart := 0
	flush := func(end int) {
		if !in {
			return
		}
		in = false
		cur.end = int32(end)
		cur.to = int32(len(d.norm))
		n := cur.to - cur.from
		cur.spaced = n == 1
		d.pos++
		if cur.clause && len(d.tokens) > 0 {
			d.pos += sentenceStep
		}
		cur.pos = d.pos
		d.tokens = append(d.tokens, cur)
		gapStart = end
	}
	last := 0 // end of the last character that belongs to a word
	for i := 0; i < len(text); {
		c := text[i]
		size := 1
		var k uint16
		if c < utf8.RuneSelf {
			k = table.single[c]
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			switch {
			case r == utf8.RuneError && size == 1:
				k = foldBreak
			case r < foldLimit:
				k = table.single[r]
			case r >= 0xE0000 && r <= 0xE0FFF:
				k = foldDrop
			default:
				k = foldForeign
			}
			if k == foldBreak {
				c = punctuation(r)
			}
		}
		if k == foldDrop {
			i += size
			continue
		}
		if k != foldBreak {
			if !in {
				in = true
				cur = next
				next = token{}
				cur.start, cur.from, cur.field = int32(i), int32(len(d.norm)), fi
				if i-gapStart == 1 && gapStart > 0 && cur.sep != 0 && cur.sep != ' ' && cur.sep != '\n' && cur.sep != ',' {
					cur.glued = true
				}
			}
			switch {
			case k < 0x80:
				d.norm = append(d.norm, byte(k))
				if k <= '9' {
					cur.digits = true
				}
			case k == foldForeign:
				d.norm = append(d.norm, '~')
			default:
				d.norm = append(d.norm, table.multi[k-foldMulti]...)
			}
			i += size
			last = i
			continue
		}
		if c == '\'' && in {
			if n, keep := contraction(text[i+size:]); n > 0 {
				if keep {
					d.norm = append(d.norm, 't')
				}
				i += size + n
				flush(i)
				last = i
				continue
			}
		}
		flush(last)
		switch c {
		case ' ', '\t':
			if next.sep == ' ' {
				next.wide = true
			}
			if next.sep == 0 {
				next.sep = ' '
			}
		case '\n', '\r':
			next.clause, next.newline, next.sep = true, true, '\n'
		case '.', '!', '?', ';':
			// A full stop inside a word or a number is not the end of a sentence.
			if i+size >= len(text) || text[i+size] == ' ' || text[i+size] == '\n' || c == ';' {
				next.clause = true
			}
			next.sep = c
		case ',':
			next.comma, next.sep = true, c
		case ':':
			next.colon, next.sep = true, c
		default:
			next.sep = c
			if c == '$' && !next.glued { // $py: a symbol that begins a word
				next.sep = '$'
			}
		}
		i += size
	}
	flush(last)
}

// contraction recognises the tail of an English contraction or possessive after an
// apostrophe: its length, and whether it is the t of don't, which belongs to the word.
func contraction(rest string) (int, bool) {
	for _, tail := range [...]string{"s", "t", "re", "ve", "ll", "d", "m"} {
		if len(rest) >= len(tail) && equalFoldASCII(rest[:len(tail)], tail) {
			if len(rest) == len(tail) || !wordByte(rest[len(tail)]) {
				return len(tail), tail == "t"
			}
		}
	}
	return 0, false
}

func equalFoldASCII(a, b string) bool {
	for i := 0; i < len(a); i++ {
		if a[i]|0x20 != b[i] {
			return false
		}
	}
	return true
}

func wordByte(c byte) bool {
	return c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// punctuation gives the ASCII sign that a typographic one stands for.
func punctuation(r rune) byte {
	switch r {
	case '‘', '’', 'ʼ', '´', '`', '′':
		return '\''
	case '、', '，':
		return ','
	case '。', '…', '．', '！', '？':
		return '.'
	case '–', '—', '‐', '‑', '−':
		return '-'
	case '·', '•', '∙', '・', '⋅':
		return '*'
	case '：':
		return ':'
	case '\u00a0', '\u2002', '\u2003', '\u2009', '\u202f', '\u3000', '\u205f', '\u2007', '\u2008', '\u200a', '\u2000', '\u2001', '\u2004', '\u2005', '\u2006':
		return ' '
	case '\u2028', '\u2029', '\u0085':
		return '\n'
	}
	return '-'
}
