package gateway

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

func TestChats(t *testing.T) {
	t.Parallel()
	more, next := true, "AQAGYQjDmtGYYTpi"
	g := startReady(t, (&rpctest.Fake{OnChats: func(_ context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
		if req.Member != "john" || req.GetCursor() != "x-_" || req.Limit != 2 {
			return &im.ChatsResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "member: " + req.Member + req.GetCursor()}, nil
		}
		return &im.ChatsResponse{LastMessages: []*im.Message{
			{Chat: "doe:john", Text: "<a & b>\n", Sender: "Doe", SendTime: 1795503862320344},
			{Chat: "john:john", Text: "x", Sender: "john", SendTime: 1},
		}, HasMore: &more, NextCursor: &next}, nil
	}}).Start(t))
	want := `{"chats":[{"chat":"doe:john","last_message":{"chat":"doe:john","text":"<a & b>\n","sender":"Doe","send_time":1795503862320344}},` +
		`{"chat":"john:john","last_message":{"chat":"john:john","text":"x","sender":"john","send_time":1}}],` +
		`"has_more":true,"next_cursor":"AQAGYQjDmtGYYTpi"}`
	for query, body := range map[string]string{"?member=+John+&cursor=x-_&limit=2": "", "": `{"member":" JOHN","cursor":"x-_","limit":"2"}`} {
		r := g.do(t, "GET", "/api/chats"+query, body)
		if r.status != http.StatusOK || r.body != want {
			t.Errorf("%s%s: %d %s; want %s", query, body, r.status, r.body, want)
		}
		if got := r.header.Get("Content-Type") + r.header.Get("Cache-Control"); got != "application/jsonno-store" {
			t.Errorf("Content-Type and Cache-Control = %s", got)
		}
	}
	if r := g.do(t, "HEAD", "/api/chats?member=john&cursor=x-_&limit=2", ""); r.status != http.StatusOK || r.body != "" {
		t.Errorf("HEAD: %d %q", r.status, r.body)
	}
}

func TestNoChats(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	r := g.do(t, "GET", "/api/chats?member=a", "")
	if want := `{"chats":[],"has_more":false,"next_cursor":""}`; r.status != http.StatusOK || r.body != want {
		t.Errorf("chats: %d %s; want %s", r.status, r.body, want)
	}
}

// Clients see the code that an rpc-server answers as a status.
func TestChatsFails(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[im.ChatsResponse]
	g := startReady(t, (&rpctest.Fake{OnChats: func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error) {
		if answer.Load() == nil {
			panic("a defect")
		}
		return answer.Load(), nil
	}}).Start(t))
	g.do(t, "GET", "/api/chats?member=a", "").wantError(t, http.StatusInternalServerError, fault.Internal, "internal error")
	for _, tc := range []struct {
		code   im.Code
		status int
		want   fault.Code
		text   string
	}{
		{im.Code_INVALID_ARGUMENT, http.StatusBadRequest, fault.InvalidArgument, "cursor: x"},
		{im.Code_UNAVAILABLE, http.StatusServiceUnavailable, fault.Unavailable, "cursor: x"},
		{im.Code_TIMEOUT, http.StatusGatewayTimeout, fault.Timeout, "cursor: x"},
		{im.Code_INTERNAL, http.StatusInternalServerError, fault.Internal, "internal error"},
		{99, http.StatusInternalServerError, fault.Internal, "internal error"},
	} {
		answer.Store(&im.ChatsResponse{Code: tc.code, Msg: "cursor: x"})
		g.do(t, "GET", "/api/chats?member=a", "").wantError(t, tc.status, tc.want, tc.text)
	}
	startReady(t, rpctest.Refusing(t)).do(t, "GET", "/api/chats?member=a", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "no rpc-server")
	frozen := startReadyWith(t, func(c *Config) { c.RPC.Timeout = 200 * time.Millisecond }, rpctest.StartFrozen(t))
	frozen.do(t, "GET", "/api/chats?member=a", "").wantError(t, http.StatusGatewayTimeout, fault.Timeout, "no answer in time")
}

// A call that was refused, or not answered, is made again elsewhere. The calls of one
// member meet in one instance.
func TestChatsAreAskedForElsewhere(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]map[int]bool{}
	instance := func(i int) string {
		return (&rpctest.Fake{OnChats: func(_ context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
			mu.Lock()
			defer mu.Unlock()
			if asked[req.Member] == nil {
				asked[req.Member] = map[int]bool{}
			}
			asked[req.Member][i] = true
			return &im.ChatsResponse{}, nil
		}}).Start(t)
	}
	unable := (&rpctest.Fake{OnChats: func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error) {
		return &im.ChatsResponse{Code: im.Code_UNAVAILABLE}, nil
	}}).Start(t)
	members := []string{"a", "b", "c", "d", "e", "f", "g", "h"} // some of each instance
	for name, addresses := range map[string][]string{
		"all well": {instance(0), instance(1)}, "one refuses": {unable, instance(2)}, "one dies": {rpctest.StartDying(t), instance(3)},
	} {
		g := startReadyWith(t, func(c *Config) { c.RPC.Timeout, c.ExitWait = time.Minute, time.Minute }, addresses...)
		for range 3 {
			for _, member := range members {
				if r := g.do(t, "GET", "/api/chats?member="+member, ""); r.status != http.StatusOK {
					t.Errorf("%s: %d %s", name, r.status, r.body)
				}
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	byInstance := [2]int{}
	for _, member := range members {
		if asked[member][0] && asked[member][1] {
			t.Errorf("the calls of %s do not meet", member)
		}
		for i := range byInstance {
			if asked[member][i] {
				byInstance[i]++
			}
		}
	}
	if byInstance[0] == 0 || byInstance[1] == 0 {
		t.Errorf("members by instance: %v; want some of each", byInstance)
	}
}
