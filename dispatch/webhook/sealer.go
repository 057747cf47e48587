package webhook

import (
	"fmt"

	"github.com/humandispatch/humandispatch/db"
)

// Sealer encrypts signing secrets for the database. They must be readable again to
// sign, so a digest will not do.
type Sealer struct{ keys db.Keyring }

// NewSealer makes a sealer with a key of 32 bytes, the same in all processes. It
// also opens what was sealed with a previous key.
func NewSealer(key []byte, previous ...[]byte) (*Sealer, error) {
	keys, err := db.NewKeyring(append([][]byte{key}, previous...)...)
	if err != nil {
		return nil, fmt.Errorf("webhook secret key: %w", err)
	}
	return &Sealer{keys}, nil
}

// seal binds the ciphertext to the endpoint, so that a row copied to another
// endpoint does not open.
func (s *Sealer) seal(endpointID, secret string) []byte {
	return s.keys.Seal([]byte(secret), []byte(endpointID))
}

func (s *Sealer) open(endpointID string, sealed []byte) (string, error) {
	secret, err := s.keys.Open(sealed, []byte(endpointID))
	if err != nil {
		return "", fmt.Errorf("secret of webhook endpoint %s was stored with another key than this process has", endpointID)
	}
	return string(secret), nil
}
