package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(storetest.Main(m))
}

// check runs the command on a system and returns what it prints.
func check(ctx context.Context, args ...string) (string, error) {
	var out strings.Builder
	err := daemon.Run(ctx, "imcheck", "", &config{}, args, kong.BindTo(&out, (*io.Writer)(nil)))
	return out.String(), err
}

func TestRun(t *testing.T) {
	t.Parallel()
	out, err := check(t.Context(), "--url="+stacktest.URL(t), "--messages=100", "--chats=2", "--groups=2", "--senders=4")
	if err != nil || !strings.Contains(out, "0  lost write") {
		t.Errorf("run = %v\n%s", err, out)
	}
}

// When it is interrupted, it still checks.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	target := stacktest.URL(t)
	ctx, interrupt := context.WithCancel(t.Context())
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/pull") && r.URL.Query().Get("cursor") > "0" { // a message was read
			interrupt()
		}
		w.Header().Set("Location", target+r.URL.String())
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	t.Cleanup(front.Close)
	out, err := check(ctx, "--url="+front.URL, "--duration=0", "--chats=1", "--groups=0", "--senders=1")
	if err != nil || !strings.Contains(out, "0  lost write") {
		t.Errorf("run = %v\n%s", err, out)
	}
}

// What keeps it from checking is an error, and so is what it finds.
func TestRunFails(t *testing.T) {
	t.Parallel()
	emptyPages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/members") {
			first, second, _ := strings.Cut(r.URL.Query().Get("chat"), ":")
			_, _ = fmt.Fprintf(w, `{"members": [{"member": %q}, {"member": %q}]}`, first, second)
			return
		}
		_, _ = w.Write([]byte(`{"messages": []}`))
	}))
	t.Cleanup(emptyPages.Close)
	badPages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(`{"messages": [{"text": "x"}]}`))
	}))
	t.Cleanup(badPages.Close)
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no gateway":     {[]string{"--url=http://127.0.0.1:1", "--duration=10ms", "--settle=100ms"}, "connection refused"},
		"nothing stored": {[]string{"--url=" + emptyPages.URL, "--duration=10ms"}, "no message was acknowledged"},
		"anomalies":      {[]string{"--url=" + badPages.URL, "--duration=10ms"}, "does not deliver"},
		"unknown flag":   {[]string{"--nonsense"}, "nonsense"},
		"wrong number":   {[]string{"--senders=1", "--chats=2"}, "sender"},
		"unwanted word":  {[]string{"nonsense"}, "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := check(t.Context(), tc.args...); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("run = %v; want … %s …", err, tc.want)
			}
		})
	}
}
