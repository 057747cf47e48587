package db

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

var (
	entropyLock sync.Mutex
	entropy     = ulid.Monotonic(rand.Reader, 0)
)

// NewID makes an id of a type prefix and a ULID, such as task_01J9…. Ids made
// by one process within a millisecond still sort in the order they were made.
func NewID(prefix string, now time.Time) string {
	entropyLock.Lock()
	defer entropyLock.Unlock()
	return prefix + "_" + ulid.MustNew(ulid.Timestamp(now), entropy).String()
}
