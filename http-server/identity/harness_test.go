package identity_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
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

// heap returns the bytes of the objects that are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
