package webhook

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// Sealer encrypts signing secrets for the database. They must be readable again
// to sign, so a digest will not do.
type Sealer struct{ aead cipher.AEAD }

// The first byte of what Seal returns.
const (
	sealedClear  = 0
	sealedAESGCM = 1
)

// NewSealer makes a sealer with a key of 32 bytes (AES-256-GCM). An empty key
// stores secrets in clear, for a deployment that trusts its database; a key can
// be set later and secrets stored before are still read.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) == 0 {
		return &Sealer{}, nil
	}
	if len(key) != 32 {
		return nil, fmt.Errorf("webhook secret key: %d bytes, expected 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead}, nil
}

// seal binds the ciphertext to the endpoint, so that a row copied to another
// endpoint does not open.
func (s *Sealer) seal(endpointID, secret string) []byte {
	if s.aead == nil {
		return append([]byte{sealedClear}, secret...)
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return s.aead.Seal(append([]byte{sealedAESGCM}, nonce...), nonce, []byte(secret), []byte(endpointID))
}

func (s *Sealer) open(endpointID string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", errors.New("webhook secret: empty")
	}
	kind, rest := sealed[0], sealed[1:]
	switch {
	case kind == sealedClear:
		return string(rest), nil
	case kind != sealedAESGCM:
		return "", fmt.Errorf("webhook secret: unknown form %d", kind)
	case s.aead == nil:
		return "", errors.New("webhook secret: encrypted, but this process has no webhook secret key")
	case len(rest) < s.aead.NonceSize():
		return "", errors.New("webhook secret: too short")
	}
	nonce, ciphertext := rest[:s.aead.NonceSize()], rest[s.aead.NonceSize():]
	secret, err := s.aead.Open(nil, nonce, ciphertext, []byte(endpointID))
	if err != nil {
		return "", fmt.Errorf("webhook secret of %s: another webhook secret key than the one it was stored with", endpointID)
	}
	return string(secret), nil
}
