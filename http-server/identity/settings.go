package identity

import (
	"errors"
	"fmt"
	"net/url"
)

// Settings say whose tokens callers need, for kong.
type Settings struct {
	Issuer      string `name:"oidc-issuer" env:"OIDC_ISSUER" help:"URL of the identity server (OpenID Connect) by whose tokens callers show who they are. Empty: nobody is asked."`
	Audience    string `name:"oidc-audience" env:"OIDC_AUDIENCE" help:"Audience for which a token must be made; required with OIDC_ISSUER."`
	MemberClaim string `name:"oidc-member-claim" env:"OIDC_MEMBER_CLAIM" default:"sub" help:"Claim of a token that is the caller's name as a member of chats."`
	ClientID    string `name:"oidc-client-id" env:"OIDC_CLIENT_ID" help:"Client as which the chat page signs people in (authorization code with PKCE). Empty: the page cannot."`
	Scope       string `name:"oidc-scope" env:"OIDC_SCOPE" default:"openid" help:"Scopes for which the chat page asks, with spaces between."`
}

// Enabled reports whether callers have to show who they are.
func (s Settings) Enabled() bool { return s.Issuer != "" }

// Validate implements kong's hook.
func (s Settings) Validate() error {
	switch {
	case !s.Enabled() && (s.Audience != "" || s.ClientID != ""):
		return errors.New("OIDC_AUDIENCE and OIDC_CLIENT_ID must come with OIDC_ISSUER")
	case !s.Enabled():
		return nil
	case s.Audience == "":
		return errors.New("OIDC_AUDIENCE must be set with OIDC_ISSUER: a token for another service would do")
	case s.MemberClaim == "":
		return errors.New("OIDC_MEMBER_CLAIM must not be empty")
	}
	u, err := url.Parse(s.Issuer)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("OIDC_ISSUER: %q must be an https or http URL without query and fragment", s.Issuer)
	}
	return nil
}
