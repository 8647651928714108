package openapitest

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// Transport returns next with a check of each answer that passes through it. An answer
// that breaks the contract of the API fails the test, and is passed on as well.
func Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	return Sample(t, next, 1)
}

// Sample is Transport for tests that make many calls: it checks only one in every
// successes, but all other answers.
func Sample(t testing.TB, next http.RoundTripper, every int64) http.RoundTripper {
	t.Helper()
	c, err := Ours()
	if err != nil {
		t.Fatalf("the contract: %v", err)
	}
	r := &transport{t: t, next: next, contract: c, every: every}
	t.Cleanup(r.end)
	return r
}

type transport struct {
	t         testing.TB
	next      http.RoundTripper
	contract  *Contract
	every     int64
	successes atomic.Int64

	mu   sync.Mutex
	over bool // the test has ended, and cannot be told any more
}

// CloseIdleConnections passes the call of an http.Client on to next.
func (r *transport) CloseIdleConnections() {
	if next, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// RoundTrip makes a request. A body that cannot be read is passed on as it is.
func (r *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode == http.StatusOK && r.successes.Add(1)%r.every != 0 {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
		return resp, nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err := r.contract.Check(req.Method, req.URL.Path, Answer{resp.StatusCode, resp.Header, body}); err != nil {
		r.report(err)
	}
	return resp, nil
}

// report tells the test of an answer that breaks the contract.
func (r *transport) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.t.Error(err)
	}
}

// end notes that the test has ended. Requests may still be under way.
func (r *transport) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

// failing is a reader that has come to the error.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
