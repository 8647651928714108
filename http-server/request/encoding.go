package request

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
)

const (
	encodingHeader = "Content-Encoding"
	// shownEncoding is how many characters of an unknown encoding a refusal repeats.
	shownEncoding = 40
)

// decoded returns a body without its Content-Encoding, which may be gzip (RFC 9110, section
// 8.4.1.3; x-gzip is another name of it), identity, or absent. Decoded, a body is as long
// as any may be. An empty body has no encoding. An error is a fault.
func decoded(c *app.RequestContext, body []byte) ([]byte, error) {
	if len(body) == 0 {
		return body, nil
	}
	encoding := string(bytes.Join(c.Request.Header.PeekAll(encodingHeader), []byte(", ")))
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		return unzipped(c, body)
	}
	return nil, fault.Invalid(encodingHeader, "must be gzip, identity or absent: it is "+param.Shown(encoding, shownEncoding))
}

// unzipped returns what is compressed in a body.
func unzipped(c *app.RequestContext, body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(r, MaxBodyBytes+1))
	}
	switch {
	case err != nil:
		return nil, fault.Invalid("body", "must be valid gzip, as its Content-Encoding says: "+err.Error())
	case len(body) > MaxBodyBytes:
		return nil, bodyTooLarge(c)
	}
	return body, nil
}
