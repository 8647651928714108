package main

import (
	"context"

	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/im"
)

// healthCmd asks a running rpc-server for its health.
type healthCmd struct{}

// Run returns an error unless the server can serve.
func (*healthCmd) Run(ctx context.Context, c *config) error {
	klog.SetLevel(klog.LevelFatal) // the outcome is one line
	return im.CheckHealth(ctx, c.IM)
}
