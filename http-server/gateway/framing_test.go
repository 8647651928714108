package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1/http1test"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// handled are the chats of the sends that come to an rpc-server.
type handled struct {
	mu    sync.Mutex
	chats []string
}

func (h *handled) add(r *im.SendRequest) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.chats = append(h.chats, r.Message.Chat)
}

// of returns the chats that have a case's number, in order.
func (h *handled) of(i int) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.chats), func(chat string) bool { return !strings.HasSuffix(chat, fmt.Sprintf("%03d:x", i)) })
}

// What RFC 9112 forbids is answered 400, the connection closes, and nothing of it comes
// to an rpc-server. What servers are to tolerate works, and the next request is read.
func TestFraming(t *testing.T) {
	t.Parallel()
	var sent handled
	g := startReady(t, (&rpctest.Fake{Sent: sent.add}).Start(t))
	for i, tc := range http1test.Cases() {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			answers := g.raw(t, http1test.Number(tc.Request+http1test.Last(), i))
			checkFraming(t, tc, i, answers, sent.of(i))
		})
	}
}

// A request is the same however its bytes arrive.
func TestFramingByteByByte(t *testing.T) {
	t.Parallel()
	var sent handled
	g := startReady(t, (&rpctest.Fake{Sent: sent.add}).Start(t))
	for i, tc := range http1test.Cases() {
		if tc.Refused {
			continue // the gateway hangs up before all is sent
		}
		answers := g.trickle(t, http1test.Number(tc.Request+http1test.Last(), i))
		checkFraming(t, tc, i, answers, sent.of(i))
	}
}

// checkFraming checks the answers to case i and to the request after it, and which chats
// they reached.
func checkFraming(t *testing.T, tc http1test.Case, i int, answers []reply, got []string) {
	t.Helper()
	want := slices.Clone(tc.Handled)
	if !tc.Refused && !tc.Closes {
		want = append(want, http1test.LastChat)
	}
	for n, chat := range want {
		want[n] = http1test.Number(chat, i)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: handled %v; want %v; answers %v", tc.Name, got, want, answers)
	}
	if len(answers) != max(len(want), 1) || !answers[len(answers)-1].closes {
		t.Fatalf("%s: answers = %v; want %d, and the last one closes", tc.Name, answers, max(len(want), 1))
	}
	for _, a := range answers {
		if tc.Refused {
			a.wantError(t, http.StatusBadRequest, fault.InvalidArgument, "")
		} else if a.status != http.StatusOK {
			t.Errorf("%s: answer = %d %s", tc.Name, a.status, a.body)
		}
	}
}

// A body that no handler reads is none of the next request's, however it is framed.
func TestUnreadBodies(t *testing.T) {
	t.Parallel()
	const last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	const ping = "GET /ping HTTP/1.1\r\nHost: x\r\n"
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for name, tc := range map[string]struct {
		request  string
		statuses []int
	}{
		"length":        {ping + "Content-Length: 9\r\n\r\nGET / HTT", []int{200, 200}},
		"chunks":        {ping + "Transfer-Encoding: chunked\r\n\r\n9;x\r\nGET / HTT\r\n0\r\nX: y\r\n\r\n", []int{200, 200}},
		"broken chunks": {ping + "Transfer-Encoding: chunked\r\n\r\n9x\r\nGET / HTT\r\n0\r\n\r\n", []int{200}},
		"too many chunks": {
			ping + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("400\r\n"+strings.Repeat("x", 1024)+"\r\n", 200) + "0\r\n\r\n", []int{200},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := g.raw(t, tc.request+last)
			if !slices.EqualFunc(answers, tc.statuses, func(r reply, status int) bool { return r.status == status }) {
				t.Errorf("answers = %v; want statuses %v", answers, tc.statuses)
			}
		})
	}
}

// A path that is not a route byte for byte is none.
func TestExactPaths(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for _, path := range []string{
		"//api/pull", "/api//pull", "/api%2fpull", "/api%2Fpull", "/x/../api/pull", "/api/./pull", "/./api/pull",
		"/API/pull", "/api/pul%6c", "/%61pi/pull", "/api/pull%00", "/api/pull;x", `/api\pull`, "/api/pull/..", "//", "/..",
		"http://x//api/pull", "http://x/x/../api/pull",
	} {
		r := g.rawOne(t, "GET "+path+"?chat=a:b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		r.wantError(t, http.StatusNotFound, fault.NotFound, "")
	}
	for _, target := range []string{"/api/pull?chat=a:b", "http://y/api/pull?chat=a:b", "/api/pull?chat=a%3ab&x=http://y//z/.."} {
		if r := g.rawOne(t, "GET "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", target, r.status, r.body)
		}
	}
	r := g.rawOne(t, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if allow := r.header.Get("Allow"); r.status != http.StatusNoContent || allow != "OPTIONS, GET, HEAD, POST" {
		t.Errorf("OPTIONS *: %d, Allow %q", r.status, allow)
	}
}
