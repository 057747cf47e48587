package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// client is one requester who books one talent again and again. What it was
// told is done, it remembers, and repeats from time to time.
type client struct {
	pool            *pgxpool.Pool
	ledger          *escrow.Ledger
	random          *rand.Rand
	account, talent string

	acknowledged []operation
	live         []string // bookings whose hold has not ended
	funded       int

	done, refused, uncertain, replayed int
}

// operation is something that was acknowledged, and how to ask for it again.
type operation struct {
	key    string // of its ledger transfer
	answer string
	run    func(ctx context.Context, tx pgx.Tx) (string, error)
}

func newClient(ctx context.Context, pool *pgxpool.Pool, ledger *escrow.Ledger, seed uint64, n int) (*client, error) {
	now := time.Now()
	c := &client{pool: pool, ledger: ledger, random: rand.New(rand.NewPCG(seed, uint64(n))), account: db.NewID("acct", now), talent: db.NewID("tal", now)}
	return c, db.WithTx(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO accounts (id, name, livemode, created_at) VALUES ($1, 'Soak', true, $2)`, c.account, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO talent (id, livemode, registered_by, name, email, created_at) VALUES ($1, true, $2, 'Soak', $1, $3)`, c.talent, c.account, now)
		return err
	})
}

// run works until moving ends, but leaves no operation without an answer.
func (c *client) run(moving, ctx context.Context) error {
	for moving.Err() == nil {
		if err := c.turn(ctx); err != nil {
			return fmt.Errorf("client %s: %w", c.account, err)
		}
	}
	return nil
}

var currencies = []string{"CAD", "JPY", "KWD"}

func (c *client) turn(ctx context.Context) error {
	amount := escrow.Amount{Minor: 1 + c.random.Int64N(10_000), Currency: currencies[c.random.IntN(len(currencies))]}
	luck := c.random.IntN(100)
	switch {
	case luck < 15 || len(c.acknowledged) == 0:
		return c.fund(ctx, amount)
	case luck < 50 && len(c.live) < 20:
		return c.hold(ctx, amount)
	case luck < 60:
		return c.repeat(ctx)
	case len(c.live) > 0:
		i := c.random.IntN(len(c.live))
		booking := c.live[i]
		c.live = append(c.live[:i:i], c.live[i+1:]...)
		return c.end(ctx, booking)
	default:
		return c.fund(ctx, amount)
	}
}

func (c *client) fund(ctx context.Context, amount escrow.Amount) error {
	c.funded++
	key := fmt.Sprint(c.funded)
	_, err := c.ask(ctx, "fund:ledger:"+c.account+":"+key, func(ctx context.Context, tx pgx.Tx) (string, error) {
		t, err := c.ledger.Fund(ctx, tx, time.Now(), c.account, amount, key)
		return t.ID + t.Amount.String(), err
	})
	return err
}

func (c *client) hold(ctx context.Context, amount escrow.Amount) error {
	now := time.Now()
	r := escrow.HoldRequest{AccountID: c.account, TalentID: c.talent, BookingID: db.NewID("bkg", now), Amount: amount, ExpiresAt: now.Add(24 * time.Hour)}
	held, err := c.ask(ctx, "hold:"+r.BookingID, func(ctx context.Context, tx pgx.Tx) (string, error) {
		h, err := c.ledger.Hold(ctx, tx, now, r)
		return h.BookingID + h.Amount.String(), err
	})
	if held {
		c.live = append(c.live, r.BookingID)
	}
	return err
}

