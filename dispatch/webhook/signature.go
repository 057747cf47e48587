package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of the Standard Webhooks specification.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// Tolerance is how far a delivery's timestamp may lie from the receiver's clock.
const Tolerance = 5 * time.Minute

const (
	secretPrefix    = "whsec_"
	signatureScheme = "v1,"
	minSecretBytes  = 24 // the specification's lower bound
)

// NewSecret makes a signing secret of 32 random bytes: whsec_ and base64.
func NewSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// secretKey decodes a secret; the prefix may be left out, as other libraries allow.
func secretKey(secret string) ([]byte, bool) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	return key, err == nil && len(key) >= minSecretBytes
}

// Sign returns one signature ("v1," and base64 of HMAC-SHA256 over
// id.timestamp.body), or "" for something that is not a secret of at least 24 bytes.
func Sign(secret, id string, ts time.Time, body []byte) string {
	key, ok := secretKey(secret)
	if !ok {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(ts.Unix(), 10) + "."))
	mac.Write(body)
	return signatureScheme + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// The reasons why Verify refuses a delivery.
var (
	ErrSecret    = errors.New("webhook: no usable secret: expected whsec_ and base64 of at least 24 bytes, as shown when the endpoint was created")
	ErrHeaders   = errors.New("webhook: webhook-id, webhook-timestamp (Unix seconds) and webhook-signature must each be present once")
	ErrTooOld    = errors.New("webhook: timestamp is more than 5 minutes in the past: a replay, or this machine's clock is wrong")
	ErrTooNew    = errors.New("webhook: timestamp is more than 5 minutes in the future: this machine's clock is wrong")
	ErrSignature = errors.New("webhook: no signature matches: verify the body's exact bytes, with this endpoint's secret")
)

// Verify accepts a delivery that was signed with one of the secrets within
// Tolerance of now. body is exactly what was received.
func Verify(secrets []string, headers http.Header, body []byte, now time.Time) error {
	usable := false
	for _, s := range secrets {
		_, ok := secretKey(s)
		usable = usable || ok
	}
	if !usable {
		return ErrSecret
	}
	ids, stamps, signatures := headers.Values(HeaderID), headers.Values(HeaderTimestamp), headers.Values(HeaderSignature)
	if len(ids) != 1 || ids[0] == "" || len(stamps) != 1 || len(signatures) != 1 {
		return ErrHeaders
	}
	seconds, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != stamps[0] {
		return ErrHeaders
	}
	ts := time.Unix(seconds, 0)
	if now.Sub(ts) > Tolerance {
		return ErrTooOld
	}
	if ts.Sub(now) > Tolerance {
		return ErrTooNew
	}
	for _, given := range strings.Fields(signatures[0]) {
		for _, s := range secrets {
			want := Sign(s, ids[0], ts, body)
			if want != "" && hmac.Equal([]byte(given), []byte(want)) {
				return nil
			}
		}
	}
	return ErrSignature
}
