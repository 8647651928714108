package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// chats handles GET /api/chats. Any rpc-server can answer. The lane of the member's name
// makes a member's calls meet in one.
func (s *Server) chats(ctx context.Context, c *app.RequestContext) {
	req, err := parseChats(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	page, err := s.rpc.Chats(ctx, chat.Name(req.Member).Lane(), req)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	writeJSON(c, http.StatusOK, toChatsReply(page))
}

// parseChats reads the request, which may have a body although it is a GET.
func parseChats(c *app.RequestContext) (*im.ChatsRequest, error) {
	source, err := readSource(c)
	if err != nil {
		return nil, err
	}
	return parseChatsParams(source)
}

// parseChatsParams reads the parameters. Only the rpc-server knows what a cursor says.
func parseChatsParams(source param.Source) (*im.ChatsRequest, error) {
	ps, err := source.Parse("member", "cursor", "limit")
	if err != nil {
		return nil, err
	}
	req := &im.ChatsRequest{Cursor: new(string)}
	if req.Member, err = memberName(ps, "member"); err != nil {
		return nil, err
	}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return nil, err
	}
	req.Limit, err = ps.Int32("limit")
	return req, err
}

// chatsReply is a page of a member's chats.
type chatsReply struct {
	Chats      []chatReply `json:"chats"` // never null
	HasMore    bool        `json:"has_more"`
	NextCursor string      `json:"next_cursor"`
}

type chatReply struct {
	Chat        string      `json:"chat"`
	LastMessage *im.Message `json:"last_message"`
}

func toChatsReply(page *im.ChatsResponse) chatsReply {
	r := chatsReply{make([]chatReply, len(page.LastMessages)), page.GetHasMore(), page.GetNextCursor()}
	for i, m := range page.LastMessages {
		r.Chats[i] = chatReply{m.Chat, m}
	}
	return r
}

func (r chatsReply) appendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"chats":[`...)
	for i, entry := range r.Chats {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), entry.Chat); err != nil {
			return b, err
		}
		if b, err = appendMessage(append(b, `,"last_message":`...), entry.LastMessage); err != nil {
			return b, err
		}
		b = append(b, '}')
	}
	b = strconv.AppendBool(append(b, `],"has_more":`...), r.HasMore)
	b, err = jsontext.AppendQuote(append(b, `,"next_cursor":`...), r.NextCursor)
	return append(b, '}'), err
}
