// Package ratelimit bounds the calls a second of each of many callers. It does not know
// what tells them apart: an address, a network or a name.
package ratelimit

import (
	"errors"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// maxCallers bounds the memory of a limit to about 20 MB. If there are more callers, the
// limit forgets those that have not called for longest.
const maxCallers = 1 << 16

// Settings say how many calls a client may make, for kong.
type Settings struct {
	PerSecond int `name:"rate-limit" env:"RATE_LIMIT" default:"0" help:"Most API calls a second, and most files of the pages after the first load, of one client address (IPv4) or /64 network (IPv6), at this http-server; more are answered 503. 0: no limit. /ping, /healthz and /readyz are not counted: they make no work. Behind a load balancer all calls have its address, unless TRUSTED_PROXIES names it."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.PerSecond < 0 {
		return errors.New("RATE_LIMIT must not be negative")
	}
	return nil
}

// Limit bounds the calls of each caller, who is known by a key.
type Limit[K comparable] struct {
	perSecond rate.Limit
	burst     int
	callers   *lru.Cache[K, *rate.Limiter]
}

// New returns a limit of so many calls a second, at least one. A caller that has been
// silent for long may make as many calls at once as the burst says.
func New[K comparable](perSecond, burst int) (*Limit[K], error) {
	callers, err := lru.New[K, *rate.Limiter](maxCallers)
	if err != nil {
		return nil, err
	}
	return &Limit[K]{perSecond: rate.Limit(perSecond), burst: burst, callers: callers}, nil
}

// Allow counts a call of the caller with the key, at the time now. It reports whether the
// caller may make the call.
func (l *Limit[K]) Allow(key K, now time.Time) bool {
	calls, known := l.callers.Get(key)
	if !known {
		calls = rate.NewLimiter(l.perSecond, l.burst)
		if others, known, _ := l.callers.PeekOrAdd(key, calls); known {
			calls = others // of a call at the same time
		}
	}
	return calls.AllowN(now, 1)
}
