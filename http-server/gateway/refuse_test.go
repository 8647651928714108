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
		{"POST /api/send", ``, "body: must be a JSON object"},
		{"POST /api/send", `{"chat":"a","text":"x","sender":"a"}`, "chat: must be written"},
		{"POST /api/send", `{"chat":"a:b","text":1,"sender":"a"}`, "text: must be a string"},
		{"POST /api/send", `{"chat":"a:b","text":"x","sender":["a"]}`, "sender: must be a string"},
		{"GET /api/pull?chat=a", ``, "chat: must be written"},
		{"GET /api/pull?chat=a:b&cursor=x", ``, "cursor: must be an integer"},
		{"GET /api/pull?chat=a:b", `{"limit":1.5}`, "limit: must be an integer"},
		{"GET /api/chats?member=a:b", ``, "member: a member's name must not contain a colon"},
		{"GET /api/chats?member=a", `{"cursor":5}`, "cursor: must be a string"},
		{"GET /api/chats?member=a&limit=ten", ``, "limit: must be an integer"},
	} {
		method, path, _ := strings.Cut(tc.call, " ")
		g.do(t, method, path, tc.body).wantError(t, http.StatusBadRequest, fault.InvalidArgument, tc.want)
	}
}
