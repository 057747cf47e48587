package policy

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/tidwall/gjson"
	"go.yaml.in/yaml/v3"
)

//go:embed budgets.yaml
var budgetData []byte

// budgets is what work costs, roughly, and what currencies are worth, very roughly: it is
// only to notice amounts that are out of all proportion.
type budgets struct {
	// UnitsPerUSD is the value of one US dollar in each currency.
	UnitsPerUSD map[string]float64 `yaml:"units_per_usd"`
	Templates   map[string]struct {
		Min float64 `yaml:"min"` // in US dollars, the whole task
		Max float64 `yaml:"max"`
	} `yaml:"templates"`
}

var theBudgets = sync.OnceValue(func() budgets {
	var b budgets
	if err := yaml.Unmarshal(budgetData, &b); err != nil {
		panic("embedded budgets: " + err.Error())
	}
	return b
})

// Budget sends a task to a reviewer whose max_total is out of all proportion to its
// template: far too much for the work is often the price of something else, far too
// little is no wage. A currency the data does not have is let through.
func (s *Screener) Budget(body []byte) Decision {
	out := Decision{Decision: Allow, Rules: []Match{}, RuleSet: s.version}
	root := gjson.ParseBytes(body)
	b := theBudgets()
	currency := root.Get("budget.currency").Str
	rate, known := b.UnitsPerUSD[currency]
	normal, ok := b.Templates[root.Get("task_type").Str]
	total := root.Get("budget.max_total").Float()
	if !known || !ok || total <= 0 {
		return out
	}
	low, high := normal.Min*rate, normal.Max*rate
	if total >= low && total <= high {
		return out
	}
	out.add(Match{ID: "limits.budget", Category: CategoryLimits, Severity: Review, Matched: fmt.Sprintf("%g %s", total, currency), Path: "budget.max_total",
		Fix: fmt.Sprintf("Offer between %.0f and %.0f %s for this template, or wait for a reviewer.", low, high, currency)})
	return out
}
