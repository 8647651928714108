// Package test checks the whole system from the outside: the contract of the API, the
// delivery of messages, and what becomes of both when parts stop, die, freeze or come
// back.
package test

import (
	"flag"
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
	// The tests mostly wait: for leases, drains, the disk. -parallel overrides this.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := storetest.Main(m)
	process.RemoveBinaries()
	os.Exit(code)
}
