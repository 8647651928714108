package identitytest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Login is how the issuer lets people sign in by a browser: authorization code (RFC 6749,
// section 4.1) with PKCE (RFC 7636). It shows no form.
type Login struct {
	Subject string        // whom it knows the browser as; "": nobody
	Life    time.Duration // of a token
	Opaque  bool          // the access token is no JWT
	Nonce   string        // instead of the one that the page has sent; "": that one
}

// grant is what a code stands for.
type grant struct{ redirect, client, challenge, nonce string }

// SetLogin sets how people sign in from now on.
func (i *Issuer) SetLogin(l Login) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.login = l
}

// Prompts returns the parameter prompt of each sign-in so far.
func (i *Issuer) Prompts() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]string(nil), i.prompts...)
}

// authorize sends the browser back, with a code or an error (RFC 6749, section 4.1.2).
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" {
		http.Error(w, "not a request for a code: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.prompts = append(i.prompts, q.Get("prompt"))
	answer := url.Values{"state": {q.Get("state")}, "iss": {i.URL}}
	switch {
	case i.login.Subject != "":
		code := rand.Text()
		i.grants[code] = grant{q.Get("redirect_uri"), q.Get("client_id"), q.Get("code_challenge"), q.Get("nonce")}
		answer.Set("code", code)
	case q.Get("prompt") == "none":
		answer.Set("error", "login_required")
	default:
		answer.Set("error", "access_denied")
		answer.Set("error_description", "<b>you</b> declined")
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token gives tokens for a code, once.
func (i *Issuer) token(t testing.TB, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	i.mu.Lock()
	code := r.PostFormValue("code")
	g, known := i.grants[code]
	delete(i.grants, code)
	login := i.login
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("grant_type") != "authorization_code" || g.redirect != r.PostFormValue("redirect_uri") ||
		g.client != r.PostFormValue("client_id") || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.WriteHeader(http.StatusBadRequest)
		i.answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := i.Claims(login.Subject)
	claims["iat"], claims["exp"] = time.Now().Unix(), time.Now().Add(login.Life).Unix()
	access := i.Sign(t, "RS256", claims)
	if login.Opaque {
		access = rand.Text()
	}
	if claims["nonce"] = g.nonce; login.Nonce != "" {
		claims["nonce"] = login.Nonce
	}
	i.answer(w, map[string]any{
		"access_token": access, "token_type": "Bearer", "id_token": i.Sign(t, "RS256", claims), "expires_in": int(login.Life.Seconds()),
	})
}

// end forgets the browser (OpenID Connect RP-Initiated Logout 1.0).
func (i *Issuer) end(w http.ResponseWriter, r *http.Request) {
	i.SetLogin(Login{})
	http.Redirect(w, r, r.URL.Query().Get("post_logout_redirect_uri"), http.StatusFound)
}
