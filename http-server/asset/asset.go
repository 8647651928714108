// Package asset holds files that are served as they are: the parts of the service's
// pages. It knows no HTTP server.
//
// A file has the path of its URL, a type, and a policy: the Content-Security-Policy of
// its answers. By its tag (ETag), which is made of its content, a client asks whether it
// holds the file as it is. A zipped file is also there as compressed by gzip.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
)

// File is a file with what its answers say of it.
type File struct {
	Path   string // of its URL
	Type   string // the value of Content-Type
	policy string
	etag   string
	plain  []byte
	zipped []byte // compressed by gzip; nil: it is not
}

// New returns the file for a path. The extension, such as ".css", tells its type; New
// panics if it knows no type. policy is the Content-Security-Policy. The body must never
// be changed.
func New(urlPath, extension, policy string, body []byte) File {
	sum := sha256.Sum256(body)
	return File{
		Path: urlPath, Type: contentType(extension), policy: policy,
		etag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: body,
	}
}

// NewZipped is New for a body that is compressed by gzip. It fails if the body is not.
func NewZipped(urlPath, policy string, zipped []byte) (File, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", urlPath, err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", urlPath, err)
	}
	f := New(urlPath, path.Ext(urlPath), policy, body)
	f.zipped = zipped
	return f, nil
}

// contentType returns the type for a name's extension. Package mime would not do: its
// table depends on the machine.
func contentType(extension string) string {
	switch extension {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".yaml":
		return "application/yaml"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		panic("asset: no type is known for *" + extension)
	}
}

// Body returns the content for a client with this Accept-Encoding. encoding is the
// content's Content-Encoding; "" is none.
func (f File) Body(acceptEncoding string) (body []byte, encoding string) {
	if f.zipped != nil && strings.Contains(acceptEncoding, "gzip") {
		return f.zipped, "gzip"
	}
	return f.plain, ""
}

// Headers returns the names and values of the headers of an answer with f, whether or
// not the answer has the body. By them a browser asks each time whether it has the
// newest.
func (f File) Headers() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("Cache-Control", "no-cache") &&
			yield("ETag", f.etag) &&
			yield("Content-Security-Policy", f.policy) &&
			yield("X-Content-Type-Options", "nosniff") &&
			yield("Referrer-Policy", "no-referrer") &&
			(f.zipped == nil || yield("Vary", "Accept-Encoding"))
	}
}

// HeldBy reports whether a client with this If-None-Match holds f as it is (RFC 9110,
// section 13.1.2).
func (f File) HeldBy(ifNoneMatch string) bool {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/") // a proxy that compresses weakens the tag
		if tag == f.etag || tag == "*" {
			return true
		}
	}
	return false
}
