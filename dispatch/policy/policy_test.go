package policy

import "testing"

func TestDisguisesAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"follow my ex", "FOLLOW  My Ex", "f0llow my ex", "f o l l o w my ex", "f o l l o w m y e x", "fоllоw my ех", "ｆｏｌｌｏｗ my ex", "fol\u200blow my ex",
		"f.o.l.l.o.w my ex", "fol-low my ex", "fol low my ex", "follllooow my ex", "followmyex", "f*llow my ex", "fo110w my ex", "f@llow? f0ll0w my ex", "𝐟𝐨𝐥𝐥𝐨𝐰 my ex", "f̶o̶l̶l̶o̶w̶ my ex",
	} {
		if d := Default().Text("brief", text); d.Decision != Block {
			t.Errorf("%q: %s", text, d.Decision)
		}
	}
	d := Default().Text("brief", "Please f0ll0w my ex today")
	if len(d.Rules) == 0 || d.Rules[0].Matched != "f0ll0w my ex" {
		t.Errorf("matched: %+v", d.Rules)
	}
}
