package request

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol"
)

// parked returns a request for a path.
func parked(header map[string]string) *app.RequestContext {
	c := app.NewContext(0)
	c.Request.Header.SetMethod(http.MethodGet)
	c.Request.Header.SetProtocol("HTTP/1.1")
	for name, value := range header {
		c.Request.Header.Set(name, value)
	}
	c.SetFullPath("/api/pull")
	SetID(c)
	return c
}

// A parked request comes back with all that its second way needs, and with nothing else.
func TestComeBack(t *testing.T) {
	t.Parallel()
	c := parked(map[string]string{IDHeader: "mine", "Origin": "https://a.example", TokenHeader: "Bearer secret", "Connection": "close"})
	SetCaller(c, Caller{Member: "a&b é"})
	back, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(ComeBack(c, url.Values{"chat": {"a:b\r\n"}, "limit": {"7"}}))))
	if err != nil {
		t.Fatal(err)
	}
	if q := back.URL.Query(); back.Method != http.MethodGet || back.URL.Path != "/api/pull" || q.Get("chat") != "a:b\r\n" || q.Get("limit") != "7" || len(q) != 3 {
		t.Errorf("it comes back as %s %s", back.Method, back.URL)
	}
	if h := back.Header; h.Get(IDHeader) != "mine" || h.Get("Origin") != "https://a.example" || !back.Close || h.Get(TokenHeader) != "" {
		t.Errorf("it comes back with %v", h)
	}
	again := app.NewContext(0)
	again.Request = *protocol.NewRequest(http.MethodGet, back.URL.String(), nil)
	BringBack(again)
	if got := CallerOf(again).Member; got != "a&b é" {
		t.Errorf("its caller comes back as %q", got)
	}
}

// Where nobody is asked, none comes back.
func TestComeBackOfNobody(t *testing.T) {
	t.Parallel()
	if got := string(ComeBack(parked(nil), url.Values{})); !bytes.HasPrefix([]byte(got), []byte("GET /api/pull? HTTP/1.1\r\n")) {
		t.Errorf("it comes back as %q", got)
	}
	if HasWaited(app.NewContext(0)) {
		t.Error("a new request has waited")
	}
}
