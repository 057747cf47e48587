package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// configurationTable is the table of docs/operations.md, made from the flags
// themselves: one line an environment name, with the commands that read it.
func configurationTable(t *testing.T) string {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		flag     *kong.Flag
		commands []string
	}
	var order []string
	entries := map[string]*entry{}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if n, ok := node.(*kong.Node); ok && n.Leaf() {
			command := strings.Fields(n.FullPath())[1]
			for _, f := range n.Flags {
				if len(f.Envs) == 0 {
					continue
				}
				if entries[f.Name] == nil {
					entries[f.Name] = &entry{flag: f}
					order = append(order, f.Name)
				}
				if e := entries[f.Name]; !slices.Contains(e.commands, command) {
					e.commands = append(e.commands, command)
				}
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| environment | flag | read by | default | meaning |\n|---|---|---|---|---|\n")
	for _, name := range order {
		e := entries[name]
		value := ""
		if e.flag.Default != "" {
			value = "`" + e.flag.Default + "`"
		}
		fmt.Fprintf(&table, "| `%s` | `--%s` | %s | %s | %s |\n", e.flag.Envs[0], name, strings.Join(e.commands, ", "), value, strings.ReplaceAll(e.flag.Help, "|", `\|`))
	}
	return table.String()
}

func TestOperationsGuideListsEverySetting(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	if table := configurationTable(t); !strings.Contains(string(guide), table) {
		t.Errorf("docs/operations.md does not have the table of today's flags:\n\n%s", table)
	}
}

func TestEverySettingHasAnEnvironmentName(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&cli{}, kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range parser.Model.Children {
		if !slices.Contains([]string{"serve", "work", "dev", "migrate"}, node.Name) {
			continue
		}
		for _, f := range node.Flags {
			want := "HUMANDISPATCH_" + strings.ReplaceAll(strings.ToUpper(f.Name), "-", "_")
			if node.Name == "dev" && f.Name == "dir" {
				want = "HUMANDISPATCH_DEV_DIR"
			}
			if len(f.Envs) != 1 || f.Envs[0] != want {
				t.Errorf("%s --%s has the environment names %v, want %s", node.Name, f.Name, f.Envs, want)
			}
		}
	}
}
