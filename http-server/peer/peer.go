// Package peer tells clients apart by their addresses.
//
// A client is known by its address, or by the network that its address is in. A proxy is
// a load balancer or another hop before the gateway. It is trusted to append the address
// of its caller to X-Forwarded-For, and is no client itself.
package peer

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
)

// ipv6ClientBits is how many bits of an IPv6 address tell clients apart. Of the rest
// everybody has 2⁶⁴ to choose from.
const ipv6ClientBits = 64

// Settings say who is a proxy, for kong.
type Settings struct {
	Proxies []netip.Prefix `name:"trusted-proxies" env:"TRUSTED_PROXIES" help:"Networks of the load balancers and proxies before this http-server, such as 10.0.0.0/8. From them, X-Forwarded-For tells the client's address, to which RATE_LIMIT and MAX_ANSWER_BYTES_PER_CLIENT apply. MAX_CONNECTIONS_PER_CLIENT does not apply to them."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		return errors.New("TRUSTED_PROXIES must not be everybody: clients could choose their address")
	}
	return nil
}

// Client returns who has called: peer, or the caller of peer if that is a proxy.
// forwarded, the lines of X-Forwarded-For, tells the callers of proxies. Of the address
// Client returns the part that tells clients apart.
func (s Settings) Client(peer netip.Addr, forwarded [][]byte) netip.Prefix {
	addr := peer.Unmap()
	if s.IsProxy(addr) {
		addr = s.origin(addr, forwarded)
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = ipv6ClientBits
	}
	return netip.PrefixFrom(addr.WithZone(""), bits).Masked()
}

// IsProxy reports whether addr is a proxy's.
func (s Settings) IsProxy(addr netip.Addr) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// origin returns the address of who has called the proxies. The last of them has the
// address proxy. origin goes back through the header from proxy to proxy, to the first
// address that is no proxy's: what stands before that, anybody may have written.
func (s Settings) origin(proxy netip.Addr, header [][]byte) netip.Addr {
	addr := proxy
	for _, line := range slices.Backward(header) {
		hops := strings.Split(string(line), ",")
		for _, hop := range slices.Backward(hops) {
			before, err := parseHop(strings.TrimSpace(hop))
			if err != nil {
				return addr
			}
			if addr = before.Unmap(); !s.IsProxy(addr) {
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
