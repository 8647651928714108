package openapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"

	"github.com/swaggest/swgui/v5/static"
)

// DocsPolicy is the Content-Security-Policy of the page: it loads and calls nothing
// from elsewhere.
const DocsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

//go:embed docs.html docs.js
var own embed.FS

// File is a part of the page.
type File struct {
	ContentType string
	ETag        string
	Content     []byte // compressed if Compressed
	Compressed  bool   // by gzip
}

// Docs returns what the page is made of, by path; the page itself is at /docs. It is
// Swagger UI, and needs nothing else.
func Docs() (map[string]File, error) {
	files := map[string]File{}
	for path, part := range map[string]struct {
		from        fs.FS
		file        string
		contentType string
		compressed  bool
	}{
		"/docs":                      {own, "docs.html", "text/html; charset=utf-8", false},
		"/docs/docs.js":              {own, "docs.js", "text/javascript; charset=utf-8", false},
		"/docs/swagger-ui.css":       {static.FS, "swagger-ui.css.gz", "text/css; charset=utf-8", true},
		"/docs/swagger-ui-bundle.js": {static.FS, "swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8", true},
		"/docs/favicon-32x32.png":    {static.FS, "favicon-32x32.png", "image/png", false},
	} {
		content, err := fs.ReadFile(part.from, part.file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		sum := sha256.Sum256(content)
		files[path] = File{part.contentType, `"` + hex.EncodeToString(sum[:8]) + `"`, content, part.compressed}
	}
	return files, nil
}

// Plain returns the content for a client that takes nothing compressed.
func (f File) Plain() ([]byte, error) {
	if !f.Compressed {
		return f.Content, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(f.Content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
