package page

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// front stands before a system, notes what is asked, and answers itself where its
// rule says so.
type front struct {
	url string

	mu    sync.Mutex
	calls []*http.Request
	rule  rule
}

// rule answers a request itself, and reports whether it did. pass is the system, whose
// answer may go to w or elsewhere.
type rule func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool

func newFront(t *testing.T, system string) *front {
	t.Helper()
	target, err := url.Parse(system)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.calls = append(f.calls, r)
		apply := f.rule
		f.mu.Unlock()
		if apply == nil || !apply(w, r, proxy) {
			proxy.ServeHTTP(w, r)
		}
	}))
	f.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections() // those that wait for a message
		server.Close()
	})
	return f
}

func (f *front) setRule(r rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rule = r
}

// asked returns the requests so far that a path got.
func (f *front) asked(path string) []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.calls), func(r *http.Request) bool { return r.URL.Path != path })
}

// keys returns the Idempotency-Keys of the sends so far.
func (f *front) keys() []string {
	var keys []string
	for _, r := range f.asked("/api/send") {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}
	return keys
}

// fail answers the API's error with a status.
func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(toJSON(map[string]any{"error": map[string]string{"code": "x", "message": message}})))
}
