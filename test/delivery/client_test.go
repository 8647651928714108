package delivery

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A request that has left may have been stored, whatever happens then. One that could
// not leave was not stored. (net/http repeats a request with a key when its connection
// is lost, and tells of the last attempt only.)
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	var calls int
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 { // so that the next one is made on a connection that was used
			_, _ = w.Write([]byte(`{"chat": "a:b", "send_time": 1}`))
			return
		}
		_ = server.Listener.Close()
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	}))
	defer server.Close()
	c := newClient(Config{URLs: []string{server.URL}})
	m := message{Chat: "a:b", Sender: "a", Text: "x"}
	for _, want := range []error{nil, errUnknown, errRefused} {
		_, err := c.send(t.Context(), m, "key")
		if !errors.Is(err, want) {
			t.Errorf("send = %v; want %v", err, want)
		}
		var op *net.OpError
		if errors.Is(want, errUnknown) && !errors.As(err, &op) {
			t.Errorf("send = %v; want the error of another try, else this test shows nothing", err)
		}
	}
}
