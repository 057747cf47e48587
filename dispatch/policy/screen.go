package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// screened is one line of `humandispatch screen`.
type screened struct {
	Decision Severity       `json:"decision"`
	Rules    []screenedRule `json:"rules"`
}

type screenedRule struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Severity Severity `json:"severity"`
	Matched  string   `json:"matched"`
	Path     string   `json:"path"`
}

// RunScreen reads one task body a line from a file ("-" for in) and prints one
// decision a line, in order; blank lines are passed over. It returns the exit code:
// 0 when every line was answered, 2 when the file or a line could not be read; the
// reason is on errs.
func RunScreen(s *Screener, file string, in io.Reader, out, errs io.Writer) int {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			fmt.Fprintf(errs, "screen: %v\n", err)
			return 2
		}
		defer f.Close()
		in = f
	}
	r := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriter(out)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			d, taskErr := s.Task(text)
			if taskErr != nil {
				fmt.Fprintf(errs, "screen: line %d: %v; expected one POST /v1/tasks body a line\n", n, taskErr)
				return 2
			}
			answer := screened{Decision: d.Decision, Rules: []screenedRule{}}
			for _, m := range d.Rules {
				answer.Rules = append(answer.Rules, screenedRule{m.ID, m.Category, m.Severity, m.Matched, m.Path})
			}
			if err := enc.Encode(answer); err != nil {
				fmt.Fprintf(errs, "screen: %v\n", err)
				return 2
			}
		}
		if err == io.EOF {
			return 0
		}
		if err != nil {
			fmt.Fprintf(errs, "screen: line %d: %v\n", n, err)
			return 2
		}
	}
}
