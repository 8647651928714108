package gateway

import (
	"context"
	"net/http"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route"

	"example.com/im/http-server/openapi"
)

// addDocs adds the contract, and the page on which people read and try it.
func (s *Server) addDocs(r route.IRoutes) {
	get(r, openapi.Path, document)
	for path, file := range s.docs {
		get(r, path, func(ctx context.Context, c *app.RequestContext) { s.docsFile(ctx, c, file) })
	}
}

// document handles GET /openapi.yaml.
func document(_ context.Context, c *app.RequestContext) {
	c.Data(http.StatusOK, "application/yaml", []byte(openapi.Document()))
}

// docsFile answers with a part of the page, or that the client has it.
func (s *Server) docsFile(ctx context.Context, c *app.RequestContext, file openapi.File) {
	answer := &c.Response.Header
	answer.Set("Content-Security-Policy", openapi.DocsPolicy)
	answer.Set("X-Content-Type-Options", "nosniff")
	answer.Set("Cache-Control", "no-cache") // but ask whether it is still so
	answer.Set("ETag", file.ETag)
	answer.Add("Vary", "Accept-Encoding")
	switch {
	case string(c.Request.Header.Peek("If-None-Match")) == file.ETag:
		c.SetStatusCode(http.StatusNotModified)
	case file.Compressed && strings.Contains(string(c.Request.Header.Peek("Accept-Encoding")), "gzip"):
		answer.Set("Content-Encoding", "gzip")
		c.Data(http.StatusOK, file.ContentType, file.Content)
	default:
		plain, err := file.Plain()
		if err != nil {
			s.writeError(ctx, c, err)
			return
		}
		c.Data(http.StatusOK, file.ContentType, plain)
	}
}
