// Package page holds the chat page: HTML, CSS and JavaScript modules that are
// served as they are. It knows no HTTP server: the gateway answers with its files.
package page

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"

	"example.com/im/http-server/asset"
)

// Home is the path of the page itself; its other files are below [Prefix].
const (
	Home   = "/"
	Prefix = "/page/"
)

// Policy returns the Content-Security-Policy that lets the page load and call what is its
// own, and call the given origins, and nothing else. A text that became HTML by mistake
// could neither run nor report anything.
func Policy(origins ...string) string {
	connect := strings.Join(append([]string{"'self'"}, origins...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src " + connect + "; " +
		"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

//go:embed files
var files embed.FS

// Files returns all parts of the page, under the policy without other origins. They are
// compressed once.
var Files = sync.OnceValue(read)

// read returns all parts of the page.
func read() []asset.File {
	var all []asset.File
	policy := Policy()
	err := fs.WalkDir(files, "files", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		all = append(all, asset.New(urlPath(strings.TrimPrefix(name, "files/")), path.Ext(name), policy, body))
		return err
	})
	if err != nil {
		panic(err) // the program was built without its files
	}
	return all
}

// urlPath returns the path of a file below the directory files.
func urlPath(name string) string {
	if name == "index.html" {
		return Home
	}
	return Prefix + name
}