// end ends a hold in one of the ways there are; a release and a cancellation
// may race, as an agent's and a timeout's do.
func (c *client) end(ctx context.Context, booking string) error {
	answer := func(s escrow.Settlement, err error) (string, error) {
		if err != nil {
			return "", err
		}
		payout := ""
		if s.PayoutID != nil {
			payout = *s.PayoutID
		}
		return fmt.Sprint(s.Status, s.ToTalent, s.Fee, s.ToRequester, s.Transfers, payout), nil
	}
	total := 1 + c.random.IntN(30)
	accepted := 1 + c.random.IntN(total)
	release := func(ctx context.Context, tx pgx.Tx) (string, error) {
		return answer(c.ledger.Release(ctx, tx, time.Now(), escrow.ReleaseRequest{BookingID: booking, Accepted: accepted, Total: total}))
	}
	cancel := func(ctx context.Context, tx pgx.Tx) (string, error) {
		return answer(c.ledger.CancelAfterCheckIn(ctx, tx, time.Now(), booking))
	}
	key := "settle:" + booking
	switch c.random.IntN(5) {
	case 0:
		_, err := c.ask(ctx, key, func(ctx context.Context, tx pgx.Tx) (string, error) {
			return answer(c.ledger.Refund(ctx, tx, time.Now(), booking))
		})
		return err
	case 1:
		freeze := func(ctx context.Context, tx pgx.Tx) (string, error) {
			return "", c.ledger.Freeze(ctx, tx, time.Now(), booking)
		}
		if _, err := c.ask(ctx, "", freeze); err != nil {
			return err
		}
		_, err := c.ask(ctx, key, func(ctx context.Context, tx pgx.Tx) (string, error) {
			h, err := escrow.FindHold(ctx, tx, booking)
			if err != nil {
				return "", err
			}
			talent := h.Amount.Minor / 3
			return answer(c.ledger.Resolve(ctx, tx, time.Now(), booking, escrow.Split{TalentMinor: talent, RequesterMinor: h.Amount.Minor - talent}))
		})
		return err
	case 2:
		return c.race(ctx, key, release, cancel)
	default:
		_, err := c.ask(ctx, key, release)
		return err
	}
}

// race asks for two endings at once: exactly one may be done.
func (c *client) race(ctx context.Context, key string, a, b func(context.Context, pgx.Tx) (string, error)) error {
	rival := &client{pool: c.pool, random: c.random}
	result := make(chan error, 1)
	var other bool
	go func() {
		var err error
		other, err = rival.ask(ctx, key, b)
		result <- err
	}()
	one, err := c.ask(ctx, key, a)
	if err := errors.Join(err, <-result); err != nil {
		return err
	}
	c.acknowledged = append(c.acknowledged, rival.acknowledged...)
	c.done, c.refused, c.uncertain = c.done+rival.done, c.refused+rival.refused, c.uncertain+rival.uncertain
	if one == other {
		return fmt.Errorf("%s: of release and cancellation, done were %t and %t", key, one, other)
	}
	return nil
}

// repeat asks again for something that was done; the answer must be the same.
func (c *client) repeat(ctx context.Context) error {
	op := c.acknowledged[c.random.IntN(len(c.acknowledged))]
	answer, _, err := c.insist(ctx, op.run)
	if err != nil {
		return fmt.Errorf("repeat of %s: %w", op.key, err)
	}
	if answer != op.answer {
		return fmt.Errorf("repeat of %s answers %q, before it was %q", op.key, answer, op.answer)
	}
	c.replayed++
	return nil
}

// ask runs an operation until it is done or refused, and remembers it if done.
func (c *client) ask(ctx context.Context, key string, run func(context.Context, pgx.Tx) (string, error)) (done bool, err error) {
	answer, refused, err := c.insist(ctx, run)
	if err != nil {
		return false, err
	}
	if refused {
		c.refused++
		return false, nil
	}
	c.done++
	if key != "" {
		c.acknowledged = append(c.acknowledged, operation{key, answer, run})
	}
	return true, nil
}

// insist runs an operation in a transaction until there is a definite answer:
// when Postgres dies under it, what became of the commit is unknown and the same
// operation is asked for again.
func (c *client) insist(ctx context.Context, run func(context.Context, pgx.Tx) (string, error)) (answer string, refused bool, err error) {
	for {
		answer, err = db.In(ctx, c.pool, func(tx pgx.Tx) (string, error) { return run(ctx, tx) })
		var f *fault.Error
		switch {
		case err == nil:
			return answer, false, nil
		case errors.As(err, &f) && (f.Code == fault.InsufficientFunds || f.Code == fault.EscrowRequired):
			return "", true, nil
		case errors.As(err, &f):
			return "", false, err
		}
		c.uncertain++
		if !pause(ctx, 50*time.Millisecond) {
			return "", false, err
		}
	}
}
