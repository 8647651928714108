// Package observe checks Prometheus' configuration, the alerts and Grafana's dashboard
// against what the services really tell. The composition starts them in its profile
// observe.
package observe

import (
	"os"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	code := storetest.Main(m)
	process.RemoveBinaries()
	os.Exit(code)
}
