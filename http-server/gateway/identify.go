package gateway

import (
	"context"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
)

const (
	tokenHeader = "Authorization"
	// challenge asks for a valid token (RFC 6750, section 3).
	challenge = `Bearer error="invalid_token"`
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
	if hasWaited(c) {
		setCaller(c, caller{member: string(c.QueryArgs().Peek(callerKey))})
		c.Next(ctx)
		return
	}
	who, err := s.verify(ctx, c)
	if err != nil {
		s.writeError(ctx, c, err)
		c.Abort()
		return
	}
	setCaller(c, who)
	c.Next(ctx)
}

// verify returns whom the token of a call names. Its error is a fault.
func (s *Server) verify(ctx context.Context, c *app.RequestContext) (caller, error) {
	token, err := bearer(c)
	if err != nil {
		return caller{}, err
	}
	who, ok := s.identity.Remembered(token)
	if !ok {
		// To verify costs as much as a call does, and anybody can make up a token.
		if err := s.mayAsk(ctx, s.rate, rateKey{address: s.clientOf(c)}, "calls"); err != nil {
			return caller{}, err
		}
		who, err = s.identity.Verify(ctx, token)
	}
	return caller{who.Member, who.Until}, err
}

// bearer returns the token of a call (RFC 6750, section 2.1). A token in the query or in
// the body is none: it would be in logs.
func bearer(c *app.RequestContext) (string, error) {
	values := c.Request.Header.PeekAll(tokenHeader)
	if len(values) != 1 {
		return "", noToken("must be given once")
	}
	scheme, token, _ := strings.Cut(string(values[0]), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || !isVisibleASCII(token) {
		return "", noToken("must be Bearer and a token")
	}
	return token, nil
}

// noToken returns the fault of a call whose header with the token breaks a rule.
func noToken(rule string) error {
	return &fault.Error{Code: fault.Unauthenticated, Message: tokenHeader + ": " + rule + ". Nothing was stored"}
}
