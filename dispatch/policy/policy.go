// Package policy decides whether a brief may be given to people: it owns the rules,
// the normalisation of text and the record of each decision. It reads raw JSON and
// text, and must not know the domain's task, booking or work order types.
//
// A Screener is pure: no clock, no network, no database, linear in the size of the
// text. What needs the database or an outside service (velocity, repetition,
// moderation) is apart, and runs later as a job.
package policy

import (
	"slices"
	"sync"
)

// Severity is what a rule, and a whole decision, asks for.
type Severity string

// The severities in rising order. Review parks the task for a reviewer; block refuses it.
const (
	Allow  Severity = "allow"
	Review Severity = "review"
	Block  Severity = "block"
)

func (s Severity) rank() int { return slices.Index([]Severity{Allow, Review, Block}, s) }

// Match is one rule that applies.
type Match struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Severity Severity `json:"severity"`
	// Matched is the words as they were written, disguise included.
	Matched string `json:"matched"`
	// Path says where, such as task_spec.hook_prompts[1].
	Path string `json:"path"`
	// Fix says what would make it acceptable.
	Fix string `json:"fix"`
}

// Decision is the outcome of a screening: the severest of its rules, or allow.
type Decision struct {
	Decision Severity `json:"decision"`
	Rules    []Match  `json:"rules"`
	// RuleSet is the version of the rules that decided: a hash of their text and the weights.
	RuleSet string `json:"rule_set"`
}

// add notes a match and raises the decision to its severity.
func (d *Decision) add(m Match) {
	d.Rules = append(d.Rules, m)
	if m.Severity.rank() > d.Decision.rank() {
		d.Decision = m.Severity
	}
}

// Merge returns the decision that has the matches of both; the severer wins.
func (d Decision) Merge(other Decision) Decision {
	out := Decision{Decision: d.Decision, RuleSet: d.RuleSet, Rules: slices.Clone(d.Rules)}
	for _, m := range other.Rules {
		out.add(m)
	}
	if other.Decision.rank() > out.Decision.rank() {
		out.Decision = other.Decision
	}
	return out
}

// Screener is a compiled rule set, safe for concurrent use.
type Screener struct {
	lex      *lexicon
	fold     *foldTable
	classes  int32
	idioms   int32
	names    []int32
	concepts []uint64 // class -> its key as a feature, 0 for one without a name
	weights  *weights
	fixes    map[string]string // category -> what would make a task acceptable
	marks    marks
	rules    []rule
	places   []place
	version  string
	disabled map[string]bool // rules, places and gates by id
	pool     sync.Pool
}

// Default returns the screener with the embedded rules. It is compiled once.
func Default() *Screener { return defaultScreener() }

var defaultScreener = sync.OnceValue(func() *Screener {
	s, err := Load(nil)
	if err != nil {
		panic("embedded policy rules: " + err.Error()) // a build that fails its own tests
	}
	return s
})

// RuleSet is the version of the rules: a hash of the embedded rules, the weights and the deployment's rules.
func (s *Screener) RuleSet() string { return s.version }

// Text screens one text that is not a task: a quote's message, a change request, a
// caption. Path names it in the matches.
func (s *Screener) Text(path, text string) Decision {
	return s.screen([]field{{path: path, text: text}}, "", "", false)
}

// MaxRead is how many bytes of text are read of one task: more than ten times the
// longest honest one, and little enough to answer within the request whatever they
// hold. A longer task is never allowed unread; it goes to a reviewer.
const MaxRead = 128 << 10

// TooLong is the rule of a task with more text than is read. Its category, limits, is
// that of rules that look at amounts, not at what is asked.
const (
	TooLong        = "limits.too_long"
	CategoryLimits = "limits"
)

