package main

import (
	"context"
	"errors"

	"github.com/humandispatch/humandispatch/mcpserver"
)

type mcpCmd struct {
	APIURL string `name:"api-url" env:"HUMANDISPATCH_API_URL" default:"http://127.0.0.1:8080" placeholder:"URL" help:"The API that the tools speak to."`
	APIKey string `name:"api-key" env:"HUMANDISPATCH_API_KEY" placeholder:"KEY" help:"The agent's API key, sk_live_… or sk_test_…"`
}

// Validate implements kong's validation.
func (c *mcpCmd) Validate() error {
	if c.APIKey == "" {
		return errors.New("--api-key (HUMANDISPATCH_API_KEY) is missing: give the agent's API key")
	}
	return nil
}

// Run serves until standard input ends.
func (c *mcpCmd) Run(ctx context.Context) error {
	return mcpserver.Stdio(ctx, c.APIURL, c.APIKey, version())
}
