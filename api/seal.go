package api

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"strconv"
)

// answerSealer encrypts the answers that idempotency records keep (AES-256-GCM):
// some hold secrets that are shown once, and a copy of the database must not
// show them again. The deployment's key does it, not the caller's, for another
// key of the same account may ask again.
type answerSealer []cipher.AEAD // the first seals, all open

func newAnswerSealer(keys [][]byte) (answerSealer, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("api: no key to seal stored answers with")
	}
	var s answerSealer
	for _, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("api: answer key of %d bytes, expected 32", len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s = append(s, aead)
	}
	return s, nil
}

// bound ties an answer to its record: moved to another one, it does not open.
func bound(callerID string, k idempotencyKey) []byte {
	return append(k.hash[:], callerID+"\x00"+k.value...)
}

// seal encrypts status and body.
func (s answerSealer) seal(callerID string, k idempotencyKey, a answer) []byte {
	return s[0].Seal(nil, nil, append(strconv.AppendInt(nil, int64(a.status), 10), a.body...), bound(callerID, k))
}

// open reports whether one of the keys opens the answer.
func (s answerSealer) open(callerID string, k idempotencyKey, sealed []byte) (answer, bool) {
	for _, aead := range s {
		plain, err := aead.Open(nil, nil, sealed, bound(callerID, k))
		if err != nil || len(plain) < 3 {
			continue
		}
		status, err := strconv.Atoi(string(plain[:3])) // of three digits, always
		return answer{status: status, body: plain[3:]}, err == nil
	}
	return answer{}, false
}
