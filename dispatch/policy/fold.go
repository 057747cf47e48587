package policy

import (
	"sync"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// What one rune becomes before words are looked up. Values below 0x80 are the
// ASCII character it reads as.
const (
	foldBreak   = 0x100 // not part of a word
	foldDrop    = 0x101 // invisible: zero width, combining, format
	foldForeign = 0x102 // a letter of a script that no rule is written in
	foldMulti   = 0x200 // several characters: index into foldTable.multi
)

const foldLimit = 0x20000

type foldTable struct {
	single []uint16
	multi  []string
}

// readsAs holds what neither NFKD nor the confusables data gives: letters that
// look like a Latin one, or are used for it, without being listed as confusable
// with exactly that letter.
var readsAs = map[rune]string{
	'ß': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ı': "i", 'þ': "th", 'ð': "d",
	'в': "b", 'В': "b", 'н': "h", 'Н': "h", 'т': "t", 'Т': "t", 'м': "m", 'М': "m", 'к': "k", 'К': "k", 'п': "n", 'П': "n", 'и': "u", 'И': "n",
	'я': "r", 'Я': "r", 'ь': "b", 'ш': "w", 'Ш': "w", 'щ': "w", 'з': "3", 'З': "3", 'г': "r", 'І': "i", 'і': "i", 'ї': "i", 'Ї': "i", 'ӏ': "l", 'ё': "e", 'й': "u",
	'Ι': "i", 'ι': "i", 'β': "b", 'Β': "b", 'ε': "e", 'Ε': "e", 'η': "n", 'Η': "h", 'κ': "k", 'Κ': "k", 'μ': "u", 'µ': "u", 'τ': "t", 'Τ': "t", 'ω': "w", 'χ': "x",
	'θ': "0", 'Θ': "0", 'σ': "o", 'δ': "d", 'λ': "l", 'Λ': "a", 'Δ': "a", 'π': "n", 'υ': "u", 'ς': "s", '∆': "a", '∑': "e", '†': "t", '¢': "c", '€': "e", '£': "l", '¥': "y", '§': "s", '¡': "i", 'ƒ': "f",
	'©': "c", '®': "r",
	'ᴀ': "a", 'ʙ': "b", 'ᴄ': "c", 'ᴅ': "d", 'ᴇ': "e", 'ꜰ': "f", 'ɢ': "g", 'ʜ': "h", 'ɪ': "i", 'ᴊ': "j", 'ᴋ': "k", 'ʟ': "l", 'ᴍ': "m", 'ɴ': "n", 'ᴏ': "o", 'ᴘ': "p",
	'ǫ': "q", 'ʀ': "r", 'ꜱ': "s", 'ᴛ': "t", 'ᴜ': "u", 'ᴠ': "v", 'ᴡ': "w", 'ʏ': "y", 'ᴢ': "z", 'ɑ': "a", 'ɡ': "g", 'ɩ': "i", 'ʍ': "m", 'ʋ': "u", 'ɾ': "r", 'ʃ': "s",
	'Հ': "h", 'հ': "h", 'ո': "n", 'ս': "u", 'օ': "o", 'ց': "g", 'յ': "j", 'զ': "q", 'ք': "p", 'ա': "w",
}

var theFold = sync.OnceValue(func() *foldTable {
	t := &foldTable{single: make([]uint16, foldLimit)}
	index := map[string]int{}
	for r := rune(0); r < foldLimit; r++ {
		s, kind := foldRune(r)
		switch {
		case kind != 0:
			t.single[r] = kind
		case len(s) == 1:
			t.single[r] = uint16(s[0])
		default:
			i, ok := index[s]
			if !ok {
				i = len(t.multi)
				index[s] = i
				t.multi = append(t.multi, s)
			}
			t.single[r] = uint16(foldMulti + i)
		}
	}
	return t
})

// foldRune says what one rune reads as: NFKD first, then without marks, then its
// confusable skeleton (UTS 39) where that is Latin.
func foldRune(r rune) (string, uint16) {
	if r < 0x80 {
		switch {
		case r >= 'A' && r <= 'Z':
			return string(r + 'a' - 'A'), 0
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return string(r), 0
		}
		return "", foldBreak
	}
	if s, ok := readsAs[r]; ok {
		return s, 0
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 {
		return "", foldDrop
	}
	switch { // emoji letters have no decomposition
	case r >= 0x1F150 && r <= 0x1F169:
		return string('a' + r - 0x1F150), 0
	case r >= 0x1F170 && r <= 0x1F189:
		return string('a' + r - 0x1F170), 0
	case r >= 0x1F1E6 && r <= 0x1F1FF:
		return string('a' + r - 0x1F1E6), 0
	}
	if !unicode.In(r, unicode.L, unicode.N, unicode.So, unicode.Sm) {
		return "", foldBreak
	}
	var out []byte
	letter := unicode.IsLetter(r)
	for _, d := range norm.NFKD.String(string(r)) {
		if unicode.In(d, unicode.Mn, unicode.Me, unicode.Cf) {
			continue
		}
		if s, ok := readsAs[d]; ok {
			out = append(out, s...)
			continue
		}
		if d >= 0x80 {
			for _, k := range confusables.Skeleton(string(d)) {
				if s, ok := readsAs[k]; ok {
					out = append(out, s...)
				} else if k < 0x80 && (unicode.IsLetter(k) || unicode.IsDigit(k)) {
					out = append(out, byte(unicode.ToLower(k)))
				} else if !unicode.In(k, unicode.Mn, unicode.Me) {
					if letter {
						return "", foldForeign
					}
					return "", foldBreak
				}
			}
			continue
		}
		if unicode.IsLetter(d) || unicode.IsDigit(d) {
			out = append(out, byte(unicode.ToLower(d)))
		}
	}
	if len(out) == 0 {
		return "", foldBreak
	}
	return string(out), 0
}
