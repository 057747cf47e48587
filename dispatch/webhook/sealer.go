package webhook

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// Sealer encrypts signing secrets for the database (AES-256-GCM). They must be
// readable again to sign, so a digest will not do.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a sealer with a key of 32 bytes, the same in all processes.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("webhook secret key: %d bytes, expected 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead}, nil
}

// seal binds the ciphertext to the endpoint, so that a row copied to another
// endpoint does not open.
func (s *Sealer) seal(endpointID, secret string) []byte {
	return s.aead.Seal(nil, nil, []byte(secret), []byte(endpointID))
}

func (s *Sealer) open(endpointID string, sealed []byte) (string, error) {
	secret, err := s.aead.Open(nil, nil, sealed, []byte(endpointID))
	if err != nil {
		return "", fmt.Errorf("secret of webhook endpoint %s was stored with another key than this process has", endpointID)
	}
	return string(secret), nil
}
