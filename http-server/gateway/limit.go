package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/ratelimit"
)

// forwardedHeader is where a proxy appends the address of its caller.
const forwardedHeader = "X-Forwarded-For"

// limit keeps caches from the API's answers, and refuses calls beyond those that may be
// in flight. It refuses none that comes back from waiting.
func (s *Server) limit(ctx context.Context, c *app.RequestContext) {
	c.Response.Header.Set("Cache-Control", "no-store")
	defer s.calls.Add(-1)
	if s.calls.Add(1) > int64(s.cfg.MaxRequests) && http1.ExchangeOf(c).Guest() == nil {
		s.metrics.shed.WithLabelValues(shedRequests).Inc()
		s.writeError(ctx, c, &fault.Error{Code: fault.Unavailable, Message: "too many requests at once: try again"})
		c.Abort()
		return
	}
	c.Next(ctx)
}

// newRateLimit returns the limit that the settings ask for, or nil if they ask for none.
func newRateLimit(settings ratelimit.Settings) (*ratelimit.Limit[netip.Prefix], error) {
	if settings.PerSecond == 0 {
		return nil, nil
	}
	return ratelimit.New[netip.Prefix](settings.PerSecond, settings.PerSecond)
}

// limitRate refuses the API calls of clients that make too many. The metric counts all
// of them. The log names one client a second, so that they do not fill it.
func (s *Server) limitRate(ctx context.Context, c *app.RequestContext) {
	if http1.ExchangeOf(c).Guest() != nil { // it has waited, and was counted before
		c.Next(ctx)
		return
	}
	client := s.clientOf(c)
	if s.rate.Allow(client, time.Now()) {
		c.Next(ctx)
		return
	}
	s.metrics.shed.WithLabelValues(shedRate).Inc()
	s.rateLogs.Do(func() {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client is over the rate limit",
			slog.String("client", client.String()), slog.Int("calls_per_second", s.cfg.RateLimit.PerSecond))
	})
	answerError(c, &fault.Error{Code: fault.Unavailable, Message: fmt.Sprintf(
		"rate limit: more than %d calls a second from your address: try again", s.cfg.RateLimit.PerSecond)})
	c.Abort()
}

// clientOf returns who makes a request.
func (s *Server) clientOf(c *app.RequestContext) netip.Prefix {
	remote, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return s.cfg.Peers.Client(remote.Addr(), c.Request.Header.PeekAll(forwardedHeader))
}
