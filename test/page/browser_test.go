package page

import (
	"context"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

// world is a system and a browser, which the tests share.
type world struct {
	url     string // of the system
	browser context.Context
	issuer  string // an identity server, which pages may call as well; "": none
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{url: stacktest.URL(t), browser: startBrowser(t)}
}

// startBrowser starts a Chromium that runs for the length of the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	storetest.Needs(t, "Chromium")
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: on Debian, apt-get install chromium", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // which Chromium lacks for root, and in most containers
		chromedp.Flag("lang", "en-GB"),
		chromedp.Flag("hide-scrollbars", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	browser, closeBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeBrowser()
		stop()
	})
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return browser
}
