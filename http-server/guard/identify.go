package guard

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/request"
)

// identify finds out who makes a call, by its token, and refuses one without a valid token.
// A call that has waited brings its caller with it.
func (g *Guard) identify(ctx context.Context, c *app.RequestContext) {
	if request.HasWaited(c) {
		request.BringBack(c)
		c.Next(ctx)
		return
	}
	who, err := g.verify(ctx, c)
	if err != nil {
		g.cfg.Answer.Error(ctx, c, err)
		c.Abort()
		return
	}
	request.SetCaller(c, who)
	c.Next(ctx)
}

// verify returns whom the token of a call names. Its error is a fault.
func (g *Guard) verify(ctx context.Context, c *app.RequestContext) (request.Caller, error) {
	token, err := request.Bearer(c)
	if err != nil {
		return request.Caller{}, err
	}
	who, ok := g.cfg.Identity.Remembered(token)
	if !ok {
		// To verify costs as much as a call does, and anybody can make up a token.
		if err := g.mayAsk(ctx, g.rate, rateKey{address: g.clientOf(c)}, "calls"); err != nil {
			return request.Caller{}, err
		}
		who, err = g.cfg.Identity.Verify(ctx, token)
	}
	return request.Caller(who), err
}
