// Package page drives the chat page in a real browser, before the real system.
package page

import (
	"flag"
	"os"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
)

var (
	screenshots = flag.String("screenshots", "", "directory for screenshots of the page")
	axe         = flag.String("axe", "", "axe.min.js of npm's axe-core, whose rules are to look at the page as well")
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	// The pages mostly wait. -parallel overrides this.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
