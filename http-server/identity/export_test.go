package identity

import "time"

// The bounds that the tests meet.
const (
	Skew          = skew
	MemoryTime    = memoryTime
	KeysInterval  = keysInterval
	RetryInterval = retryInterval
)

// SetClock makes v take the time from now. Nobody may use v yet.
func (v *Verifier) SetClock(now func() time.Time) { v.now = now }

// Found reports whether the issuer is found.
func (v *Verifier) Found() bool { return v.issuer.Load() != nil }

// Len returns how many tokens are remembered.
func (v *Verifier) Len() int { return v.tokens.Len() }
