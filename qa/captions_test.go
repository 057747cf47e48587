package qa

import "testing"

func TestClaimed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text, claim string
		want        bool
	}{
		{"Results guaranteed!", "guaranteed", true},
		{"GUARANTEED results", "Guaranteed", true},
		{"guаrаntееd", "guaranteed", true},            // Cyrillic а and е
		{"ｇｕａｒａｎｔｅｅｄ", "guaranteed", true},            // full width
		{"𝓰𝓾𝓪𝓻𝓪𝓷𝓽𝓮𝓮𝓭", "guaranteed", true},            // mathematical script
		{"guáránteed", "guaranteed", true},            // accents
		{"gu4rant33d", "guaranteed", true},            // digits
		{"gu@r@nteed", "guaranteed", true},            // signs
		{"gu4ranteed!", "guaranteed", true},           // a digit in it and a sign after it
		{"g u a r a n t e e d", "guaranteed", true},   // spaced
		{"g.u.a.r.a.n.t.e.e.d", "guaranteed", true},   // dotted
		{"guaran-teed", "guaranteed", true},           // split by a mark
		{"guar\u200banteed", "guaranteed", true},      // zero width space
		{"guar\u00adanteed", "guaranteed", true},      // soft hyphen
		{"it cures\nacne", "cures acne", true},        // over two cues
		{"it cures  -- acne", "cures acne", true},     // marks between
		{"cur3s acne", "cures acne", true},            // half of it in digits
		{"a risk free trial", "risk-free", true},      // written apart
		{"riskfree", "risk free", true},               // written together
		{"100% natural", "100% natural", true},        // digits in the claim itself
		{"Größer", "grösser", false},                  // no sharp s folding, whole words
		{"We guarantee nothing", "guaranteed", false}, // another form
		{"unguaranteed", "guaranteed", false},         // inside a word
		{"cures boredom like acne stories", "cures acne", false},
		{"I am sure, insured", "cure", false},
		{"sec ure", "secure", false}, // pieces longer than letters are other words
		{"", "guaranteed", false},
		{"anything", "", false},
		{"anything", "!!!", false},
		{"обещаем результат", "результат", true},
		{"必ず治る", "必ず治る", true},
	}
	for _, c := range cases {
		if got := claimed(c.text, c.claim); got != c.want {
			t.Errorf("claimed(%q, %q) = %v", c.text, c.claim, got)
		}
	}
}
