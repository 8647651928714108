package asset

import (
	"bytes"
	"compress/gzip"
	"maps"
	"strings"
	"testing"
)

func TestHeldBy(t *testing.T) {
	t.Parallel()
	f := New("/app.js", ".js", "", []byte("1"))
	changed := New("/app.js", ".js", "", []byte("2"))
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
// again.
func TestUnder(t *testing.T) {
	t.Parallel()
	f := New("/app.js", ".js", "policy", []byte("1"))
	if same := f.Under("policy"); same.etag != f.etag {
		t.Errorf("under its own policy the tag %s becomes %s", f.etag, same.etag)
	}
	other := f.Under("other")
	if headers := maps.Collect(other.Headers()); headers["Content-Security-Policy"] != "other" {
		t.Errorf("headers %v; want the other policy", headers)
	}
	if other.HeldBy(f.etag) || f.HeldBy(other.etag) || other.HeldBy(f.Under("third").etag) {
		t.Error("who holds the file under one policy is told that it holds it under another")
	}
	if body, _ := other.Body(""); string(body) != "1" {
		t.Errorf("Body = %q", body)
	}
}

// A compressed file goes as it is to clients that accept gzip, and plain to others.
func TestZipped(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := NewZipped("/a.css", "policy", zipped.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	headers := maps.Collect(f.Headers())
	if f.Type != "text/css; charset=utf-8" || headers["Vary"] != "Accept-Encoding" || headers["Content-Security-Policy"] != "policy" {
		t.Errorf("type %q, headers %v", f.Type, headers)
	}
	if body, encoding := f.Body("br"); string(body) != "text" || encoding != "" {
		t.Errorf("Body = %q, %q; want it plain", body, encoding)
	}
	if body, encoding := f.Body("br, gzip"); !bytes.Equal(body, zipped.Bytes()) || encoding != "gzip" {
		t.Errorf("Body = %q, %q; want it as it is", body, encoding)
	}
	for _, wrong := range []string{"", "text", zipped.String()[:zipped.Len()-1]} {
		if _, err := NewZipped("/a.css", "", []byte(wrong)); err == nil {
			t.Errorf("%q is taken", wrong)
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
