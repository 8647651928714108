package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// newCalls are calls, and their methods, that an rpc-server of an earlier version does not
// know.
var newCalls = map[string]string{
	"GET /api/sync?member=a":                     "Sync",
	"GET /api/sync?member=a&wait_ms=1":           "Sync",
	"POST /api/members?chat=team&by=a&add=b":     "ChangeMembers",
	"GET /api/members?chat=team":                 "Members",
	"POST /api/read?chat=a:b&member=a":           "Read",
	"POST /api/read/?chat=team&member=a&a=again": "Read",
}

// What an rpc-server of an earlier version does not know is refused, not repeated, and no
// failure of the rpc-server.
func TestEarlierRPCServer(t *testing.T) {
	t.Parallel()
	earlier := rpctest.ServeEarlier(t, &rpctest.Fake{}, "Sync", "ChangeMembers", "Members", "Read")
	g := startReady(t, earlier)
	calls := map[string]float64{}
	for range 3 {
		for call, called := range newCalls {
			method, path, _ := strings.Cut(call, " ")
			r := g.do(t, method, path, "", "Idempotency-Key: k")
			r.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "the rpc-server is of an earlier version, which does not know this call")
			if r := g.send(t); r.status != http.StatusOK {
				t.Errorf("a send after that: %d %s", r.status, r.body)
			}
			calls[called]++
		}
	}
	for called, want := range calls {
		if got := g.metric(t, "im_rpc_client_requests_total", "method", called, "code", "unavailable"); got != want {
			t.Errorf("%s is called %v times for %v requests", called, got, want)
		}
	}
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}

// While the rpc-servers are brought up to date, those that know a call answer it.
func TestOneOfTwoIsEarlier(t *testing.T) {
	t.Parallel()
	earlier := rpctest.ServeEarlier(t, &rpctest.Fake{}, "Sync", "ChangeMembers", "Members", "Read")
	g := startReady(t, earlier, (&rpctest.Fake{}).Start(t))
	for n := range 40 { // the chance that one instance has them all is 2⁻³⁹
		name := fmt.Sprint("a", n)
		for _, call := range []string{
			"GET /api/sync?member=" + name, "POST /api/members?by=a&add=b&chat=" + name, "GET /api/members?chat=" + name, "POST /api/read?member=a&chat=" + name,
		} {
			method, path, _ := strings.Cut(call, " ")
			if r := g.do(t, method, path, "", "Idempotency-Key: k"); r.status != http.StatusOK {
				t.Errorf("%s: %d %s", call, r.status, r.body)
			}
		}
	}
	if got := g.metric(t, "im_rpc_client_requests_total", "code", "unavailable"); got == 0 {
		t.Error("the earlier one is not asked: this tests nothing")
	}
}

// An rpc-server of an earlier version tells neither states nor where a sync goes on. One
// that tells the states of some chats only has a defect.
func TestStatesOfChats(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[im.ChatsResponse]
	g := startReady(t, (&rpctest.Fake{OnChats: func(_ context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
		if want := map[bool]int32{true: 5}[req.Member == "a"]; req.GetPreview() != want {
			return &im.ChatsResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "preview: x"}, nil
		}
		return answer.Load(), nil
	}}).Start(t))
	messages := []*im.Message{{Chat: "a:b", Text: "x", Sender: "a", SendTime: 1}, {Chat: "team", Text: "x", Sender: "a", SendTime: 1}}
	const first, second = `{"chat":"a:b","last_message":{"chat":"a:b","text":"x","sender":"a","send_time":1}`,
		`{"chat":"team","last_message":{"chat":"team","text":"x","sender":"a","send_time":1}`
	want := func(want string) {
		t.Helper()
		for _, query := range []string{"?member=a&preview=5", "?member=b"} {
			if r := g.do(t, "GET", "/api/chats"+query, ""); r.status != http.StatusOK || r.body != want {
				t.Errorf("chats%s: %d %s; want %s", query, r.status, r.body, want)
			}
		}
	}
	answer.Store(&im.ChatsResponse{LastMessages: messages})
	want(`{"chats":[` + first + `},` + second + `}],"has_more":false,"next_cursor":""}`)
	states := []*im.State{{Read_: 0, Unread: 100}, {Read_: 7, Unread: 0}}
	answer.Store(&im.ChatsResponse{LastMessages: messages, States: states, SyncCursor: new("c")})
	want(`{"chats":[` + first + `,"unread":100,"read":0},` + second + `,"unread":0,"read":7}],"has_more":false,"next_cursor":"","sync_cursor":"c"}`)
	answer.Store(&im.ChatsResponse{LastMessages: messages, States: states[:1]})
	g.do(t, "GET", "/api/chats?member=b", "").wantError(t, http.StatusInternalServerError, fault.Internal, "internal error")
}
