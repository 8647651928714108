package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/identity"
	"example.com/im/http-server/request"
)

// newVerifier returns what verifies callers' tokens, or nil if nobody is asked who he is.
func newVerifier(cfg Config) (*identity.Verifier, error) {
	if !cfg.Identity.Enabled() {
		return nil, nil
	}
	return identity.New(identity.Config{Settings: cfg.Identity, Log: cfg.Log, Registerer: cfg.Registerer})
}

// identify finds out who makes a call, by its token, and refuses one without a valid token.
// A call that has waited brings its caller with it.
func (s *Server) identify(ctx context.Context, c *app.RequestContext) {
	if request.HasWaited(c) {
		request.BringBack(c)
		c.Next(ctx)
		return
	}
	who, err := s.verify(ctx, c)
	if err != nil {
		s.answer.Error(ctx, c, err)
		c.Abort()
		return
	}
	request.SetCaller(c, who)
	c.Next(ctx)
}

// verify returns whom the token of a call names. Its error is a fault.
func (s *Server) verify(ctx context.Context, c *app.RequestContext) (request.Caller, error) {
	token, err := request.Bearer(c)
	if err != nil {
		return request.Caller{}, err
	}
	who, ok := s.identity.Remembered(token)
	if !ok {
		// To verify costs as much as a call does, and anybody can make up a token.
		if err := s.mayAsk(ctx, s.rate, rateKey{address: s.clientOf(c)}, "calls"); err != nil {
			return request.Caller{}, err
		}
		who, err = s.identity.Verify(ctx, token)
	}
	return request.Caller(who), err
}
