package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"example.com/im/http-server/fault"
)

const (
	// maxRatedClients bounds the memory of a rateLimit, to about 20 MB. Of more
	// clients, those that have not called for longest are forgotten.
	maxRatedClients = 1 << 16
	// ipv6ClientBits is the part of an IPv6 address that tells clients apart: of
	// the rest everybody has 2⁶⁴ to choose from.
	ipv6ClientBits = 64
	// forwardedHeader is where a proxy appends the address of who has called it.
	forwardedHeader = "X-Forwarded-For"
)

// rateLimit bounds the calls of each client, known by its address. A client that
// has been silent for a second may make a second's calls at once.
type rateLimit struct {
	perSecond int
	proxies   []netip.Prefix // whose X-Forwarded-For is believed
	clients   *lru.Cache[netip.Prefix, *rate.Limiter]
	logs      rate.Sometimes
}

// newRateLimit returns the limit that cfg asks for, or nil if it asks for none.
func newRateLimit(cfg Config) (*rateLimit, error) {
	if cfg.RateLimit == 0 {
		return nil, nil
	}
	clients, err := lru.New[netip.Prefix, *rate.Limiter](maxRatedClients)
	if err != nil {
		return nil, err
	}
	return &rateLimit{
		perSecond: cfg.RateLimit,
		proxies:   cfg.TrustedProxies,
		clients:   clients,
		logs:      rate.Sometimes{Interval: time.Second},
	}, nil
}

// limitRate refuses the API calls of clients that make too many. The metric
// counts them; the log, which they shall not fill, names one client a second.
func (s *Server) limitRate(ctx context.Context, c *app.RequestContext) {
	if exchangeOf(c).waiter != nil { // it has waited, and was counted before
		c.Next(ctx)
		return
	}
	peer, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	client := s.rate.client(peer.Addr(), c.Request.Header.PeekAll(forwardedHeader))
	if s.rate.allow(client, time.Now()) {
		c.Next(ctx)
		return
	}
	s.metrics.shed.WithLabelValues(shedRate).Inc()
	s.rate.logs.Do(func() {
		s.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "a client is over the rate limit",
			slog.String("client", client.String()), slog.Int("calls_per_second", s.rate.perSecond))
	})
	answerError(c, &fault.Error{Code: fault.Unavailable, Message: fmt.Sprintf(
		"rate limit: more than %d calls a second from your address: try again", s.rate.perSecond)})
	c.Abort()
}

// allow counts a call of client at the time now, and reports whether it is one
// that the client may make.
func (l *rateLimit) allow(client netip.Prefix, now time.Time) bool {
	calls, known := l.clients.Get(client)
	if !known {
		calls = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		if others, known, _ := l.clients.PeekOrAdd(client, calls); known {
			calls = others // of a call at the same time
		}
	}
	return calls.AllowN(now, 1)
}

// client returns who has called peer, where that is a proxy, or else peer, as the
// part of the address that tells clients apart.
func (l *rateLimit) client(peer netip.Addr, forwarded [][]byte) netip.Prefix {
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

// origin returns the address of who has called the proxies, of which the last has
// the address proxy. It goes back from proxy to proxy: what stands in the header
// before the first that is none of them, anybody may have written.
func (l *rateLimit) origin(proxy netip.Addr, header [][]byte) netip.Addr {
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
func (l *rateLimit) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
