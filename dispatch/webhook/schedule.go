package webhook

import (
	"math/rand/v2"
	"time"
)

// schedule holds the pause before each attempt, counted from the one before.
var schedule = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	// MaxTries is how often a delivery is tried before it has failed.
	MaxTries = len(schedule)

	maxRetryAfter = 24 * time.Hour // of what a receiver may ask for

	// An endpoint whose attempts all failed for so long is warned of and, no less
	// than the difference later, disabled. A time without attempts that is longer
	// than the schedule can make it proves nothing, so the count begins anew.
	warnAfter    = 3 * 24 * time.Hour
	disableAfter = 5 * 24 * time.Hour
	quietAfter   = 30 * time.Hour // 24 h, jitter, a pause of the breaker and a queue

	// So many failures in a row open the circuit breaker. While it is open,
	// deliveries wait without using up attempts; when the pause is over, one of
	// them tries and the others wait for what it finds.
	breakerThreshold = 5
	breakerStep      = 6 * time.Second // of pause for each failure in a row
	breakerMax       = 5 * time.Minute
	probeGrace       = 30 * time.Second // until another may try, should the prober die
	maxAskedPause    = time.Hour        // by Retry-After, of everything for the endpoint
)

// delay is the pause after the given number of tries, with up to a tenth more or less.
func delay(tries int) time.Duration {
	return jitter(schedule[min(tries, MaxTries-1)])
}

func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64()))
}

// breakerPause is how long an endpoint rests after so many failures in a row.
func breakerPause(failures int) time.Duration {
	if failures < breakerThreshold {
		return 0
	}
	return min(time.Duration(failures)*breakerStep, breakerMax)
}
