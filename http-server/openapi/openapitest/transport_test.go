package openapitest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// recorder is a test that notes its failures.
type recorder struct {
	testing.TB
	failures []any
	cleanup  func()
}

func (r *recorder) Error(args ...any) { r.failures = append(r.failures, args...) }
func (r *recorder) Cleanup(f func())  { r.cleanup = f }

// canned answers every request.
type canned Answer

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.Status, Header: c.Header, Body: io.NopCloser(strings.NewReader(string(c.Body)))}, nil
}

// A transport checks a sample of the successes and all other answers, until the test
// ends. The client gets the answers as they are.
func TestTransport(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		Answer
		every int64
		want  int // failures of ten calls
	}{
		"good":                {answer(200, page), 1, 0},
		"bad":                 {answer(200, sent), 1, 10},
		"bad, one in five":    {answer(200, sent), 5, 2},
		"a failure is no 200": {answer(418, sent), 5, 10},
	} {
		r := &recorder{TB: t}
		client := http.Client{Transport: Sample(r, canned(tc.Answer), tc.every)}
		get := func() {
			resp, err := client.Get("http://x/api/pull?chat=a:b")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != string(tc.Body) {
				t.Errorf("%s: body = %s, %v", name, body, err)
			}
		}
		for range 10 {
			get()
		}
		if len(r.failures) != tc.want {
			t.Errorf("%s: failures = %v; want %d", name, r.failures, tc.want)
		}
		r.cleanup()
		if get(); len(r.failures) != tc.want {
			t.Errorf("%s: a test that is over is told", name)
		}
	}
}
