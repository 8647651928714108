package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// Names come in a list of JSON's, as one string, or repeated in a query or form. A list in
// the query beats that in the body.
func TestListsOfNames(t *testing.T) {
	t.Parallel()
	var got atomic.Pointer[im.ChangeMembersRequest]
	g := startReady(t, (&rpctest.Fake{OnChange: func(_ context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
		got.Store(req)
		return &im.ChangeMembersResponse{Chat: &req.Chat, SendTime: new(int64(9)), Members: new(int32(3))}, nil
	}}).Start(t))
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=" + name + "\r\n\r\n" + value + "\r\n"
	}
	for call, body := range map[string]string{
		"":                              `{"chat":" TEAM","by":" Ann ","add":["Bob","eve"],"remove":["x"]}`,
		"?":                             `{"chat":"team","by":" Ann ","add":["Bob","eve"],"remove":"x"}`,
		"/?add=Bob&add=eve&remove=x":    `{"chat":"team","by":" Ann ","add":["z"],"remove":["z"]}`,
		"?add=Bob":                      "add=z&by=+Ann+&chat=team&remove=x",
		"?chat=team&by=%20Ann%20&add=":  "add=Bob&add=&add=eve&remove=x&x=1&x=2",
		"?chat=team&remove=x&by=+Ann+&": part("add", "Bob") + part("add", "eve") + "--b--\r\n",
		"?chat=team&by=+Ann+":           `{"add":null,"remove":["x"]}`,
		"?chat=team&by=+Ann+&&":         `{"add":"","remove":["x"]}`,
		"?chat=team&by=+Ann+&x":         `{"add":[],"remove":["x"]}`,
	} {
		r := g.do(t, "POST", "/api/members"+call, body, "Content-Type: multipart/form-data; boundary=b")
		if want := `{"chat":"team","send_time":9,"members":3}`; r.status != http.StatusOK || r.body != want {
			t.Errorf("%s %s: %d %s; want %s", call, body, r.status, r.body, want)
			continue
		}
		want := "[Bob eve]"
		switch {
		case call == "?add=Bob":
			want = "[Bob]"
		case strings.Contains(body, `"add":null`), strings.Contains(body, `"add":""`), strings.Contains(body, `"add":[]`):
			want = "[]"
		}
		if req := got.Load(); req.Chat != "team" || req.By != " Ann " || fmt.Sprint(req.Add) != want || fmt.Sprint(req.Remove) != "[x]" {
			t.Errorf("%s %s: the rpc-server gets %v; want %s", call, body, req, want)
		}
	}
}

// A change takes a key as a send does.
func TestKeyOfChange(t *testing.T) {
	t.Parallel()
	var got atomic.Pointer[im.ChangeMembersRequest]
	g := startReady(t, (&rpctest.Fake{OnChange: func(_ context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
		got.Store(req)
		return &im.ChangeMembersResponse{SendTime: new(int64(9)), Replayed: new(req.GetIdempotencyKey() == "known")}, nil
	}}).Start(t))
	const body = `{"chat":"team","by":"a","add":["b"]}`
	for key, replayed := range map[string]string{"known": "true", "!~": ""} {
		r := g.do(t, "POST", "/api/members", body, "Idempotency-Key: "+key)
		if req := got.Load(); r.status != http.StatusOK || req.GetIdempotencyKey() != key || r.header.Get(answer.ReplayedHeader) != replayed {
			t.Errorf("%s: %+v; the key arrives as %v", key, r, req)
		}
	}
	if g.do(t, "POST", "/api/members", body); got.Load().IsSetIdempotencyKey() {
		t.Errorf("without the header there is a key: %v", got.Load())
	}
	r := g.rawOne(t, "POST /api/members HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n"+
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
	r.wantError(t, http.StatusBadRequest, fault.InvalidArgument, "Idempotency-Key: must be given once")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{OnList: func(_ context.Context, req *im.MembersRequest) (*im.MembersResponse, error) {
		if req.Chat != "doe:john" || req.GetCursor() != "x" || req.Limit != 2 {
			return &im.MembersResponse{}, nil
		}
		return &im.MembersResponse{Members: []*im.Member{{Member: "doe", Read_: 5}, {Member: "john"}}, HasMore: new(true), NextCursor: new("y")}, nil
	}}).Start(t))
	want := `{"members":[{"member":"doe","read":5},{"member":"john","read":0}],"has_more":true,"next_cursor":"y"}`
	for query, body := range map[string]string{"?chat=John:doe&cursor=x&limit=2": "", "/": `{"chat":"JOHN:doe","cursor":"x","limit":"2"}`} {
		if r := g.do(t, "GET", "/api/members"+query, body); r.status != http.StatusOK || r.body != want {
			t.Errorf("%s%s: %d %s; want %s", query, body, r.status, r.body, want)
		}
	}
	if r := g.do(t, "HEAD", "/api/members?chat=team", ""); r.status != http.StatusOK || r.body != "" {
		t.Errorf("HEAD: %d %q", r.status, r.body)
	}
	if r := g.do(t, "GET", "/api/members?chat=team", ""); r.body != `{"members":[],"has_more":false,"next_cursor":""}` {
		t.Errorf("nobody: %d %s", r.status, r.body)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{OnRead: func(_ context.Context, req *im.ReadRequest) (*im.ReadResponse, error) {
		if req.Chat != "doe:john" || req.Member != "john" || req.SendTime != 1795503862320344 {
			return &im.ReadResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "chat: " + req.String()}, nil
		}
		return &im.ReadResponse{Chat: &req.Chat, Member: &req.Member, SendTime: new(int64(7))}, nil
	}}).Start(t))
	for query, body := range map[string]string{
		"": `{"chat":"John:DOE","member":" JOHN","send_time":1795503862320344}`, "/": `{"chat":"John:DOE","member":" JOHN","send_time":"1795503862320344"}`,
		"?chat=john:doe&member=john&send_time=1795503862320344": "", "?chat=john:doe": "member=john&send_time=1795503862320344",
	} {
		r := g.do(t, "POST", "/api/read"+query, body)
		if want := `{"chat":"doe:john","member":"john","send_time":7}`; r.status != http.StatusOK || r.body != want {
			t.Errorf("%s %s: %d %s; want %s", query, body, r.status, r.body, want)
		}
	}
}

