// Package client_test uses the Go client of the API on the real system, over a network
// that loses requests and answers.
package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(m.Run())
}

// A network is between a client and the service, and does what it likes with an
// answer.
type network struct {
	url      string
	requests atomic.Int32
}

// startNetwork starts a network before the service. The nth request, from 1, goes on if
// before returns true, and its answer goes back if after returns true. Where they return
// false they have answered themselves, or hung up.
func startNetwork(t *testing.T, service string, before, after func(n int32, w http.ResponseWriter) bool) *network {
	t.Helper()
	target, err := url.Parse(service)
	if err != nil {
		t.Fatal(err)
	}
	proxy, n := httputil.NewSingleHostReverseProxy(target), new(network)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := n.requests.Add(1)
		if !before(i, w) {
			return
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if !after(i, w) {
			return
		}
		w.WriteHeader(answer.Code)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// pass lets everything through.
func pass(int32, http.ResponseWriter) bool { return true }
