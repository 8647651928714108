package gateway

import (
	"context"
	"time"

	"github.com/cloudwego/kitex/client/callopt"

	"example.com/im/idl/gen/im"
)

const (
	watchMethod = "Watch"
	// watchWait is for how long an rpc-server holds its answer while there is no
	// news, and watchSlack what the call may take besides.
	watchWait  = 2 * time.Second
	watchSlack = time.Second
)

// watch asks one rpc-server for news, with others for those of other instances as
// well. ctx does not end a call under way.
func (c *rpcClient) watch(ctx context.Context, address string, req *im.WatchRequest) (*im.WatchResponse, error) {
	ctx = withTrail(context.WithoutCancel(ctx), &trail{only: address})
	resp, err := c.im.Watch(ctx, req, callopt.WithRPCTimeout(watchWait+watchSlack))
	if err != nil {
		err = fromKitex(err)
	} else {
		err = fromCode(resp)
	}
	c.metrics.called(watchMethod, err)
	return resp, err
}
