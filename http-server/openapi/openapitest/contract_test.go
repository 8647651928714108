package openapitest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/openapi"
)

// ours returns the contract of the API.
func ours(t *testing.T) *Contract {
	t.Helper()
	c, err := Ours()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer returns an answer of the API. Headers are written "Name: value"; one
// without a value is left out.
func answer(status int, body string, headers ...string) Answer {
	h := http.Header{}
	for _, header := range append([]string{
		"X-Request-ID: 1", "Content-Type: application/json", "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
	}, headers...) {
		name, value, _ := strings.Cut(header, ": ")
		if h.Del(name); value != "" {
			h.Set(name, value)
		}
	}
	return Answer{status, h, []byte(body)}
}

// failure returns the body of an error.
func failure(code, message string) string {
	return fmt.Sprintf(`{"error":{"code":%q,"message":%q,"request_id":"1"}}`, code, message)
}

const (
	sent = `{"chat":"a:b","send_time":1}`
	page = `{"messages":[{"chat":"a:b","text":"x","sender":"A","send_time":1}],"has_more":false,"next_cursor":2}`
	news = `{"messages":[{"chat":"team","text":"x","sender":"a","send_time":1,"added":["b"],"removed":["c"]}],` +
		`"reads":[{"chat":"a:b","member":"a","send_time":1}],"has_more":false,"next_cursor":"x"}`
	inbox = `{"chats":[{"chat":"team","last_message":{"chat":"team","text":"","sender":"a","send_time":1,"added":["b"]},"unread":100,"read":0}],` +
		`"has_more":true,"next_cursor":"x"}`
)

func TestGoodAnswers(t *testing.T) {
	t.Parallel()
	for call, a := range map[string]Answer{
		"POST /api/send":         answer(200, sent),
		"POST /api/send ":        answer(422, failure("key_reused", "x")),
		"GET /api/pull":          answer(200, page),
		"POST /api/send/":        answer(200, sent),
		"OPTIONS /ping/":         answer(204, "", "Allow: OPTIONS, GET, HEAD"),
		"GET /docs/":             answer(404, failure("not_found", "x")),
		"GET /api/pull/messages": answer(200, `{"messages":[],"has_more":false,"next_cursor":9223372036854775807}`),
		"GET /api/sync":          answer(200, news),
		"GET /api/sync ":         answer(200, `{"messages":[],"reads":[],"has_more":false,"next_cursor":"x"}`),
		"GET /api/chats":         answer(200, inbox),
		"GET /api/chats ":        answer(200, `{"chats":[],"has_more":false,"next_cursor":"","sync_cursor":"x"}`),
		"GET /api/members":       answer(200, `{"members":[{"member":"a","read":0}],"has_more":true,"next_cursor":"x"}`),
		"GET /api/members ":      answer(404, failure("not_found", "x")),
		"POST /api/members":      answer(200, `{"chat":"team","send_time":1,"members":0}`),
		"POST /api/members ":     answer(403, failure("forbidden", "x")),
		"POST /api/read":         answer(200, `{"chat":"a:b","member":"a","send_time":0}`),
		"POST /api/read ":        answer(404, failure("not_found", "x")),
		"GET /api/chats  ":       answer(401, failure("unauthenticated", "x"), `WWW-Authenticate: Bearer error="invalid_token"`),
		"GET /api/chats   ":      answer(403, failure("forbidden", "x")),
		"GET /sign-in.json":      answer(200, `{}`),
		"HEAD /api/pull":         answer(200, ""),
		"GET /":                  answer(403, failure("forbidden", "x")),
		"GET /nothing ":          answer(403, failure("forbidden", "x")),
		"GET /nothing  ":         answer(421, failure("misdirected", "x")),
		"GET /api/chats    ":     answer(421, failure("misdirected", "x")),
		"PUT /api/send":          answer(403, failure("forbidden", "x")),
		"OPTIONS /api/send ":     answer(403, failure("forbidden", "x")),
		"GET /api/pull ":         answer(503, failure("unavailable", "x"), "Retry-After: 1"),
		"GET /ping":              answer(200, `{"message":"pong"}`, "Cache-Control"),
		"GET /nothing":           answer(404, failure("not_found", "x")),
		"GET /api/send":          answer(405, failure("method_not_allowed", "x"), "Allow: OPTIONS, POST"),
		"NONSENSE /api/send":     answer(405, failure("method_not_allowed", "x"), "Allow: OPTIONS, POST"),
		"OPTIONS /api/send":      answer(204, "", "Allow: OPTIONS, POST"),
		"OPTIONS /nothing":       answer(404, failure("not_found", "x")),
		"GET /docs/x.css":        answer(200, "x", "Content-Type: text/css; charset=utf-8"),
	} {
		method, path, _ := strings.Cut(strings.TrimSpace(call), " ")
		if err := ours(t).Check(method, path, a); err != nil {
			t.Errorf("%s: %v", call, err)
		}
		if err := ours(t).CheckAny(method == "HEAD", a); err != nil {
			t.Errorf("%s, not known: %v", call, err)
		}
	}
}

// badAnswers are calls with answers that they must not have.
var badAnswers = map[string]struct {
	call string
	Answer
}{
	"a field is missing":          {"POST /api/send", answer(200, `{"chat":"a:b"}`)},
	"a field too many":            {"POST /api/send", answer(200, `{"chat":"a:b","send_time":1,"id":1}`)},
	"a number as a string":        {"POST /api/send", answer(200, `{"chat":"a:b","send_time":"1"}`)},
	"a fraction":                  {"POST /api/send", answer(200, `{"chat":"a:b","send_time":1.5}`)},
	"a chat as it was written":    {"POST /api/send", answer(200, `{"chat":"a: b","send_time":1}`)},
	"null for an empty list":      {"GET /api/pull", answer(200, `{"messages":null,"has_more":false,"next_cursor":0}`)},
	"a message lacks its sender":  {"GET /api/pull", answer(200, `{"messages":[{"chat":"a:b","text":"x","send_time":1}],"has_more":false,"next_cursor":2}`)},
	"a message has an id":         {"GET /api/pull", answer(200, `{"messages":[{"id":7,"chat":"a:b","text":"x","sender":"a","send_time":1}],"has_more":false,"next_cursor":2}`)},
	"an empty text":               {"GET /api/pull", answer(200, `{"messages":[{"chat":"a:b","text":"","sender":"a","send_time":1}],"has_more":false,"next_cursor":2}`)},
	"has_more as a number":        {"GET /api/pull", answer(200, `{"messages":[],"has_more":0,"next_cursor":0}`)},
	"a negative next_cursor":      {"GET /api/pull", answer(200, `{"messages":[],"has_more":false,"next_cursor":-1}`)},
	"no body":                     {"GET /api/pull", answer(200, "")},
	"no JSON":                     {"GET /api/pull", answer(200, "{")},
	"another call's answer":       {"GET /api/pull", answer(200, sent)},
	"a status not documented":     {"GET /api/pull", answer(418, failure("unavailable", "x"))},
	"a status of another call":    {"GET /api/pull", answer(422, failure("key_reused", "x"))},
	"a code of another status":    {"GET /api/pull", answer(400, failure("too_large", "body: x"))},
	"a code not documented":       {"GET /api/pull", answer(400, failure("bad", "body: x"))},
	"an error names no field":     {"GET /api/pull", answer(400, failure("invalid_argument", "no"))},
	"an error without message":    {"GET /api/pull", answer(504, failure("timeout", ""))},
	"an error without request_id": {"GET /api/pull", answer(504, `{"error":{"code":"timeout","message":"x"}}`)},
	"an error as a text":          {"GET /api/pull", answer(504, `{"error":"timeout"}`)},
	"another Content-Type":        {"GET /api/pull", answer(200, page, "Content-Type: text/plain")},
	"no Content-Type":             {"GET /api/pull", answer(200, page, "Content-Type")},
	"no X-Request-ID":             {"GET /api/pull", answer(200, page, "X-Request-ID")},
	"an X-Request-ID with blanks": {"GET /api/pull", answer(200, page, "X-Request-ID: a b")},
	"an answer for caches":        {"GET /api/pull", answer(200, page, "Cache-Control: public")},
	"a HEAD's answer for caches":  {"HEAD /api/pull", answer(200, "", "Cache-Control")},
	"no nosniff":                  {"GET /api/pull", answer(200, page, "X-Content-Type-Options")},
	"no Retry-After":              {"GET /api/pull", answer(503, failure("unavailable", "x"))},
	"Retry-After a date":          {"GET /api/pull", answer(503, failure("unavailable", "x"), "Retry-After: soon")},
	"405 without Allow":           {"PUT /api/pull", answer(405, failure("method_not_allowed", "x"))},
	"nobody came":                 {"GET /api/sync", answer(200, strings.Replace(news, `["b"]`, `[]`, 1))},
	"a name as it was written":    {"GET /api/sync", answer(200, strings.Replace(news, `["b"]`, `["b c"]`, 1))},
	"null for no marks":           {"GET /api/sync", answer(200, `{"messages":[],"reads":null,"has_more":false,"next_cursor":"x"}`)},
	"no marks":                    {"GET /api/sync", answer(200, `{"messages":[],"has_more":false,"next_cursor":"x"}`)},
	"a mark at nothing":           {"GET /api/sync", answer(200, strings.Replace(news, `"member":"a","send_time":1`, `"member":"a","send_time":0`, 1))},
	"a cursor as a number":        {"GET /api/sync", answer(200, `{"messages":[],"reads":[],"has_more":false,"next_cursor":1}`)},
	"101 unread":                  {"GET /api/chats", answer(200, strings.Replace(inbox, "100", "101", 1))},
	"read before 1970":            {"GET /api/chats", answer(200, strings.Replace(inbox, `"read":0`, `"read":-1`, 1))},
	"an empty sync_cursor a null": {"GET /api/chats", answer(200, `{"chats":[],"has_more":false,"next_cursor":"","sync_cursor":null}`)},
	"a member without read":       {"GET /api/members", answer(200, `{"members":[{"member":"a"}],"has_more":true,"next_cursor":"x"}`)},
	"a group of 1,001":            {"POST /api/members", answer(200, `{"chat":"team","send_time":1,"members":1001}`)},
	"a change at no time":         {"POST /api/members", answer(200, `{"chat":"team","send_time":0,"members":1}`)},
	"no group to be made":         {"POST /api/members", answer(404, failure("not_found", "x"))},
	"no challenge":                {"GET /api/pull", answer(401, failure("unauthenticated", "x"))},
	"another challenge":           {"GET /api/pull", answer(401, failure("unauthenticated", "x"), "WWW-Authenticate: Basic")},
	"a ping without a token":      {"GET /ping", answer(401, failure("unauthenticated", "x"), `WWW-Authenticate: Bearer error="invalid_token"`)},
	"a probe is misdirected":      {"GET /healthz", answer(421, failure("misdirected", "x"))},
	"a mark of nobody":            {"POST /api/read", answer(200, `{"chat":"a:b","send_time":0}`)},
	"404 to a known path":         {"GET /api/chats", answer(404, failure("not_found", "x"))},
	"405 to a known method":       {"GET /api/pull", answer(405, failure("method_not_allowed", "x"), "Allow: OPTIONS, POST")},
	"200 to an unknown path":      {"GET /nothing", answer(200, page)},
	"a slash too many":            {"GET /api/pull//", answer(200, page)},
	"404 to a slash":              {"GET /api/chats/", answer(404, failure("not_found", "x"))},
	"a slash after a page":        {"GET /docs/", answer(200, "x", "Content-Type: text/html")},
	"OPTIONS without Allow":       {"OPTIONS /api/pull", answer(204, "")},
	"OPTIONS with a body":         {"OPTIONS /api/pull", answer(204, "{}", "Allow: OPTIONS, GET")},
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range badAnswers {
		method, path, _ := strings.Cut(tc.call, " ")
		err := ours(t).Check(method, path, tc.Answer)
		if err == nil || !strings.Contains(err.Error(), tc.call) {
			t.Errorf("%s: %s is answered by %d %s: %v", name, tc.call, tc.Status, tc.Body, err)
		}
	}
	for name, a := range map[string]Answer{
		"no call's status": answer(418, failure("unavailable", "x")),
		"no call's body":   answer(200, `{"chat":"a:b"}`),
		"no call's code":   answer(400, failure("timeout", "x: y")),
		"nothing":          answer(200, ""),
	} {
		if err := ours(t).CheckAny(false, a); err == nil {
			t.Errorf("%s: %d %s passes", name, a.Status, a.Body)
		}
	}
}

// The document decides: what is taken out of it is no longer allowed.
func TestDocumentDecides(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ old, new string }{
		"a property":   {"send_time: {$ref: '#/components/schemas/Time'}\n    Message:", "sent_at: {$ref: '#/components/schemas/Time'}\n    Message:"},
		"a type":       {"format: int64\n      description: Microseconds since 1970.\n      minimum: 1", "description: Microseconds since 1970.\n      minimum: 2"},
		"a media type": {"application/json:\n              schema: {$ref: '#/components/schemas/Sent'}", "text/plain:\n              schema: {$ref: '#/components/schemas/Sent'}"},
		"a path":       {"/api/send:", "/api/post:"},
		"a method":     {"post:", "put:"},
	} {
		text := strings.Replace(openapi.Document(), tc.old, tc.new, 1)
		c, err := Parse(text)
		if err != nil || text == openapi.Document() {
			t.Errorf("%s: Parse = %v", name, err)
			continue
		}
		if err := c.Check("POST", "/api/send", answer(200, sent)); err == nil {
			t.Errorf("%s is gone, and the answer passes", name)
		}
	}
	for _, text := range []string{"", "{", "openapi: 3.1.0", strings.Replace(openapi.Document(), "responses:", "answers:", 1)} {
		if _, err := Parse(text); err == nil {
			t.Errorf("Parse takes %.40q", text)
		}
	}
}
