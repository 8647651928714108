package gateway

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/chat"
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

func TestParseChats(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query, body    string
		member, cursor string
		limit          int32
	}{
		"query":            {"member=john&cursor=abc&limit=20", "", "john", "abc", 20},
		"body":             {"", `{"member":"john","cursor":"abc","limit":20}`, "john", "abc", 20},
		"query beats body": {"member=a&cursor=b", `{"member":"c","cursor":"d","limit":3}`, "a", "b", 3},
		"quoted":           {"", `{"member":"a","limit":"7"}`, "a", "", 7},
		"defaults":         {"member=a", " \n", "a", "", 0},
		"null is absent":   {"", `{"member":"a","cursor":null,"limit":null}`, "a", "", 0},
		"empty cursor":     {"member=a&cursor=", `{"cursor":"d"}`, "a", "", 0},
		"unknown fields":   {"member=a&chat=x&x", `{"reverse":{}}`, "a", "", 0},
		"canonical":        {"member=%20%EF%BC%AA%C3%89%20", "", "jé", "", 0},
		"large limit":      {"member=a&limit=99999999999999999999", "", "a", "", math.MaxInt32},
		"a large negative": {"member=a&limit=-2147483649", "", "a", "", math.MinInt32}, // refused by the rpc-server
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseChatsParams(tc.query, []byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&im.ChatsRequest{Member: tc.member, Cursor: &tc.cursor, Limit: tc.limit}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each is refused without a call of an rpc-server.
func TestChatsRefuses(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{OnChats: func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error) {
		t.Error("the rpc-server is called")
		return &im.ChatsResponse{}, nil
	}}).Start(t))
	for name, tc := range map[string]struct{ query, body, want string }{
		"no member":         {"", "", "member: a member's name must not be empty"},
		"blank member":      {"member=+", "", "member: a member's name must not be empty"},
		"a chat":            {"member=a:b", "", "member: a member's name must not contain a colon"},
		"inner space":       {"member=a+b", "", "member: a member's name must not contain spaces"},
		"too long":          {"member=" + strings.Repeat("x", 65), "", "member: a member's name must be at most 64"},
		"member a number":   {"", `{"member":1}`, "member: must be a string"},
		"member a list":     {"", `{"member":["a"]}`, "member: must be a string"},
		"member not UTF-8":  {"member=%ff", "", "member: must be valid UTF-8"},
		"cursor a number":   {"", `{"member":"a","cursor":5}`, "cursor: must be a string"},
		"limit a word":      {"member=a&limit=ten", "", "limit: must be an integer"},
		"limit a fraction":  {"", `{"member":"a","limit":1.5}`, "limit: must be an integer"},
		"limit empty":       {"member=a&limit=", "", "limit: must be an integer"},
		"repeated":          {"member=a&member=b", "", "member: must be given once"},
		"repeated in body":  {"", `{"member":"a","member":"b"}`, "member: must be valid JSON: duplicate"},
		"broken escape":     {"member=%zz", "", "query: must be name=value"},
		"body no JSON":      {"member=a", "limit=1", "body: must be a JSON object"},
		"body cut off":      {"", `{"member":"a"`, "body: must be valid JSON"},
		"lone surrogate":    {"", `{"member":"\ud800"}`, "member: must be valid JSON: invalid surrogate"},
		"garbage after all": {"", `{"member":"a"}{}`, "body: must be one JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			g.do(t, "GET", "/api/chats?"+tc.query, tc.body).wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
		})
	}
	g.do(t, "GET", "/api/chats", strings.Repeat(" ", maxBodyBytes+1)).wantError(t, http.StatusRequestEntityTooLarge, fault.TooLarge, "body: ")
	g.do(t, "POST", "/api/chats", `{"member":"a"}`).wantError(t, http.StatusMethodNotAllowed, fault.MethodNotAllowed, "")
	g.do(t, "GET", "/api/chats/", "").wantError(t, http.StatusNotFound, fault.NotFound, "")
}

// What an rpc-server answers, clients see as its status.
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
	frozen := startReadyWith(t, func(c *Config) { c.RPCTimeout = 200 * time.Millisecond }, rpctest.StartFrozen(t))
	frozen.do(t, "GET", "/api/chats?member=a", "").wantError(t, http.StatusGatewayTimeout, fault.Timeout, "no answer in time")
}

// A call that was refused, or not answered, is made again elsewhere; those of one
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
		g := startReadyWith(t, func(c *Config) { c.RPCTimeout = 4 * time.Second }, addresses...)
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

// A page that writes itself is what the library would write.
func TestChatsReplyIsJSON(t *testing.T) {
	t.Parallel()
	message := &im.Message{Chat: "a:b\"<&\u2028", Text: "line\n\"quoted\" \\ é 👋", Sender: "A", SendTime: -1}
	for name, r := range map[string]chatsReply{
		"empty": toChatsReply(&im.ChatsResponse{}),
		"one":   toChatsReply(&im.ChatsResponse{LastMessages: []*im.Message{message}}),
		"two":   {[]chatReply{{"a:b", message}, {message.Chat, &im.Message{}}}, true, "x\""},
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.appendJSON([]byte("before ")); err != nil || string(got) != "before "+string(want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	for name, r := range map[string]chatsReply{
		"chat":    {Chats: []chatReply{{"\xff", message}}},
		"message": {Chats: []chatReply{{"a:b", &im.Message{Text: "\xff"}}}},
		"cursor":  {NextCursor: "\xff"},
	} {
		if _, err := r.appendJSON(nil); err == nil {
			t.Errorf("a %s that is not UTF-8: no error", name)
		}
	}
}

func FuzzChatsParams(f *testing.F) {
	f.Add("member=John&cursor=AQAGYQjDmtGYYTpi&limit=20", []byte(nil))
	f.Add("", []byte(`{"member":" John","cursor":"x","limit":"5","x":[{}]}`))
	f.Add("member=%zz", []byte(`{"member":"\ud800"}`))
	f.Add("limit=1&limit=2", []byte("{\"member\":\"\xff\"} x"))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		req, err := parseChatsParams(query, body)
		if err == nil {
			if again, err := chat.Member(req.Member); err != nil || again != req.Member || !utf8.ValidString(req.GetCursor()) {
				t.Errorf("member = %q, again %q, %v; cursor = %q", req.Member, again, err, req.GetCursor())
			}
			return
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Code != fault.InvalidArgument || !strings.Contains(e.Message, ": ") || !utf8.ValidString(e.Message) {
			t.Errorf("error %q names no field and rule", err)
		}
	})
}
