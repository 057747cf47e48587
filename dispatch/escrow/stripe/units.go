package stripe

import (
	"fmt"
	"strings"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

// Stripe's units differ from ISO 4217's minor units for some currencies
// (docs.stripe.com/currencies). What it does not take exactly is refused
// rather than rounded.
const (
	withoutDecimals   = "BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF"
	withThreeDecimals = "BHD JOD KWD OMR TND" // the last digit must be 0
	ambiguous         = "MGA UGX"             // Stripe's own exponents contradict ISO 4217's
)

// toStripe is an amount in Stripe's units. The error wraps escrow.ErrDeclined.
func toStripe(a escrow.Amount) (int64, error) {
	refuse := func(why string) (int64, error) {
		return 0, fmt.Errorf("%w: Stripe takes no %s: %s", escrow.ErrDeclined, a, why)
	}
	one, err := escrow.ParseAmount("1", a.Currency) // its minor units are 10 to the exponent
	if err != nil {
		return 0, fmt.Errorf("%w: %w", escrow.ErrDeclined, err)
	}
	switch {
	case listed(ambiguous, a.Currency):
		return refuse("the currency is not supported")
	case a.Currency == "ISK": // without decimals in ISO 4217, with two in Stripe's API
		return a.Minor * 100, nil
	case one.Minor == 1 && listed(withoutDecimals, a.Currency), one.Minor == 100:
		return a.Minor, nil
	case one.Minor == 1000 && listed(withThreeDecimals, a.Currency):
		if a.Minor%10 != 0 {
			return refuse("the third decimal must be 0")
		}
		return a.Minor, nil
	default:
		return refuse("the currency is not supported")
	}
}

// PayoutUnit implements escrow.Provider.
func (*Provider) PayoutUnit(currency string) int64 {
	for _, unit := range []int64{1, 10} {
		if _, err := toStripe(escrow.Amount{Minor: unit, Currency: currency}); err == nil {
			return unit
		}
	}
	return 0
}

// fromStripe is the inverse of toStripe.
func fromStripe(units int64, code string) (escrow.Amount, error) {
	a := escrow.Amount{Minor: units, Currency: strings.ToUpper(code)}
	if a.Currency == "ISK" {
		a.Minor /= 100
	}
	back, err := toStripe(a)
	if err == nil && back != units {
		err = fmt.Errorf("%d units of %s are no whole amount", units, a.Currency)
	}
	return a, err
}

func listed(codes, code string) bool { return strings.Contains(" "+codes+" ", " "+code+" ") }
