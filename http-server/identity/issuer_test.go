package identity_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/identity/identitytest"
)

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
