package test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	kitex "github.com/cloudwego/kitex/client"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// postTo returns a way to send messages to one rpc-server, past the gateways,
// which send a chat's messages all to the same one. Its answers are those that a
// gateway would give.
func postTo(t *testing.T, addr string) poster {
	t.Helper()
	c, err := imservice.NewClient(idl.ServiceName, kitex.WithHostPorts(addr), kitex.WithRPCTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[im.Code]int{
		im.Code_OK:          http.StatusOK,
		im.Code_UNAVAILABLE: http.StatusServiceUnavailable,
		im.Code_TIMEOUT:     http.StatusGatewayTimeout,
	}
	return func(ctx context.Context, chat, sender, text string) (reply, error) {
		resp, err := c.Send(ctx, &im.SendRequest{Message: &im.Message{Chat: chat, Sender: sender, Text: text}})
		if err != nil {
			return reply{}, err
		}
		status, ok := statuses[resp.Code]
		if !ok {
			return reply{}, fmt.Errorf("rpc-server answers %s: %s", resp.Code, resp.Msg)
		}
		return reply{status: status, body: []byte(toJSON(map[string]any{"chat": resp.GetChat(), "send_time": resp.GetSendTime()}))}, nil
	}
}
