package identity_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/identity/identitytest"
)

// clock is a time that a test moves.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// start returns a verifier of the issuer's tokens, and its clock. The verifier looks for
// the issuer until the test ends.
func start(t testing.TB, issuer *identitytest.Issuer) (*identity.Verifier, *clock) {
	t.Helper()
	v, err := identity.New(identity.Config{
		Settings: identity.Settings{Issuer: issuer.URL, Audience: identitytest.Audience, MemberClaim: "sub"},
		Log:      slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{}
	v.SetClock(c.now)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return v, c
}

// startFound is start, and waits until the issuer is found.
func startFound(t testing.TB, issuer *identitytest.Issuer) (*identity.Verifier, *clock) {
	t.Helper()
	v, c := start(t, issuer)
	await(t, "the issuer is found", v.Found)
	return v, c
}

// await waits until a condition holds.
func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); <-time.After(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// wantMember checks that a token names a member.
func wantMember(t *testing.T, v *identity.Verifier, token, member string) {
	t.Helper()
	caller, err := v.Verify(t.Context(), token)
	if err != nil || caller.Member != member {
		t.Errorf("Verify = %q, %v; want %q", caller.Member, err, member)
	}
}

// awaitMember is wantMember after the issuer's keys have changed, or it answers again. A
// verification may still meet the end of a request for keys of before.
func awaitMember(t *testing.T, v *identity.Verifier, token, member string) {
	t.Helper()
	await(t, "the keys are known", func() bool { _, err := v.Verify(t.Context(), token); return err == nil })
	wantMember(t, v, token, member)
}

// wantRefused checks that a token is refused by a code, for a reason.
func wantRefused(t *testing.T, v *identity.Verifier, token string, code fault.Code, reason string) {
	t.Helper()
	caller, err := v.Verify(t.Context(), token)
	f := (*fault.Error)(nil)
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, reason) || caller.Member != "" {
		t.Errorf("Verify = %q, %v; want %s: … %s …", caller.Member, err, code, reason)
	}
	if _, known := v.Remembered(token); known {
		t.Errorf("a token is remembered that was refused: %v", err)
	}
}

// with returns claims with some changed; nil takes one away.
func with(claims map[string]any, changes map[string]any) map[string]any {
	claims = maps.Clone(claims)
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func TestValidTokens(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	v, _ := startFound(t, issuer)
	now, claims := time.Now(), issuer.Claims(" José ")
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		wantMember(t, v, issuer.Sign(t, algorithm, claims), "josé")
	}
	for _, changes := range []map[string]any{
		{"aud": []string{"other", identitytest.Audience}},
		{"exp": now.Add(-identity.Skew / 2).Unix()},
		{"nbf": now.Add(identity.Skew / 2).Unix()},
		{"exp": float64(now.Unix()) + 60.5},
	} {
		wantMember(t, v, issuer.Sign(t, "ES256", with(claims, changes)), "josé")
	}
}

func TestTokensThatAreNotValid(t *testing.T) {
	t.Parallel()
	issuer, stranger := identitytest.Start(t), identitytest.Start(t)
	v, _ := startFound(t, issuer)
	now, claims := time.Now(), issuer.Claims("ann")
	wantMember(t, v, issuer.Sign(t, "EdDSA", claims), "ann")
	for reason, changes := range map[string]map[string]any{
		"different provider":               {"iss": stranger.URL},
		"different provider, expected":     {"iss": nil}, // none
		"expected audience":                {"aud": "other"},
		`expected audience "im" got []`:    {"aud": nil},
		"expired at":                       {"exp": now.Add(-identity.Skew - time.Second).Unix()},
		"must have the claim exp":          {"exp": nil},
		"not valid yet":                    {"nbf": now.Add(identity.Skew + time.Hour).Unix()},
		"must have the claim sub":          {"sub": nil},
		"a member's name must not contain": {"sub": "ann bob"},
		"claim sub: a member's name must":  {"sub": ""},
		"colon":                            {"sub": "ann\uff1abob"},
	} {
		wantRefused(t, v, issuer.Sign(t, "EdDSA", with(claims, changes)), fault.Unauthenticated, reason)
	}
	wantRefused(t, v, issuer.Sign(t, "EdDSA", with(claims, map[string]any{"sub": 5})), fault.Unauthenticated, "")

	rsaKey, kid := issuer.Key("RS256")
	_, edID := issuer.Key("EdDSA")
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	valid := issuer.Sign(t, "EdDSA", claims)
	header, rest, _ := strings.Cut(valid, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	for name, token := range map[string]string{
		"of another issuer":          stranger.Sign(t, "EdDSA", claims),
		"a key nobody has told":      identitytest.Sign(t, "EdDSA", foreign, "other", claims),
		"a foreign key, a known kid": identitytest.Sign(t, "EdDSA", foreign, edID, claims),
		"a foreign key, no kid":      identitytest.Sign(t, "EdDSA", foreign, "", claims),
		"RS384":                      identitytest.Sign(t, "RS384", rsaKey, kid, claims),
		"PS256":                      identitytest.Sign(t, "PS256", rsaKey, kid, claims),
		"HS256 by the public key":    identitytest.Sign(t, "HS256", rsaKey.Public().(*rsa.PublicKey).N.Bytes(), kid, claims),
		"none":                       none + "." + payload + ".",
		"none with a signature":      none + "." + payload + "." + signature,
		"no signature":               header + "." + payload + ".",
		"another payload":            header + "." + base64.RawURLEncoding.EncodeToString([]byte(`{}`)) + "." + signature,
		"JSON": `{"payload":"` + payload + `","signatures":[{"protected":"` + header + `","signature":"` + signature +
			`"},{"protected":"` + header + `","signature":"` + signature + `"}]}`,
		"two parts": header + "." + payload,
		"a word":    "ann",
		"nothing":   "",
		"long":      strings.Repeat("a.", 1<<13),
	} {
		t.Run(name, func(t *testing.T) { wantRefused(t, v, token, fault.Unauthenticated, "the token is not valid") })
	}
}

// A refusal repeats what a token says only in part, and as text.
func TestRefusalsAreShort(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	v, _ := startFound(t, issuer)
	_, err := v.Verify(t.Context(), issuer.Sign(t, "EdDSA", with(issuer.Claims("ann"), map[string]any{"aud": strings.Repeat("ü\n", 1000)})))
	if err == nil || len(err.Error()) > 300 || strings.Contains(err.Error(), "\n") {
		t.Errorf("error = %q", err)
	}
}

// A token is verified once in MemoryTime, and not remembered past its end.
func TestTokensAreRemembered(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	v, c := startFound(t, issuer)
	long, short := issuer.Token(t, "ann"), issuer.Sign(t, "RS256", with(issuer.Claims("bob"), map[string]any{"exp": time.Now().Add(time.Minute).Unix()}))
	for token, member := range map[string]string{long: "ann", short: "bob"} {
		if _, known := v.Remembered(token); known {
			t.Errorf("the token of %s is remembered before it came", member)
		}
		wantMember(t, v, token, member)
		if caller, known := v.Remembered(token); !known || caller.Member != member || caller.Until.Before(time.Now()) {
			t.Errorf("Remembered = %+v, %t; want %s", caller, known, member)
		}
	}
	c.move(time.Minute)
	if caller, known := v.Remembered(short); known {
		t.Errorf("%+v is remembered past the end of the token", caller)
	}
	wantMember(t, v, short, "bob") // the clocks may differ
	if _, known := v.Remembered(short); known {
		t.Error("a token is remembered past its end")
	}
	c.move(identity.MemoryTime - time.Minute)
	if caller, known := v.Remembered(long); known {
		t.Errorf("%+v is remembered for too long", caller)
	}
}

// New keys are found when a token needs one, but who makes tokens up does not make the
// gateway ask for them all the time.
func TestRotation(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	v, c := startFound(t, issuer)
	old := issuer.Token(t, "ann")
	wantMember(t, v, old, "ann")
	issuer.Rotate(t)
	fresh := issuer.Token(t, "bob")
	for range 20 {
		wantRefused(t, v, fresh, fault.Unauthenticated, "a key that the issuer has not told lately")
	}
	if n := issuer.Asked(); n != 1 {
		t.Errorf("the issuer was asked for its keys %d times; want once", n)
	}
	c.move(identity.KeysInterval)
	awaitMember(t, v, fresh, "bob")
	wantMember(t, v, issuer.Sign(t, "RS256", issuer.Claims("eve")), "eve")
	if n := issuer.Asked(); n != 2 {
		t.Errorf("the issuer was asked for its keys %d times; want twice", n)
	}
	if caller, known := v.Remembered(old); !known || caller.Member != "ann" {
		t.Error("a token of before is forgotten")
	}
	wantRefused(t, v, forged(t, issuer, old), fault.Unauthenticated, "")
}

// forged returns a token whose signature is that of another.
func forged(t *testing.T, issuer *identitytest.Issuer, other string) string {
	t.Helper()
	token := issuer.Token(t, "mallory")
	return token[:strings.LastIndex(token, ".")] + other[strings.LastIndex(other, "."):]
}

// While the issuer is out of reach, known keys go on. What needs others is not refused,
// because it may be valid.
func TestIssuerOutOfReach(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	issuer.Fail(http.StatusBadGateway)
	v, c := start(t, issuer)
	wantRefused(t, v, issuer.Token(t, "ann"), fault.Unavailable, "the identity server does not answer")
	if _, ok := v.SignIn(); ok {
		t.Error("it is known how to sign in at an issuer that was not found")
	}
	issuer.Fail(0)
	await(t, "the issuer is found", v.Found)

	issuer.Fail(http.StatusInternalServerError)
	wantRefused(t, v, issuer.Token(t, "ann"), fault.Unavailable, "the identity server does not answer")
	asked := issuer.Asked()
	for range 10 {
		wantRefused(t, v, issuer.Token(t, "ann"), fault.Unavailable, "the identity server does not answer")
	}
	if n := issuer.Asked(); n != asked {
		t.Errorf("an issuer that fails was asked %d times in a moment; want once", n-asked+1)
	}
	issuer.Fail(0)
	c.move(identity.RetryInterval)
	awaitMember(t, v, issuer.Token(t, "ann"), "ann")

	issuer.Fail(http.StatusServiceUnavailable)
	wantMember(t, v, issuer.Token(t, "bob"), "bob")
	known := issuer.Token(t, "eve")
	issuer.Rotate(t)
	c.move(identity.KeysInterval)
	wantRefused(t, v, issuer.Token(t, "mallory"), fault.Unavailable, "the identity server does not answer")
	wantMember(t, v, known, "eve")
}

// Ten thousand callers take little memory. (Other tests would, too: this one is alone.)
func TestMemoryOfManyTokens(t *testing.T) {
	const callers, most = 10_000, 8 << 20
	issuer := identitytest.Start(t)
	v, _ := startFound(t, issuer)
	wantMember(t, v, issuer.Token(t, "first"), "first")
	before := heap()
	for n := range callers {
		if _, err := v.Verify(t.Context(), issuer.Token(t, fmt.Sprintf("somebody-%d", n))); err != nil {
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > most {
		t.Errorf("%d tokens take %d bytes; want at most %d", callers, grown, most)
	}
	if n := v.Len(); n != callers+1 {
		t.Errorf("%d tokens are remembered; want %d", n, callers+1)
	}
}

// heap returns the bytes of the objects that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	valid := identity.Settings{Issuer: "https://id.example/realms/a", Audience: "im", MemberClaim: "sub"}
	for _, s := range []identity.Settings{{}, {MemberClaim: "sub", Scope: "openid"}, valid} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for want, change := range map[string]func(*identity.Settings){
		"OIDC_AUDIENCE must be set":           func(s *identity.Settings) { s.Audience = "" },
		"OIDC_MEMBER_CLAIM must not be empty": func(s *identity.Settings) { s.MemberClaim = "" },
		"must come with OIDC_ISSUER":          func(s *identity.Settings) { s.Issuer = "" },
		`"id.example" must be an https`:       func(s *identity.Settings) { s.Issuer = "id.example" },
		`"ftp://id.example"`:                  func(s *identity.Settings) { s.Issuer = "ftp://id.example" },
		`"https://id.example?a"`:              func(s *identity.Settings) { s.Issuer = "https://id.example?a" },
	} {
		s := valid
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v; want %s", s, err, want)
		}
	}
}

// BenchmarkRemembered is what a call with a known token costs more.
func BenchmarkRemembered(b *testing.B) {
	issuer := identitytest.Start(b)
	v, _ := startFound(b, issuer)
	token := issuer.Sign(b, "RS256", issuer.Claims("ann"))
	if _, err := v.Verify(b.Context(), token); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := v.Remembered(token); !ok {
			b.Fatal("forgotten")
		}
	}
}

// BenchmarkVerify is what a call with a new token costs more.
func BenchmarkVerify(b *testing.B) {
	issuer := identitytest.Start(b)
	v, _ := startFound(b, issuer)
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		token := issuer.Sign(b, algorithm, issuer.Claims("ann"))
		b.Run(algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
