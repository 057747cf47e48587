package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
)

func newKey(t testing.TB) (ed25519.PrivateKey, ed25519.PublicKey) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

func example() receipt.Receipt {
	at := time.Date(2026, 4, 22, 10, 0, 0, 123456000, time.UTC)
	distance := 12.5
	return receipt.Receipt{
		Version: receipt.Version, WorkOrderID: "wo_1", BookingID: "bkg_1", TaskID: "task_1", TalentID: "tal_1", Status: "accepted", Livemode: true, IssuedAt: at,
		Brief:    receipt.Brief{TaskType: "RETAIL_AUDIT_PHOTO_CHECK", TemplateVersion: "1", SHA256: strings.Repeat("ab", 32)},
		Files:    []receipt.File{{ID: "file_1", Revision: 2, Bytes: 1 << 40, SHA256: strings.Repeat("cd", 32)}},
		CheckIns: []receipt.CheckIn{{ID: "chk_1", At: at, Lat: 43.653225, Lng: -79.383186, Verdict: "inside", DistanceM: &distance}},
		QA:       &receipt.QA{RunID: "qar_1", Revision: 2, OverallPass: true, CompletedAt: at, Checks: []receipt.Check{{ID: "photo.sharp", Verdict: "pass", Blocking: true}}},
		Postings: []receipt.Posting{{ID: "ent_1", TransferID: "tr_1", Kind: "release", Account: "escrow", AmountMinor: -300000, Currency: "CAD", At: at}},
	}
}

func TestASignedReceiptVerifies(t *testing.T) {
	t.Parallel()
	key, public := newKey(t)
	_, other := newKey(t)
	for name, r := range map[string]receipt.Receipt{"full": example(), "no QA": {WorkOrderID: "wo_2", IssuedAt: example().IssuedAt}} {
		file, err := receipt.Sign(key, r)
		if err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, file); err != nil {
			t.Fatal(err)
		}
		var loose any
		if err := json.Unmarshal(file, &loose); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(loose) // other order of members, floats for numbers
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{file, compact.Bytes(), sorted} {
			got, err := receipt.Verify(form, other, public)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, form)
			}
			if name == "full" && !reflect.DeepEqual(got, r) {
				t.Errorf("%+v came back as %+v", r, got)
			}
		}
	}
}

