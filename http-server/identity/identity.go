// Package identity tells who makes a call.
//
// An issuer is an identity server: it signs in people, and gives them tokens. A token is a
// JWT (RFC 7519), signed by a key of the issuer, which tells in claims whom it was given
// to, for whom (its audience) and for how long. The issuer publishes its addresses
// (discovery, OpenID Connect Discovery 1.0) and its public keys (JWKS, RFC 7517). Each key
// has a name, its kid. A caller is who shows a valid token: the member whom a claim of it
// names.
//
// A token that was valid is remembered by its digest, because to verify a signature costs
// many times what all else does that a gateway has to do for a call.
package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
)

const (
	// skew is how far the clocks of the issuer and of this machine may differ.
	skew = time.Minute
	// memoryTime bounds how long a token is remembered. So long an issuer's change of
	// keys may go unnoticed.
	memoryTime = 5 * time.Minute
	// maxRemembered bounds the tokens that are remembered, and their memory to some
	// 15 MB. If there are more, those are forgotten that were not shown for longest.
	maxRemembered = 1 << 15
	// shownReason is how many bytes of the reason a refusal repeats.
	shownReason = 200
)

// algorithms are those by which a token may be signed: public keys alone, of which the two
// that RFC 8725, section 3.5, and RFC 9068 ask for, and the usual one for elliptic curves.
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}

// Config is what a Verifier needs.
type Config struct {
	Settings   // enabled
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Caller is who makes a call.
type Caller struct {
	Member string    // in canonical form
	Until  time.Time // the end of its token
}

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	settings Settings
	log      *slog.Logger
	now      func() time.Time
	client   *http.Client
	issuer   atomic.Pointer[issuer] // nil: not discovered yet
	tokens   *lru.Cache[digest, remembered]
	outcomes outcomes
}

// digest is the SHA-256 of a token: who reads the memory of a gateway finds no token there.
type digest [sha256.Size]byte

// remembered is what is kept of a token.
type remembered struct {
	caller Caller
	until  time.Time
}

// New returns a verifier of an issuer's tokens. It verifies none before [Verifier.Run] has
// found the issuer.
func New(cfg Config) (*Verifier, error) {
	m, err := newOutcomes(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	tokens, err := lru.New[digest, remembered](maxRemembered)
	if err != nil {
		return nil, err
	}
	return &Verifier{
		settings: cfg.Settings,
		log:      cfg.Log,
		now:      time.Now,
		client:   &http.Client{Timeout: askTimeout},
		tokens:   tokens,
		outcomes: m,
	}, nil
}

// Remembered returns whom a token names that is remembered, and whether it is.
func (v *Verifier) Remembered(token string) (Caller, bool) {
	t, ok := v.tokens.Get(sha256.Sum256([]byte(token)))
	if !ok || !v.now().Before(t.until) {
		return Caller{}, false
	}
	v.outcomes.remembered.Inc()
	return t.caller, true
}

// Verify returns whom a token names, and remembers it. It may ask the issuer for keys,
// while ctx allows. Its error is a fault: unauthenticated, or unavailable if the issuer's
// keys are not to be had.
func (v *Verifier) Verify(ctx context.Context, token string) (Caller, error) {
	caller, err := v.verify(ctx, token)
	switch f := (*fault.Error)(nil); {
	case err == nil:
		v.outcomes.verified.Inc()
	case errors.As(err, &f) && f.Code == fault.Unavailable:
		v.outcomes.unavailable.Inc()
	default:
		v.outcomes.refused.Inc()
		err = refusal(err)
	}
	return caller, err
}

func (v *Verifier) verify(ctx context.Context, raw string) (Caller, error) {
	i := v.issuer.Load()
	if i == nil {
		return Caller{}, Unreachable(nil)
	}
	token, err := i.verify(ctx, raw, v.settings)
	if err != nil {
		return Caller{}, err
	}
	claims := make(map[string]any)
	if err := token.Claims(&claims); err != nil {
		return Caller{}, err
	}
	now := v.now()
	if err := checkTime(token.Expiry, claims["nbf"], now); err != nil {
		return Caller{}, err
	}
	member, err := memberOf(claims, v.settings.MemberClaim)
	if err != nil {
		return Caller{}, err
	}
	until := now.Add(memoryTime)
	if token.Expiry.Before(until) {
		until = token.Expiry
	}
	caller := Caller{member, token.Expiry}
	v.tokens.Add(sha256.Sum256([]byte(raw)), remembered{caller, until})
	return caller, nil
}

// checkTime checks that now is between the claims nbf, in seconds since 1970, and exp (RFC
// 7519, sections 4.1.4 and 4.1.5), of which a token must have the second.
func checkTime(expiry time.Time, nbf any, now time.Time) error {
	notBefore, isNumber := nbf.(float64)
	switch {
	case expiry.Unix() <= 0:
		return errors.New("it must have the claim exp")
	case !now.Before(expiry.Add(skew)):
		return fmt.Errorf("it has expired at %s", expiry.UTC().Format(time.RFC3339))
	case nbf != nil && !isNumber:
		return errors.New("the claim nbf must be a number")
	case notBefore > float64(now.Add(skew).Unix()):
		return errors.New("it is not valid yet")
	}
	return nil
}

// memberOf returns the member whom a claim names, in canonical form.
func memberOf(claims map[string]any, claim string) (string, error) {
	name, ok := claims[claim].(string)
	if !ok {
		return "", fmt.Errorf("it must have the claim %s, a string", claim)
	}
	return chat.MemberIn("claim "+claim, name)
}

// refusal returns the fault of a token that is not valid, for a reason.
func refusal(reason error) error {
	text := strings.TrimPrefix(reason.Error(), "oidc: ")
	text = strings.ToValidUTF8(text[:min(len(text), shownReason)], "")
	return &fault.Error{Code: fault.Unauthenticated, Message: "the token is not valid: " + text + ". Nothing was stored"}
}

// Unreachable returns the fault of what needs an issuer that does not answer.
func Unreachable(cause error) error {
	return &fault.Error{Code: fault.Unavailable, Message: "the identity server does not answer: try again", Cause: cause}
}
