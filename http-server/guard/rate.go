package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/ratelimit"
	"example.com/im/http-server/request"
)

// rateKey is whose calls a limit counts: those of a caller that has shown who it is, or of
// the address of another.
type rateKey struct {
	member  string
	address netip.Prefix
}

// newRateLimits returns the limits of API calls and of files that the settings ask for, or
// nil if they ask for none. A page comes in dozens of files. So a client may load all that
// there are at once, and then as many files a second as it may make calls.
func newRateLimits(settings ratelimit.Settings, all int) (calls, files *ratelimit.Limit[rateKey], err error) {
	n := settings.PerSecond
	if n == 0 {
		return nil, nil, nil
	}
	if calls, err = ratelimit.New[rateKey](n, n); err != nil {
		return nil, nil, err
	}
	files, err = ratelimit.New[rateKey](n, max(n, all))
	return calls, files, err
}

// limitRate refuses the API calls of clients that make too many.
func (g *Guard) limitRate(ctx context.Context, c *app.RequestContext) {
	if request.HasWaited(c) {
		c.Next(ctx)
		return
	}
	key := rateKey{member: request.CallerOf(c).Member}
	if key.member == "" {
		key.address = g.clientOf(c)
	}
	g.limitBy(ctx, c, g.rate, key, "calls")
}

// limitFileRate refuses the files of clients that ask for too many.
func (g *Guard) limitFileRate(ctx context.Context, c *app.RequestContext) {
	g.limitBy(ctx, c, g.fileRate, rateKey{address: g.clientOf(c)}, "files")
}

// limitBy refuses a request that is over a limit of such things.
func (g *Guard) limitBy(ctx context.Context, c *app.RequestContext, limit *ratelimit.Limit[rateKey], key rateKey, things string) {
	if err := g.mayAsk(ctx, limit, key, things); err != nil {
		g.cfg.Answer.Refuse(ctx, c, err)
		c.Abort()
		return
	}
	c.Next(ctx)
}

// mayAsk counts one thing that is asked for, and returns a fault if there are too many. The
// metric counts all of these. The log names one client a second, so that they do not fill it.
func (g *Guard) mayAsk(ctx context.Context, limit *ratelimit.Limit[rateKey], key rateKey, things string) error {
	if limit == nil || limit.Allow(key, time.Now()) {
		return nil
	}
	g.shed.WithLabelValues(ShedRate).Inc()
	from, client := "by you", key.member
	if client == "" {
		from, client = "from your address", key.address.String()
	}
	g.rateLogs.Do(func() {
		g.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client is over the rate limit", slog.String("client", client),
			slog.String("of", things), slog.Int("per_second", g.cfg.RateLimit.PerSecond))
	})
	return &fault.Error{Code: fault.Unavailable, Message: fmt.Sprintf(
		"rate limit: more than %d %s a second %s: try again", g.cfg.RateLimit.PerSecond, things, from)}
}
