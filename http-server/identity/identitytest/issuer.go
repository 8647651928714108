// Package identitytest is an identity server for tests: it publishes its addresses and
// keys over HTTP, signs tokens, signs in people, changes its keys, and can be out of reach.
package identitytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Audience is that of the tokens of [Issuer.Token].
const Audience = "im"

// Issuer is an identity server on loopback.
type Issuer struct {
	URL string

	mu     sync.Mutex
	keys   map[string]signer // by algorithm
	fail   int               // status instead of an answer; 0: it answers
	asked  int               // requests for keys
	server *httptest.Server

	login   Login
	grants  map[string]grant // by code
	prompts []string
}

// signer is a key with its kid.
type signer struct {
	id  string
	key crypto.Signer
}

// Start starts an issuer with a key for each of RS256, ES256 and EdDSA.
func Start(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{keys: make(map[string]signer), grants: make(map[string]grant)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.publish)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { i.token(t, w, r) })
	mux.HandleFunc("GET /end", i.end)
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	i.URL = i.server.URL
	i.Rotate(t)
	return i
}

// Rotate replaces all keys.
func (i *Issuer) Rotate(t testing.TB) {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for algorithm, key := range map[string]crypto.Signer{"RS256": rsaKey, "ES256": ecKey, "EdDSA": edKey} {
		i.keys[algorithm] = signer{rand.Text(), key}
	}
}

// Fail makes the issuer answer everything with a status; 0 makes it answer again.
func (i *Issuer) Fail(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fail = status
}

// Asked returns how often the keys were asked for.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// Key returns the private key for an algorithm, and its kid.
func (i *Issuer) Key(algorithm string) (key crypto.Signer, id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[algorithm].key, i.keys[algorithm].id
}

// Claims returns those of a token for a person that is valid for an hour.
func (i *Issuer) Claims(subject string) map[string]any {
	return map[string]any{"iss": i.URL, "aud": Audience, "sub": subject, "exp": time.Now().Add(time.Hour).Unix()}
}

// Token returns a token for a person that is valid for an hour, signed by EdDSA.
func (i *Issuer) Token(t testing.TB, subject string) string {
	t.Helper()
	return i.Sign(t, "EdDSA", i.Claims(subject))
}

// Sign returns a token with these claims, signed by the key for an algorithm.
func (i *Issuer) Sign(t testing.TB, algorithm string, claims map[string]any) string {
	t.Helper()
	key, id := i.Key(algorithm)
	return Sign(t, algorithm, key, id, claims)
}

// Sign returns a token with these claims, signed by any key, which has the kid.
func Sign(t testing.TB, algorithm string, key any, kid string, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithm), Key: jose.JSONWebKey{Key: key, KeyID: kid}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// discovery tells the addresses.
func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	i.answer(w, map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys",
		"authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		"end_session_endpoint":                  i.URL + "/end",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}, // more than is taken
	})
}

// publish tells the public keys.
func (i *Issuer) publish(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	i.asked++
	var set jose.JSONWebKeySet
	for algorithm, s := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: s.key.Public(), KeyID: s.id, Algorithm: algorithm, Use: "sig"})
	}
	i.mu.Unlock()
	i.answer(w, set)
}

// answer answers with v, or with the status that is to be.
func (i *Issuer) answer(w http.ResponseWriter, v any) {
	i.mu.Lock()
	status := i.fail
	i.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may have gone
}
