package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// report compares what was acknowledged, what the ledger holds and what the
// bank paid, and prints the figures. The error says that money went wrong.
func report(ctx context.Context, pool *pgxpool.Pool, bank *bank, clients []*client, restarts, kills int) error {
	var done, refused, uncertain, replayed, losses, doubles int
	wanted := map[string]bool{}
	for _, c := range clients {
		done, refused, uncertain, replayed = done+c.done, refused+c.refused, uncertain+c.uncertain, replayed+c.replayed
		for _, op := range c.acknowledged {
			if wanted[op.key] {
				doubles++
			}
			wanted[op.key] = true
		}
	}
	rows, err := pool.Query(ctx, `SELECT key FROM ledger_transfers WHERE kind NOT IN ('payout', 'reversal')`)
	if err != nil {
		return err
	}
	present, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	transfers := map[string]int{}
	for _, key := range present {
		if transfers[key]++; transfers[key] > 1 || !wanted[key] {
			fmt.Printf("EXTRA    %s\n", key) // present twice, or never acknowledged
			doubles++
		}
	}
	for key := range wanted {
		if transfers[key] == 0 {
			fmt.Printf("LOST     %s\n", key)
			losses++
		}
	}
	// Asked for once more, each gives the answer that was given then.
	var asking sync.WaitGroup
	var lock sync.Mutex
	for _, c := range clients {
		asking.Go(func() {
			for _, op := range c.acknowledged {
				answer, err := db.In(ctx, pool, func(tx pgx.Tx) (string, error) { return op.run(ctx, tx) })
				if err != nil || answer != op.answer {
					lock.Lock()
					fmt.Printf("LOST     %s: was %q, is %q, %v\n", op.key, op.answer, answer, err)
					losses++
					lock.Unlock()
				}
			}
		})
	}
	asking.Wait()
	var after int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM ledger_transfers WHERE kind NOT IN ('payout', 'reversal')`).Scan(&after); err != nil {
		return err
	}
	doubles += after - len(present)
	paid, wrong, err := compareBank(ctx, pool, bank)
	if err != nil {
		return err
	}
	found, err := db.In(ctx, pool, func(tx pgx.Tx) ([]escrow.Discrepancy, error) { return escrow.Verify(ctx, tx) })
	if err != nil {
		return err
	}
	for _, d := range found {
		fmt.Println("WRONG   ", d)
	}
	fmt.Printf(`operations   %d done, %d refused, %d repeated with the same answer
interrupted  %d attempts with an unknown outcome, asked again
restarts     %d of Postgres, stopped as -m immediate
kills        %d of workers with -9
payouts      %d paid; the bank was called %d times and lost %d requests or answers
ledger       %d discrepancies
doubles      %d
losses       %d
`, done, refused, replayed, uncertain, restarts, kills, paid, bank.calls, bank.lost, len(found), doubles, losses+wrong)
	if len(found)+losses+doubles+wrong > 0 {
		return errors.New("money went wrong")
	}
	return nil
}

// compareBank checks that what the bank paid is what the ledger says went out,
// payment by payment.
func compareBank(ctx context.Context, pool *pgxpool.Pool, bank *bank) (paid, wrong int, err error) {
	rows, err := pool.Query(ctx, `SELECT t.key, p.amount FROM ledger_transfers t JOIN ledger_postings p ON p.transfer_id = t.id
		JOIN ledger_accounts a ON a.id = p.account_id WHERE t.kind = 'payout' AND a.kind = 'world'`)
	if err != nil {
		return 0, 0, err
	}
	type payment struct {
		Key   string
		Minor int64
	}
	payments, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payment])
	if err != nil {
		return 0, 0, err
	}
	bank.lock.Lock()
	defer bank.lock.Unlock()
	for _, p := range payments {
		if bank.paid[p.Key] != p.Minor {
			fmt.Printf("UNPAID   %s: the ledger says %d, the bank %d\n", p.Key, p.Minor, bank.paid[p.Key])
			wrong++
		}
		delete(bank.paid, p.Key)
	}
	for key, minor := range bank.paid {
		fmt.Printf("UNKNOWN  %s: the bank paid %d, the ledger knows nothing of it\n", key, minor)
		wrong++
	}
	return len(payments), wrong, nil
}
