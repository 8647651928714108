package asset

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"strings"
	"testing"
)

func TestHeldBy(t *testing.T) {
	t.Parallel()
	f := New("/app.js", ".js", "", []byte("1")).Form("")
	changed := New("/app.js", ".js", "", []byte("2")).Form("")
	for value, want := range map[string]bool{
		"": false, `""`: false, "*": true, f.etag: true, "W/" + f.etag: true,
		changed.etag: false, changed.etag + ", " + f.etag: true, strings.Trim(f.etag, `"`): false,
	} {
		if got := f.HeldBy(value); got != want {
			t.Errorf("HeldBy(%s) = %t; want %t", value, got, want)
		}
	}
}

// Who holds a file holds its policy with it: under another policy it must be asked for
// again, in each form.
func TestUnder(t *testing.T) {
	t.Parallel()
	f := New("/app.js", ".js", "policy", []byte(strings.Repeat("1", 100)))
	for _, encoding := range []string{"", "gzip"} {
		form := f.Form(encoding)
		if same := f.Under("policy").Form(encoding); same.etag != form.etag {
			t.Errorf("under its own policy the tag %s becomes %s", form.etag, same.etag)
		}
		other := f.Under("other")
		changed := other.Form(encoding)
		if headers := maps.Collect(other.Headers(changed)); headers["Content-Security-Policy"] != "other" {
			t.Errorf("headers %v; want the other policy", headers)
		}
		if changed.HeldBy(form.etag) || form.HeldBy(changed.etag) || changed.HeldBy(f.Under("third").Form(encoding).etag) {
			t.Error("who holds the file under one policy is told that it holds it under another")
		}
		if string(changed.Body) != string(form.Body) || changed.Encoding != form.Encoding {
			t.Errorf("the form is %q, %q", changed.Body, changed.Encoding)
		}
	}
}

// A file goes compressed to clients that accept gzip, and plain to others. Each form has a
// tag of its own.
func TestForms(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("text ", 100)
	made := New("/a.css", ".css", "policy", []byte(text))
	given, err := NewZipped("/a.css", "policy", made.Form("gzip").Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]File{"compressed here": made, "compressed before": given} {
		plain, zipped := f.Form("br"), f.Form("br, gzip")
		headers := maps.Collect(f.Headers(zipped))
		if f.Type != "text/css; charset=utf-8" || headers["Vary"] != "Accept-Encoding" ||
			headers["Content-Security-Policy"] != "policy" || headers["ETag"] != zipped.etag {
			t.Errorf("%s: type %q, headers %v", name, f.Type, headers)
		}
		if string(plain.Body) != text || plain.Encoding != "" {
			t.Errorf("%s: %d bytes, %q; want it plain", name, len(plain.Body), plain.Encoding)
		}
		if unzipped(t, zipped.Body) != text || zipped.Encoding != "gzip" || len(zipped.Body) > 50 {
			t.Errorf("%s: %d bytes, %q; want it compressed", name, len(zipped.Body), zipped.Encoding)
		}
		if plain.HeldBy(zipped.etag) || zipped.HeldBy(plain.etag) || !zipped.HeldBy(zipped.etag) {
			t.Errorf("%s: tags %s and %s", name, plain.etag, zipped.etag)
		}
	}
}

// unzipped returns what is compressed in b.
func unzipped(t *testing.T, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What is not smaller compressed has one form.
func TestOneForm(t *testing.T) {
	t.Parallel()
	f := New("/a.png", ".png", "", []byte{1, 2, 3})
	if form := f.Form("gzip"); form.Encoding != "" || len(form.Body) != 3 {
		t.Errorf("%d bytes, %q", len(form.Body), form.Encoding)
	}
	if vary, ok := maps.Collect(f.Headers(f.Form("")))["Vary"]; ok {
		t.Errorf("Vary = %q", vary)
	}
}

func TestNotZipped(t *testing.T) {
	t.Parallel()
	zipped := string(zip([]byte("text")))
	for _, wrong := range []string{"", "text", zipped[:len(zipped)-1]} {
		if _, err := NewZipped("/a.css", "", []byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"": false, "gzip": true, "br, GZip": true, "x-gzip": true, "deflate,gzip;q=0.5": true, "gzip ; q=1.0": true,
		"gzip;q=0": false, "gzip; q=0.000": false, "gzip;Q=0": false, "*": false, "identity": false, "gzipped": false, "br;q=1, gzip;q=0.001": true,
	} {
		if got := acceptsGzip(value); got != want {
			t.Errorf("acceptsGzip(%q) = %t; want %t", value, got, want)
		}
	}
}

// A file of no known type panics, so the first test that runs finds it.
func TestUnknownType(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("*.exe has a type")
		}
	}()
	New("/a.exe", ".exe", "", nil)
}
