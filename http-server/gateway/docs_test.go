package gateway

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi"
	"example.com/im/http-server/rpc/rpctest"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	r := g.do(t, "GET", "/openapi.yaml", "")
	if r.status != http.StatusOK || r.body != openapi.Document() || r.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("/openapi.yaml: %d %v %.100s", r.status, r.header, r.body)
	}
	if r := g.do(t, "HEAD", "/openapi.yaml", ""); r.status != http.StatusOK || r.body != "" {
		t.Errorf("HEAD: %d %.100s", r.status, r.body)
	}
}

// The page and its parts are there. A path below it that is no part is an error of the
// API.
func TestDocs(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for path, kind := range map[string]string{
		"/docs":                                  "text/html; charset=utf-8",
		"/docs/docs.js":                          "text/javascript; charset=utf-8",
		"/docs/swagger-ui.css":                   "text/css; charset=utf-8",
		"/docs/swagger-ui-bundle.js":             "text/javascript; charset=utf-8",
		"/docs/favicon-32x32.png":                "image/png",
		"/docs/swagger-ui-bundle.js.LICENSE.txt": "text/plain; charset=utf-8",
	} {
		plain := g.do(t, "GET", path, "")
		for _, method := range []string{"GET", "HEAD"} {
			r := g.do(t, method, path, "", "Accept-Encoding: br, gzip")
			h := r.header
			if r.status != http.StatusOK || h.Get("Content-Type") != kind || (r.body == "") != (method == "HEAD") {
				t.Errorf("%s %s: %d %v, %d bytes", method, path, r.status, h, len(r.body))
			}
			if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") {
				t.Errorf("%s %s: Content-Security-Policy = %q", method, path, policy)
			}
			if r := g.do(t, method, path, "", "Accept-Encoding: gzip", "If-None-Match: "+h.Get("ETag")); r.status != http.StatusNotModified || r.body != "" {
				t.Errorf("%s %s again: %d, %d bytes", method, path, r.status, len(r.body))
			}
			if body := unpacked(t, r); body != plain.body && method == "GET" {
				t.Errorf("%s: %d bytes; without compression %d", path, len(body), len(plain.body))
			}
		}
		if plain.status != http.StatusOK || plain.header.Get("Content-Encoding") != "" {
			t.Errorf("%s, not compressed: %d %v", path, plain.status, plain.header)
		}
	}
	for _, path := range []string{"/docs/", "/docs/nothing.js", "/docs/docs.html", "/docs/a/b"} {
		g.do(t, "GET", path, "").wantError(t, http.StatusNotFound, fault.NotFound, "")
	}
	for _, path := range []string{"/docs", "/docs/docs.js", "/openapi.yaml"} {
		r := g.do(t, "POST", path, "")
		r.wantError(t, http.StatusMethodNotAllowed, fault.MethodNotAllowed, "")
		if allow := r.header.Get("Allow"); allow != "OPTIONS, GET, HEAD" {
			t.Errorf("%s: Allow = %q", path, allow)
		}
	}
}

// unpacked returns the body of an answer that may be compressed.
func unpacked(t *testing.T, r reply) string {
	t.Helper()
	if r.header.Get("Content-Encoding") == "" || r.body == "" {
		return r.body
	}
	unzip, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(unzip)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
