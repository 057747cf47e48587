package policy

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed rules/*.yaml
var embedded embed.FS

// Categories are the ids of design, in the order they are documented.
var Categories = []string{"surveillance", "weapons", "drugs", "sexual_content", "minors", "impersonation", "harassment", "trespass",
	"illegal_distribution", "unsafe_work", "personal_data", "academic_fraud", "political_deception"}

// ruleFile is one file of rules: shared classes, or the rules of one category, or a
// deployment's own additions.
type ruleFile struct {
	Category string            `yaml:"category"`
	Fix      string            `yaml:"fix"`
	Classes  map[string]string `yaml:"classes"`
	Rules    []ruleSource      `yaml:"rules"`
	Places   []place           `yaml:"places"`
	Disable  []string          `yaml:"disable"`

	own bool // the deployment's
}

type ruleSource struct {
	ID             string     `yaml:"id"`
	Category       string     `yaml:"category"` // in a deployment's file; otherwise the file's
	Severity       Severity   `yaml:"severity"`
	Languages      []string   `yaml:"languages"`
	Fix            string     `yaml:"fix"`       // otherwise the file's
	Templates      []string   `yaml:"templates"` // only for these task types; empty for all
	Path           string     `yaml:"path"`      // only for the text at this path, which no other rule is about
	Match          []string   `yaml:"match"`     // any of these patterns
	Together       [][]string `yaml:"together"`  // one of each list, anywhere in the same task
	Unless         []string   `yaml:"unless"`    // not where one of these is at the same place
	UnlessAnywhere []string   `yaml:"unless_anywhere"`
	Examples       []string   `yaml:"examples"`    // texts that must match this rule
	NearMisses     []string   `yaml:"near_misses"` // texts that no rule may match
}

type rule struct {
	id, category, fix, path string
	severity                Severity
	templates               []string
	own                     bool // of the deployment's file
	groups                  [][]pattern
	unless, unlessAnywhere  []pattern
}

// marks are the classes that say what a text forbids.
type marks struct {
	negator, falseNegator, postNegator, heading, clauseBreak, imperative, or int32
}

// Load compiles the embedded rules and a deployment's own file in the same format
// (YAML): it may define classes, add rules (each with a category) and restricted
// places, and disable rules by id. The error names the rule and what is wrong with it.
func Load(extra []byte) (*Screener, error) {
	files, hash, err := readFiles(extra)
	if err != nil {
		return nil, err
	}
	c := newCompiler()
	disabled := map[string]bool{}
	for _, f := range files {
		for name, source := range f.Classes {
			if _, ok := c.named[name]; ok {
				return nil, fmt.Errorf("class %q is defined twice", name)
			}
			c.named[name] = source
			if f.own {
				c.own[name] = true
			}
		}
		for _, id := range f.Disable {
			disabled[id] = true
		}
	}
	s := &Screener{lex: c.lex, fold: theFold(), version: hash, weights: theWeights(), fixes: map[string]string{}}
	ids := map[string]bool{}
	for _, category := range Categories {
		ids[category+"."+Learned] = true
	}
	for _, f := range files {
		if f.Category != "" && f.Fix != "" {
			s.fixes[f.Category] = f.Fix
		}
		for _, src := range f.Rules {
			if src.Category == "" {
				src.Category = f.Category
			}
			if src.Fix == "" {
				src.Fix = f.Fix
			}
			if ids[src.ID] {
				return nil, fmt.Errorf("rule %q is defined twice", src.ID)
			}
			ids[src.ID] = true
			r, err := c.rule(src)
			if err != nil {
				return nil, fmt.Errorf("rule %q: %w", src.ID, err)
			}
			r.own = f.own
			if !disabled[src.ID] {
				s.rules = append(s.rules, r)
			}
		}
		for _, p := range f.Places {
			if err := p.check(); err != nil {
				return nil, fmt.Errorf("place %q: %w", p.ID, err)
			}
			if ids[p.ID] {
				return nil, fmt.Errorf("place %q has the id of another rule", p.ID)
			}
			ids[p.ID] = true
			if !disabled[p.ID] {
				s.places = append(s.places, p)
			}
		}
	}
	for id := range disabled {
		if !ids[id] && !slices.Contains(gateIDs, id) {
			return nil, fmt.Errorf("disable: there is no rule %q", id)
		}
	}
	s.disabled = disabled
	for _, m := range []struct {
		name string
		to   *int32
	}{
		{"idiom", &s.idioms}, {"negator", &s.marks.negator}, {"false_negator", &s.marks.falseNegator}, {"post_negator", &s.marks.postNegator},
		{"heading", &s.marks.heading}, {"clause_break", &s.marks.clauseBreak}, {"imperative", &s.marks.imperative}, {"or", &s.marks.or}, {"function", new(int32)},
	} {
		if *m.to, err = c.class("[" + m.name + "]"); err != nil {
			return nil, err
		}
	}
	s.concepts, err = c.concepts()
	if err != nil {
		return nil, err
	}
	s.classes, s.names = c.classes, c.names
	s.pool.New = func() any { return &document{fold: s.fold} }
	return s, nil
}

func readFiles(extra []byte) ([]ruleFile, string, error) {
	sum := sha256.New()
	var files []ruleFile
	add := func(name string, data []byte) error {
		var f ruleFile
		dec := yaml.NewDecoder(bytes.NewReader(data))
		dec.KnownFields(true)
		if err := dec.Decode(&f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		sum.Write(data)
		files = append(files, f)
		return nil
	}
	sum.Write(weightsData)
	names, err := fs.Glob(embedded, "rules/*.yaml")
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		data, err := embedded.ReadFile(name)
		if err != nil {
			return nil, "", err
		}
		if err := add(name, data); err != nil {
			return nil, "", err
		}
	}
	if len(bytes.TrimSpace(extra)) > 0 {
		if err := add("deployment's policy file", extra); err != nil {
			return nil, "", err
		}
		files[len(files)-1].own = true
	}
	return files, "rules-" + hex.EncodeToString(sum.Sum(nil))[:12], nil
}

func (c *compiler) rule(src ruleSource) (rule, error) {
	r := rule{id: src.ID, category: src.Category, fix: src.Fix, severity: src.Severity, templates: src.Templates, path: src.Path}
	switch {
	case src.ID == "":
		return r, fmt.Errorf("id is missing")
	case !slices.Contains(Categories, src.Category):
		return r, fmt.Errorf("category %q is none of %v", src.Category, Categories)
	case src.Severity != Block && src.Severity != Review:
		return r, fmt.Errorf("severity %q is neither block nor review", src.Severity)
	case src.Fix == "":
		return r, fmt.Errorf("fix is missing: say what would make the task acceptable")
	case len(src.Match) == 0 && len(src.Together) == 0:
		return r, fmt.Errorf("neither match nor together is given")
	}
	groups := src.Together
	if len(src.Match) > 0 {
		groups = append([][]string{src.Match}, groups...)
	}
	for _, g := range groups {
		patterns, err := c.patterns(g)
		if err != nil {
			return r, err
		}
		r.groups = append(r.groups, patterns)
	}
	var err error
	if r.unless, err = c.patterns(src.Unless); err != nil {
		return r, err
	}
	r.unlessAnywhere, err = c.patterns(src.UnlessAnywhere)
	return r, err
}

func (c *compiler) patterns(texts []string) ([]pattern, error) {
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

// grammar are the classes that say how a text is built and not what it is about.
var grammar = []string{"function", "imperative", "or", "clause_break"}

// concepts enters every class with a name in the lexicon, whether or not a rule speaks of
// it, and returns the features' keys of all classes but a deployment's.
func (c *compiler) concepts() ([]uint64, error) {
	byClass := map[int32]uint64{}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		id, err := c.class("[" + name + "]")
		if err != nil {
			return nil, fmt.Errorf("class %q: %w", name, err)
		}
		if !slices.Contains(grammar, name) && !c.own[name] {
			byClass[id] = hash(name)
		}
	}
	keys := make([]uint64, c.classes+1)
	for id, k := range byClass {
		keys[id] = k
	}
	return keys, nil
}
