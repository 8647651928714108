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

// members handles GET /api/members.
func (s *Server) members(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseMembers(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	page, err := s.rpc.Members(ctx, name.Lane(), req)
	who := callerOf(c)
	if err == nil {
		err = who.mayKnow(name, page.GetCallerChecked())
	}
	if err != nil {
		s.writeError(ctx, c, who.shown(err))
		return
	}
	writeJSON(c, http.StatusOK, toMembersReply(page))
}

// parseMembers reads the request, which may have a body although it is a GET. Only the
// rpc-server knows what a cursor says.
func parseMembers(c *app.RequestContext) (name chat.Name, req *im.MembersRequest, err error) {
	ps, err := readParams(c, "chat", "cursor", "limit")
	if err != nil {
		return "", nil, err
	}
	who := callerOf(c)
	if name, err = who.chat(ps); err != nil {
		return "", nil, err
	}
	req = &im.MembersRequest{Chat: string(name), Cursor: new(string), Caller: who.name()}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return "", nil, err
	}
	req.Limit, err = ps.Int32("limit")
	return name, req, err
}

// membersReply is a page of a chat's members.
type membersReply struct {
	Members    []memberReply `json:"members"` // never null
	HasMore    bool          `json:"has_more"`
	NextCursor string        `json:"next_cursor"`
}

type memberReply struct {
	Member string `json:"member"`
	Read   int64  `json:"read"` // a send_time
}

func toMembersReply(page *im.MembersResponse) membersReply {
	r := membersReply{make([]memberReply, len(page.Members)), page.GetHasMore(), page.GetNextCursor()}
	for i, m := range page.Members {
		r.Members[i] = memberReply{m.Member, m.Read_}
	}
	return r
}

func (r membersReply) appendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"members":[`...)
	for i, m := range r.Members {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = jsontext.AppendQuote(append(b, `{"member":`...), m.Member); err != nil {
			return b, err
		}
		b = append(strconv.AppendInt(append(b, `,"read":`...), m.Read, 10), '}')
	}
	b, err = appendEnd(append(b, ']'), r.HasMore, r.NextCursor)
	return append(b, '}'), err
}
