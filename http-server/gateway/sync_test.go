package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

func TestSync(t *testing.T) {
	t.Parallel()
	more, next := true, strings.Repeat("x-_", 341)
	g := startReady(t, (&rpctest.Fake{OnSync: func(_ context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
		if req.Member != "john" || req.GetCursor() != "x-_" || req.Limit != 2 || req.GetGroups() {
			return &im.SyncResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "member: " + req.Member + req.GetCursor()}, nil
		}
		return &im.SyncResponse{
			Messages: []*im.Message{
				{Chat: "team", Text: "added bob", Sender: "Ann", SendTime: 1795503862320344, Added: []string{"bob", "eve"}, Removed: []string{"x"}},
				{Chat: "doe:john", Text: "<a & b>\n", Sender: "Doe", SendTime: 1},
			}, Reads: []*im.ReadMark{{Chat: "doe:john", Member: "doe", SendTime: 1}, {Chat: "team", Member: "bob", SendTime: 7}},
			HasMore: &more, NextCursor: &next,
		}, nil
	}}).Start(t))
	want := `{"messages":[{"chat":"team","text":"added bob","sender":"Ann","send_time":1795503862320344,"added":["bob","eve"],"removed":["x"]},` +
		`{"chat":"doe:john","text":"<a & b>\n","sender":"Doe","send_time":1}],` +
		`"reads":[{"chat":"doe:john","member":"doe","send_time":1},{"chat":"team","member":"bob","send_time":7}],` +
		`"has_more":true,"next_cursor":"` + next + `"}`
	for query, body := range map[string]string{
		"?member=+John+&cursor=x-_&limit=2": "", "": `{"member":" JOHN","cursor":"x-_","limit":"2","wait_ms":0}`,
		"?member=john": "cursor=x-_&limit=2", "/?limit=2": "member=jo%68n&cursor=x-_",
	} {
		r := g.do(t, "GET", "/api/sync"+query, body)
		if r.status != http.StatusOK || r.body != want {
			t.Errorf("%s%s: %d %s; want %s", query, body, r.status, r.body, want)
		}
		if got := r.header.Get("Content-Type") + r.header.Get("Cache-Control"); got != "application/jsonno-store" {
			t.Errorf("Content-Type and Cache-Control = %s", got)
		}
	}
	if r := g.do(t, "HEAD", "/api/sync?member=john&cursor=x-_&limit=2", ""); r.status != http.StatusOK || r.body != "" {
		t.Errorf("HEAD: %d %q", r.status, r.body)
	}
}

// Without wait_ms an empty answer comes at once.
func TestNothingNew(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{OnSync: func(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
		return &im.SyncResponse{NextCursor: new("7")}, nil
	}}).Start(t))
	r := g.do(t, "GET", "/api/sync?member=a", "")
	if want := `{"messages":[],"reads":[],"has_more":false,"next_cursor":"7"}`; r.status != http.StatusOK || r.body != want {
		t.Errorf("sync: %d %s; want %s", r.status, r.body, want)
	}
}

// Clients see the code that an rpc-server answers as a status.
func TestSyncFails(t *testing.T) {
	t.Parallel()
	var told atomic.Pointer[im.SyncResponse]
	g := startReady(t, (&rpctest.Fake{OnSync: func(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
		if told.Load() == nil {
			panic("a defect")
		}
		return told.Load(), nil
	}}).Start(t))
	for _, query := range []string{"?member=a", "?member=a&wait_ms=400"} {
		told.Store(nil)
		g.do(t, "GET", "/api/sync"+query, "").wantError(t, http.StatusInternalServerError, fault.Internal, "internal error")
		for code, want := range map[im.Code]fault.Code{
			im.Code_INVALID_ARGUMENT: fault.InvalidArgument, im.Code_UNAVAILABLE: fault.Unavailable, im.Code_TIMEOUT: fault.Timeout,
		} {
			told.Store(&im.SyncResponse{Code: code, Msg: "cursor: x"})
			g.do(t, "GET", "/api/sync"+query, "").wantError(t, answer.Statuses[want], want, "cursor: x")
		}
	}
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}

func TestSyncParses(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]time.Duration{
		"": 0, "&wait_ms=1": time.Millisecond, "&wait_ms=30000": 30 * time.Second, "&wait_ms=30001": 30 * time.Second,
		"&wait_ms=99999999999999999999": 30 * time.Second,
	} {
		q, err := parseSyncParams(param.Source{Query: "member=A&cursor=c&limit=99999999999" + query}, request.Caller{})
		if err != nil || q.wait != want || q.request.Member != "a" || q.request.GetCursor() != "c" || q.request.Limit != 1<<31-1 {
			t.Errorf("%q: %v, %v, %v; want %v", query, q.wait, q.request, err, want)
		}
	}
}
