package api

import (
	"fmt"
	"strconv"

	"github.com/humandispatch/humandispatch/db"
)

// answerSealer encrypts the answers that idempotency records keep: some hold secrets
// that are shown once. The deployment's key does it, not the caller's, for another
// key of the same account may ask again.
type answerSealer struct{ keys db.Keyring }

func newAnswerSealer(keys [][]byte) (answerSealer, error) {
	ring, err := db.NewKeyring(keys...)
	if err != nil {
		return answerSealer{}, fmt.Errorf("api: keys of stored answers: %w", err)
	}
	return answerSealer{ring}, nil
}

// bound ties an answer to its record: moved to another one, it does not open.
func bound(callerID string, k idempotencyKey) []byte {
	return append(k.hash[:], callerID+"\x00"+k.value...)
}

// seal encrypts status and body.
func (s answerSealer) seal(callerID string, k idempotencyKey, a answer) []byte {
	return s.keys.Seal(append(strconv.AppendInt(nil, int64(a.status), 10), a.body...), bound(callerID, k))
}

// open reports whether one of the keys opens the answer.
func (s answerSealer) open(callerID string, k idempotencyKey, sealed []byte) (answer, bool) {
	plain, err := s.keys.Open(sealed, bound(callerID, k))
	if err != nil || len(plain) < 3 {
		return answer{}, false
	}
	status, err := strconv.Atoi(string(plain[:3])) // of three digits, always
	return answer{status: status, body: plain[3:]}, err == nil
}
