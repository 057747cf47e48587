package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Sum reads a stored file whole and returns its SHA-256 in lower-case hex and
// its size in bytes. It returns ErrNotExist when there is none.
func Sum(ctx context.Context, store Store, key string) (string, int64, error) {
	object, err := store.Open(ctx, key)
	if err != nil {
		return "", 0, err
	}
	defer object.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(object, 0, object.Size())); err != nil {
		return "", 0, fmt.Errorf("blob: read %s: %w", key, err)
	}
	return hex.EncodeToString(h.Sum(nil)), object.Size(), nil
}

// Sums is Sum for several files, by key. A file that is not there has no entry.
func Sums(ctx context.Context, store Store, keys []string) (map[string]string, error) {
	sums := make(map[string]string, len(keys))
	for _, key := range keys {
		sum, _, err := Sum(ctx, store, key)
		if errors.Is(err, ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		sums[key] = sum
	}
	return sums, nil
}
