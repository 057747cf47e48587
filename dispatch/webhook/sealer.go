package webhook

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// Sealer encrypts signing secrets for the database (AES-256-GCM). They must be
// readable again to sign, so a digest will not do.
type Sealer struct {
	aead     cipher.AEAD
	previous []cipher.AEAD
}

// NewSealer makes a sealer with a key of 32 bytes, the same in all processes. It
// also opens what was sealed with a previous key.
func NewSealer(key []byte, previous ...[]byte) (*Sealer, error) {
	s := &Sealer{}
	var err error
	if s.aead, err = newAEAD(key); err != nil {
		return nil, err
	}
	for _, key := range previous {
		aead, err := newAEAD(key)
		if err != nil {
			return nil, err
		}
		s.previous = append(s.previous, aead)
	}
	return s, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("webhook secret key: %d bytes, expected 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal binds the ciphertext to the endpoint, so that a row copied to another
// endpoint does not open.
func (s *Sealer) seal(endpointID, secret string) []byte {
	return s.aead.Seal(nil, nil, []byte(secret), []byte(endpointID))
}

func (s *Sealer) open(endpointID string, sealed []byte) (string, error) {
	for _, aead := range append([]cipher.AEAD{s.aead}, s.previous...) {
		if secret, err := aead.Open(nil, nil, sealed, []byte(endpointID)); err == nil {
			return string(secret), nil
		}
	}
	return "", fmt.Errorf("secret of webhook endpoint %s was stored with another key than this process has", endpointID)
}
