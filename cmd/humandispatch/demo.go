package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/client"
	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/embedded"
	"github.com/humandispatch/humandispatch/dispatch/account"
)

type demoCmd struct {
	databaseFlags
	JSON bool `name:"json" help:"Print a machine-readable summary on standard output instead of the story."`
}

// demoLimit bounds the whole demo.
const demoLimit = 3 * time.Minute

// Validate implements kong's validation.
func (c *demoCmd) Validate() error { return c.checkGiven() }

// Run plays three jobs over HTTP against an API and a worker in processes of
// their own, and leaves nothing running.
func (c *demoCmd) Run(ctx context.Context, std streams) (err error) {
	ctx, cancel := context.WithTimeout(ctx, demoLimit)
	defer cancel()
	story := newStory(std.out, isTerminal(std.out))
	if c.JSON {
		story = newStory(io.Discard, false)
	}
	summary, err := c.play(ctx, story)
	if c.JSON && summary != nil {
		err = errors.Join(err, json.NewEncoder(std.out).Encode(summary))
	}
	return err
}

func (c *demoCmd) play(ctx context.Context, story *story) (summary *demoSummary, err error) {
	dir, err := os.MkdirTemp("", "humandispatch-demo")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	story.chapter("Starting everything")
	if c.DatabaseURL == "" {
		done := story.begin("a private Postgres")
		postgres, err := embedded.Start(ctx, embedded.Options{Unsafe: true})
		if err != nil {
			return nil, err
		}
		defer func() { _ = postgres.Stop() }()
		if err := postgres.CreateDatabase(ctx, "humandispatch"); err != nil {
			return nil, err
		}
		c.DatabaseURL = postgres.URL("humandispatch")
		done("")
	}
	done := story.begin("the schema, a test account and its key")
	if err := c.migrate(ctx, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	key, err := c.openAccount(ctx)
	if err != nil {
		return nil, err
	}
	done("")

	done = story.begin("the API and a worker, in processes of their own")
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	secret := make([]byte, secretKeyBytes)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	shared := []string{
		"HUMANDISPATCH_DATABASE_URL=" + c.DatabaseURL, "HUMANDISPATCH_FILES_DIR=" + filepath.Join(dir, "files"), "HUMANDISPATCH_MAIL_DIR=" + filepath.Join(dir, "mail"),
		"HUMANDISPATCH_SECRET_KEY=" + hex.EncodeToString(secret), "HUMANDISPATCH_PUBLIC_URL=http://" + address, "HUMANDISPATCH_WEBHOOKS_LOOPBACK=true",
		"HUMANDISPATCH_LISTEN=" + address, "HUMANDISPATCH_REQUESTS_PER_MINUTE=6000", "HUMANDISPATCH_MONEY_REQUESTS_PER_MINUTE=600", "HUMANDISPATCH_LOG_LEVEL=warn",
		"HUMANDISPATCH_DRAIN_TIMEOUT=5s",
	}
	var processes []*process
	defer func() {
		for _, p := range processes {
			err = errors.Join(err, p.stop())
		}
	}()
	for _, command := range []string{"serve", "work"} {
		p, err := startProcess(command, shared)
		if err != nil {
			return nil, err
		}
		processes = append(processes, p)
	}
	api := client.New("http://"+address, key)
	if err := ready(ctx, "http://"+address, processes); err != nil {
		return nil, err
	}
	done("http://" + address)

	summary, err = newPlay(api, story).run(ctx)
	if err != nil {
		for _, p := range processes {
			err = errors.Join(err, p.complaint())
		}
	}
	return summary, err
}

// openAccount makes what an operator would: a test account and a key for it.
func (c *demoCmd) openAccount(ctx context.Context) (string, error) {
	pool, err := c.open(ctx)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	return db.In(ctx, pool, func(tx pgx.Tx) (string, error) {
		a, err := account.Create(ctx, tx, time.Now(), "Demo agency", false, account.DefaultAcceptanceWindow)
		if err != nil {
			return "", err
		}
		_, secret, err := account.CreateKey(ctx, tx, time.Now(), account.NewKey{AccountID: a.ID, Name: "demo", Scopes: account.AgentScopes()})
		return secret, err
	})
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// process is this program again, running one command.
type process struct {
	command string
	cmd     *exec.Cmd
	log     bytes.Buffer
	ended   chan struct{}
}

func startProcess(command string, env []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{command: command, cmd: exec.Command(self, command), ended: make(chan struct{})}
	// Flags of the caller's own environment are not this process's business.
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	// Ctrl-C reaches the demo alone, which then stops its processes in order.
	p.cmd.SysProcAttr = dieWithParent()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	return p, nil
}

func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return nil
	case <-time.After(15 * time.Second):
		return errors.Join(fmt.Errorf("%s did not stop within 15 s", p.command), p.cmd.Process.Kill())
	}
}

// complaint is what the process logged, as an error; nil when that is nothing.
func (p *process) complaint() error {
	_ = p.stop()
	if p.log.Len() == 0 {
		return nil
	}
	return fmt.Errorf("%s logged:\n%s", p.command, bytes.TrimSpace(p.log.Bytes()))
}

// ready waits until the API answers that it is, or a process has ended.
func ready(ctx context.Context, url string, processes []*process) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		for _, p := range processes {
			select {
			case <-p.ended:
				return fmt.Errorf("%s ended at its start: %w", p.command, p.complaint())
			default:
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API is not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
