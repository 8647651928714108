// Package page holds the chat page: HTML, CSS and JavaScript modules that are
// served as they are. It knows no HTTP server: the gateway answers with its files.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"iter"
	"path"
	"strings"
)

// Home is the path of the page itself; its other files are below [Prefix].
const (
	Home   = "/"
	Prefix = "/page/"
)

// policy lets the page load and call what is its own, and nothing else: a text
// that became HTML by mistake could neither run nor report anything.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed files
var files embed.FS

// File is a part of the page.
type File struct {
	Path string // of its URL
	Type string // the value of Content-Type
	Body []byte // never to be changed
	etag string
}

// Files returns all parts of the page.
func Files() []File {
	var all []File
	err := fs.WalkDir(files, "files", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		all = append(all, newFile(strings.TrimPrefix(name, "files/"), body))
		return err
	})
	if err != nil {
		panic(err) // the program was built without its files
	}
	return all
}

// newFile returns the part with a name below the directory files.
func newFile(name string, body []byte) File {
	sum := sha256.Sum256(body)
	f := File{
		Path: Prefix + name,
		Type: contentType(path.Ext(name)),
		Body: body,
		etag: `"` + hex.EncodeToString(sum[:12]) + `"`,
	}
	if name == "index.html" {
		f.Path = Home
	}
	return f
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
	default:
		panic("page: no type is known for *" + extension)
	}
}

// Headers returns the names and values of the headers of an answer with f, whether
// or not it has the body. A browser asks each time whether it has the newest.
func (f File) Headers() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("Cache-Control", "no-cache") &&
			yield("ETag", f.etag) &&
			yield("Content-Security-Policy", policy) &&
			yield("X-Content-Type-Options", "nosniff") &&
			yield("Referrer-Policy", "no-referrer")
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
