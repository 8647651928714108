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
	}).Start(t))
	for _, tc := range []struct{ call, body, want string }{
		{"POST /api/send", ``, "chat: must be written <member1>:<member2>, with one colon, or be a group's name, without: it is missing"},
		{"POST /api/send", `<a/>`, "body: must be a JSON object, a form, or empty: it begins with"},
		{"POST /api/send", `{"chat":"a","text":"x","sender":"a"}`, "chat: must be written"},
		{"POST /api/send?chat=&text=x&sender=a", ``, "with one colon, or be a group's name, without: it is missing"},
		{"POST /api/send?receiver=b&text=x", ``, "sender: a member's name must not be empty: it is missing"},
		{"POST /api/send?receiver=b+c&sender=a&text=x", ``, `receiver: a member's name must not contain spaces: it is \"b c\" (a + in a query or form is a space, %2B is a plus)`},
		{"POST /api/send", `sender=a:c&receiver=b&text=x`, `sender: a member's name must not contain a colon`},
		{"POST /api/send?receiver=b&text=x&sender=a", `{"chat":"b:c"}`, `receiver: must make the same chat as chat, or be left out: chat is \"b:c\", sender and receiver make \"a:b\"`},
		{"POST /api/send?receiver=b&text=x&sender=a&chat=ab", ``, "chat: must be written"},
		{"POST /api/send", `{"receiver":1,"sender":"a","text":"x"}`, "receiver: must be a string: it is 1"},
		{"POST /api/send", `{"chat":"a:b","text":1,"sender":"a"}`, "text: must be a string"},
		{"POST /api/send", `{"chat":"a:b","text":"x","sender":["a"]}`, "sender: must be a string"},
		{"GET /api/pull?chat=a", ``, "chat: must be written"},
		{"GET /api/pull?chat=a:b&cursor=x", ``, "cursor: must be an integer"},
		{"GET /api/pull?chat=a:b", `{"limit":1.5}`, "limit: must be an integer"},
		{"GET /api/pull?chat=a+b:c", ``, `chat: a member's name must not contain spaces: it is \"a b:c\" (a + in a query or form is a space`},
		{"GET /api/pull", `{"chat":"a b:c"}`, `chat: a member's name must not contain spaces: it is \"a b:c\"","request_id`},
		{"GET /api/chats?member=a:b", ``, "member: a member's name must not contain a colon"},
		{"GET /api/chats?member=a", `{"cursor":5}`, "cursor: must be a string"},
		{"GET /api/chats?member=a&limit=ten", ``, "limit: must be an integer"},
	} {
		method, path, _ := strings.Cut(tc.call, " ")
		g.do(t, method, path, tc.body).wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
	}
}
