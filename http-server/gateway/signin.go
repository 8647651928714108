package gateway

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/asset"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/page"
)

// signInReply says how a page gets a token. It is empty where nobody is asked who he is.
type signInReply struct {
	Required bool `json:"required,omitzero"`
	*identity.SignIn
}

// addPage adds the chat page, and what it asks before anything else.
func (s *Server) addPage(r route.IRoutes) {
	for _, file := range page.Files() {
		get(r, file.Path, func(_ context.Context, c *app.RequestContext) { answer.File(c, s.forPeople(file)) })
	}
	get(r, "/sign-in.json", s.signIn)
}

// forPeople returns a part of the page under the policy that lets it get tokens.
func (s *Server) forPeople(file asset.File) asset.File {
	if s.identity == nil {
		return file
	}
	how, found := s.identity.SignIn()
	if !found {
		return file
	}
	return file.Under(page.Policy(originsOf(how.TokenEndpoint)...))
}

// originsOf returns the origin of a URL, as a policy writes it, or none if a policy cannot.
func originsOf(address string) []string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(u.Host, ";,'") {
		return nil
	}
	return []string{u.Scheme + "://" + u.Host}
}

// signIn handles GET /sign-in.json.
func (s *Server) signIn(ctx context.Context, c *app.RequestContext) {
	c.Response.Header.Set("Cache-Control", "no-store")
	switch {
	case s.identity == nil:
		s.answer.JSON(ctx, c, http.StatusOK, signInReply{})
	case s.cfg.Identity.ClientID == "":
		s.answer.JSON(ctx, c, http.StatusOK, signInReply{Required: true})
	default:
		how, found := s.identity.SignIn()
		if !found {
			s.answer.Error(ctx, c, identity.Unreachable(nil))
			return
		}
		s.answer.JSON(ctx, c, http.StatusOK, signInReply{true, &how})
	}
}
