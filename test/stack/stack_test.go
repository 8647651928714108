package stack_test

import (
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/test/stack"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(m.Run())
}

// Stacks in one process have nothing in common: Kitex would share what it knows
// of instances between all clients of a service (see gateway's client).
func TestTwoStacks(t *testing.T) {
	t.Parallel()
	first, stopFirst := stacktest.Start(t)
	second, _ := stacktest.Start(t)
	post(t, first, `{"chat":"a:b","sender":"a","text":"x"}`)
	stopFirst()
	if got := pull(t, second); !strings.Contains(got, `"messages":[]`) {
		t.Errorf("the second stack has %s", got)
	}
	post(t, second, `{"chat":"a:b","sender":"a","text":"y"}`)
	if got := pull(t, second); !strings.Contains(got, `"text":"y"`) {
		t.Errorf("the second stack has %s", got)
	}
}

// A client that keeps its connection does not hold a stop up.
func TestStopWithIdleClient(t *testing.T) {
	t.Parallel()
	s, stop := stacktest.Start(t)
	pull(t, s) // http.DefaultClient keeps the connection
	begin := time.Now()
	stop()
	if took := time.Since(begin); took > 8*time.Second { // ExitWait is 10 s
		t.Errorf("the stop took %v", took)
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	cfg := stacktest.Config(t)
	cfg.HTTPAddr = taken.Addr().String()
	if _, err := stack.Listen(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("Listen = %v; want address in use", err)
	}
}

func post(t *testing.T, s *stack.Stack, body string) {
	t.Helper()
	resp, err := http.Post("http://"+s.Addr().String()+"/api/send", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	read(t, resp)
}

func pull(t *testing.T, s *stack.Stack) string {
	t.Helper()
	resp, err := http.Get("http://" + s.Addr().String() + "/api/pull?chat=a:b")
	if err != nil {
		t.Fatal(err)
	}
	return read(t, resp)
}

// read returns the body of an answer, which must be a success.
func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	if err := resp.Write(&b); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("answer = %s, %v", b.String(), err)
	}
	return b.String()
}
