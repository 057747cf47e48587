package escrow

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestSharesRoundToTheFee is the written rounding rule, to the last unit, for
// amounts of every exponent: minor units do not know theirs.
func TestSharesRoundToTheFee(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amount          int64
		accepted, total int
		unit            int64
		want            shares
	}{
		{300000, 30, 30, 1, shares{255000, 45000, 0}},     // 3000.00 CAD
		{300000, 27, 30, 1, shares{229500, 40500, 30000}}, // 27 of 30
		{100, 1, 3, 1, shares{28, 5, 67}},                 // 33 accepted: 28.05 to talent
		{1, 1, 1, 1, shares{0, 1, 0}},                     // one yen: its fraction is the fee's
		{10, 1, 3, 1, shares{2, 1, 7}},                    // 3 yen accepted: 2.55 to talent
		{12345, 7, 9, 1, shares{8160, 1441, 2744}},        // 12.345 KWD: 9601.66 accepted, 8160.85 to talent
		{MaxMinor, 999_999, 1_000_000, 1, shares{849_999_150_000, 149_999_850_000, 1_000_000}},
		{1010, 1, 1, 10, shares{850, 160, 0}},       // 1.010 KWD where the third decimal must be 0: 0.858 to talent
		{12345, 7, 9, 10, shares{8160, 1441, 2744}}, // 12.345 KWD
		{1000, 1, 3, 10, shares{280, 53, 667}},      // 1.000 KWD: 0.333 accepted, 0.283 to talent
		{9, 1, 1, 10, shares{0, 9, 0}},              // nothing that could be paid
	} {
		if got := DefaultPolicy.release(test.amount, test.accepted, test.total, test.unit); got != test.want {
			t.Errorf("%d of %d of %d = %+v, want %+v", test.accepted, test.total, test.amount, got, test.want)
		}
	}
	for amount, want := range map[int64]shares{300000: {talent: 150000, requester: 150000}, 1: {requester: 1}, 12345: {talent: 6172, requester: 6173}} {
		if got := DefaultPolicy.cancel(amount, 1); got != want {
			t.Errorf("cancelling %d = %+v, want %+v", amount, got, want)
		}
	}
	if got, want := DefaultPolicy.cancel(12345, 10), (shares{talent: 6170, requester: 6175}); got != want {
		t.Errorf("cancelling 12.345 KWD where the third decimal must be 0 = %+v, want %+v", got, want)
	}
}

// TestSharesAreExact compares with arbitrary precision for any policy.
func TestSharesAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{FeeBasisPoints: rapid.IntRange(0, 10_000).Draw(t, "fee"), CancellationBasisPoints: rapid.IntRange(0, 10_000).Draw(t, "share")}
		amount := rapid.Int64Range(1, MaxMinor).Draw(t, "amount")
		total := rapid.IntRange(1, 1_000_000).Draw(t, "total")
		accepted := rapid.IntRange(1, total).Draw(t, "accepted")
		unit := rapid.SampledFrom([]int64{1, 10}).Draw(t, "unit")
		got := p.release(amount, accepted, total, unit)
		if got.talent < 0 || got.fee < 0 || got.requester < 0 || got.talent+got.fee+got.requester != amount {
			t.Fatalf("shares %+v of %d", got, amount)
		}
		gross := floor(amount, int64(accepted), int64(total))
		if want := (shares{floor(floor(gross, int64(10_000-p.FeeBasisPoints), 10_000), 1, unit) * unit, 0, amount - gross}); got.talent != want.talent || got.requester != want.requester {
			t.Fatalf("shares %+v, want %+v", got, want)
		}
		if c := p.cancel(amount, unit); c.talent != floor(floor(amount, int64(p.CancellationBasisPoints), 10_000), 1, unit)*unit || c.talent+c.requester != amount || c.fee != 0 {
			t.Fatalf("cancellation %+v of %d", c, amount)
		}
	})
}

func floor(amount, numerator, denominator int64) int64 {
	product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(numerator))
	return product.Div(product, big.NewInt(denominator)).Int64()
}
