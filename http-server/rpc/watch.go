package rpc

import (
	"context"
	"time"

	"github.com/cloudwego/kitex/client/callopt"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

const (
	watchMethod = "Watch"
	// watchSlack is what a call may take beside the time for which it is held.
	watchSlack = time.Second
)

// Watch asks one rpc-server for news, and with req.Others for that of other instances as
// well. It sets req.WaitMs itself, to [idl.MaxWatch]. ctx does not end a call under way.
func (c *Client) Watch(ctx context.Context, address string, req *im.WatchRequest) (*im.WatchResponse, error) {
	ctx = withRoute(context.WithoutCancel(ctx), &route{only: address})
	req.WaitMs = int32(idl.MaxWatch.Milliseconds())
	resp, err := resultOf(c.im.Watch(ctx, req, callopt.WithRPCTimeout(idl.MaxWatch+watchSlack)))
	c.metrics.called(watchMethod, err)
	return resp, err
}
