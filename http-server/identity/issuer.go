package identity

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// askTimeout bounds one request to the issuer.
	askTimeout = 5 * time.Second
	// keysInterval is the shortest time between two requests for keys. Who shows tokens
	// with keys that do not exist must not make a gateway flood the issuer.
	keysInterval = 10 * time.Second
	// retryInterval is the shortest time between two requests of which the first has
	// failed.
	retryInterval = time.Second
	// warnInterval is the time between two warnings of an issuer that is not found.
	warnInterval = time.Minute
)

// SignIn is what a page needs to sign a person in: authorization code (RFC 6749, section
// 4.1) with PKCE (RFC 7636).
type SignIn struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	EndSessionEndpoint    string `json:"end_session_endpoint,omitzero"` // "": the issuer has none
	ClientID              string `json:"client_id"`
	Scope                 string `json:"scope"`
	MemberClaim           string `json:"member_claim"` // of a token: who has signed in
}

// issuer is an issuer that was found.
type issuer struct {
	keys   *oidc.RemoteKeySet
	signIn SignIn
}

// Run finds the issuer. It tries until ctx is done.
func (v *Verifier) Run(ctx context.Context) {
	var warned time.Time
	for {
		found, err := v.discover(ctx)
		if err == nil {
			v.issuer.Store(found)
			v.log.Info("identity server found", "issuer", v.settings.Issuer)
			return
		}
		if ctx.Err() == nil && time.Since(warned) >= warnInterval {
			v.log.Warn("identity server not found: calls are answered 503 until it is", "issuer", v.settings.Issuer, "err", err)
			warned = time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryInterval):
		}
	}
}

// SignIn returns how a page signs a person in. It returns false while the issuer is not
// found, or if there is no client for pages.
func (v *Verifier) SignIn() (SignIn, bool) {
	i := v.issuer.Load()
	if i == nil || v.settings.ClientID == "" {
		return SignIn{}, false
	}
	return i.signIn, true
}

// discover asks the issuer for its addresses.
func (v *Verifier) discover(ctx context.Context) (*issuer, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, v.client), v.settings.Issuer)
	if err != nil {
		return nil, err
	}
	var told struct {
		Keys       string `json:"jwks_uri"`
		EndSession string `json:"end_session_endpoint"` // OpenID Connect RP-Initiated Logout 1.0, section 2.1
	}
	if err := provider.Claims(&told); err != nil {
		return nil, err
	}
	if told.Keys == "" {
		return nil, errors.New("the identity server tells no jwks_uri")
	}
	asking := &http.Client{Timeout: askTimeout, Transport: &seldom{next: http.DefaultTransport, now: v.now}}
	endpoint := provider.Endpoint()
	return &issuer{
		keys: oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), asking), told.Keys),
		signIn: SignIn{
			v.settings.Issuer, endpoint.AuthURL, endpoint.TokenURL, told.EndSession,
			v.settings.ClientID, v.settings.Scope, v.settings.MemberClaim,
		},
	}, nil
}

// verify returns a token that the issuer has signed for the audience, whenever that was.
// The error is a fault if the keys are not to be had.
func (i *issuer) verify(ctx context.Context, raw string, s Settings) (*oidc.IDToken, error) {
	look := &keyLookup{keys: i.keys}
	token, err := oidc.NewVerifier(s.Issuer, look, &oidc.Config{
		ClientID:             s.Audience,
		SupportedSigningAlgs: algorithms,
		SkipExpiryCheck:      true, // it allows other clocks five minutes before, and none after
	}).Verify(ctx, raw)
	if look.failed != nil {
		return nil, Unreachable(look.failed)
	}
	return token, err
}

// keyLookup is an [oidc.KeySet] that tells, after one verification, whether the keys were to
// be had. The verifier's error does not tell.
type keyLookup struct {
	keys   *oidc.RemoteKeySet
	failed error
}

// VerifySignature implements [oidc.KeySet].
func (l *keyLookup) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	payload, err := l.keys.VerifySignature(ctx, token)
	switch {
	case errors.Is(err, errAskedLately):
		return nil, errors.New("it is signed by a key that the issuer has not told lately")
	case errors.Unwrap(err) != nil: // the set wraps an error only if it could not get the keys
		l.failed = err
	}
	return payload, err
}

// errAskedLately refuses to ask for the keys again.
var errAskedLately = errors.New("the issuer was asked a moment ago")

// seldom is a transport that asks at most once in keysInterval, and if it got no answer
// in retryInterval. (A [oidc.RemoteKeySet] asks for each token whose signature no key
// confirms.)
type seldom struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	asked time.Time
	err   error // of the latest request
}

// RoundTrip implements [http.RoundTripper].
func (s *seldom) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := s.mayAsk(); err != nil {
		return nil, err
	}
	resp, err := s.next.RoundTrip(r)
	if err == nil && resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		err = errors.New("the issuer answers " + resp.Status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err = err; err != nil {
		return nil, err
	}
	return resp, nil
}

// mayAsk returns an error if the latest request is too short ago.
func (s *seldom) mayAsk() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := s.now().Sub(s.asked)
	switch {
	case s.err != nil && since < retryInterval:
		return s.err
	case s.err == nil && since < keysInterval:
		return errAskedLately
	}
	s.asked, s.err = s.now(), nil
	return nil
}
