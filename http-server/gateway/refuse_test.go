package gateway

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// The gateway itself refuses what it cannot read and names that lead to no rpc-server. The
// rules of parameters are tested in package param, those of names in package chat.
func TestRefusedWithoutACall(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{
		OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
			t.Error("an rpc-server is called to send")
			return &im.SendResponse{SendTime: new(int64(1))}, nil
		},
		OnPull: func(context.Context, *im.PullRequest) (*im.PullResponse, error) {
			t.Error("an rpc-server is called to pull")
			return &im.PullResponse{}, nil
		},
		OnChats: func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error) {
			t.Error("an rpc-server is called for chats")
			return &im.ChatsResponse{}, nil
		},
		OnSync: func(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
			t.Error("an rpc-server is called to sync")
			return &im.SyncResponse{}, nil
		},
		OnChange: func(context.Context, *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
			t.Error("an rpc-server is called to change members")
			return &im.ChangeMembersResponse{}, nil
		},
		OnList: func(context.Context, *im.MembersRequest) (*im.MembersResponse, error) {
			t.Error("an rpc-server is called for members")
			return &im.MembersResponse{}, nil
		},
		OnRead: func(context.Context, *im.ReadRequest) (*im.ReadResponse, error) {
			t.Error("an rpc-server is called to read")
			return &im.ReadResponse{}, nil
		},
	}).Start(t))
	for _, tc := range []struct{ call, body, want string }{
		{"POST /api/send", ``, "chat: must be written <member1>:<member2>, with one colon, or be a group's name, without: it is missing"},
		{"POST /api/send", `<a/>`, "body: must be a JSON object, a form, or empty: it begins with"},
		{"POST /api/send", `{"chat":"a:b:c","text":"x","sender":"a"}`, "chat: must be written"},
		{"POST /api/send?chat=&text=x&sender=a", ``, "with one colon, or be a group's name, without: it is missing"},
		{"POST /api/send?receiver=b&text=x", ``, "sender: a member's name must not be empty: it is missing"},
		{"POST /api/send?receiver=b+c&sender=a&text=x", ``, `receiver: a member's name must not contain spaces: it is \"b c\" (a + in a query or form is a space, %2B is a plus)`},
		{"POST /api/send", `sender=a:c&receiver=b&text=x`, `sender: a member's name must not contain a colon`},
		{"POST /api/send?receiver=b&text=x&sender=a", `{"chat":"b:c"}`, `receiver: must make the same chat as chat, or be left out: chat is \"b:c\", sender and receiver make \"a:b\"`},
		{"POST /api/send?receiver=b&text=x&sender=a&chat=a:b:c", ``, "chat: must be written"},
		{"POST /api/send", `{"receiver":1,"sender":"a","text":"x"}`, "receiver: must be a string: it is 1"},
		{"POST /api/send", `{"chat":"a:b","text":1,"sender":"a"}`, "text: must be a string"},
		{"POST /api/send", `{"chat":"a:b","text":"x","sender":["a"]}`, "sender: must be a string"},
		{"GET /api/pull?chat=:a:b", ``, "chat: must be written"},
		{"GET /api/pull?chat=a:b&cursor=x", ``, "cursor: must be an integer"},
		{"GET /api/pull?chat=a:b", `{"limit":1.5}`, "limit: must be an integer"},
		{"GET /api/pull?chat=a+b:c", ``, `chat: a member's name must not contain spaces: it is \"a b:c\" (a + in a query or form is a space`},
		{"GET /api/pull", `{"chat":"a b:c"}`, `chat: a member's name must not contain spaces: it is \"a b:c\"","request_id`},
		{"GET /api/chats?member=a:b", ``, "member: a member's name must not contain a colon"},
		{"GET /api/chats?member=a", `{"cursor":5}`, "cursor: must be a string"},
		{"GET /api/chats?member=a&limit=ten", ``, "limit: must be an integer"},
		{"GET /api/chats?member=a", `{"preview":"all"}`, `preview: must be an integer: it is \"all\"`},
		{"GET /api/sync", ``, "member: a member's name must not be empty: it is missing"},
		{"GET /api/sync?member=a:b", ``, `member: a member's name must not contain a colon in any width: it is \"a:b\"`},
		{"GET /api/sync?member=a", `{"cursor":5}`, "cursor: must be a string: it is 5"},
		{"GET /api/sync?member=a", `cursor=x&cursor=y`, `cursor: must be given once: it is \"x\" and \"y\"`},
		{"GET /api/sync?member=a&limit=ten", ``, "limit: must be an integer"},
		{"GET /api/sync?member=a", `{"wait_ms":-1}`, "wait_ms: must not be negative: it is -1"},
		{"GET /api/members?chat=a:b:c", ``, "chat: must be written"},
		{"GET /api/members?chat=a", `{"cursor":[]}`, "cursor: must be a string: it is a list"},
		{"GET /api/members?chat=a", `{"limit":true}`, "limit: must be an integer: it is true"},
		{"POST /api/members", ``, "chat: must be written"},
		{"POST /api/members?chat=team+a", `{"by":"a","add":["b"]}`, `chat: a group's name must not contain spaces: it is \"team a\" (a + in a query`},
		{"POST /api/members", `{"chat":"team","add":["b"]}`, "by: a member's name must not be empty: it is missing"},
		{"POST /api/members", `{"chat":"team","by":["a"],"add":["b"]}`, "by: must be a string: it is a list"},
		{"POST /api/members", `{"chat":"team","by":"a","add":{"b":1}}`, "add: must be a list of strings: it is an object"},
		{"POST /api/members", `{"chat":"team","by":"a","remove":["b",null]}`, "remove: must be a list of strings: it has null"},
		{"POST /api/members", `{"chat":"team","by":"a","add":["b","c d"]}`, `add: a member's name must not contain spaces: it is \"c d\"","request_id`},
		{"POST /api/members?chat=team&by=a&add=b&add=c+d", ``, `add: a member's name must not contain spaces: it is \"c d\" (a + in a query`},
		{"POST /api/members", `{"chat":"team","by":"a","remove":["b",""]}`, `remove: a member's name must not be empty: it is \"\"`},
		{"POST /api/members", `chat=team&by=a&add=b` + strings.Repeat("&add=c", 100), "add: must have at most 100 names: it has 101"},
		{"POST /api/read", `{"member":"a","send_time":1}`, "chat: must be written"},
		{"POST /api/read?chat=a:b&send_time=1", ``, "member: a member's name must not be empty: it is missing"},
		{"POST /api/read?chat=a:b&member=a", `{"send_time":"now"}`, `send_time: must be an integer: it is \"now\"`},
		{"POST /api/read?chat=a:b&member=a", `send_time=99999999999999999999`, "send_time: must be an integer of at most 64 bits"},
	} {
		method, path, _ := strings.Cut(tc.call, " ")
		g.do(t, method, path, tc.body).wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
	}
}
