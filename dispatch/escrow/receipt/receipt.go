// Package receipt signs and verifies what a deployment states about a work
// order: the brief, the files, who was where, what QA found and which money
// moved. It is pure: it reads neither rows nor the clock, and whoever fills a
// receipt answers for its truth.
package receipt

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gowebpki/jcs"
)

// Version is that of the receipt's format.
const Version = 1

// Receipt states what happened to one work order.
type Receipt struct {
	Version     int       `json:"version"` // set by Sign
	WorkOrderID string    `json:"work_order_id"`
	BookingID   string    `json:"booking_id"`
	TaskID      string    `json:"task_id"`
	TalentID    string    `json:"talent_id"`
	Status      string    `json:"status"` // of the work order
	Livemode    bool      `json:"livemode"`
	IssuedAt    time.Time `json:"issued_at"`
	Brief       Brief     `json:"brief"`
	Files       []File    `json:"files"`
	CheckIns    []CheckIn `json:"checkins"`
	QA          *QA       `json:"qa"` // nil: QA never ran
	Postings    []Posting `json:"postings"`
}

// Brief is what was asked for.
type Brief struct {
	TaskType        string `json:"task_type"`
	TemplateVersion string `json:"template_version"`
	SHA256          string `json:"sha256"` // hex, of the brief as it was quoted on
}

// File is one accepted deliverable's file.
type File struct {
	ID       string `json:"id"`
	Revision int    `json:"revision"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"` // hex
}

// CheckIn is where the talent was.
type CheckIn struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Lat       float64   `json:"lat"`
	Lng       float64   `json:"lng"`
	Verdict   string    `json:"verdict"`    // of the geofence
	DistanceM *float64  `json:"distance_m"` // from the place, in metres
}

// QA is the run that the outcome rests on.
type QA struct {
	RunID       string    `json:"run_id"`
	Revision    int       `json:"revision"`
	OverallPass bool      `json:"overall_pass"`
	CompletedAt time.Time `json:"completed_at"`
	Checks      []Check   `json:"checks"`
}

// Check is one check of the run.
type Check struct {
	ID         string `json:"id"`
	Verdict    string `json:"verdict"`
	Blocking   bool   `json:"blocking"`
	Overridden bool   `json:"overridden"` // a reviewer changed the verdict
}

// Posting is one ledger entry of the booking, in minor units of the currency.
type Posting struct {
	ID          string    `json:"id"`
	TransferID  string    `json:"transfer_id"`
	Kind        string    `json:"kind"`
	Account     string    `json:"account"`
	AmountMinor int64     `json:"amount_minor"`
	Currency    string    `json:"currency"`
	At          time.Time `json:"at"`
}

// Signed is a receipt file.
type Signed struct {
	Receipt   Receipt   `json:"receipt"`
	Signature Signature `json:"signature"`
}

// Signature is over the receipt's canonical JSON (RFC 8785), so that a file that
// was only reformatted still verifies.
type Signature struct {
	Algorithm string `json:"algorithm"` // Ed25519 (RFC 8032)
	KeyID     string `json:"key_id"`
	Value     string `json:"value"` // base64
}

const algorithm = "Ed25519"

// What is signed begins with this, so that a signature over something else by
// the same key is never one of a receipt.
const domain = "humandispatch receipt v1\n"

// Sign makes a receipt file.
func Sign(key ed25519.PrivateKey, r Receipt) ([]byte, error) {
	r.Version = Version
	r.IssuedAt = r.IssuedAt.UTC()
	// A list that is empty is [], never null.
	r.Files, r.CheckIns, r.Postings = list(r.Files), list(r.CheckIns), list(r.Postings)
	if r.QA != nil {
		qa := *r.QA
		qa.Checks = list(qa.Checks)
		r.QA = &qa
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	message, err := canonical(raw)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("receipt: the key is no Ed25519 key")
	}
	signature := Signature{Algorithm: algorithm, KeyID: KeyID(public), Value: base64.StdEncoding.EncodeToString(ed25519.Sign(key, message))}
	return json.MarshalIndent(struct {
		Receipt   json.RawMessage `json:"receipt"`
		Signature Signature       `json:"signature"`
	}{raw, signature}, "", "  ")
}

