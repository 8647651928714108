package gateway

import (
	"cmp"
	"errors"
	"runtime"
	"sync"
	"time"

	"example.com/im/idl/gen/im"
)

const (
	// maxCallSends and maxCallBytes bound the sends of one call: the rpc-server
	// takes 512, and 256 KiB. One alone may be longer, by as much as a body may.
	maxCallSends = 512
	maxCallBytes = maxBodyBytes
	// sendOverhead is what a send takes in a call beside its strings.
	sendOverhead = 64
)

// batcher makes one call of the sends that are ready to go to an rpc-server at
// the same time. Nothing waits for a timer: an idle gateway sends one at once, and
// in a busy one many get ready before the next goroutine comes to run. (With 256
// clients on two cores a call is then a dozen sends, and its cost, which is that
// of system calls and goroutines above all, is shared.)
type batcher struct {
	// call makes a call within timeout, along a trail.
	call func(t *trail, timeout time.Duration, sends []*im.SendRequest) (*im.SendAllResponse, error)
	// target returns the address to which a trail leads.
	target func(t *trail) string

	mu    sync.Mutex
	ready map[batchKey][]*parcel
}

// batchKey tells sends apart that do not go together: because they go elsewhere,
// or are given another time.
type batchKey struct {
	target         string
	attempts, left int
}

// parcel is a send that is ready to go.
type parcel struct {
	send     *im.SendRequest
	attempt  attempt
	answer   *im.SendResponse
	err      error
	answered chan struct{}
}

// do makes an attempt of a send, together with others. No context comes with it,
// because several share a call.
func (b *batcher) do(a attempt, send *im.SendRequest) (*im.SendResponse, error) {
	p := &parcel{send: send, attempt: a, answered: make(chan struct{})}
	key := batchKey{b.target(a.trail), a.of, a.left}
	b.mu.Lock()
	b.ready[key] = append(b.ready[key], p)
	first := len(b.ready[key]) == 1
	b.mu.Unlock()
	if first {
		go b.dispatch(key)
	}
	<-p.answered // the call ends in time
	return p.answer, p.err
}

// dispatch makes calls of what is ready, once the goroutines that are ready to run
// have run.
func (b *batcher) dispatch(key batchKey) {
	runtime.Gosched()
	b.mu.Lock()
	parcels := b.ready[key]
	delete(b.ready, key)
	b.mu.Unlock()
	for n := fit(parcels); n < len(parcels); n = fit(parcels) {
		go b.deliver(parcels[:n])
		parcels = parcels[n:]
	}
	b.deliver(parcels)
}

// fit returns how many of parcels, from the first on, go into one call.
func fit(parcels []*parcel) int {
	bytes := 0
	for i, p := range parcels {
		bytes += sizeOf(p.send)
		if i > 0 && (i == maxCallSends || bytes > maxCallBytes) {
			return i
		}
	}
	return len(parcels)
}

// sizeOf returns the bytes of a send in a call, or a few more.
func sizeOf(s *im.SendRequest) int {
	m := s.Message
	return len(m.Chat) + len(m.Text) + len(m.Sender) + len(s.GetIdempotencyKey()) + len(s.GetRequestId()) + sendOverhead
}

// errAnswers says that an rpc-server does not keep to the contract.
var errAnswers = errors.New("rpc-server does not answer each send")

// faultOf says why a response does not answer so many sends, each by itself, or
// returns nil.
func faultOf(resp *im.SendAllResponse, sends int) error {
	if len(resp.Answers) == sends {
		return nil
	}
	return cmp.Or(fromCode(resp), errAnswers)
}

// deliver makes one call, and hands the answers out.
func (b *batcher) deliver(parcels []*parcel) {
	sends := make([]*im.SendRequest, len(parcels))
	share := parcels[0].attempt.share
	for i, p := range parcels {
		sends[i] = p.send
		share = min(share, p.attempt.share)
	}
	t := parcels[0].attempt.trail
	resp, err := b.call(t, share, sends)
	if err == nil {
		err = faultOf(resp, len(sends))
	}
	for i, p := range parcels {
		if p.err = err; err == nil {
			p.answer = resp.Answers[i]
		}
		if p.attempt.trail != t {
			p.attempt.trail.follow(t)
		}
		close(p.answered)
	}
}
