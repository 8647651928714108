package request

import (
	"io"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
)

// MaxBodyBytes bounds the body of a request, as it arrives and decoded.
const MaxBodyBytes = 128 << 10

// Source returns where a request has its parameters. An error is a fault.
func Source(c *app.RequestContext) (param.Source, error) {
	body, err := readBody(c)
	if err == nil {
		body, err = decoded(c, body)
	}
	return param.Source{
		Query:       string(c.URI().QueryString()),
		Body:        body,
		ContentType: string(c.Request.Header.ContentType()),
	}, err
}

// Params returns the parameters of a request, of which these are known. An error is a
// fault.
func Params(c *app.RequestContext, known ...string) (param.Set, error) {
	source, err := Source(c)
	if err != nil {
		return param.Set{}, err
	}
	return source.Parse(known...)
}

// readBody returns the body of a request. Hertz hands the body over as a stream, which
// takes no more memory than has arrived. An error is a fault.
func readBody(c *app.RequestContext) ([]byte, error) {
	size := c.Request.Header.ContentLength() // negative: not known
	if size > MaxBodyBytes {
		return nil, bodyTooLarge(c)
	}
	if !c.Request.IsBodyStream() {
		return c.Request.Body(), nil
	}
	if size < 0 {
		size = MaxBodyBytes + 1
	}
	// Without a limit the stream (Hertz v0.10.4) reads on into the next request.
	body, err := io.ReadAll(io.LimitReader(c.RequestBodyStream(), int64(size)))
	switch {
	case err != nil:
		abandonBody(c)
		return nil, fault.Invalid("body", "must arrive whole and in time")
	case len(body) > MaxBodyBytes:
		return nil, bodyTooLarge(c)
	}
	return body, nil
}

// bodyTooLarge abandons the body and returns the fault.
func bodyTooLarge(c *app.RequestContext) error {
	abandonBody(c)
	return &fault.Error{Code: fault.TooLarge, Message: "body: must be at most 131072 bytes long"}
}

// abandonBody closes the connection after the answer. Otherwise Hertz would first read
// the rest of the body, however long it is.
func abandonBody(c *app.RequestContext) {
	_ = c.Request.CloseBodyStream()
	c.SetConnectionClose()
}
