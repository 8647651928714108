package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route"

	"example.com/im/http-server/asset"
)

// addFiles adds files that are served as they are.
func addFiles(r route.IRoutes, files []asset.File) {
	for _, file := range files {
		get(r, file.Path, func(_ context.Context, c *app.RequestContext) { writeFile(c, file) })
	}
}

// writeFile answers with a file, or that the client holds it already.
func writeFile(c *app.RequestContext, file asset.File) {
	for name, value := range file.Headers() {
		c.Response.Header.Set(name, value)
	}
	if file.HeldBy(string(c.Request.Header.Peek("If-None-Match"))) {
		c.SetStatusCode(http.StatusNotModified)
		return
	}
	body, encoding := file.Body(string(c.Request.Header.Peek("Accept-Encoding")))
	if encoding != "" {
		c.Response.Header.Set("Content-Encoding", encoding)
	}
	c.Data(http.StatusOK, file.Type, body)
}
