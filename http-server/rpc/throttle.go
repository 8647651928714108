package rpc

import "sync/atomic"

const (
	// maxRefusals is how many refusals in a row fill the account; until it is half
	// full, what was refused is repeated. servedPerRefusal is how many calls must be
	// served to make up for one of them. The rule is that of gRPC's retry throttling
	// (proposal A6).
	maxRefusals      = 100
	servedPerRefusal = 10
	fullAccount      = maxRefusals * servedPerRefusal
)

// throttle decides whether a call that was refused is made again. In an overload
// it must not be: each repetition would be one more call to refuse. The zero
// value is ready, and safe for concurrent use.
type throttle struct {
	debt atomic.Int64 // what refusals have cost, less what calls that were served have paid back
}

// served notes that a call was served.
func (t *throttle) served() {
	if debt := t.debt.Load(); debt > 0 {
		t.debt.CompareAndSwap(debt, debt-1) // another call may be first
	}
}

// refused notes that a call was refused, and reports whether it may be repeated.
func (t *throttle) refused() bool {
	debt := t.debt.Load()
	t.debt.CompareAndSwap(debt, min(debt+servedPerRefusal, fullAccount))
	return debt < fullAccount/2
}
