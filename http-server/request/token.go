package request

import (
	"strings"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// TokenHeader carries the token that tells who makes a call.
const TokenHeader = "Authorization"

// Bearer returns the token of a call (RFC 6750, section 2.1). A token in the query or in
// the body is none: it would be in logs. An error is a fault.
func Bearer(c *app.RequestContext) (string, error) {
	values := c.Request.Header.PeekAll(TokenHeader)
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
	return &fault.Error{Code: fault.Unauthenticated, Message: TokenHeader + ": " + rule + ". Nothing was stored"}
}
