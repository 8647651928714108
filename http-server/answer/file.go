package answer

import (
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/asset"
)

// File answers with a file, or that the client holds it already. The answer has no
// copy of the file's bytes.
func File(c *app.RequestContext, file asset.File) {
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
