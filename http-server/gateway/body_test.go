package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
)

// sendBody returns the body of a send that is size bytes long.
func sendBody(size int) string {
	const head = `{"chat":"a:b","sender":"a","text":"`
	return head + strings.Repeat("x", size-len(head)-2) + `"}`
}

func TestBodySize(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for name, size := range map[string]int{"one more": request.MaxBodyBytes + 1, "much more": 8 * request.MaxBodyBytes} {
		g.do(t, "POST", "/api/send", sendBody(size)).wantError(t, http.StatusRequestEntityTooLarge, fault.TooLarge, "131072")
		for _, path := range []string{"/api/pull", "/api/chats"} {
			g.do(t, "GET", path, sendBody(size)).wantError(t, http.StatusRequestEntityTooLarge, fault.TooLarge, "131072")
		}
		if r := g.doChunked(t, sendBody(size)); r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, chunked: %d %s", name, r.status, r.body)
		}
	}
	if r := g.do(t, "POST", "/api/send", sendBody(request.MaxBodyBytes)); r.status != http.StatusOK {
		t.Errorf("largest body: %d %s", r.status, r.body)
	}
	if r := g.doChunked(t, sendBody(request.MaxBodyBytes)); r.status != http.StatusOK {
		t.Errorf("largest body, chunked: %d %s", r.status, r.body)
	}
}

// doChunked sends a message whose length is not said in advance.
func (g *testGateway) doChunked(t *testing.T, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+"/api/send", io.MultiReader(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text), resp.Close}
}

// The next request begins where a body ends, however the two arrive.
func TestBodyEndsWhereItSays(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for _, size := range []int{100, 8 << 10, 9_000, 16_000, request.MaxBodyBytes} {
		body := sendBody(size)
		answers := g.raw(t, fmt.Sprintf("POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"+
			"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", size, body))
		if len(answers) != 2 || answers[0].status != http.StatusOK || answers[1].body != `{"message":"pong"}` {
			t.Errorf("%d bytes: %v", size, answers)
		}
	}
}

// A client that sends a far too large body to its end, before it reads anything, still
// gets the answer.
func TestBodyFarTooLarge(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	const size = 16 << 20
	r := g.rawOne(t, fmt.Sprintf("POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, sendBody(size)))
	r.wantError(t, http.StatusRequestEntityTooLarge, fault.TooLarge, "131072")
}
