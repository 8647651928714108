package gateway

import (
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/page"
	"example.com/im/http-server/rpc/rpctest"
)

// The page needs no rpc-server.
func TestPage(t *testing.T) {
	t.Parallel()
	g := startGateway(t, rpctest.NewRegistry())
	for _, file := range page.Files() {
		form := file.Form("")
		r := g.do(t, "GET", file.Path, "")
		if r.status != http.StatusOK || r.body != string(form.Body) || r.header.Get("Content-Type") != file.Type {
			t.Fatalf("%s: %d, %d bytes of %s", file.Path, r.status, len(r.body), r.header.Get("Content-Type"))
		}
		for name, want := range file.Headers(form) {
			if got := r.header.Get(name); got != want || got == "" {
				t.Errorf("%s: %s = %q; want %q", file.Path, name, got, want)
			}
		}
		if r.header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(r.header.Get("Content-Security-Policy"), "default-src 'none';") {
			t.Errorf("%s: headers %v", file.Path, r.header)
		}
		if head := g.do(t, "HEAD", file.Path, ""); head.status != http.StatusOK || head.body != "" || head.header.Get("ETag") != r.header.Get("ETag") {
			t.Errorf("HEAD %s: %d, headers %v", file.Path, head.status, head.header)
		}
		same := g.do(t, "GET", file.Path, "", "If-None-Match: "+r.header.Get("ETag"))
		if same.status != http.StatusNotModified || same.body != "" || same.header.Get("ETag") != r.header.Get("ETag") {
			t.Errorf("%s again: %d, %d bytes, headers %v", file.Path, same.status, len(same.body), same.header)
		}
		zipped := g.do(t, "GET", file.Path, "", "Accept-Encoding: gzip")
		if zipped.status != http.StatusOK || unpacked(t, zipped) != r.body || len(zipped.body) > len(r.body) {
			t.Errorf("%s compressed: %d, %d bytes, headers %v", file.Path, zipped.status, len(zipped.body), zipped.header)
		}
		if other := g.do(t, "GET", file.Path, "", `If-None-Match: "other"`); other.status != http.StatusOK {
			t.Errorf("%s after a change: %d", file.Path, other.status)
		}
	}
}

// Where answers differ by origin, a file's differ by that, too.
func TestPageVaries(t *testing.T) {
	t.Parallel()
	g := startGateway(t, rpctest.NewRegistry(), func(c *Config) { c.Guard.CORSOrigins = []string{"https://a.example"} })
	vary := strings.Join(g.do(t, "GET", "/page/app.js", "").header.Values("Vary"), ", ")
	for _, header := range []string{"Origin", "Accept-Encoding"} {
		if !strings.Contains(vary, header) {
			t.Errorf("Vary = %q; want it with %s", vary, header)
		}
	}
}
