package rpc

import (
	"cmp"
	"errors"
	"runtime"
	"sync"
	"time"

	"example.com/im/idl"
)

// batcher makes one call of the requests that are ready to go to an rpc-server at the
// same time. No request waits for a timer. An idle gateway sends a request at once; in
// a busy one many get ready before the next goroutine comes to run. (With 256 clients
// on two cores a call has a dozen sends. They share its cost, which is above all that
// of system calls and goroutines.)
type batcher[Q, A any] struct {
	// call makes a call within timeout, along a route. It returns an answer to each
	// request, or an error.
	call func(r *route, timeout time.Duration, requests []Q) ([]A, error)
	// target returns the address to which a route leads.
	target func(r *route) string
	// size returns the bytes that a request takes in a call, or a few more.
	size func(Q) int
	// maxRequests and maxBytes bound a call. A call of one request may be longer.
	maxRequests, maxBytes int

	mu    sync.Mutex
	ready map[batchKey][]*parcel[Q, A]
}

// batchKey is the same for requests that may share a call: they go to the same instance,
// and are given about the same time.
type batchKey struct {
	target         string
	attempts, left int
}

// parcel is a request that is ready to go.
type parcel[Q, A any] struct {
	request  Q
	attempt  attempt
	answer   A
	err      error
	answered chan struct{}
}

// do makes an attempt of a request, in a call that it shares with others. It takes no
// context, because the call is not one caller's.
func (b *batcher[Q, A]) do(a attempt, request Q) (A, error) {
	p := &parcel[Q, A]{request: request, attempt: a, answered: make(chan struct{})}
	key := batchKey{b.target(a.route), a.of, a.left}
	if b.add(key, p) {
		go b.dispatch(key)
	}
	<-p.answered // the call ends in time
	return p.answer, p.err
}

// add puts p among the parcels that are ready for key. It reports whether p is the
// first of them.
func (b *batcher[Q, A]) add(key batchKey, p *parcel[Q, A]) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready == nil {
		b.ready = make(map[batchKey][]*parcel[Q, A])
	}
	b.ready[key] = append(b.ready[key], p)
	return len(b.ready[key]) == 1
}

// dispatch lets the goroutines run that are ready to. Then it makes calls of the parcels
// that are ready for key.
func (b *batcher[Q, A]) dispatch(key batchKey) {
	runtime.Gosched()
	b.mu.Lock()
	parcels := b.ready[key]
	delete(b.ready, key)
	b.mu.Unlock()
	for n := b.fit(parcels); n < len(parcels); n = b.fit(parcels) {
		go b.deliver(parcels[:n])
		parcels = parcels[n:]
	}
	b.deliver(parcels)
}

// fit returns how many of parcels, from the first on, go into one call.
func (b *batcher[Q, A]) fit(parcels []*parcel[Q, A]) int {
	bytes := 0
	for i, p := range parcels {
		bytes += b.size(p.request)
		if i > 0 && (i == b.maxRequests || bytes > b.maxBytes) {
			return i
		}
	}
	return len(parcels)
}

// deliver makes one call, and hands the answers out.
func (b *batcher[Q, A]) deliver(parcels []*parcel[Q, A]) {
	requests := make([]Q, len(parcels))
	share := parcels[0].attempt.share
	for i, p := range parcels {
		requests[i] = p.request
		share = min(share, p.attempt.share)
	}
	r := parcels[0].attempt.route
	answers, err := b.call(r, share, requests)
	for i, p := range parcels {
		if p.err = err; err == nil {
			p.answer = answers[i]
		}
		if p.attempt.route != r {
			p.attempt.route.follow(r)
		}
		close(p.answered)
	}
}

// errAnswers says that an rpc-server breaks the contract.
var errAnswers = errors.New("rpc-server does not answer each request")

// answersOf returns the answers in a response to so many requests. If it does not answer
// each, the error is that of the response, or errAnswers.
func answersOf[A any](response idl.Answer, answers []A, requests int) ([]A, error) {
	if len(answers) == requests {
		return answers, nil
	}
	return nil, cmp.Or(fromCode(response), errAnswers)
}
