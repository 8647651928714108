package identity_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/identity/identitytest"
)

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
		"the claim nbf must be":            {"nbf": "1"},
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
