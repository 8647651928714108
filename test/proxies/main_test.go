// Package proxies checks that reverse proxies and the gateway agree on where requests
// begin and end. A proxy is a real one, nginx or HAProxy, before a whole system. It keeps
// its connections to the gateway, so whatever it and the gateway read differently would
// become another client's request.
package proxies

import (
	"os"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(storetest.Main(m))
}
