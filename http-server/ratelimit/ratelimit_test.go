package ratelimit

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rateLimited returns a limit of networks.
func rateLimited(t *testing.T, perSecond, burst int) *Limit[netip.Prefix] {
	t.Helper()
	l, err := New[netip.Prefix](perSecond, burst)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// allowed returns how many of n calls at the time now are allowed.
func (l *Limit[K]) allowed(client K, n int, now time.Time) int {
	allowed := 0
	for range n {
		if l.Allow(client, now) {
			allowed++
		}
	}
	return allowed
}

func TestRateOfAClient(t *testing.T) {
	t.Parallel()
	l := rateLimited(t, 5, 5)
	one, other := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	start := time.Now()
	for _, tc := range []struct {
		client netip.Prefix
		after  time.Duration
		want   int
	}{
		{one, 0, 5},
		{one, 0, 0},
		{other, 0, 5}, // its own
		{one, 200 * time.Millisecond, 1},
		{one, time.Second, 4}, // Retry-After is enough
		{one, time.Hour, 5},   // silence earns no more than a second's calls
	} {
		if got := l.allowed(tc.client, 20, start.Add(tc.after)); got != tc.want {
			t.Errorf("%v after %v: %d of 20 calls allowed; want %d", tc.client, tc.after, got, tc.want)
		}
	}
}

// Calls at the same time count together, from the first on.
func TestRateOfSimultaneousCalls(t *testing.T) {
	t.Parallel()
	const callers, rounds = 4, 5_000
	l, now := rateLimited(t, 1, 1), time.Now()
	var allowed [rounds]atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range callers {
		wg.Go(func() {
			<-start
			for round := range rounds { // each is a client, new to all callers
				client := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, byte(round >> 8), byte(round)}), 32)
				allowed[round].Add(int64(l.allowed(client, 1, now)))
			}
		})
	}
	close(start)
	wg.Wait()
	for round := range allowed {
		if got := allowed[round].Load(); got != 1 {
			t.Errorf("client %d: %d calls allowed; want 1", round, got)
		}
	}
}

// The table is bounded, however many addresses an attacker has. A client that goes on
// calling is not forgotten.
func TestRatedClientsAreBounded(t *testing.T) {
	t.Parallel()
	l := rateLimited(t, 1, 1)
	now := time.Now()
	flooder := netip.MustParsePrefix("192.0.2.1/32")
	l.Allow(flooder, now)
	for i := range uint64(maxCallers + 1_000) {
		l.Allow(netip.PrefixFrom(netip.AddrFrom16([16]byte(binary.BigEndian.AppendUint64(
			binary.BigEndian.AppendUint64(nil, 0x2001_0db8_0000_0000+i), 0))), 64), now)
		if l.Allow(flooder, now) {
			t.Fatalf("the flooder is forgotten after %d others", i)
		}
	}
	if got := l.callers.Len(); got != maxCallers {
		t.Errorf("%d clients are known; want %d", got, maxCallers)
	}
}

// Names have limits as networks have. A burst may be longer than a second's calls.
func TestRateOfNames(t *testing.T) {
	t.Parallel()
	l, err := New[string](1, 7)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, name := range []string{"ann", "bob"} {
		if got := l.allowed(name, 20, now); got != 7 {
			t.Errorf("%s: %d of 20 calls allowed; want 7", name, got)
		}
	}
	if got := l.allowed("ann", 20, now.Add(2*time.Second)); got != 2 {
		t.Errorf("2 s later: %d of 20 calls allowed; want 2", got)
	}
}
