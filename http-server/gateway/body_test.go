package gateway

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestBodySize(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&fakeRPC{}).start(t))
	const head = `{"chat":"a:b","sender":"a","text":"`
	body := func(size int) string { return head + strings.Repeat("x", size-len(head)-2) + `"}` }
	for name, size := range map[string]int{"one more": maxBodyBytes + 1, "much more": 8 * maxBodyBytes} {
		g.do(t, "POST", "/api/send", body(size)).wantError(t, http.StatusRequestEntityTooLarge, tooLarge, "131072")
		g.do(t, "GET", "/api/pull", body(size)).wantError(t, http.StatusRequestEntityTooLarge, tooLarge, "131072")
		if r := g.doChunked(t, body(size)); r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, chunked: %d %s", name, r.status, r.body)
		}
	}
	if r := g.do(t, "POST", "/api/send", body(maxBodyBytes)); r.status != http.StatusOK {
		t.Errorf("largest body: %d %s", r.status, r.body)
	}
	if r := g.doChunked(t, body(maxBodyBytes)); r.status != http.StatusOK {
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

// raw sends bytes and returns the answers until the gateway hangs up.
func (g *testGateway) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", answer, err)
	}
	return string(answer)
}

func TestRawRequests(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.ReadTimeout = 200 * time.Millisecond }, (&fakeRPC{}).start(t))
	for name, tc := range map[string]struct{ request, start, text string }{
		"asks before too much": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n",
			"HTTP/1.1 413 ", `"too_large"`,
		},
		"no host": {
			"GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 400 ", `"invalid_argument"`,
		},
		"huge header": {
			"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", maxHeaderBytes) + "\r\n\r\n",
			"HTTP/1.1 431 ", "",
		},
		"body cut off": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
			"HTTP/1.1 408 ", "", // Hertz's own
		},
		"chunk cut off": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
			"HTTP/1.1 400 ", `"body: must arrive whole and in time"`,
		},
		"broken chunk": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			"HTTP/1.1 400 ", `"body: must arrive whole and in time"`,
		},
		"nothing": {"", "", ""},
		"two at once": {
			"GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 ", `"}HTTP/1.1 200 `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := g.raw(t, tc.request); !strings.HasPrefix(got, tc.start) || !strings.Contains(got, tc.text) {
				t.Errorf("answer = %q; want %q with %q", got, tc.start, tc.text)
			}
		})
	}
}