// The life of a group before an rpc-server that keeps the rules.
func TestGroup(t *testing.T) {
	t.Parallel()
	g := startReady(t, rpctest.Serve(t, rpctest.NewMemory()))
	for _, tc := range []struct {
		call, body string
		status     int
		want       string
	}{
		{"POST /api/send", `{"chat":"team","text":"x","sender":"ann"}`, 404, "nobody has made this group"},
		{"GET /api/members?chat=team", ``, 404, "nobody has made this group"},
		{"POST /api/read?chat=team&member=ann", ``, 404, "nobody has made this group"},
		{"POST /api/members", `chat=team&by=ann&remove=x` + strings.Repeat("&add=b", 100), 400, "names"},
		{"POST /api/members", `{"chat":"a:b","by":"a","add":["c"]}`, 400, "chat: must be a group's name"},
		{"POST /api/members", `{"chat":"team","by":"ann","add":["bob"]}`, 200, `{"chat":"team","send_time":1,"members":2}`},
		{"POST /api/members", `{"chat":"team","by":"ann","add":["bob"]}`, 200, `{"chat":"team","send_time":1,"members":2}`},
		{"POST /api/members", `{"chat":"team","by":"eve","add":["eve"]}`, 403, "not a member"},
		{"POST /api/send", `{"chat":"Team","text":"x","sender":"Bob"}`, 200, `{"chat":"team","send_time":2}`},
		{"POST /api/send", `{"chat":"team","text":"x","sender":"eve"}`, 403, "not a member"},
		{"POST /api/read?chat=team&member=ann&send_time=99", ``, 200, `{"chat":"team","member":"ann","send_time":2}`},
		{"POST /api/read?chat=a:b&member=c&send_time=1", ``, 403, "not a member"},
		{"GET /api/members?chat=team&limit=1", ``, 200, `{"members":[{"member":"ann","read":2}],"has_more":true,"next_cursor":"bob"}`},
		{"GET /api/sync?member=ann", ``, 200, `{"messages":[{"chat":"team","text":"x","sender":"Bob","send_time":2}],"reads":[{"chat":"team","member":"ann","send_time":2}],"has_more":false,"next_cursor":"3"}`},
		{"GET /api/sync?member=ann&cursor=nonsense", ``, 400, "cursor: "},
		{"POST /api/members", `{"chat":"team","by":"ann","remove":["bob","ann"]}`, 200, `{"chat":"team","send_time":4,"members":0}`},
		{"POST /api/send", `{"chat":"team","text":"x","sender":"ann"}`, 403, "stays closed"},
	} {
		method, path, _ := strings.Cut(tc.call, " ")
		r := g.do(t, method, path, tc.body)
		switch codes := map[int]fault.Code{400: fault.InvalidArgument, 403: fault.Forbidden, 404: fault.NotFound}; {
		case tc.status != http.StatusOK:
			r.wantError(t, tc.status, codes[tc.status], tc.want)
		case r.status != http.StatusOK || r.body != tc.want:
			t.Errorf("%s %s: %d %s; want %s", tc.call, tc.body, r.status, r.body, tc.want)
		}
	}
	for outcome, want := range map[string]float64{"not_found": 1, "forbidden": 2, "ok": 1} {
		if got := g.metric(t, "im_rpc_client_requests_total", "method", "Send", "code", outcome); got != want {
			t.Errorf("%v sends are counted as %s; want %v", got, outcome, want)
		}
	}
}
