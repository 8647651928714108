package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	kitex "github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"

	"example.com/im/idl"
	"example.com/im/test/stack/stacktest"
	"example.com/im/test/template/gen/rpc"
	"example.com/im/test/template/gen/rpc/imservice"
)

// A client that was built from the well-known template works unchanged, over
// every transport that Kitex offers it.
func TestTemplateClient(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s, _ := stacktest.Start(t)
	for name, options := range map[string][]kitex.Option{
		"buffered": nil, // Kitex's default
		"framed":   {kitex.WithTransportProtocol(transport.Framed)},
		"TTHeader": {kitex.WithTransportProtocol(transport.TTHeader), kitex.WithMetaHandler(transmeta.ClientTTHeaderHandler)},
		"TTHeader, framed": {
			kitex.WithTransportProtocol(transport.TTHeaderFramed), kitex.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options = append(options, kitex.WithHostPorts(s.RPCAddr().String()), kitex.WithRPCTimeout(10*time.Second))
			c, err := imservice.NewClient(idl.ServiceName, options...)
			if err != nil {
				t.Fatal(err)
			}
			testTemplate(t, c)
		})
	}
}

// testTemplate makes the calls that the template's gateway makes.
func testTemplate(t *testing.T, c imservice.Client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	begin := time.Now().UnixMicro()
	for i := range 3 {
		resp, err := c.Send(t.Context(), &rpc.SendRequest{Message: &rpc.Message{Chat: strings.ToUpper(chat), Sender: doe, Text: fmt.Sprint(i)}})
		if err != nil || resp.Code != 0 {
			t.Fatalf("Send = %v, %v; want code 0", resp, err)
		}
	}
	reverse := true
	page, err := c.Pull(t.Context(), &rpc.PullRequest{Chat: chat, Limit: 2, Reverse: &reverse})
	if err != nil || page.Code != 0 || len(page.Messages) != 2 || !page.GetHasMore() {
		t.Fatalf("Pull = %v, %v; want 2 messages, and more", page, err)
	}
	newest := page.Messages[0]
	if newest.Chat != chat || newest.Text != "2" || newest.Sender != doe || newest.SendTime < begin-int64(time.Minute/time.Microsecond) {
		t.Errorf("the newest message = %+v", newest)
	}
	page, err = c.Pull(t.Context(), &rpc.PullRequest{Chat: chat, Cursor: page.GetNextCursor(), Limit: 10, Reverse: &reverse})
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Text != "0" || page.GetHasMore() {
		t.Errorf("Pull = %v, %v; want the first message and no more", page, err)
	}
	refused, err := c.Send(t.Context(), &rpc.SendRequest{Message: &rpc.Message{Chat: "nobody:", Sender: doe, Text: "x"}})
	if err != nil || refused.Code == 0 || !strings.HasPrefix(refused.Msg, "chat: ") {
		t.Errorf("Send to a chat that is none = %v, %v; want another code than 0, and why", refused, err)
	}
}
