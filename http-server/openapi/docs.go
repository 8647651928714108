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

//go:embed docs.html docs.js swagger-ui.LICENSE.txt
var own embed.FS

// licences is the path at which Swagger UI's bundle says that its licences are. Its own
// (Apache 2.0, section 4) asks that those who get the files get that, and its notice, too.
const licences = "/docs/swagger-ui-bundle.js.LICENSE.txt"

// Files returns the document, and the page at /docs on which people read and try it. The
// page is Swagger UI, and needs nothing from elsewhere. The files are compressed once.
var Files = sync.OnceValue(files)

// files returns the document and the page.
func files() []asset.File {
	all := []asset.File{
		asset.New(Path, ".yaml", docsPolicy, []byte(document)),
		asset.New("/docs", ".html", docsPolicy, read(own, "docs.html")),
		asset.New(licences, ".txt", docsPolicy, read(own, "swagger-ui.LICENSE.txt")),
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
