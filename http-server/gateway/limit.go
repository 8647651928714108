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

// rateKey is whose calls a limit counts: those of a caller that has shown who it is, or of
// the address of another.
type rateKey struct {
	member  string
	address netip.Prefix
}

// newRateLimit returns the limit that the settings ask for, or nil if they ask for none.
func newRateLimit(settings ratelimit.Settings) (*ratelimit.Limit[rateKey], error) {
	if settings.PerSecond == 0 {
		return nil, nil
	}
	return ratelimit.New[rateKey](settings.PerSecond, settings.PerSecond)
}

// limitRate refuses the API calls of clients that make too many. The metric counts all
// of them. The log names one client a second, so that they do not fill it.
func (s *Server) limitRate(ctx context.Context, c *app.RequestContext) {
	if http1.ExchangeOf(c).Guest() != nil { // it has waited, and was counted before
		c.Next(ctx)
		return
	}
	var err error
	if who := callerOf(c); who.asked() {
		err = s.mayCall(ctx, rateKey{member: who.member})
	} else {
		err = s.mayCall(ctx, rateKey{address: s.clientOf(c)})
	}
	if err != nil {
		answerError(c, fault.Of(err))
		c.Abort()
		return
	}
	c.Next(ctx)
}

// mayCall counts a call, and returns a fault if there are too many.
func (s *Server) mayCall(ctx context.Context, key rateKey) error {
	if s.rate == nil || s.rate.Allow(key, time.Now()) {
		return nil
	}
	s.metrics.shed.WithLabelValues(shedRate).Inc()
	from, client := "by you", key.member
	if client == "" {
		from, client = "from your address", key.address.String()
	}
	s.rateLogs.Do(func() {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client is over the rate limit",
			slog.String("client", client), slog.Int("calls_per_second", s.cfg.RateLimit.PerSecond))
	})
	return &fault.Error{Code: fault.Unavailable, Message: fmt.Sprintf(
		"rate limit: more than %d calls a second %s: try again", s.cfg.RateLimit.PerSecond, from)}
}

// clientOf returns who makes a request.
func (s *Server) clientOf(c *app.RequestContext) netip.Prefix {
	remote, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return s.cfg.Peers.Client(remote.Addr(), c.Request.Header.PeekAll(forwardedHeader))
}
