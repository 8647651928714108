package gateway

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl/gen/im"
)

const (
	// grace is how long another rpc-server has to tell of what one has found.
	grace = 20 * time.Millisecond
	// lookers is how many rpc-servers are asked to look for what others commit. Those
	// of which a gateway knows nothing are found by any one; the second is there for
	// when the first fails. If all looked, they would read the database for nothing.
	lookers = 2
)

// watchFunc asks the rpc-server at an address for news.
type watchFunc func(ctx context.Context, address string, req *im.WatchRequest) (*im.WatchResponse, error)

// feeds are the sources of news: each rpc-server that is known.
type feeds struct {
	waits  *waits
	watch  watchFunc
	logger *slog.Logger
	fed    prometheus.Gauge // how many work

	mu    sync.Mutex
	known map[string]*feed // by address
}

func newFeeds(w *waits, watch watchFunc, logger *slog.Logger, fed prometheus.Gauge) *feeds {
	return &feeds{waits: w, watch: watch, logger: logger, fed: fed, known: make(map[string]*feed)}
}

// follow makes the instances at these addresses, and no others, the feeds, until
// ctx is done.
func (f *feeds) follow(ctx context.Context, addresses []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for address, old := range f.known {
		if !slices.Contains(addresses, address) {
			old.stop()
			delete(f.known, address)
		}
	}
	for _, address := range addresses {
		if f.known[address] == nil {
			ctx, stop := context.WithCancel(ctx)
			added := &feed{feeds: f, address: address, stop: stop}
			f.known[address] = added
			go added.run(ctx)
		}
	}
	f.fed.Set(float64(f.working(func(string) bool { return true })))
}

// working returns how many feeds work, of those whose address is one that counts.
// The caller holds mu.
func (f *feeds) working(counts func(address string) bool) (n int) {
	for address, other := range f.known {
		if other.works && counts(address) {
			n++
		}
	}
	return n
}

// looks reports whether the instance at address is one of those that look for
// others: the first that work, so that all gateways ask the same.
func (f *feeds) looks(address string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.working(func(other string) bool { return other < address }) < lookers
}

// grace returns how long others have to explain what one feed has found.
func (f *feeds) grace() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) == 1 {
		return 0
	}
	return grace
}

// note takes in whether a feed works, and logs when it does not any more.
func (f *feeds) note(of *feed, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if of.works && err != nil {
		f.logger.Warn("no news from rpc-server", "address", of.address, "err", err)
	}
	of.works = err == nil
	f.fed.Set(float64(f.working(func(string) bool { return true })))
}
