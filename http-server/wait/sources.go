package wait

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"example.com/im/idl/gen/im"
)

const (
	// grace is how long an rpc-server has to tell of a commit of its own that another
	// has found.
	grace = 20 * time.Millisecond
	// finders is how many rpc-servers are asked to find what others commit. Any one
	// finds the commits of instances that the gateway does not know; the second is
	// there for when the first fails. More would read the database for nothing.
	finders = 2
)

// WatchFunc asks the rpc-server at an address for news. It returns when there is some,
// or after a while.
type WatchFunc func(ctx context.Context, address string, req *im.WatchRequest) (*im.WatchResponse, error)

// sources are the rpc-servers that are known.
type sources struct {
	room  *Room
	watch WatchFunc
	log   *slog.Logger

	mu    sync.Mutex
	known map[string]*source // by address
}

// follow makes the instances at these addresses, and no others, the sources. They are
// asked until ctx is done.
func (s *sources) follow(ctx context.Context, addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address, old := range s.known {
		if !slices.Contains(addresses, address) {
			old.stop()
			delete(s.known, address)
		}
	}
	for _, address := range addresses {
		if s.known[address] == nil {
			ctx, stop := context.WithCancel(ctx)
			added := &source{sources: s, address: address, stop: stop}
			s.known[address] = added
			go added.run(ctx)
		}
	}
	s.count()
}

// count sets the metric of how many sources work. The caller holds mu.
func (s *sources) count() {
	s.room.metrics.sources.Set(float64(s.working(func(string) bool { return true })))
}

// working returns how many sources work, among those whose address counts. The caller
// holds mu.
func (s *sources) working(counts func(address string) bool) (n int) {
	for address, other := range s.known {
		if other.works && counts(address) {
			n++
		}
	}
	return n
}

// finds reports whether the instance at address is to find what others commit. The
// first by address that work do so, so that all gateways ask the same.
func (s *sources) finds(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.working(func(other string) bool { return other < address }) < finders
}

// grace returns how long others have to tell of what one source has found. Without
// others it is 0.
func (s *sources) grace() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) == 1 {
		return 0
	}
	return grace
}

// note takes in whether a source works, and logs when it stops working.
func (s *sources) note(of *source, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.works && err != nil {
		s.log.Warn("no news from rpc-server", "address", of.address, "err", err)
	}
	of.works = err == nil
	s.count()
}
