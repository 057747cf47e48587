package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// story tells what happens, for a person to watch: a line that is being worked
// on turns on a terminal; elsewhere each line is written once, when it is done.
type story struct {
	out      io.Writer
	terminal bool
	lock     sync.Mutex
}

func newStory(out io.Writer, terminal bool) *story { return &story{out: out, terminal: terminal} }

func (s *story) style(code, text string) string {
	if !s.terminal {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *story) chapter(title string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	fmt.Fprintf(s.out, "\n%s\n", s.style("1", title))
}

// line tells something that is over: who did what.
func (s *story) line(who, format string, args ...any) {
	s.lock.Lock()
	defer s.lock.Unlock()
	fmt.Fprintf(s.out, "  %s %s\n", s.style("36", fmt.Sprintf("%-8s", who)), fmt.Sprintf(format, args...))
}

// quote tells a text of several lines, indented.
func (s *story) quote(text string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fmt.Fprintf(s.out, "  %-8s %s\n", "", s.style("2", line))
	}
}

// begin tells of something that takes a moment; the function it returns tells
// that it is done, and how it went.
func (s *story) begin(what string) func(outcome string) {
	began := time.Now()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for frame := 0; s.terminal; frame++ {
			s.lock.Lock()
			fmt.Fprintf(s.out, "\r  %s %-8s %s", string([]rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[frame%10]), fmt.Sprintf("%.1f s", time.Since(began).Seconds()), what)
			s.lock.Unlock()
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func(outcome string) {
		close(stop)
		<-stopped
		if s.terminal {
			fmt.Fprint(s.out, "\r\x1b[2K")
		}
		if outcome != "" {
			outcome = ": " + outcome
		}
		s.line(fmt.Sprintf("%.1f s", time.Since(began).Seconds()), "%s%s", what, outcome)
	}
}
