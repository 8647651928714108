package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// changeMembers handles POST /api/members.
func (s *Server) changeMembers(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseChange(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	changed, err := s.rpc.ChangeMembers(ctx, name.Lane(), req)
	if err != nil {
		s.writeError(ctx, c, callerOf(c).shown(err))
		return
	}
	markReplayed(c, changed.GetReplayed())
	writeJSON(c, http.StatusOK, changeReply{req.Chat, changed.GetSendTime(), changed.GetMembers()})
}

// parseChange reads who comes into a group and who goes. It checks each name by itself.
// The rpc-server checks what the names have to be together.
func parseChange(c *app.RequestContext) (name chat.Name, req *im.ChangeMembersRequest, err error) {
	ps, err := readParams(c, "chat", "by", "add", "remove")
	if err != nil {
		return "", nil, err
	}
	if name, err = chatName(ps); err != nil {
		return "", nil, err
	}
	req = &im.ChangeMembersRequest{Chat: string(name)}
	if req.By, err = callerOf(c).writtenSelf(ps, "by"); err != nil { // it comes back as a sender
		return "", nil, err
	}
	if req.Add, err = memberNames(ps, "add"); err != nil {
		return "", nil, err
	}
	if req.Remove, err = memberNames(ps, "remove"); err != nil {
		return "", nil, err
	}
	req.IdempotencyKey, err = idempotencyKey(c)
	return name, req, err
}

// changeReply is the answer to a change of a group.
type changeReply struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
	Members  int32  `json:"members"`   // in the group
}

func (r changeReply) appendJSON(b []byte) ([]byte, error) {
	b, err := jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat)
	b = strconv.AppendInt(append(b, `,"send_time":`...), r.SendTime, 10)
	b = strconv.AppendInt(append(b, `,"members":`...), int64(r.Members), 10)
	return append(b, '}'), err
}
