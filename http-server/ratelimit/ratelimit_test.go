package ratelimit

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rateLimited returns the limit with some settings.
func rateLimited(t *testing.T, perSecond int, proxies ...string) *Limit {
	t.Helper()
	trusted := make([]netip.Prefix, len(proxies))
	for i, p := range proxies {
		trusted[i] = netip.MustParsePrefix(p)
	}
	l, err := New(Settings{PerSecond: perSecond, Proxies: trusted})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// allowed returns how many of n calls at the time now are allowed.
func (l *Limit) allowed(client netip.Prefix, n int, now time.Time) int {
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
	l := rateLimited(t, 5)
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
	l, now := rateLimited(t, 1), time.Now()
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
	l := rateLimited(t, 1)
	now := time.Now()
	flooder := netip.MustParsePrefix("192.0.2.1/32")
	l.Allow(flooder, now)
	for i := range uint64(maxClients + 1_000) {
		l.Allow(netip.PrefixFrom(netip.AddrFrom16([16]byte(binary.BigEndian.AppendUint64(
			binary.BigEndian.AppendUint64(nil, 0x2001_0db8_0000_0000+i), 0))), 64), now)
		if l.Allow(flooder, now) {
			t.Fatalf("the flooder is forgotten after %d others", i)
		}
	}
	if got := l.clients.Len(); got != maxClients {
		t.Errorf("%d clients are known; want %d", got, maxClients)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		proxies   []string
		peer      string
		forwarded []string // header lines
		want      string
	}{
		"IPv4":                        {nil, "192.0.2.1:5", nil, "192.0.2.1/32"},
		"IPv4 in IPv6":                {nil, "[::ffff:192.0.2.1]:5", nil, "192.0.2.1/32"},
		"IPv6":                        {nil, "[2001:db8::1:2:3:4]:5", nil, "2001:db8::/64"},
		"IPv6 of a link":              {nil, "[fe80::1%eth0]:5", nil, "fe80::/64"},
		"no proxy is trusted":         {nil, "192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1/32"},
		"not that proxy":              {[]string{"10.0.0.0/8"}, "192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1/32"},
		"a proxy":                     {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1"}, "192.0.2.1/32"},
		"a proxy that adds the port":  {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1:1234"}, "192.0.2.1/32"},
		"the same, IPv6":              {[]string{"fd00::/8"}, "[fd00::1]:5", []string{"[2001:db8:0:1::1]:1234"}, "2001:db8:0:1::/64"},
		"a proxy, IPv6":               {[]string{"fd00::/8"}, "[fd00::1]:5", []string{"2001:db8:0:1::1"}, "2001:db8:0:1::/64"},
		"a proxy, IPv4 in IPv6":       {[]string{"10.0.0.0/8"}, "[::ffff:10.0.0.1]:5", []string{"::ffff:192.0.2.1"}, "192.0.2.1/32"},
		"two proxies":                 {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1/32"},
		"an invented address":         {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"198.51.100.1, 192.0.2.1"}, "192.0.2.1/32"},
		"invented, on its own line":   {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"198.51.100.1", "192.0.2.1"}, "192.0.2.1/32"},
		"an invented proxy":           {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"10.0.0.9, 192.0.2.1"}, "192.0.2.1/32"},
		"nonsense before the address": {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"nonsense, 192.0.2.1"}, "192.0.2.1/32"},
		"nonsense":                    {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1, nonsense"}, "10.0.0.1/32"},
		"the proxy itself":            {[]string{"10.0.0.0/8"}, "10.0.0.1:5", nil, "10.0.0.1/32"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var header [][]byte
			for _, line := range tc.forwarded {
				header = append(header, []byte(line))
			}
			got := rateLimited(t, 1, tc.proxies...).Client(netip.MustParseAddrPort(tc.peer).Addr(), header)
			if got.String() != tc.want {
				t.Errorf("client = %v; want %s", got, tc.want)
			}
		})
	}
}
