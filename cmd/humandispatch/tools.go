package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/humandispatch/humandispatch/cmd/humandispatch/offline"
	"github.com/humandispatch/humandispatch/dispatch/policy"
	"github.com/humandispatch/humandispatch/media"
)

type probeCmd struct {
	Recursive bool     `short:"r" help:"Walk directories."`
	Paths     []string `arg:"" name:"file" help:"Files to read."`
}

// Run prints the facts of each file.
func (c *probeCmd) Run(ctx context.Context, std streams) error {
	return media.RunProbe(ctx, c.Paths, c.Recursive, std.out, std.err, isTerminal(std.err))
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type checkCmd struct {
	Task       string `required:"" help:"The task: a POST /v1/tasks body, or a task as the API returns it."`
	Submission string `required:"" help:"The deliverables: a POST …/deliverables body whose files are paths beside it."`
	Checkins   string `type:"path" help:"The check-ins, when there were some."`
}

// Run judges the submission: status 0 passed, 1 not passed, 2 bad input.
func (c *checkCmd) Run(ctx context.Context, std streams) error {
	prober := media.NewProber(media.Options{})
	defer prober.Close()
	return status(offline.Check(ctx, c.Task, c.Submission, c.Checkins, prober, std.out, std.err))
}

type screenCmd struct {
	policyFlags
	JSONL string `name:"jsonl" required:"" placeholder:"FILE" help:"Task bodies, one a line; - for standard input."`
}

// Validate implements kong's validation.
func (c *screenCmd) Validate() error { return c.policyFlags.check() }

// Run prints one decision a line: status 0 when every line was answered, 2 on bad input.
func (c *screenCmd) Run(std streams) error {
	screener, err := c.screener()
	if err != nil {
		return err
	}
	// Reading waits for input and knows no context: let Ctrl-C end the process.
	signal.Reset(syscall.SIGINT, syscall.SIGTERM)
	return status(policy.RunScreen(screener, c.JSONL, std.in, std.out, std.err))
}

func status(code int) error {
	if code == 0 {
		return nil
	}
	return exitStatus(code)
}

// policyFlags say which rules tasks are screened with.
type policyFlags struct {
	PolicyRules string `env:"HUMANDISPATCH_POLICY_RULES" placeholder:"FILE" help:"A file of the deployment's own screening rules, which may also disable built-in ones."`
}

// moderationFlags name an outside moderation service.
type moderationFlags struct {
	ModerationURL   string `name:"moderation-url" env:"HUMANDISPATCH_MODERATION_URL" placeholder:"URL" help:"Ask this OpenAI-compatible moderation endpoint about each task, such as https://host/v1/moderations; what it flags, or does not answer, goes to a reviewer."`
	ModerationKey   string `env:"HUMANDISPATCH_MODERATION_KEY" placeholder:"KEY" help:"Bearer token for it."`
	ModerationModel string `env:"HUMANDISPATCH_MODERATION_MODEL" placeholder:"NAME" help:"Model to ask; the service's own unless set."`
}

// moderator is nil when no service is configured.
func (f moderationFlags) moderator() policy.Moderator {
	if f.ModerationURL == "" {
		return nil
	}
	return policy.HTTPModerator{URL: f.ModerationURL, Key: f.ModerationKey, Model: f.ModerationModel}
}

func (f policyFlags) check() error {
	_, err := f.screener()
	return err
}

func (f policyFlags) screener() (*policy.Screener, error) {
	if f.PolicyRules == "" {
		return policy.Default(), nil
	}
	extra, err := os.ReadFile(f.PolicyRules)
	if err != nil {
		return nil, fmt.Errorf("--policy-rules: %w", err)
	}
	screener, err := policy.Load(extra)
	if err != nil {
		return nil, fmt.Errorf("--policy-rules %s: %w", f.PolicyRules, err)
	}
	return screener, nil
}
