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

// writeFile answers with a file, or that the client holds it already. The answer has no
// copy of the file's bytes.
func writeFile(c *app.RequestContext, file asset.File) {
	form := file.Form(string(c.Request.Header.Peek("Accept-Encoding")))
	for name, value := range file.Headers(form) {
		c.Response.Header.Add(name, value) // Vary may be there
	}
	if form.HeldBy(string(c.Request.Header.Peek("If-None-Match"))) {
		c.SetStatusCode(http.StatusNotModified)
		return
	}
	if form.Encoding != "" {
		c.Response.Header.Set("Content-Encoding", form.Encoding)
	}
	c.SetStatusCode(http.StatusOK)
	c.SetContentType(file.Type)
	c.Response.SetBodyRaw(form.Body)
}
