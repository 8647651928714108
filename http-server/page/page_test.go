package page

import (
	"maps"
	"regexp"
	"strings"
	"testing"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	types := map[string]string{}
	tags := map[string]string{}
	for _, f := range Files() {
		types[f.Path] = f.Type
		headers := maps.Collect(f.Headers())
		if other, taken := tags[headers["ETag"]]; taken {
			t.Errorf("%s and %s have one ETag", f.Path, other)
		}
		tags[headers["ETag"]] = f.Path
		if len(f.Body) == 0 || headers["Content-Security-Policy"] == "" || headers["X-Content-Type-Options"] != "nosniff" {
			t.Errorf("%s has %d bytes, headers %v", f.Path, len(f.Body), headers)
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

// All that the page names is there, and all that is there is used.
func TestReferences(t *testing.T) {
	t.Parallel()
	named := map[string]bool{Home: true}
	reference := regexp.MustCompile(`(?:href|src)="(/[^"#]*)"|from '\./([^']+)'`)
	for _, f := range Files() {
		for _, match := range reference.FindAllStringSubmatch(string(f.Body), -1) {
			if match[2] != "" {
				match[1] = Prefix + match[2]
			}
			named[match[1]] = true
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

// The policy forbids what stands in the HTML itself.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	for _, f := range Files() {
		if !strings.HasPrefix(f.Type, "text/html") {
			continue
		}
		if inline := regexp.MustCompile(`<style|<script>|\son\w+=|\sstyle=`).Find(f.Body); inline != nil {
			t.Errorf("%s has %q", f.Path, inline)
		}
	}
}

func TestHeldBy(t *testing.T) {
	t.Parallel()
	f := newFile("app.js", []byte("1"))
	changed := newFile("app.js", []byte("2"))
	for value, want := range map[string]bool{
		"": false, `""`: false, "*": true, f.etag: true, "W/" + f.etag: true,
		changed.etag: false, changed.etag + ", " + f.etag: true, strings.Trim(f.etag, `"`): false,
	} {
		if got := f.HeldBy(value); got != want {
			t.Errorf("HeldBy(%s) = %t; want %t", value, got, want)
		}
	}
}
