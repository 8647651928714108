package rpc

import "sync/atomic"

const (
	// maxRefusals is how many refusals in a row fill the account. Until it is half
	// full, refused calls are repeated. servedPerRefusal is how many served calls make
	// up for one refusal. The rule is that of gRPC's retry throttling (proposal A6).
	maxRefusals      = 100
	servedPerRefusal = 10
	fullAccount      = maxRefusals * servedPerRefusal
)

// throttle decides whether a refused call is made again. Under overload it must not be:
// each repetition would be one more call to refuse. The zero value is ready for use. A
// throttle is safe for concurrent use.
type throttle struct {
	debt atomic.Int64 // what refusals have cost, less what served calls have paid back
}

// served notes that a call was served.
func (t *throttle) served() {
	if debt := t.debt.Load(); debt > 0 {
		t.debt.CompareAndSwap(debt, debt-1) // another call may be first
	}
}

// refused notes that a call was refused. It reports whether the call may be repeated.
func (t *throttle) refused() bool {
	debt := t.debt.Load()
	t.debt.CompareAndSwap(debt, min(debt+servedPerRefusal, fullAccount))
	return debt < fullAccount/2
}
