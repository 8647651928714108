package openapi

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/swaggest/swgui/v5/static"

	"example.com/im/http-server/asset"
)

// docsPolicy lets the page load and call nothing from elsewhere.
const docsPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

//go:embed docs.html docs.js
var own embed.FS

// Files returns the document, and the page at /docs on which people read and try it. The
// page is Swagger UI, and needs nothing from elsewhere. The files are compressed once.
var Files = sync.OnceValue(files)

// files returns the document and the page.
func files() []asset.File {
	all := []asset.File{
		asset.New(Path, ".yaml", docsPolicy, []byte(document)),
		asset.New("/docs", ".html", docsPolicy, read(own, "docs.html")),
	}
	for name, from := range map[string]fs.FS{
		"docs.js": own, "swagger-ui.css.gz": static.FS, "swagger-ui-bundle.js.gz": static.FS, "favicon-32x32.png": static.FS,
	} {
		all = append(all, part(name, read(from, name)))
	}
	return all
}

// part returns a part of the page. A name that ends in .gz is that of a compressed part.
func part(name string, body []byte) asset.File {
	plain, zipped := strings.CutSuffix("/docs/"+name, ".gz")
	if !zipped {
		return asset.New(plain, path.Ext(plain), docsPolicy, body)
	}
	file, err := asset.NewZipped(plain, docsPolicy, body)
	if err != nil {
		panic(err) // as in read
	}
	return file
}

// read returns a file's content.
func read(from fs.FS, name string) []byte {
	body, err := fs.ReadFile(from, name)
	if err != nil {
		panic(err) // the program was built without its files
	}
	return body
}
