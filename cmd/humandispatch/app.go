package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/humandispatch/humandispatch/api"
	"github.com/humandispatch/humandispatch/blob"
	"github.com/humandispatch/humandispatch/dispatch"
	"github.com/humandispatch/humandispatch/dispatch/event"
	"github.com/humandispatch/humandispatch/dispatch/webhook"
	"github.com/humandispatch/humandispatch/mcpserver"
	"github.com/humandispatch/humandispatch/media"
	"github.com/humandispatch/humandispatch/workers"
)

// Settings are the checked flags of one process. A role that is nil does not run.
type Settings struct {
	Shared  sharedFlags
	API     *apiFlags
	Workers *workerFlags
	Log     *slog.Logger
}

// App is one running process of a deployment: the API, workers, or both.
type App struct {
	log      *slog.Logger
	drain    time.Duration
	pool     *pgxpool.Pool
	registry *prometheus.Registry

	// What doors and workers are given, made once.
	publicURL           string
	store               blob.Store
	dispatch            *dispatch.Dispatch
	gate                *webhook.Gate
	sealer              *webhook.Sealer
	receiptKey          ed25519.PrivateKey
	previousReceiptKeys []ed25519.PublicKey
	answerKeys          [][]byte
	listener            *event.Listener
	prober              *media.Prober // nil without workers

	apiURL  string // where this process serves the API; "" when it does not
	servers []server
	parts   []part

	close sync.Once
}

// part is what runs beside the HTTP servers, such as workers. Stop returns when
// what was running has ended or ctx has.
type part interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

type server struct {
	name     string
	listener net.Listener
	http     *http.Server
}

