// Package asset holds files that are served as they are: what the pages of the
// service are made of. It knows no HTTP server.
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

// File is a file with what is said of it.
type File struct {
	Path   string // of its URL
	Type   string // the value of Content-Type
	policy string
	etag   string
	plain  []byte
	zipped []byte // by gzip; nil if it is not
}

// New returns the file for a path whose extension tells the type. policy is its
// Content-Security-Policy. body is never to be changed.
func New(urlPath, extension, policy string, body []byte) File {
	sum := sha256.Sum256(body)
	return File{
		Path: urlPath, Type: contentType(extension), policy: policy,
		etag: `"` + hex.EncodeToString(sum[:12]) + `"`, plain: body,
	}
}

// NewZipped is New for a body that is compressed by gzip.
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

// contentType returns the type for a name's extension. The table of the package
// mime depends on the machine.
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
	default:
		panic("asset: no type is known for *" + extension)
	}
}

// Body returns the content for a client whose Accept-Encoding is given, and its
// Content-Encoding, "" for none.
func (f File) Body(acceptEncoding string) (body []byte, encoding string) {
	if f.zipped != nil && strings.Contains(acceptEncoding, "gzip") {
		return f.zipped, "gzip"
	}
	return f.plain, ""
}

// Headers returns the names and values of the headers of an answer with f, whether
// or not it has the body. A browser asks each time whether it has the newest.
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

// HeldBy reports whether a client holds f as it is, by the value of its
// If-None-Match (RFC 9110, section 13.1.2).
func (f File) HeldBy(ifNoneMatch string) bool {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/") // a proxy that compresses weakens the tag
		if tag == f.etag || tag == "*" {
			return true
		}
	}
	return false
}
