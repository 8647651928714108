package delivery_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A liar stands before a gateway and lies about one thing, once in a while.
type liar struct {
	gateway string
	about   lie
	chances atomic.Int64 // exchanges that could be lied about
}

// A lie changes an exchange. It gets the request, with a way to forward it that
// can be used more than once or not at all, and returns the answer, or nil for
// the truth. Where it has a chance to lie, it asks whether it may.
type lie func(r *http.Request, forward func() *answer, may func() bool) *answer

// An answer is what a gateway says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// every is how many chances pass between two lies.
const every = 10

func startLiar(t *testing.T, gateway string, about lie) string {
	t.Helper()
	s := httptest.NewServer(&liar{gateway: gateway, about: about})
	t.Cleanup(s.Close)
	return s.URL
}

// ServeHTTP passes a request on, or lies.
func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	forward := func() *answer { return l.forward(r, body) }
	r.Body = io.NopCloser(bytes.NewReader(body)) // for the lie
	a := l.about(r, forward, func() bool { return l.chances.Add(1)%every == 1 })
	if a == nil {
		a = forward()
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (l *liar) forward(r *http.Request, body []byte) *answer {
	lost := &answer{status: http.StatusGatewayTimeout}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, l.gateway+r.URL.String(), bytes.NewReader(body))
	if err != nil {
		return lost
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return lost
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return lost
	}
	return &answer{resp.StatusCode, resp.Header, content}
}

// forgetful starts a gateway that forgets the readers who wait for answers of a path. It
// answers them as if nothing came.
func forgetful(t *testing.T, gateway, path string) string {
	t.Helper()
	return startLiar(t, gateway, func(r *http.Request, forward func() *answer, _ func() bool) *answer {
		q := r.URL.Query()
		if wait := q.Get("wait_ms"); path == "" || !strings.HasSuffix(r.URL.Path, path) || wait == "" || wait == "0" {
			return nil
		}
		q.Set("wait_ms", "0")
		r.URL.RawQuery = q.Encode()
		a := forward()
		if !bytes.Contains(a.body, []byte(`"messages":[]`)) {
			return a
		}
		select {
		case <-time.After(8 * time.Second): // as long as a vigil waits
		case <-r.Context().Done():
		}
		return a
	})
}
