package db

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// Keyring encrypts what a column keeps and must be readable again, so that a copy of
// the database does not show it (AES-256-GCM). The first key seals, all of them open.
type Keyring []cipher.AEAD

// ErrKey reports that none of a keyring's keys opens a value, or that the value is
// bound to something else.
var ErrKey = errors.New("db: sealed with another key")

// NewKeyring makes a keyring of keys of 32 bytes, the newest first.
func NewKeyring(keys ...[]byte) (Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("db: a keyring without a key")
	}
	var ring Keyring
	for _, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("db: key of %d bytes, expected 32", len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		ring = append(ring, aead)
	}
	return ring, nil
}

// Seal encrypts plain and binds it to the row it belongs to: with another bound it
// does not open.
func (r Keyring) Seal(plain, bound []byte) []byte { return r[0].Seal(nil, nil, plain, bound) }

// Open decrypts what Seal returned, or answers ErrKey.
func (r Keyring) Open(sealed, bound []byte) ([]byte, error) {
	for _, aead := range r {
		if plain, err := aead.Open(nil, nil, sealed, bound); err == nil {
			return plain, nil
		}
	}
	return nil, ErrKey
}
