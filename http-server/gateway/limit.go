package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi"
	"example.com/im/http-server/page"
	"example.com/im/http-server/ratelimit"
	"example.com/im/http-server/request"
)

// forwardedHeader is where a proxy appends the address of its caller.
const forwardedHeader = "X-Forwarded-For"

// limit keeps caches from the API's answers, and refuses calls beyond those that may be
// in flight. It refuses none that comes back from waiting.
func (s *Server) limit(ctx context.Context, c *app.RequestContext) {
	c.Response.Header.Set("Cache-Control", "no-store")
	defer s.calls.Add(-1)
	if s.calls.Add(1) > int64(s.cfg.MaxRequests) && !request.HasWaited(c) {
		s.metrics.shed.WithLabelValues(shedRequests).Inc()
		s.answer.Error(ctx, c, &fault.Error{Code: fault.Unavailable, Message: "too many requests at once: try again"})
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

// newRateLimits returns the limits of API calls and of files that the settings ask for, or
// nil if they ask for none. A page comes in dozens of files. So a client may load all that
// there are at once, and then as many files a second as it may make calls.
func newRateLimits(settings ratelimit.Settings) (calls, files *ratelimit.Limit[rateKey], err error) {
	n := settings.PerSecond
	if n == 0 {
		return nil, nil, nil
	}
	if calls, err = ratelimit.New[rateKey](n, n); err != nil {
		return nil, nil, err
	}
	files, err = ratelimit.New[rateKey](n, max(n, len(page.Files())+len(openapi.Files())))
	return calls, files, err
}

// limitRate refuses the API calls of clients that make too many.
func (s *Server) limitRate(ctx context.Context, c *app.RequestContext) {
	if request.HasWaited(c) {
		c.Next(ctx)
		return
	}
	key := rateKey{member: request.CallerOf(c).Member}
	if key.member == "" {
		key.address = s.clientOf(c)
	}
	s.limitBy(ctx, c, s.rate, key, "calls")
}

// limitFileRate refuses the files of clients that ask for too many.
func (s *Server) limitFileRate(ctx context.Context, c *app.RequestContext) {
	s.limitBy(ctx, c, s.fileRate, rateKey{address: s.clientOf(c)}, "files")
}

// limitBy refuses a request that is over a limit of such things.
func (s *Server) limitBy(ctx context.Context, c *app.RequestContext, limit *ratelimit.Limit[rateKey], key rateKey, things string) {
	if err := s.mayAsk(ctx, limit, key, things); err != nil {
		s.answer.Refuse(ctx, c, err)
		c.Abort()
		return
	}
	c.Next(ctx)
}

// mayAsk counts one thing that is asked for, and returns a fault if there are too many. The
// metric counts all of these. The log names one client a second, so that they do not fill it.
func (s *Server) mayAsk(ctx context.Context, limit *ratelimit.Limit[rateKey], key rateKey, things string) error {
	if limit == nil || limit.Allow(key, time.Now()) {
		return nil
	}
	s.metrics.shed.WithLabelValues(shedRate).Inc()
	from, client := "by you", key.member
	if client == "" {
		from, client = "from your address", key.address.String()
	}
	s.rateLogs.Do(func() {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client is over the rate limit", slog.String("client", client),
			slog.String("of", things), slog.Int("per_second", s.cfg.RateLimit.PerSecond))
	})
	return &fault.Error{Code: fault.Unavailable, Message: fmt.Sprintf(
		"rate limit: more than %d %s a second %s: try again", s.cfg.RateLimit.PerSecond, things, from)}
}

// clientOf returns who makes a request.
func (s *Server) clientOf(c *app.RequestContext) netip.Prefix {
	remote, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return s.cfg.Peers.Client(remote.Addr(), c.Request.Header.PeekAll(forwardedHeader))
}