func TestAChangedReceiptDoesNotVerify(t *testing.T) {
	t.Parallel()
	key, public := newKey(t)
	otherKey, otherPublic := newKey(t)
	file, err := receipt.Sign(key, example())
	if err != nil {
		t.Fatal(err)
	}
	forged, err := receipt.Sign(otherKey, example())
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) []byte {
		t.Helper()
		changed := bytes.Replace(file, []byte(from), []byte(to), 1)
		if bytes.Equal(changed, file) {
			t.Fatalf("%s is not in the file", from)
		}
		return changed
	}
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"another amount":     {change("-300000", "-300001"), "the file was changed"},
		"another hash":       {change("cdcd", "cdce"), "the file was changed"},
		"another verdict":    {change(`"overall_pass": true`, `"overall_pass": false`), "the file was changed"},
		"a member more":      {change(`"version": 1`, `"version": 1, "bonus": 5`), "the file was changed"},
		"a member twice":     {change(`"status": "accepted"`, `"status": "accepted", "status": "disputed"`), "uplicate"},
		"a receipt twice":    {change(`"signature"`, `"receipt": {}, "signature"`), "uplicate"},
		"another key's id":   {change(receipt.KeyID(public), receipt.KeyID(otherPublic)), "given are"},
		"another key":        {forged, "given are"},
		"key id of ours":     {bytes.Replace(forged, []byte(receipt.KeyID(otherPublic)), []byte(receipt.KeyID(public)), 1), "the file was changed"},
		"another algorithm":  {change("Ed25519", "none"), "algorithm"},
		"no signature":       {[]byte(`{"receipt": {}}`), "its members"},
		"nothing":            {nil, "no receipt"},
		"text":               {[]byte("hello"), "no receipt"},
		"a list":             {[]byte("[]"), "no receipt"},
		"something after it": {append(bytes.Clone(file), "{}"...), "no receipt"},
	} {
		if _, err := receipt.Verify(test.file, public); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// Other readers take the member they ask for; Go takes the last whose name is
// the same but for its case.
func TestAMemberOfAnotherCaseDoesNotVerify(t *testing.T) {
	t.Parallel()
	key, public := newKey(t)
	file, err := receipt.Sign(key, example())
	if err != nil {
		t.Fatal(err)
	}
	var genuine, signature string
	{
		var parts struct{ Receipt, Signature json.RawMessage }
		if err := json.Unmarshal(file, &parts); err != nil {
			t.Fatal(err)
		}
		genuine, signature = string(parts.Receipt), string(parts.Signature)
	}
	forged := strings.Replace(genuine, "-300000", "-900000", 1)
	for name, changed := range map[string]string{
		"a forged receipt beside the genuine one": `{"receipt": ` + forged + `, "Receipt": ` + genuine + `, "signature": ` + signature + `}`,
		"no receipt of the right name":            `{"RECEIPT": ` + genuine + `, "signature": ` + signature + `}`,
		"no signature of the right name":          `{"receipt": ` + genuine + `, "Signature": ` + signature + `}`,
		"a key id beside the genuine one":         `{"receipt": ` + genuine + `, "signature": ` + strings.Replace(signature, `"key_id"`, `"key_id": "0000", "Key_ID"`, 1) + `}`,
	} {
		if got, err := receipt.Verify([]byte(changed), public); err == nil {
			t.Errorf("%s: verifies as %+v", name, got)
		}
	}

	// The same inside a receipt, as only the holder of the key could sign it.
	twice := strings.Replace(genuine, `"amount_minor"`, `"Amount_Minor": -900000, "amount_minor"`, 1)
	message, err := jcs.Transform([]byte(twice))
	if err != nil {
		t.Fatal(err)
	}
	var s receipt.Signature
	if err := json.Unmarshal([]byte(signature), &s); err != nil {
		t.Fatal(err)
	}
	s.Value = base64.StdEncoding.EncodeToString(ed25519.Sign(key, append([]byte("humandispatch receipt v1\n"), message...)))
	resigned, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := receipt.Verify([]byte(`{"receipt": `+twice+`, "signature": `+string(resigned)+`}`), public); err == nil || !strings.Contains(err.Error(), "not understood") {
		t.Errorf("an amount beside the genuine one: %+v, %v", got, err)
	}
}

func TestPublishedKeysAreReadBack(t *testing.T) {
	t.Parallel()
	_, a := newKey(t)
	_, b := newKey(t)
	doc, err := json.Marshal(receipt.Publish(a, b))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := receipt.ParsePublicKeys(doc)
	if err != nil || len(keys) != 2 || !keys[1].Equal(b) {
		t.Errorf("keys = %v, %v", keys, err)
	}
	bare, err := receipt.ParsePublicKeys([]byte(base64.StdEncoding.EncodeToString(a) + "\n"))
	if err != nil || len(bare) != 1 || !bare[0].Equal(a) {
		t.Errorf("bare = %v, %v", bare, err)
	}
	for _, wrong := range []string{"", "x", "{", `{"keys": []}`, `{"keys": [{"algorithm": "Ed25519", "public_key": "AAAA"}]}`} {
		if keys, err := receipt.ParsePublicKeys([]byte(wrong)); err == nil {
			t.Errorf("%q gave %v", wrong, keys)
		}
	}
}

func FuzzVerify(f *testing.F) {
	key, public := newKey(f)
	file, err := receipt.Sign(key, example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"receipt": {}, "signature": {"algorithm": "Ed25519"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		// Whatever verifies says what was signed.
		if got, err := receipt.Verify(data, public); err == nil && !reflect.DeepEqual(got, example()) {
			t.Errorf("%+v", got)
		}
	})
}
