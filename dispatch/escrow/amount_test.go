package escrow_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/humandispatch/humandispatch/dispatch/escrow"
)

func TestParseAmountTakesExactDecimalsOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		decimal, currency string
		minor             int64
	}{
		{"3000", "CAD", 300000}, {"249.50", "CAD", 24950}, {"249.5", "CAD", 24950}, {"0.01", "CAD", 1},
		{"250", "JPY", 250}, {"1.234", "KWD", 1234}, {"0.001", "KWD", 1}, {"10000000000", "CAD", escrow.MaxMinor},
	} {
		got, err := escrow.ParseAmount(test.decimal, test.currency)
		if err != nil || got.Minor != test.minor {
			t.Errorf("%s %s = %d, %v, want %d", test.decimal, test.currency, got.Minor, err, test.minor)
		}
	}
}

func TestParseAmountSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ decimal, currency, expected string }{
		{"249.505", "CAD", "at most 2 decimals"},
		{"249.500", "CAD", "at most 2 decimals"},
		{"250.0", "JPY", "at most 0 decimals"},
		{"1.2345", "KWD", "at most 3 decimals"},
		{"0", "CAD", "above zero"},
		{"0.00", "CAD", "above zero"},
		{"-1", "CAD", "above zero"},
		{"-0.01", "CAD", "above zero"},
		{"1e308", "CAD", "a decimal number"},
		{"3E3", "CAD", "a decimal number"},
		{"NaN", "CAD", "a decimal number"},
		{"Infinity", "CAD", "a decimal number"},
		{"", "CAD", "a decimal number"},
		{".5", "CAD", "a decimal number"},
		{"5.", "CAD", "a decimal number"},
		{"007", "CAD", "a decimal number"},
		{"+1", "CAD", "a decimal number"},
		{"1,000", "CAD", "a decimal number"},
		{" 1", "CAD", "a decimal number"},
		{"٣", "CAD", "a decimal number"},
		{"0x10", "CAD", "a decimal number"},
		{"10000000000.01", "CAD", "at most 10000000000 CAD"},
		{strings.Repeat("9", 400), "CAD", "at most 10000000000 CAD"},
		{"1", "XYZ", "ISO 4217"},
		{"1", "cad", "ISO 4217"},
		{"1", "", "ISO 4217"},
	} {
		_, err := escrow.ParseAmount(test.decimal, test.currency)
		var wrong *escrow.AmountError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Expected, test.expected) || wrong.Fix == "" {
			t.Errorf("%q %q: %v, want %q expected", test.decimal, test.currency, err, test.expected)
			continue
		}
		if len(wrong.Found) > 60 {
			t.Errorf("%q: found is %d characters long", test.decimal, len(wrong.Found))
		}
	}
	if a, err := escrow.ParseAmountOrZero("0", "CAD"); err != nil || a.Minor != 0 {
		t.Errorf("zero where it is meaningful: %v, %v", a, err)
	}
}

func TestAmountsAreBareNumbersInJSON(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]escrow.Amount{
		"3000": {Minor: 300000, Currency: "CAD"}, "249.50": {Minor: 24950, Currency: "CAD"}, "0.01": {Minor: 1, Currency: "CAD"},
		"-0.05": {Minor: -5, Currency: "CAD"}, "-250": {Minor: -250, Currency: "JPY"}, "1.020": {Minor: 1020, Currency: "KWD"}, "0": {},
	} {
		if got, err := json.Marshal(a); err != nil || string(got) != want {
			t.Errorf("%+v = %s, %v, want %s", a, got, err, want)
		}
	}
}

func TestParseUndoesDecimal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := escrow.Amount{
			Minor:    rapid.Int64Range(1, escrow.MaxMinor).Draw(t, "minor"),
			Currency: rapid.SampledFrom([]string{"JPY", "CAD", "KWD", "CLF"}).Draw(t, "currency"),
		}
		back, err := escrow.ParseAmount(a.Decimal().String(), a.Currency)
		if err != nil || back != a {
			t.Fatalf("%v came back as %v, %v", a, back, err)
		}
	})
}

func FuzzParseAmount(f *testing.F) {
	f.Add("249.50", "CAD")
	f.Add("1e308", "JPY")
	f.Add("-0", "KWD")
	f.Fuzz(func(t *testing.T, decimal, currency string) {
		a, err := escrow.ParseAmount(decimal, currency)
		if err == nil && (a.Minor <= 0 || a.Minor > escrow.MaxMinor || a.Currency != currency) {
			t.Errorf("%q %q = %+v", decimal, currency, a)
		}
	})
}
