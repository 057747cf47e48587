package escrow

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/bojanz/currency"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// MaxMinor is the largest amount of one operation in minor units: with it no
// share of an amount and no sum of a deployment's balances overflows 64 bits.
const MaxMinor = 1_000_000_000_000

// Amount is exact money: integer minor units by the exponent that ISO 4217
// gives the currency. In JSON it is a bare decimal number in major units (3000,
// 249.50); the currency stands beside it.
type Amount struct {
	Minor    int64
	Currency string
}

// AmountError says what is wrong with an amount, for the one who sent it.
type AmountError struct {
	Found, Expected, Fix string
	// Currency reports that the currency is wrong rather than the number.
	Currency bool
}

func (e *AmountError) Error() string {
	return "found " + e.Found + ", expected " + e.Expected + ": " + e.Fix
}

// Field places the error at a JSON path.
func (e *AmountError) Field(path string) fault.Field {
	return fault.Field{Path: path, Found: e.Found, Expected: e.Expected, Fix: e.Fix}
}

// ParseAmount reads a decimal number in major units, as it stands in JSON. It
// must be above zero, at most MaxMinor, written without an exponent and with no
// more decimals than the currency has. The error is an *AmountError.
func ParseAmount(decimal, code string) (Amount, error) {
	a, err := ParseAmountOrZero(decimal, code)
	if err == nil && a.Minor == 0 {
		return Amount{}, &AmountError{Found: shorten(decimal), Expected: "an amount above zero", Fix: "Send a positive amount"}
	}
	return a, err
}

// ParseAmountOrZero is ParseAmount where zero is meaningful, such as one side of
// a dispute's split.
func ParseAmountOrZero(decimal, code string) (Amount, error) {
	digits, err := exponent(code)
	if err != nil {
		return Amount{}, err
	}
	refuse := func(expected, fix string) (Amount, error) {
		return Amount{}, &AmountError{Found: shorten(decimal), Expected: expected, Fix: fix}
	}
	if strings.HasPrefix(decimal, "-") {
		return refuse("an amount above zero", "Send a positive amount; what it does to whom follows from the operation")
	}
	whole, fraction, pointed := strings.Cut(decimal, ".")
	if !allDigits(whole) || (pointed && !allDigits(fraction)) || (len(whole) > 1 && whole[0] == '0') {
		return refuse("a decimal number in "+code+" such as "+example(digits), "Write the amount with digits and at most one point: no exponent, sign, grouping or currency sign")
	}
	if len(fraction) > digits {
		return refuse(fmt.Sprintf("at most %d decimals: %s has no smaller unit", digits, code), fmt.Sprintf("Round to %d decimals, such as %s", digits, example(digits)))
	}
	minor, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil || minor > MaxMinor {
		return refuse("at most "+Amount{MaxMinor, code}.String(), "Send a smaller amount, or split it")
	}
	return Amount{Minor: minor, Currency: code}, nil
}

// CheckCurrency returns an *AmountError unless code is an ISO 4217 currency in use.
func CheckCurrency(code string) error {
	_, err := exponent(code)
	return err
}

// exponent is the number of decimals of a currency.
func exponent(code string) (int, error) {
	digits, ok := currency.GetDigits(code)
	if !ok {
		return 0, &AmountError{Found: shorten(code), Expected: "an ISO 4217 currency code such as CAD", Fix: "Send the three capital letters of a currency in use", Currency: true}
	}
	return int(digits), nil
}

// Decimal is the amount in major units: without decimals when it is whole, with
// all of the currency's otherwise.
func (a Amount) Decimal() json.Number {
	digits, err := exponent(a.Currency)
	if err != nil || digits == 0 {
		return json.Number(strconv.FormatInt(a.Minor, 10))
	}
	unit := int64(math.Pow10(digits))
	if a.Minor%unit == 0 {
		return json.Number(strconv.FormatInt(a.Minor/unit, 10))
	}
	sign, minor := "", a.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return json.Number(fmt.Sprintf("%s%d.%0*d", sign, minor/unit, digits, minor%unit))
}

// String is the amount with its currency, such as 249.50 CAD.
func (a Amount) String() string { return a.Decimal().String() + " " + a.Currency }

// MarshalJSON writes the bare decimal number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.Decimal()), nil }

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func example(digits int) string {
	if digits == 0 {
		return "250"
	}
	return "249." + strings.Repeat("0", digits-1) + "5"
}

func shorten(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strconv.Quote(s)
}
