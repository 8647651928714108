package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/route"

	"example.com/im/http-server/page"
)

// addPage adds the files of the chat page.
func addPage(r route.IRoutes) {
	for _, file := range page.Files() {
		get(r, file.Path, func(_ context.Context, c *app.RequestContext) { writeFile(c, file) })
	}
}

// writeFile answers with a file, or that the client holds it already.
func writeFile(c *app.RequestContext, file page.File) {
	for name, value := range file.Headers() {
		c.Response.Header.Set(name, value)
	}
	if file.HeldBy(string(c.Request.Header.Peek("If-None-Match"))) {
		c.SetStatusCode(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, file.Type, file.Body)
}
