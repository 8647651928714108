package main

import (
	"context"
	"net/http"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	hertz "github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	etcd "github.com/kitex-contrib/registry-etcd"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// rpcConns is the product's default number of idle connections to an rpc-server.
const rpcConns = 256

// The JSON of the API, as Hertz binds it.
type (
	sendParams struct {
		Chat   string `json:"chat"`
		Text   string `json:"text"`
		Sender string `json:"sender"`
	}
	sendReply struct {
		Chat     string `json:"chat"`
		SendTime int64  `json:"send_time"`
	}
	pullParams struct {
		Chat    string `query:"chat"`
		Cursor  int64  `query:"cursor"`
		Limit   int32  `query:"limit"`
		Reverse bool   `query:"reverse"`
	}
	pullReply struct {
		Messages   []*im.Message `json:"messages"`
		HasMore    bool          `json:"has_more"`
		NextCursor int64         `json:"next_cursor"`
	}
)

// gateway is an http-server that binds, calls and answers.
type gateway struct{ rpc imservice.Client }

// serveGateway serves the gateway until a signal stops it. Its transports are the
// product's, which were the fastest.
func serveGateway(addr, endpoints string) error {
	resolver, err := etcd.NewEtcdResolver([]string{endpoints})
	if err != nil {
		return err
	}
	rpc, err := imservice.NewClient(idl.ServiceName,
		client.WithResolver(resolver),
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithConnectTimeout(500*time.Millisecond),
		client.WithRPCTimeout(5*time.Second),
		client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: rpcConns, MaxIdleTimeout: time.Minute}),
	)
	if err != nil {
		return err
	}
	g := &gateway{rpc}
	h := hertz.New(hertz.WithHostPorts(addr), hertz.WithTransport(standard.NewTransporter), hertz.WithDisablePrintRoute(true))
	h.POST("/api/send", g.send)
	h.GET("/api/pull", g.pull)
	h.GET("/readyz", g.ready)
	h.Spin()
	return nil
}

func (g *gateway) send(ctx context.Context, c *app.RequestContext) {
	var p sendParams
	if err := c.BindAndValidate(&p); err != nil {
		c.JSON(http.StatusBadRequest, err.Error())
		return
	}
	sent, err := g.rpc.Send(ctx, &im.SendRequest{Message: &im.Message{Chat: p.Chat, Text: p.Text, Sender: p.Sender}})
	if failed(c, sent, err) {
		return
	}
	c.JSON(http.StatusOK, sendReply{sent.GetChat(), sent.GetSendTime()})
}

func (g *gateway) pull(ctx context.Context, c *app.RequestContext) {
	var p pullParams
	if err := c.BindAndValidate(&p); err != nil {
		c.JSON(http.StatusBadRequest, err.Error())
		return
	}
	page, err := g.rpc.Pull(ctx, &im.PullRequest{Chat: p.Chat, Cursor: p.Cursor, Limit: p.Limit, Reverse: &p.Reverse})
	if failed(c, page, err) {
		return
	}
	c.JSON(http.StatusOK, pullReply{page.Messages, page.GetHasMore(), page.GetNextCursor()})
}

// ready answers 200 when an rpc-server answers.
func (g *gateway) ready(ctx context.Context, c *app.RequestContext) {
	health, err := g.rpc.Health(ctx, im.NewHealthRequest())
	if !failed(c, health, err) {
		c.JSON(http.StatusOK, "ready")
	}
}

// failed answers a call that has failed, and reports whether it has.
func failed(c *app.RequestContext, answer interface {
	GetCode() im.Code
	GetMsg() string
}, err error,
) bool {
	switch {
	case err != nil:
		c.JSON(http.StatusInternalServerError, err.Error())
	case answer.GetCode() != im.Code_OK:
		c.JSON(http.StatusInternalServerError, answer.GetMsg())
	default:
		return false
	}
	return true
}
