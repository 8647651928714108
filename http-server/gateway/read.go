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

// read handles POST /api/read.
func (s *Server) read(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseRead(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	stands, err := s.rpc.Read(ctx, name.Lane(), req)
	if err != nil {
		s.writeError(ctx, c, callerOf(c).shown(err))
		return
	}
	writeJSON(c, http.StatusOK, readReply{req.Chat, req.Member, stands.GetSendTime()})
}

// parseRead reads how far a member has read.
func parseRead(c *app.RequestContext) (name chat.Name, req *im.ReadRequest, err error) {
	ps, err := readParams(c, "chat", "member", "send_time")
	if err != nil {
		return "", nil, err
	}
	who := callerOf(c)
	if name, err = who.chat(ps); err != nil {
		return "", nil, err
	}
	req = &im.ReadRequest{Chat: string(name)}
	if req.Member, err = who.self(ps, "member"); err != nil {
		return "", nil, err
	}
	req.SendTime, err = ps.Int64("send_time")
	return name, req, err
}

// readReply says up to where a member has read in a chat.
type readReply struct {
	Chat     string `json:"chat"`
	Member   string `json:"member"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
}

func (r readReply) appendJSON(b []byte) ([]byte, error) {
	return appendMark(b, r.Chat, r.Member, r.SendTime)
}

// appendMark appends up to where a member has read in a chat.
func appendMark(b []byte, name, member string, at int64) (_ []byte, err error) {
	if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), name); err != nil {
		return b, err
	}
	b, err = jsontext.AppendQuote(append(b, `,"member":`...), member)
	b = strconv.AppendInt(append(b, `,"send_time":`...), at, 10)
	return append(b, '}'), err
}