// NewApp opens what the process needs and listens, but serves nothing yet. What
// it opened is closed again when it fails.
func NewApp(ctx context.Context, s Settings) (app *App, err error) {
	a := &App{log: s.Log, drain: s.Shared.DrainTimeout, registry: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	if a.pool, err = s.Shared.open(ctx); err != nil {
		return nil, err
	}
	if err := a.registry.Register(&workers.LedgerMetrics{Pool: a.pool, Log: a.log}); err != nil {
		return nil, err
	}
	a.publicURL = s.Shared.PublicURL
	var apiListener net.Listener
	if s.API != nil {
		if apiListener, err = listen("--listen", s.API.Listen); err != nil {
			return nil, err
		}
		a.servers = append(a.servers, server{name: "api", listener: apiListener})
		a.apiURL = "http://" + apiListener.Addr().String()
		if a.publicURL == "" {
			a.publicURL = a.apiURL
		}
	}
	if err := a.furnish(s.Shared); err != nil {
		return nil, err
	}
	if s.API != nil {
		if a.servers[0].http, err = a.newAPI(*s.API); err != nil {
			return nil, err
		}
	}
	if s.Workers != nil {
		if err := a.addWorkers(*s.Workers); err != nil {
			return nil, err
		}
	}
	if s.Shared.MetricsListen != "" {
		if err := a.addMetrics(s.Shared.MetricsListen); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// furnish makes what doors and workers are given.
func (a *App) furnish(f sharedFlags) (err error) {
	if a.store, err = f.store(a.publicURL, f.SecretKey); err != nil {
		return err
	}
	a.answerKeys = [][]byte{f.SecretKey.derive("idempotent answers")}
	var sealed [][]byte
	for _, key := range f.PreviousKeys {
		sealed = append(sealed, key.derive("webhook secrets"))
		a.answerKeys = append(a.answerKeys, key.derive("idempotent answers"))
		a.previousReceiptKeys = append(a.previousReceiptKeys, key.receiptKey().Public().(ed25519.PublicKey))
	}
	if a.sealer, err = webhook.NewSealer(f.SecretKey.derive("webhook secrets"), sealed...); err != nil {
		return err
	}
	a.receiptKey = f.SecretKey.receiptKey()
	ledger, err := f.ledger()
	if err != nil {
		return err
	}
	screener, err := f.screener()
	if err != nil {
		return err
	}
	a.dispatch = &dispatch.Dispatch{Ledger: ledger, Screener: screener}
	a.gate = &webhook.Gate{AllowLoopback: f.WebhooksLoopback, AllowHTTP: f.WebhooksHTTP}
	a.listener = event.NewListener(a.pool)
	return nil
}

// newAPI is the HTTP door.
func (a *App) newAPI(f apiFlags) (*http.Server, error) {
	door := &api.Server{
		Pool: a.pool, Log: a.log, Dispatch: a.dispatch, Blob: a.store, Listener: a.listener, Gate: a.gate, Sealer: a.sealer, ReceiptKey: a.receiptKey, PreviousReceiptKeys: a.previousReceiptKeys,
		AnswerKeys: a.answerKeys,
		PublicURL:  a.publicURL, Version: version(), Metrics: a.registry,
		Limits: api.Limits{
			RequestsPerMinute: f.RequestsPerMinute, MoneyPerMinute: f.MoneyRequestsPerMinute,
			AddressPerMinute: f.AddressRequestsPerMinute, RedisURL: f.RedisURL,
		},
	}
	handler, err := door.Handler()
	if err != nil {
		return nil, err
	}
	doors := http.NewServeMux()
	doors.Handle("/", handler)
	doors.Handle("/mcp", mcpserver.Handler(a.publicURL, mcpserver.Local(handler), version()))
	return &http.Server{
		Handler: doors, ReadHeaderTimeout: api.ReadHeaderTimeout, ReadTimeout: api.ReadTimeout, WriteTimeout: api.WriteTimeout,
		IdleTimeout: api.IdleTimeout, MaxHeaderBytes: api.MaxHeaderBytes, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}, nil
}

// addWorkers makes the River client that works on the queues.
func (a *App) addWorkers(f workerFlags) error {
	sender, err := f.sender()
	if err != nil {
		return err
	}
	a.prober = media.NewProber(media.Options{})
	client, err := workers.NewClient(workers.Tools{
		Pool: a.pool, Dispatch: a.dispatch, Blob: a.store, Prober: a.prober, Mail: sender, Webhooks: webhook.NewClient(a.gate), Sealer: a.sealer,
		PublicURL: a.publicURL, Moderator: f.moderator(), Log: a.log, Now: time.Now, PurgeKeys: api.PurgeIdempotencyKeys, DrainTimeout: a.drain * 4 / 5,
	}, f.queues())
	if err != nil {
		return err
	}
	a.parts = append(a.parts, client)
	return nil
}

func (a *App) addMetrics(address string) error {
	listener, err := listen("--metrics-listen", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.pool.Ping(r.Context()); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	a.servers = append(a.servers, server{name: "metrics", listener: listener, http: &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
	}})
	return nil
}

func listen(flag, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	return listener, nil
}

// URL is where this process serves the API, "" when it does not.
func (a *App) URL() string { return a.apiURL }

// Run serves until ctx ends or a part of the process fails, then stops: no new
// connections, no new jobs, and what is running may finish within the drain
// timeout. It returns nil after an asked-for stop that left nothing unfinished.
func (a *App) Run(ctx context.Context) error {
	// Waiting requests are woken until the last of them has been answered.
	listening, deafen := context.WithCancel(context.WithoutCancel(ctx))
	var listener sync.WaitGroup
	listener.Go(func() { _ = a.listener.Run(listening) }) // ends only with its context
	defer listener.Wait()
	defer deafen()

	requests, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	failed := make(chan error, len(a.servers))
	for _, p := range a.parts {
		// Not ended by ctx: a stop lets running jobs finish.
		if err := p.Start(context.WithoutCancel(ctx)); err != nil {
			return errors.Join(err, a.stop(abandon))
		}
	}
	for _, s := range a.servers {
		s.http.BaseContext = func(net.Listener) context.Context { return requests }
		go func() {
			if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", s.name, err)
			}
		}()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		a.log.Info("stopping: finishing what runs", "at_most", a.drain)
	}
	return errors.Join(err, a.stop(abandon))
}

// stop ends servers and parts together, within the drain timeout. Requests that
// wait for events could outlast it: their contexts end halfway.
func (a *App) stop(abandon func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), a.drain)
	defer cancel()
	defer time.AfterFunc(a.drain/2, abandon).Stop()
	errs := make([]error, len(a.servers)+len(a.parts))
	var wait sync.WaitGroup
	for i, s := range a.servers {
		wait.Go(func() {
			if err := s.http.Shutdown(ctx); err != nil {
				errs[i] = fmt.Errorf("%s: requests were still running after %s: %w", s.name, a.drain, errors.Join(err, s.http.Close()))
			}
		})
	}
	for i, p := range a.parts {
		wait.Go(func() {
			if err := p.Stop(ctx); err != nil {
				errs[len(a.servers)+i] = fmt.Errorf("jobs were still running after %s; they run again: %w", a.drain, err)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// Close gives back what the process holds. Call it after Run; a second Close
// does nothing.
func (a *App) Close() {
	a.close.Do(func() {
		for _, s := range a.servers {
			_ = s.listener.Close() // closed already when Run has served it
		}
		if a.prober != nil {
			_ = a.prober.Close()
		}
		if a.pool != nil {
			a.pool.Close()
		}
	})
}
