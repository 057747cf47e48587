package main

import (
	"log/slog"
	"net/http"

	"github.com/humandispatch/humandispatch/api"
)

// addAPI puts the HTTP door on the listener that is already open.
func (a *App) addAPI(s Settings, publicURL string) error {
	door := &api.Server{
		Pool: a.pool, Log: a.log, Blob: a.store, PublicURL: publicURL, Version: version(), Metrics: a.registry,
		Limits: api.Limits{
			RequestsPerMinute: s.API.RequestsPerMinute, MoneyPerMinute: s.API.MoneyRequestsPerMinute,
			AddressPerMinute: s.API.AddressRequestsPerMinute, RedisURL: s.API.RedisURL,
		},
	}
	handler, err := door.Handler()
	if err != nil {
		return err
	}
	a.servers[0].http = &http.Server{
		Handler: handler, ReadHeaderTimeout: api.ReadHeaderTimeout, ReadTimeout: api.ReadTimeout, WriteTimeout: api.WriteTimeout,
		IdleTimeout: api.IdleTimeout, MaxHeaderBytes: api.MaxHeaderBytes, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	return nil
}
