package gateway

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
)

// zipped returns text compressed by gzip.
func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A body may be compressed by gzip. What it is bounded by holds for what comes out, too.
func TestContentEncoding(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	whole := sendBody(request.MaxBodyBytes)
	for name, tc := range map[string]struct{ encoding, body string }{
		"gzip":            {"gzip", zipped(t, whole)},
		"another case":    {"GZip", zipped(t, whole)},
		"its old name":    {"x-gzip", zipped(t, whole)},
		"identity":        {"identity", whole},
		"a form":          {"gzip", zipped(t, "chat=a:b&sender=a&text=x")},
		"in two members":  {"gzip", zipped(t, whole[:100]) + zipped(t, whole[100:])},
		"a mark and JSON": {"gzip", zipped(t, "\ufeff"+`{"chat":"a:b","sender":"a","text":"x"}`)},
	} {
		r := g.do(t, "POST", "/api/send", tc.body, "Content-Encoding: "+tc.encoding)
		if r.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for _, encoding := range []string{"gzip", "br"} { // there is nothing to decode
		if r := g.do(t, "GET", "/api/pull?chat=a:b", "", "Content-Encoding: "+encoding); r.status != http.StatusOK {
			t.Errorf("no body, %s: %d %s", encoding, r.status, r.body)
		}
	}
	for _, size := range []int{request.MaxBodyBytes + 1, 16 << 20} {
		for _, call := range []string{"POST /api/send", "GET /api/pull", "GET /api/chats"} {
			method, path, _ := strings.Cut(call, " ")
			r := g.do(t, method, path, zipped(t, sendBody(size)), "Content-Encoding: gzip")
			r.wantError(t, http.StatusRequestEntityTooLarge, fault.TooLarge, "131072")
		}
	}
}

func TestContentEncodingRefused(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	whole := zipped(t, sendBody(100))
	for name, tc := range map[string]struct{ encoding, body, want string }{
		"brotli":       {"br", whole, `Content-Encoding: must be gzip, identity or absent: it is \"br\"`},
		"twice":        {"gzip, gzip", whole, `Content-Encoding: must be gzip, identity or absent: it is \"gzip, gzip\"`},
		"a long one":   {strings.Repeat("x", 1000), whole, `it is \"` + strings.Repeat("x", 40) + `…\"","request_id`},
		"no gzip":      {"gzip", sendBody(100), "body: must be valid gzip, as its Content-Encoding says: gzip: invalid header"},
		"cut off":      {"gzip", whole[:len(whole)-9], "body: must be valid gzip, as its Content-Encoding says: unexpected EOF"},
		"a byte":       {"gzip", whole[:1], "body: must be valid gzip, as its Content-Encoding says: unexpected EOF"},
		"a wrong sum":  {"gzip", whole[:len(whole)-8] + "\x00\x00\x00\x00" + whole[len(whole)-4:], "body: must be valid gzip"},
		"goes on":      {"gzip", whole + "x", "body: must be valid gzip"},
		"gzip in gzip": {"gzip", zipped(t, whole), `body: must be a JSON object, a form, or empty: it begins with \"\\x1f\\x8b`},
		"gzip, unsaid": {"", whole, `body: must be a JSON object, a form, or empty: it begins with \"\\x1f\\x8b`},
	} {
		t.Run(name, func(t *testing.T) {
			r := g.do(t, "POST", "/api/send", tc.body, "Content-Encoding: "+tc.encoding)
			r.wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
		})
	}
	two := "POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Encoding: identity\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"
	g.rawOne(t, two).wantError(t, http.StatusBadRequest, fault.InvalidArgument, `Content-Encoding: must be gzip, identity or absent: it is \"identity, br\"`)
}