// screen reads the fields with the rules for a template, or, when path is given, with
// the rules for that one field only. With whole they are a whole task, which is weighed too.
func (s *Screener) screen(fields []field, template, path string, whole bool) Decision {
	d := s.pool.Get().(*document)
	d.reset()
	out := Decision{Decision: Allow, Rules: []Match{}, RuleSet: s.version}
	left := MaxRead
	for _, f := range fields {
		if len(f.text) > left {
			out.add(Match{ID: TooLong, Category: CategoryLimits, Severity: Review, Path: f.path,
				Fix: "Shorten the task: at most 128 KB of text in all is read automatically; put long lists into a linked document."})
			f.text = f.text[:left]
		}
		left -= len(f.text)
		d.addField(f)
		if left == 0 {
			break
		}
	}
	if len(d.tokens) > 0 {
		d.read(s)
		var all weighed
		if whole {
			all = d.weigh(s.lex, s.weights)
			if m, ok := s.learned(d, all); ok {
				out.add(m)
			}
		}
		confirms := func(sp span) bool { return d.confirms(s.weights, sp) }
		for i := range s.rules {
			r := &s.rules[i]
			if r.path != path || len(r.templates) > 0 && !slices.Contains(r.templates, template) {
				continue
			}
			var counts func(span) bool
			if whole && !s.certain(r, all) {
				counts = confirms
			}
			if sp, ok := d.applies(r, counts); ok {
				m := Match{ID: r.id, Category: r.category, Severity: r.severity, Fix: r.fix}
				m.Matched, m.Path = d.text(sp)
				out.add(m)
			}
		}
	}
	s.pool.Put(d)
	slices.SortStableFunc(out.Rules, func(a, b Match) int { return b.Severity.rank() - a.Severity.rank() })
	return out
}

// certain reports whether the matches of a rule count whatever is around them: those of
// a deployment's own rules and of gates, all in a task that is stopped anyway, and those
// of a category whose weights are switched off.
func (s *Screener) certain(r *rule, all weighed) bool {
	return r.own || len(r.templates) > 0 || s.heavy(all) || s.disabled[r.category+"."+Learned]
}

func (s *Screener) heavy(all weighed) bool {
	return all.score > s.weights.Review || all.part > s.weights.Part
}

// learned is the match of a task that weighs enough for a review, of the likeliest
// category that is not switched off.
func (s *Screener) learned(d *document, all weighed) (Match, bool) {
	if !s.heavy(all) {
		return Match{}, false
	}
	category, ok := d.category(s.weights, func(category string) bool { return !s.disabled[category+"."+Learned] })
	if !ok {
		return Match{}, false
	}
	m := Match{ID: category + "." + Learned, Category: category, Severity: Review, Fix: s.fixes[category]}
	m.Matched, m.Path = d.text(d.telling())
	return m, true
}

// applies reports whether a rule applies to the document, and where. With counts, only
// the matches that it accepts do.
func (d *document) applies(r *rule, counts func(span) bool) (span, bool) {
	var hit span
	for g, group := range r.groups {
		sp, ok := d.findAny(r, group, counts)
		if !ok {
			return span{}, false
		}
		if g == 0 {
			hit = sp
		}
	}
	for _, p := range r.unlessAnywhere {
		if d.find(p, func(span, int32) bool { return true }) {
			return span{}, false
		}
	}
	return hit, true
}

// findAny returns the first occurrence of any of the patterns that the text neither
// forbids nor the rule excepts.
func (d *document) findAny(r *rule, patterns []pattern, counts func(span) bool) (span, bool) {
	var hit span
	var excepted []span
	prepared := false
	for _, p := range patterns {
		found := d.find(p, func(sp span, last int32) bool {
			if d.forbidden(p, sp, last) || counts != nil && !counts(sp) {
				return false
			}
			if !prepared {
				prepared = true
				for _, u := range r.unless {
					d.find(u, func(sp span, _ int32) bool {
						excepted = append(excepted, sp)
						return len(excepted) >= 64
					})
				}
			}
			for _, e := range excepted {
				if e.start < sp.end+2 && sp.start < e.end+2 {
					return false
				}
			}
			hit = sp
			return true
		})
		if found {
			return hit, true
		}
	}
	return span{}, false
}
