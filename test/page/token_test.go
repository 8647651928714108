package page

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// token returns the last one with which a person has called.
func (f *front) token(t *testing.T, person string) string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range slices.Backward(f.calls) {
		parts := strings.Split(call.Header.Get("Authorization"), ".")
		if len(parts) != 3 {
			continue
		}
		if claims, err := base64.RawURLEncoding.DecodeString(parts[1]); err == nil && strings.Contains(string(claims), `:"`+person+`"`) {
			return strings.TrimPrefix(strings.Join(parts, "."), "Bearer ")
		}
	}
	t.Fatalf("no call has had a token of %s", person)
	return ""
}

// ask makes a call with a token, if that is not "", and returns the body of its answer.
func ask(t *testing.T, w world, token, method, path, body string, want int) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want && want != 0 {
		t.Errorf("%s %s: %d %s, %v; want %d", method, path, resp.StatusCode, text, err, want)
	}
	return string(text)
}

// status returns that of a call with a token.
func status(t *testing.T, w world, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/api/chats", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
