package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"
	redisstore "github.com/ulule/limiter/v3/drivers/store/redis"

	"github.com/humandispatch/humandispatch/dispatch/fault"
)

// Limits sizes the rate limits of a deployment, in requests a minute. A key's
// own limits win over them. Zero means the default.
type Limits struct {
	RequestsPerMinute int    // a key or talent token; 60
	MoneyPerMinute    int    // the same, for operations that move money; 10
	AddressPerMinute  int    // a network address without a valid key; 60
	RedisURL          string // shares the counts between API processes; empty keeps them in memory
}

func (l Limits) store() (limiter.Store, error) {
	options := limiter.StoreOptions{Prefix: "humandispatch", CleanUpInterval: time.Minute}
	if l.RedisURL == "" {
		return memory.NewStoreWithOptions(options), nil
	}
	parsed, err := redis.ParseURL(l.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("rate limits: the Redis URL is not valid; expected redis://host:6379/0")
	}
	// A Redis that is gone is noticed fast, because requests go on without it.
	parsed.DialTimeout, parsed.ReadTimeout, parsed.WriteTimeout = time.Second, time.Second, time.Second
	parsed.MaxRetries, parsed.DialerRetries = 1, 1
	store, err := redisstore.NewStoreWithOptions(redis.NewClient(parsed), options)
	if err != nil {
		return nil, fmt.Errorf("rate limits: Redis does not answer: %w", err)
	}
	return store, nil
}

// limit counts a request against the limits of its caller and tells them in
// headers. The money limit is counted after and besides the general one.
func (s *Server) limit(ctx context.Context, w http.ResponseWriter, r *http.Request, c caller, money bool) error {
	if c.id() == "" {
		return s.count(ctx, w, "address:"+address(r), "general", first(s.Limits.AddressPerMinute, 60))
	}
	who := c.Key.ID + c.TalentID
	if err := s.count(ctx, w, "general:"+who, "general", first(c.Key.RequestsPerMinute, s.Limits.RequestsPerMinute, 60)); err != nil || !money {
		return err
	}
	return s.count(ctx, w, "money:"+who, "money", first(c.Key.MoneyPerMinute, s.Limits.MoneyPerMinute, 10))
}

func first(values ...int) int64 {
	for _, v := range values {
		if v > 0 {
			return int64(v)
		}
	}
	return 0
}

func (s *Server) count(ctx context.Context, w http.ResponseWriter, key, group string, perMinute int64) error {
	state, err := s.limits.Get(ctx, key, limiter.Rate{Period: time.Minute, Limit: perMinute})
	if err != nil {
		// A lost Redis must not stop the work: limits protect, they do not decide.
		s.Log.ErrorContext(ctx, "rate limit not counted", "error", err)
		return nil
	}
	// The store counts on the wall clock, so the wait is told on it too.
	wait := max(1, state.Reset-time.Now().Unix())
	h := w.Header()
	h.Set("RateLimit-Limit", strconv.FormatInt(state.Limit, 10))
	h.Set("RateLimit-Remaining", strconv.FormatInt(state.Remaining, 10))
	h.Set("RateLimit-Reset", strconv.FormatInt(wait, 10))
	if !state.Reached {
		return nil
	}
	h.Set("Retry-After", strconv.FormatInt(wait, 10))
	return fault.New(fault.RateLimited, "More than %d requests a minute in the %s group; wait %d seconds", perMinute, group, wait).
		With("group", group).With("limit_per_minute", perMinute).With("retry_after_seconds", wait)
}

// address is the peer of the connection, never a header that anybody can write.
// An IPv6 network of 64 bits counts as one.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}
