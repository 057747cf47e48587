package escrow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/humandispatch/humandispatch/db"
	"github.com/humandispatch/humandispatch/db/dbtest"
	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// TestVerifyNamesWhatIsWrong damages a good ledger in every way that Verify
// looks for, with the database's guards switched off.
func TestVerifyNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	var s stage
	var released, live string
	committed(t, pool, func(tx pgx.Tx) error {
		s = people(t, tx, true)
		released, live = held(t, tx, l, s, amount(t, "30", "CAD")), held(t, tx, l, s, amount(t, "10", "CAD"))
		done := release(t, tx, l, released, 1, 1)
		p, send, err := l.PaymentOf(t.Context(), tx, *done.PayoutID)
		if err != nil {
			return err
		}
		_, err = l.RecordPaid(t.Context(), tx, now, p, send.Key)
		return err
	})
	proven(t, pool)
	for _, test := range []struct{ damage, check, row string }{
		{`DELETE FROM ledger_postings WHERE id = (SELECT min(id) FROM ledger_postings)`, "transfer.balanced", "tr_"},
		{`INSERT INTO ledger_transfers SELECT 'tr_empty', 'x', kind, account_id, NULL, currency, livemode, created_at FROM ledger_transfers LIMIT 1`, "transfer.balanced", "tr_empty"},
		{`UPDATE ledger_accounts SET balance = balance + 1 WHERE kind = 'available'`, "account.balance", "available " + s.account},
		{`UPDATE ledger_accounts SET balance = balance + 1 WHERE kind = 'available'`, "currency.sum", "CAD"},
		{`ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_not_negative; UPDATE ledger_accounts SET balance = -1 WHERE kind = 'available'`, "account.not_negative", "available " + s.account},
		{`UPDATE escrow_holds SET amount = amount + 1 WHERE settled_at IS NULL`, "hold.money", live},
		{`DELETE FROM escrow_holds WHERE settled_at IS NULL`, "escrow.hold", live},
		{`UPDATE ledger_transfers SET key = 'stolen' WHERE kind = 'hold' AND booking_id = '` + live + `'`, "hold.outcome", live},
		{`UPDATE escrow_holds SET fee = fee + 1, to_talent = to_talent - 1 WHERE settled_at IS NOT NULL`, "hold.shares", released},
		{`UPDATE payouts SET amount = amount + 1`, "hold.payout", released},
		{`UPDATE payouts SET status = 'initiated', paid_at = NULL`, "payout.money", "pay_"},
		{`UPDATE payouts SET status = 'initiated', paid_at = NULL`, "talent.payable", s.talent},
	} {
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"ledger_accounts", "ledger_transfers", "ledger_postings", "escrow_holds", "payouts"} {
			exec(t, tx, `ALTER TABLE `+table+` DISABLE TRIGGER USER`)
		}
		for sql := range strings.SplitSeq(test.damage, ";") {
			exec(t, tx, sql)
		}
		found, err := escrow.Verify(t.Context(), tx)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(found, func(d escrow.Discrepancy) bool {
			return d.Check == test.check && strings.HasPrefix(d.Row, test.row) && d.Detail != ""
		}) {
			t.Errorf("%s: found %v, want %s of %s", test.damage, found, test.check, test.row)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyBookingsComparesBothWays(t *testing.T) {
	t.Parallel()
	pool, l := dbtest.Database(t), newLedger(t)
	var released, live string
	committed(t, pool, func(tx pgx.Tx) error {
		s := people(t, tx, true)
		released, live = held(t, tx, l, s, amount(t, "30", "CAD")), held(t, tx, l, s, amount(t, "10", "CAD"))
		release(t, tx, l, released, 1, 1)
		return nil
	})
	for _, test := range []struct {
		bookings []escrow.BookingState
		want     string
	}{
		{[]escrow.BookingState{{ID: released}, {ID: live, Live: true}}, ""},
		{[]escrow.BookingState{{ID: released}}, "hold.booking " + live},
		{[]escrow.BookingState{{ID: released, Live: true}, {ID: live, Live: true}}, "booking.hold " + released},
		{[]escrow.BookingState{{ID: released}, {ID: live}}, "booking.hold " + live},
		{[]escrow.BookingState{{ID: released}, {ID: live, Live: true}, {ID: "bkg_none"}}, "booking.hold bkg_none"},
	} {
		found, err := db.In(t.Context(), pool, func(tx pgx.Tx) ([]escrow.Discrepancy, error) {
			return escrow.VerifyBookings(t.Context(), tx, test.bookings)
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range found {
			got = append(got, d.Check+" "+d.Row)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%v: found %v, want %s", test.bookings, found, test.want)
		}
	}
}

func TestProvidersAnswerForTheirOwnPayouts(t *testing.T) {
	t.Parallel()
	l, err := escrow.New(escrow.DefaultPolicy, otherBank{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ledger", "bank"} {
		if p, err := l.ProviderNamed(name); err != nil || p.Name() != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := l.ProviderNamed("stripe"); err == nil {
		t.Error("a provider that is not configured answered")
	}
	for _, wrong := range []escrow.Policy{{FeeBasisPoints: -1}, {FeeBasisPoints: 10_001}, {CancellationBasisPoints: -1}, {CancellationBasisPoints: 10_001}} {
		if _, err := escrow.New(wrong, nil); err == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
	collected, err := escrow.Builtin{}.Collect(context.Background(), escrow.Collection{Key: "k"})
	if fmt.Sprint(collected, err) != "{k true } <nil>" {
		t.Errorf("collected = %+v, %v", collected, err)
	}
}
