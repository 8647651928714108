package gateway

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
)

// Whatever a request is like, its answer has the documented form.
func TestUnreadableRequests(t *testing.T) { withAndWithoutTLS(t, testUnreadableRequests) }

func testUnreadableRequests(t *testing.T, with func(*Config)) {
	g := startReadyWith(t, with, (&rpctest.Fake{}).Start(t))
	const post = "POST /api/send HTTP/1.1\r\nHost: x\r\n"
	for name, tc := range map[string]struct{ request, want string }{
		"no HTTP":              {"\x16\x03\x01\x00\xa5\x01", "request: must be written as HTTP/1.1"},
		"empty lines":          {"\r\n\r\n", "request: must be written as HTTP/1.1"},
		"cut off in line":      {"GET /pi", "request: must be written as HTTP/1.1"},
		"cut off in headers":   {"GET /ping HTTP/1.1\r\nHost: x\r\nX", "request: must be written as HTTP/1.1"},
		"no version":           {"GET /ping\r\nHost: x\r\n\r\n", "request: must be written as HTTP/1.1"},
		"space in header name": {"GET /ping HTTP/1.1\r\nHost: x\r\nX y: z\r\n\r\n", "request: must be written as HTTP/1.1"},
		"control character":    {"GET /ping HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n", "request: must be written as HTTP/1.1"},
		"negative length":      {post + "Content-Length: -1\r\n\r\n", "request: must be written as HTTP/1.1"},
		"huge length":          {post + "Content-Length: 99999999999999999999\r\n\r\n", "request: must be written as HTTP/1.1"},
		"huge header":          {post + "X: " + strings.Repeat("x", maxHeaderBytes) + "\r\n\r\n", "request: the request line and headers must be at most 16384"},
		"endless header":       {post + "X: " + strings.Repeat("x", 8<<20), "request: the request line and headers must be at most 16384"},
		"huge path":            {"GET /" + strings.Repeat("x", maxHeaderBytes) + " HTTP/1.1\r\nHost: x\r\n\r\n", "request: the request line and headers must be at most 16384"},
		"no host":              {"GET /ping HTTP/1.1\r\n\r\n", "it has no Host header"},
		"body cut off":         {post + "Content-Length: 100\r\n\r\n{", "request: must be written as HTTP/1.1 asks for, and arrive whole"},
		"large body cut off":   {post + "Content-Length: 100000\r\n\r\n" + strings.Repeat(" ", 50_000), "body: must arrive whole"},
		"chunk cut off":        {post + "Transfer-Encoding: chunked\r\n\r\n9\r\n{", "body: must arrive whole"},
		"broken chunk":         {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "body: must arrive whole"},
		"endless trailer":      {post + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("a: b\r\n", 1<<17) + "\r\n", "body: must arrive whole"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g.rawOne(t, tc.request).wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
		})
	}
}

func TestReadableRequests(t *testing.T) { withAndWithoutTLS(t, testReadableRequests) }

func testReadableRequests(t *testing.T, with func(*Config)) {
	g := startReadyWith(t, with, (&rpctest.Fake{}).Start(t))
	const end = "Host: x\r\nConnection: close\r\n\r\n"
	for name, tc := range map[string]struct {
		request  string
		statuses []int
	}{
		"nothing":       {"", nil},
		"one":           {"GET /ping HTTP/1.1\r\n" + end, []int{200}},
		"HTTP/1.0":      {"GET /ping HTTP/1.0\r\n\r\n", []int{200}},
		"two at once":   {"GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /nope HTTP/1.1\r\n" + end, []int{200, 404}},
		"good then bad": {"GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET\r\n", []int{200, 400}},
		"HEAD":          {"HEAD /nope HTTP/1.1\r\nHost: x\r\n\r\nGET /ping HTTP/1.1\r\n" + end, []int{404, 200}},
		"asks first": {
			"GET /api/pull HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 14\r\n" + end + `{"chat":"a:b"}`, []int{200},
		},
		"asks before too much": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n", []int{413},
		},
		// What follows may be that body, so it must not be taken for a request.
		"asks where no body counts": {
			"GET /ping HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\nGET /nope HTTP/1.1\r\n" + end,
			[]int{200},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := g.raw(t, tc.request)
			ok := len(answers) == len(tc.statuses)
			for i := 0; ok && i < len(answers); i++ {
				ok = answers[i].status == tc.statuses[i]
			}
			if !ok {
				t.Errorf("answers = %v; want statuses %v", answers, tc.statuses)
			}
		})
	}
}

// A client that is too slow is told so.
func TestLateRequests(t *testing.T) { withAndWithoutTLS(t, testLateRequests) }

func testLateRequests(t *testing.T, with func(*Config)) {
	g := startReadyWith(t, func(c *Config) { with(c); c.ReadTimeout = time.Second }, (&rpctest.Fake{}).Start(t))
	for name, start := range map[string]string{
		"nothing":    "",
		"first byte": "G",
		"header":     "GET /ping HTTP/1.1\r\nHost: x\r\n",
		"body":       "POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := g.dial(t)
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(rawLimit))
			if _, err := io.WriteString(conn, start); err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			if start == "" {
				if len(text) > 0 {
					t.Errorf("answer = %q; want none without a request", text)
				}
				return
			}
			answers, err := parseAnswers(text)
			if err != nil || len(answers) != 1 {
				t.Fatalf("answer = %q, %v", text, err)
			}
			answers[0].wantError(t, http.StatusBadRequest, fault.InvalidArgument, "in time")
		})
	}
}

// A parser of Hertz v0.10.4 panics, before any middleware, at a header that names an empty
// trailer. That must not end the process, nor go unnoticed.
func TestPanicOfTheParsers(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	g := startReadyWith(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) }, (&rpctest.Fake{}).Start(t))
	r := g.rawOne(t, "GET /ping HTTP/1.1\r\nHost: x\r\nTrailer: ,\r\n\r\n")
	r.wantError(t, http.StatusBadRequest, fault.InvalidArgument, "request: must be written as HTTP/1.1")
	if got := log.String(); !strings.Contains(got, "panic: ") || !strings.Contains(got, "SetTrailers") {
		t.Errorf("log = %s; want the panic and its stack", got)
	}
	if r := g.do(t, "GET", "/ping", ""); r.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

// lockedBuffer is a log that is read while it may be written.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
