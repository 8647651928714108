// Package share bounds how much is held at a time of something of which there is only so
// much, such as memory: by each holder, and by all together. It keeps nothing of those who
// hold nothing.
package share

import "sync"

// Bound is a bound that a holder met.
type Bound int

// The bounds. Within means that none was met.
const (
	Within Bound = iota
	OfEach
	OfAll
)

// Shares is what is held, by holders that a key tells apart. It is safe for concurrent
// use.
type Shares[K comparable] struct {
	each, all int64

	mu    sync.Mutex
	held  map[K]int64
	total int64
}

// New returns shares of which each holder may have so much, and all together so much. 0 is
// no bound.
func New[K comparable](each, all int64) *Shares[K] {
	return &Shares[K]{each: each, all: all, held: make(map[K]int64)}
}

// Take takes n for a holder, to be given back by [Shares.Give]. If that would be more than
// a bound allows, Take takes nothing, and returns the bound.
func (s *Shares[K]) Take(holder K, n int64) Bound {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.each > 0 && s.held[holder]+n > s.each:
		return OfEach
	case s.all > 0 && s.total+n > s.all:
		return OfAll
	}
	s.held[holder] += n
	s.total += n
	return Within
}

// Give gives back what a holder has taken.
func (s *Shares[K]) Give(holder K, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total -= n
	if s.held[holder] -= n; s.held[holder] == 0 {
		delete(s.held, holder)
	}
}

// Total returns how much all hold together.
func (s *Shares[K]) Total() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
