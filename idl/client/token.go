package client

import (
	"context"
	"net/http"

	"github.com/cenkalti/backoff/v5"
)

// refusedKey is the key of the refused token in a context.
type refusedKey struct{}

// RefusedToken returns the token that the service has refused in the attempt before, or "".
// It is for functions in [Client.Token], which must not return that token again.
func RefusedToken(ctx context.Context) string {
	token, _ := ctx.Value(refusedKey{}).(string)
	return token
}

// bearer is the token of a call over its attempts.
type bearer struct {
	source  func(context.Context) (string, error) // nil: there is none
	shown   string                                // in this attempt
	refused string                                // in the attempt before
}

// show gives a request the token of an attempt (RFC 6750, section 2.1).
func (b *bearer) show(ctx context.Context, r *http.Request) error {
	if b.source == nil {
		return nil
	}
	token, err := b.source(context.WithValue(ctx, refusedKey{}, b.refused))
	if err != nil {
		return err
	}
	b.shown = token
	r.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// judge returns the error of an attempt that was answered with a status. A 401 is
// permanent only if the attempt before had one, too: a token may end, or its key go, at any
// time.
func (b *bearer) judge(status int, err error) error {
	if status != http.StatusUnauthorized {
		b.refused = ""
		return err
	}
	again := b.refused == "" && b.source != nil
	if b.refused = b.shown; again {
		return err
	}
	return backoff.Permanent(err)
}
