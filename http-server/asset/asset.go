// Package asset holds files that are served as they are: the parts of the service's
// pages. It knows no HTTP server.
//
// A file has the path of its URL, a type, and a policy: the Content-Security-Policy of
// its answers. It is there in one form or two: plain, and compressed by gzip if that makes
// it smaller. All answers share the bytes of a form. By its tag (ETag), which is made of
// the content, a client asks whether it holds the form as it is.
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
	plain  Form
	zipped Form // without a body: the file has only the plain form
}

// Form is what is sent of a file.
type Form struct {
	Body     []byte // shared by all answers: it must never be changed
	Encoding string // the value of Content-Encoding; "": none
	etag     string
}

// New returns the file for a path. The extension, such as ".css", tells its type; New
// panics if it knows no type. policy is the Content-Security-Policy. The body must never
// be changed.
func New(urlPath, extension, policy string, body []byte) File {
	return newFile(urlPath, extension, policy, body, zip(body))
}

// Under returns f with another policy. Its tags are others, too: a client that holds f
// holds the policy with it.
func (f File) Under(policy string) File {
	if policy != f.policy {
		suffix := tag([]byte(policy))
		f.policy, f.plain.etag, f.zipped.etag = policy, retag(f.plain.etag, suffix), retag(f.zipped.etag, suffix)
	}
	return f
}

// retag returns a tag that says more.
func retag(etag, suffix string) string { return strings.TrimSuffix(etag, `"`) + "-" + suffix + `"` }

// tag returns what tells a content from others.
func tag(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:12])
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
	return newFile(urlPath, path.Ext(urlPath), policy, bytes.Clone(body), zipped), nil
}

// newFile returns a file with two forms, or one if compression makes it no smaller. Each
// form has a tag of its own (RFC 9110, section 8.8.3.3).
func newFile(urlPath, extension, policy string, body, zipped []byte) File {
	name := tag(body)
	f := File{Path: urlPath, Type: contentType(extension), policy: policy, plain: Form{body, "", `"` + name + `"`}}
	if len(zipped) < len(body) {
		f.zipped = Form{zipped, "gzip", `"` + name + `-gzip"`}
	}
	return f
}

// zip returns a body as compressed by gzip.
func zip(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one of gzip's
	_, _ = w.Write(body)                                  // a buffer takes everything
	_ = w.Close()
	return bytes.Clone(b.Bytes()) // it is kept, without the room to grow
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

// Form returns the form for a client with this Accept-Encoding.
func (f File) Form(acceptEncoding string) Form {
	if f.zipped.Body != nil && acceptsGzip(acceptEncoding) {
		return f.zipped
	}
	return f.plain
}

// Headers returns the names and values of the headers of an answer with a form of f,
// whether or not the answer has the body. By them a browser asks each time whether it has
// the newest.
func (f File) Headers(form Form) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("Cache-Control", "no-cache") &&
			yield("ETag", form.etag) &&
			yield("Content-Security-Policy", f.policy) &&
			yield("X-Content-Type-Options", "nosniff") &&
			yield("Referrer-Policy", "no-referrer") &&
			(f.zipped.Body == nil || yield("Vary", "Accept-Encoding"))
	}
}

// HeldBy reports whether a client with this If-None-Match holds the form as it is (RFC
// 9110, section 13.1.2).
func (f Form) HeldBy(ifNoneMatch string) bool {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/") // a proxy that compresses weakens the tag
		if tag == f.etag || tag == "*" {
			return true
		}
	}
	return false
}
