package identity_test

import (
	"strings"
	"testing"

	"example.com/im/http-server/identity"
)

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