func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// Verify returns the receipt of a file if one of the keys signed exactly it. The
// error says what does not hold.
func Verify(file []byte, keys ...ed25519.PublicKey) (Receipt, error) {
	var signed struct {
		Receipt   json.RawMessage `json:"receipt"`
		Signature Signature       `json:"signature"`
	}
	if err := exact(file, &signed); err != nil { // also bounds the depth of what follows
		return Receipt{}, fmt.Errorf("the file is no receipt: %w", err)
	}
	if signed.Signature.Algorithm != algorithm {
		return Receipt{}, fmt.Errorf("the signature's algorithm is %q, expected %s", signed.Signature.Algorithm, algorithm)
	}
	value, err := base64.StdEncoding.DecodeString(signed.Signature.Value)
	if err != nil {
		return Receipt{}, fmt.Errorf("the signature is not base64: %w", err)
	}
	message, err := canonical(signed.Receipt)
	if err != nil {
		return Receipt{}, fmt.Errorf("the file holds no receipt: %w", err)
	}
	key, err := choose(signed.Signature.KeyID, keys)
	if err != nil {
		return Receipt{}, err
	}
	if !ed25519.Verify(key, message, value) {
		return Receipt{}, errors.New("the signature is not of this receipt: the file was changed, or signed by someone else")
	}
	var r Receipt
	if err := exact(signed.Receipt, &r); err != nil {
		return Receipt{}, fmt.Errorf("the receipt is signed but not understood: %w; use the version of humandispatch that issued it", err)
	}
	if r.Version != Version {
		return Receipt{}, fmt.Errorf("the receipt has format version %d and this program reads %d; use the version of humandispatch that issued it", r.Version, Version)
	}
	return r, nil
}

func choose(id string, keys []ed25519.PublicKey) (ed25519.PublicKey, error) {
	var known []string
	for _, key := range keys {
		if len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("a public key has %d bytes, expected %d", len(key), ed25519.PublicKeySize)
		}
		if KeyID(key) == id {
			return key, nil
		}
		known = append(known, KeyID(key))
	}
	return nil, fmt.Errorf("the receipt was signed by key %q, given are %q; fetch the deployment's public keys", id, known)
}

func canonical(raw []byte) ([]byte, error) {
	message, err := jcs.Transform(raw)
	return append([]byte(domain), message...), err
}

// exact decodes data into a value that says all of it and nothing else. Go reads
// members by their names without regard to case and lets the last of them win,
// where other readers see the one they ask for: written again, the value must be
// the same canonical JSON, in which every name is compared to the letter.
func exact(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	given, err := jcs.Transform(data) // refuses members given twice
	if err != nil {
		return err
	}
	raw, err := json.Marshal(into)
	if err != nil {
		return err
	}
	read, err := jcs.Transform(raw)
	if err != nil {
		return err
	}
	if !bytes.Equal(given, read) {
		return errors.New("its members are not those of a receipt: each is expected once, with exactly the name and form that Sign gives it")
	}
	return nil
}

// KeyID names a public key: the first 16 hex digits of its SHA-256.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// PublicKeys is the document at the deployment's well-known path. Keys that
// signed earlier receipts stay in it.
type PublicKeys struct {
	Keys []PublicKey `json:"keys"`
}

// PublicKey is one key of the document.
type PublicKey struct {
	KeyID     string `json:"key_id"`
	Algorithm string `json:"algorithm"`
	Key       string `json:"public_key"` // base64
}

// WellKnownPath is where a deployment publishes its PublicKeys.
const WellKnownPath = "/.well-known/humandispatch-receipt-keys.json"

// Publish makes the document of these keys.
func Publish(keys ...ed25519.PublicKey) PublicKeys {
	doc := PublicKeys{Keys: []PublicKey{}}
	for _, key := range keys {
		doc.Keys = append(doc.Keys, PublicKey{KeyID: KeyID(key), Algorithm: algorithm, Key: base64.StdEncoding.EncodeToString(key)})
	}
	return doc
}

// ParsePublicKeys reads the document, or one bare public key in base64.
func ParsePublicKeys(data []byte) ([]ed25519.PublicKey, error) {
	data = bytes.TrimSpace(data)
	var doc PublicKeys
	if !bytes.HasPrefix(data, []byte("{")) {
		doc.Keys = []PublicKey{{Algorithm: algorithm, Key: string(data)}}
	} else if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("public keys: %w", err)
	}
	var keys []ed25519.PublicKey
	for i, k := range doc.Keys {
		if k.Algorithm != algorithm {
			continue // a later version's
		}
		key, err := base64.StdEncoding.DecodeString(k.Key)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("public key %d is not %d bytes in base64", i+1, ed25519.PublicKeySize)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no Ed25519 public key in the document")
	}
	return keys, nil
}
