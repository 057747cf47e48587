package policy

import (
	"encoding/json"
	"strings"
	"testing"
)

func adversarial() map[string]string {
	const size = 1 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1)[:size] }
	return map[string]string{
		"follow":      fill("follow "),
		"her":         fill("her the record photograph watch "),
		"near":        fill("follow the record gun deliver without permission enter "),
		"negated":     fill("no guns do not follow my ex "),
		"letters":     fill("a b c d e f g h "),
		"leet":        fill("f0ll0w1 c0c41n3x "),
		"stars":       fill("c*c*i*n*e "),
		"glued":       fill("a-b.c@d!e$f-"),
		"one word":    fill("followfollowfollow"),
		"repeats":     fill("aaabbbcccdddeee "),
		"doubles":     fill("ffoollllooww "),
		"marks":       fill("a\u0301\u0302\u0303"),
		"zero width":  fill("f\u200bo\u200bl\u200bl\u200bo\u200bw "),
		"cyrillic":    fill("слежка "),
		"math":        fill("𝐟𝐨𝐥𝐥𝐨𝐰 "),
		"invalid":     fill("\xff\xfe "),
		"punctuation": fill(".,!?;:-"),
		"names":       fill("Anna Kovacs "),
		"compound":    fill("theguntoguntothegu "),
		"commas":      fill("no a, b, "),
	}
}

func task(b *testing.B, brief string) []byte {
	b.Helper()
	body, err := json.Marshal(map[string]string{"task_type": "PRODUCT_PHOTO_ECOMM", "brief": brief})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func BenchmarkAdversarialMegabyte(b *testing.B) {
	s := Default()
	for name, text := range adversarial() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			body := task(b, text)
			for b.Loop() {
				if _, err := s.Task(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBrief5KB(b *testing.B) {
	s := Default()
	var text strings.Builder
	for _, l := range readLabelled(b, "testdata/labelled.jsonl") {
		if l.Group == "honest" && text.Len() < 5000 {
			text.WriteString(l.Brief + "\n")
		}
	}
	body := task(b, text.String()[:5000])
	b.SetBytes(5000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Task(body); err != nil {
			b.Fatal(err)
		}
	}
}
