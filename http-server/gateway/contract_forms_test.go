package gateway

import (
	"slices"
	"strings"
	"testing"
)

// Each call has each parameter in the query and in each kind of body, in the document as
// in the gateway.
func TestFormsOfTheContract(t *testing.T) {
	t.Parallel()
	paths := contract(t).Document.Paths.PathItems
	for path, want := range map[string][]string{
		"POST /api/send":         {"chat", "receiver", "sender", "text"},
		"GET /api/pull":          {"chat", "cursor", "limit", "reverse", "wait_ms"},
		"GET /api/pull/messages": {"chat", "cursor", "limit", "reverse", "wait_ms"},
		"GET /api/chats":         {"cursor", "limit", "member", "preview"},
		"GET /api/sync":          {"cursor", "limit", "member", "wait_ms"},
		"GET /api/members":       {"chat", "cursor", "limit"},
		"POST /api/members":      {"add", "by", "chat", "remove"},
		"POST /api/read":         {"chat", "member", "send_time"},
	} {
		method, path, _ := strings.Cut(path, " ")
		item := paths.GetOrZero(path)
		call := item.Get
		if method == "POST" {
			call = item.Post
		}
		var inQuery []string
		for _, p := range call.Parameters {
			if p.In == "query" {
				inQuery = append(inQuery, p.Name)
			}
		}
		slices.Sort(inQuery)
		if !slices.Equal(inQuery, want) {
			t.Errorf("%s: in the query are %q; want %q", path, inQuery, want)
		}
		var kinds []string
		for kind, media := range call.RequestBody.Content.FromOldest() {
			kinds = append(kinds, kind)
			inBody := slices.Sorted(media.Schema.Schema().Properties.KeysFromOldest())
			if !slices.Equal(inBody, want) {
				t.Errorf("%s: in %s are %q; want %q", path, kind, inBody, want)
			}
		}
		if all := []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}; !slices.Equal(kinds, all) {
			t.Errorf("%s: bodies are %q; want %q", path, kinds, all)
		}
	}
}
