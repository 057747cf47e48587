package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/dispatch/talent"
)

type talentTokenCmd struct {
	databaseFlags
	TalentID   string `arg:"" name:"talent" help:"The talent's id, tal_…"`
	RevokeOnly bool   `help:"Make no new token."`
}

// Validate implements kong's validation.
func (c *talentTokenCmd) Validate() error { return c.check() }

// Run ends the talent's tokens and, unless told otherwise, prints a new one, for
// the operator to hand to the talent: whoever registered the talent has the old one.
func (c *talentTokenCmd) Run(ctx context.Context, std streams) error {
	return transact(ctx, c.databaseFlags, std, func(tx pgx.Tx, now time.Time) (map[string]any, error) {
		if c.RevokeOnly {
			revoked, err := talent.RevokeTokens(ctx, tx, now, c.TalentID)
			return map[string]any{"talent_id": c.TalentID, "revoked": revoked}, err
		}
		token, revoked, err := talent.ReissueToken(ctx, tx, now, c.TalentID)
		return map[string]any{"talent_id": c.TalentID, "revoked": revoked, "token": token}, err
	})
}
