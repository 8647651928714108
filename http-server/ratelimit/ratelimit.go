// Package ratelimit bounds the calls a second of each client.
//
// A client is known by its address, or by the network that its address is in. A proxy is
// a load balancer or another hop before the gateway. It is trusted to append the address
// of its caller to X-Forwarded-For, and is no client itself.
package ratelimit

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	// maxClients bounds the memory of a limit to about 20 MB. If there are more
	// clients, the limit forgets those that have not called for longest.
	maxClients = 1 << 16
	// ipv6ClientBits is how many bits of an IPv6 address tell clients apart. Of the
	// rest everybody has 2⁶⁴ to choose from.
	ipv6ClientBits = 64
)

// Settings say how many calls a client may make, and who it is, for kong.
type Settings struct {
	PerSecond int            `name:"rate-limit" env:"RATE_LIMIT" default:"0" help:"Most API calls a second of one client address (IPv4) or /64 network (IPv6), at this http-server; more are answered 503. 0: no limit. Behind a load balancer all calls have its address, unless TRUSTED_PROXIES names it."`
	Proxies   []netip.Prefix `name:"trusted-proxies" env:"TRUSTED_PROXIES" help:"Networks of the load balancers and proxies before this http-server, such as 10.0.0.0/8. From them, X-Forwarded-For tells RATE_LIMIT the client's address."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.PerSecond < 0 {
		return errors.New("RATE_LIMIT must not be negative")
	}
	if slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		return errors.New("TRUSTED_PROXIES must not be everybody: clients could choose their address")
	}
	return nil
}

// Limit bounds the calls of each client. A client that has been silent for a second
// may make a second's calls at once.
type Limit struct {
	settings Settings
	clients  *lru.Cache[netip.Prefix, *rate.Limiter]
}

// New returns a limit by settings of at least one call a second.
func New(settings Settings) (*Limit, error) {
	clients, err := lru.New[netip.Prefix, *rate.Limiter](maxClients)
	if err != nil {
		return nil, err
	}
	return &Limit{settings: settings, clients: clients}, nil
}

// Allow counts a call of client at the time now. It reports whether the client may make
// the call.
func (l *Limit) Allow(client netip.Prefix, now time.Time) bool {
	calls, known := l.clients.Get(client)
	if !known {
		calls = rate.NewLimiter(rate.Limit(l.settings.PerSecond), l.settings.PerSecond)
		if others, known, _ := l.clients.PeekOrAdd(client, calls); known {
			calls = others // of a call at the same time
		}
	}
	return calls.AllowN(now, 1)
}

// Client returns who has called: peer, or the caller of peer if that is a proxy.
// forwarded, the lines of X-Forwarded-For, tells the callers of proxies. Of the address
// Client returns the part that tells clients apart.
func (l *Limit) Client(peer netip.Addr, forwarded [][]byte) netip.Prefix {
	addr := peer.Unmap()
	if l.trusts(addr) {
		addr = l.origin(addr, forwarded)
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = ipv6ClientBits
	}
	return netip.PrefixFrom(addr.WithZone(""), bits).Masked()
}

// origin returns the address of who has called the proxies. The last of them has the
// address proxy. origin goes back through the header from proxy to proxy, to the first
// address that is no proxy's: what stands before that, anybody may have written.
func (l *Limit) origin(proxy netip.Addr, header [][]byte) netip.Addr {
	addr := proxy
	for _, line := range slices.Backward(header) {
		hops := strings.Split(string(line), ",")
		for _, hop := range slices.Backward(hops) {
			before, err := parseHop(strings.TrimSpace(hop))
			if err != nil {
				return addr
			}
			if addr = before.Unmap(); !l.trusts(addr) {
				return addr
			}
		}
	}
	return addr
}

// parseHop reads an address, to which some proxies add the port.
func parseHop(hop string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(hop)
}

// trusts reports whether addr is a proxy's.
func (l *Limit) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(l.settings.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
