package gateway

import (
	"context"
	"fmt"
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
	if n := len(page.States); n > 0 && n != len(page.LastMessages) {
		s.writeError(ctx, c, fmt.Errorf("rpc-server tells the states of %d chats of %d", n, len(page.LastMessages)))
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
	return parseChatsParams(source, callerOf(c))
}

// parseChatsParams reads the parameters. Only the rpc-server knows what a cursor says.
func parseChatsParams(source param.Source, who caller) (*im.ChatsRequest, error) {
	ps, err := source.Parse("member", "cursor", "limit", "preview")
	if err != nil {
		return nil, err
	}
	req := &im.ChatsRequest{Cursor: new(string), Preview: new(int32)}
	if req.Member, err = who.self(ps, "member"); err != nil {
		return nil, err
	}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return nil, err
	}
	if req.Limit, err = ps.Int32("limit"); err != nil {
		return nil, err
	}
	*req.Preview, err = ps.Int32("preview")
	return req, err
}

// chatsReply is a page of a member's chats. What it leaves out an rpc-server of an earlier
// version does not tell.
type chatsReply struct {
	Chats      []chatReply `json:"chats"` // never null
	HasMore    bool        `json:"has_more"`
	NextCursor string      `json:"next_cursor"`
	SyncCursor *string     `json:"sync_cursor,omitempty"` // of a first page
}

type chatReply struct {
	Chat        string      `json:"chat"`
	LastMessage *im.Message `json:"last_message"`
	Unread      *int32      `json:"unread,omitempty"`
	Read        *int64      `json:"read,omitempty"` // a send_time
}

// toChatsReply converts a page, which has the states of all its chats or of none.
func toChatsReply(page *im.ChatsResponse) chatsReply {
	r := chatsReply{make([]chatReply, len(page.LastMessages)), page.GetHasMore(), page.GetNextCursor(), page.SyncCursor}
	for i, m := range page.LastMessages {
		r.Chats[i] = chatReply{Chat: m.Chat, LastMessage: m}
		if len(page.States) > 0 {
			r.Chats[i].Unread, r.Chats[i].Read = &page.States[i].Unread, &page.States[i].Read_
		}
	}
	return r
}

func (r chatsReply) appendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"chats":[`...)
	for i, entry := range r.Chats {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = entry.appendJSON(b); err != nil {
			return b, err
		}
	}
	if b, err = appendEnd(append(b, ']'), r.HasMore, r.NextCursor); err != nil {
		return b, err
	}
	if r.SyncCursor != nil {
		b, err = jsontext.AppendQuote(append(b, `,"sync_cursor":`...), *r.SyncCursor)
	}
	return append(b, '}'), err
}

func (r chatReply) appendJSON(b []byte) (_ []byte, err error) {
	if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat); err != nil {
		return b, err
	}
	if b, err = appendMessage(append(b, `,"last_message":`...), r.LastMessage); err != nil {
		return b, err
	}
	if r.Unread != nil {
		b = strconv.AppendInt(append(b, `,"unread":`...), int64(*r.Unread), 10)
	}
	if r.Read != nil {
		b = strconv.AppendInt(append(b, `,"read":`...), *r.Read, 10)
	}
	return append(b, '}'), nil
}
