package page

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"example.com/im/http-server/asset"
)

// body returns the content of a file.
func body(f asset.File) string {
	return string(f.Form("").Body)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	types := map[string]string{}
	tags := map[string]string{}
	for _, f := range Files() {
		types[f.Path] = f.Type
		headers := maps.Collect(f.Headers(f.Form("")))
		if other, taken := tags[headers["ETag"]]; taken {
			t.Errorf("%s and %s have one ETag", f.Path, other)
		}
		tags[headers["ETag"]] = f.Path
		if body(f) == "" || headers["Content-Security-Policy"] == "" || headers["X-Content-Type-Options"] != "nosniff" {
			t.Errorf("%s has %d bytes, headers %v", f.Path, len(body(f)), headers)
		}
	}
	for path, want := range map[string]string{
		"/":               "text/html; charset=utf-8",
		"/page/app.js":    "text/javascript; charset=utf-8",
		"/page/theme.css": "text/css; charset=utf-8",
		"/page/icon.svg":  "image/svg+xml",
	} {
		if types[path] != want {
			t.Errorf("%s has type %q; want %q", path, types[path], want)
		}
	}
}

// Every file that the page names is there, and the page names every file that is there.
func TestReferences(t *testing.T) {
	t.Parallel()
	named := map[string]bool{Home: true}
	reference := regexp.MustCompile(`(?:href|src)="([^"#]+)"|from '\./([^']+)'`)
	for _, f := range Files() {
		for _, match := range reference.FindAllStringSubmatch(body(f), -1) {
			if match[2] != "" {
				named[Prefix+match[2]] = true
			} else { // relative, because a proxy may have put the page below a prefix
				named["/"+match[1]] = true
			}
		}
	}
	for _, f := range Files() {
		if !named[f.Path] {
			t.Errorf("nothing names %s", f.Path)
		}
		delete(named, f.Path)
	}
	for path := range named {
		t.Errorf("there is no %s", path)
	}
}

// The HTML has no scripts and styles of its own: the policy forbids them.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	for _, f := range Files() {
		if !strings.HasPrefix(f.Type, "text/html") {
			continue
		}
		if inline := regexp.MustCompile(`<style|<script>|\son\w+=|\sstyle=`).FindString(body(f)); inline != "" {
			t.Errorf("%s has %q", f.Path, inline)
		}
	}
}
