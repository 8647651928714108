package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// Syncs, lists of members and marks are repeated on another instance, and so are changes of
// a group that have a key; changes without are not.
func TestNewCallsAreRepeatedElsewhere(t *testing.T) {
	t.Parallel()
	var keyless atomic.Int32
	instance := func(code im.Code) string {
		return (&rpctest.Fake{
			OnSync: func(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
				return &im.SyncResponse{Code: code}, nil
			},
			OnList: func(context.Context, *im.MembersRequest) (*im.MembersResponse, error) {
				return &im.MembersResponse{Code: code}, nil
			},
			OnRead: func(context.Context, *im.ReadRequest) (*im.ReadResponse, error) {
				return &im.ReadResponse{Code: code}, nil
			},
			OnChange: func(_ context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
				if !req.IsSetIdempotencyKey() {
					keyless.Add(1)
				}
				return &im.ChangeMembersResponse{Code: code, Msg: "as the test has it", SendTime: new(int64(1)), Members: new(int32(1))}, nil
			},
		}).Start(t)
	}
	g := startReady(t, instance(im.Code_TIMEOUT), instance(im.Code_OK))
	failed := 0
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} { // some of each instance
		for _, call := range []string{
			"GET /api/sync?member=", "GET /api/members?chat=", "POST /api/read?send_time=5&member=a&chat=", "POST /api/members?by=a&add=b&chat=",
		} {
			method, path, _ := strings.Cut(call, " ")
			if r := g.do(t, method, path+name, "", "Idempotency-Key: k"); r.status != http.StatusOK {
				t.Errorf("%s%s: %d %s", call, name, r.status, r.body)
			}
		}
		if r := g.do(t, "POST", "/api/members?by=a&add=b&chat="+name, ""); r.status != http.StatusOK {
			r.wantError(t, http.StatusGatewayTimeout, fault.Timeout, "")
			failed++
		}
		if got := keyless.Load(); got != int32(i+1) {
			t.Errorf("%d changes without a key are %d calls", i+1, got)
		}
	}
	if failed == 0 || failed == 8 {
		t.Errorf("%d of 8 changes come to the instance that fails; want some of each", failed)
	}
}

// Calls of one group meet in one instance, and so do those of one member.
func TestNewCallsMeet(t *testing.T) {
	t.Parallel()
	var asked [2]sync.Map // by instance: what was asked for
	addresses := make([]string, 2)
	for i := range asked {
		note := func(name string) { asked[i].Store(name, true) }
		addresses[i] = (&rpctest.Fake{
			OnSync: func(_ context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
				note("member " + req.Member)
				return &im.SyncResponse{}, nil
			},
			OnChats: func(_ context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
				note("member " + req.Member)
				return &im.ChatsResponse{}, nil
			},
			OnSend: func(_ context.Context, m *im.Message) (*im.SendResponse, error) {
				note(m.Chat)
				return &im.SendResponse{SendTime: new(int64(1))}, nil
			},
			OnPull: func(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
				note(req.Chat)
				return &im.PullResponse{}, nil
			},
			OnList: func(_ context.Context, req *im.MembersRequest) (*im.MembersResponse, error) {
				note(req.Chat)
				return &im.MembersResponse{}, nil
			},
			OnRead: func(_ context.Context, req *im.ReadRequest) (*im.ReadResponse, error) {
				note(req.Chat)
				return &im.ReadResponse{}, nil
			},
			OnChange: func(_ context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
				note(req.Chat)
				return &im.ChangeMembersResponse{SendTime: new(int64(1))}, nil
			},
		}).Start(t)
	}
	g := startReady(t, addresses...)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} { // some of each instance
		for _, call := range []string{
			"GET /api/sync?member=", "GET /api/chats?member=", "POST /api/send?text=x&sender=a&chat=", "GET /api/pull?chat=",
			"GET /api/members?chat=", "POST /api/read?member=a&chat=", "POST /api/members?by=a&add=b&chat=",
		} {
			method, path, _ := strings.Cut(call, " ")
			if r := g.do(t, method, path+name, ""); r.status != http.StatusOK {
				t.Errorf("%s%s: %d %s", call, name, r.status, r.body)
			}
		}
	}
	var sizes [2]int
	for i := range asked {
		for name := range asked[i].Range {
			sizes[i]++
			if _, both := asked[1-i].Load(name); both {
				t.Errorf("the calls of %s do not meet", name)
			}
		}
	}
	if sizes[0] == 0 || sizes[1] == 0 {
		t.Errorf("names by instance: %v; want some of each", sizes)
	}
}
