// Command humandispatch is the whole program: API, workers and the operator's
// tools. This package parses the command line, wires the other packages
// together, and starts and stops them; it decides nothing about tasks or money.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/humandispatch/humandispatch/dispatch/fault"
	"github.com/humandispatch/humandispatch/media"
)

func main() {
	media.ChildMain() // never returns in a media child
	// The first signal asks for a stop; more of them change nothing, because
	// stopping is bounded by --drain-timeout.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitStatus is an error that decides the status the process ends with.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run executes one command line and returns the status to exit with: 0 done, 1
// failed, 2 wrong usage.
func run(ctx context.Context, args []string, std streams) int {
	var c cli
	var asked *int // set when --help or --version has answered
	parser, err := kong.New(&c,
		kong.Name("humandispatch"),
		kong.Description("People's hands for agents: tasks, talent, proof and payment through one API.\n\nEvery flag with an environment name can be set there instead."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { asked = &code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ExplicitGroups([]kong.Group{{Key: "run", Title: "Run a deployment:"}, {Key: "operate", Title: "Operate it:"}, {Key: "files", Title: "Work on files, with nothing running:"}}),
		kong.Vars{"version": version()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		fmt.Fprintln(std.err, "humandispatch:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if asked != nil {
		return *asked
	}
	if err != nil {
		fmt.Fprintf(std.err, "humandispatch: %v\nSee humandispatch --help.\n", err)
		return 2
	}
	err = command.Run()
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	_, _ = fmt.Fprintln(std.err, "humandispatch:", explain(err))
	return 1
}

// explain writes a fault with its details, as a person wants to read it.
func explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := f.Message
	if fields, ok := f.Details["errors"].([]fault.Field); ok {
		for _, field := range fields {
			text += fmt.Sprintf("\n  %s: found %s, expected %s. %s", field.Path, field.Found, field.Expected, strings.TrimSuffix(field.Fix, ".")+".")
		}
	}
	return text
}

// version is what the Go tool recorded of the build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = " " + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return strings.Trim(info.Main.Version, "()") + revision + changed
}
