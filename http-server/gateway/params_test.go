package gateway

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/im/http-server/fault"
	"example.com/im/idl/gen/im"
)

func TestParsePull(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, tc := range map[string]struct {
		query, body string
		want        im.PullRequest
	}{
		"query": {
			"chat=john:doe&cursor=5&limit=20&reverse=true", "",
			im.PullRequest{Chat: "doe:john", Cursor: 5, Limit: 20, Reverse: &yes},
		},
		"body": {
			"", `{"chat":"john:doe","cursor":5,"limit":20,"reverse":true}`,
			im.PullRequest{Chat: "doe:john", Cursor: 5, Limit: 20, Reverse: &yes},
		},
		"query beats body": {
			"chat=a:b&cursor=1&reverse=0", `{"chat":"c:d","cursor":2,"limit":3,"reverse":true}`,
			im.PullRequest{Chat: "a:b", Cursor: 1, Limit: 3, Reverse: &no},
		},
		"quoted": {
			"", `{"chat":"a:b","cursor":"1795503862320344","limit":"7","reverse":"true"}`,
			im.PullRequest{Chat: "a:b", Cursor: 1795503862320344, Limit: 7, Reverse: &yes},
		},
		"defaults":       {"", `{"chat":"a:b"}`, im.PullRequest{Chat: "a:b", Reverse: &no}},
		"null is absent": {"", `{"chat":"a:b","cursor":null,"limit":null,"reverse":null}`, im.PullRequest{Chat: "a:b", Reverse: &no}},
		"unknown fields": {"chat=a:b&x=1&x=2", `{"x":{"y":[1,{"cursor":"z"}]},"chats":3}`, im.PullRequest{Chat: "a:b", Reverse: &no}},
		"blank body":     {"chat=a:b", " \r\n", im.PullRequest{Chat: "a:b", Reverse: &no}},
		"space around":   {"chat=a:b", " \n{\"limit\" : 2 }\n", im.PullRequest{Chat: "a:b", Limit: 2, Reverse: &no}},
		"1":              {"chat=a:b&reverse=1", "", im.PullRequest{Chat: "a:b", Reverse: &yes}},
		"Python's True":  {"chat=a:b&reverse=True", "", im.PullRequest{Chat: "a:b", Reverse: &yes}},
		"percent":        {"chat=%20JOHN%3Adoe+", "", im.PullRequest{Chat: "doe:john", Reverse: &no}},
		"plus in a name": {"chat=a%2Bx:b", "", im.PullRequest{Chat: "a+x:b", Reverse: &no}},
		"escapes":        {"", `{"ch\u0061t":"\u006ao\u00e9:b"}`, im.PullRequest{Chat: "b:joé", Reverse: &no}},
		"largest cursor": {"chat=a:b&cursor=9223372036854775807", "", im.PullRequest{Chat: "a:b", Cursor: math.MaxInt64, Reverse: &no}},
		"large limit":    {"chat=a:b&limit=2147483648", "", im.PullRequest{Chat: "a:b", Limit: math.MaxInt32, Reverse: &no}},
		"huge limit":     {"", `{"chat":"a:b","limit":99999999999999999999}`, im.PullRequest{Chat: "a:b", Limit: math.MaxInt32, Reverse: &no}},
		"negatives": { // refused by the rpc-server
			"chat=a:b&cursor=-1&limit=-99999999999999999999", "",
			im.PullRequest{Chat: "a:b", Cursor: -1, Limit: math.MinInt32, Reverse: &no},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parsePullParams(tc.query, []byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got.request); diff != "" {
				t.Error(diff)
			}
			if string(got.chat) != got.request.Chat {
				t.Errorf("chat = %q", got.chat)
			}
		})
	}
}

func TestParsePullRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ query, body, want string }{
		"no chat":               {"", "", "chat: must be written"},
		"chat rule":             {"chat=a+b:c", "", "chat: a member's name must not contain spaces"},
		"chat a number":         {"", `{"chat":1}`, "chat: must be a string"},
		"chat an object":        {"", `{"chat":{"a":"b"}}`, "chat: must be a string"},
		"cursor a word":         {"chat=a:b&cursor=x", "", "cursor: must be an integer"},
		"cursor empty":          {"chat=a:b&cursor=", "", "cursor: must be an integer"},
		"cursor a fraction":     {"", `{"chat":"a:b","cursor":1.5}`, "cursor: must be an integer"},
		"cursor with exponent":  {"", `{"chat":"a:b","cursor":1e3}`, "cursor: must be an integer"},
		"cursor a bool":         {"", `{"chat":"a:b","cursor":true}`, "cursor: must be an integer"},
		"cursor a list":         {"", `{"chat":"a:b","cursor":[1]}`, "cursor: must be an integer"},
		"cursor too high":       {"", `{"chat":"a:b","cursor":9223372036854775808}`, "cursor: must be an integer of at most 64 bits"},
		"cursor too low":        {"chat=a:b&cursor=-9223372036854775809", "", "cursor: must be an integer of at most 64 bits"},
		"limit a word":          {"", `{"chat":"a:b","limit":"ten"}`, "limit: must be an integer"},
		"reverse a word":        {"chat=a:b&reverse=yes", "", "reverse: must be true or false"},
		"reverse a number":      {"", `{"chat":"a:b","reverse":1}`, "reverse: must be true or false"},
		"repeated in query":     {"chat=a:b&limit=1&limit=2", "", "limit: must be given once"},
		"repeated in body":      {"", `{"chat":"a:b","chat":"c:d"}`, "chat: must be valid JSON: duplicate"},
		"broken percent escape": {"chat=a:%zz", "", "query: must be name=value"},
		"query not UTF-8":       {"chat=a%ff:b", "", "chat: must be valid UTF-8"},
		"body not UTF-8":        {"", "{\"chat\":\"a\xff:b\"}", "chat: must be valid JSON: invalid UTF-8"},
		"unknown not UTF-8":     {"chat=a:b", "{\"x\":[\"\xff\"]}", "x: must be valid JSON: invalid UTF-8"},
		"lone surrogate":        {"", `{"chat":"a\ud800:b"}`, "chat: must be valid JSON: invalid surrogate"},
		"surrogates reversed":   {"", `{"chat":"a\ude00\ud83d:b"}`, "chat: must be valid JSON: invalid surrogate"},
		"a list":                {"", `[]`, "body: must be a JSON object"},
		"a string":              {"", `"chat"`, "body: must be a JSON object"},
		"null":                  {"", `null`, "body: must be a JSON object"},
		"a form":                {"", `chat=a:b`, "body: must be a JSON object"},
		"cut off":               {"", `{"chat":"a:b"`, "body: must be valid JSON: unexpected EOF"},
		"cut off in a string":   {"", `{"chat":"a:b`, "chat: must be valid JSON: unexpected EOF"},
		"trailing comma":        {"", `{"chat":"a:b",}`, "body: must be valid JSON"},
		"trailing garbage":      {"", `{"chat":"a:b"} x`, "body: must be one JSON object and nothing after"},
		"two objects":           {"", `{"chat":"a:b"}{}`, "body: must be one JSON object and nothing after"},
		"single quotes":         {"", `{'chat':'a:b'}`, "body: must be valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parsePullParams(tc.query, []byte(tc.body))
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Code != fault.InvalidArgument || !strings.HasPrefix(e.Message, tc.want) {
				t.Errorf("got %v, error %v; want %q", got, err, tc.want)
			}
		})
	}
}

func FuzzPullParams(f *testing.F) {
	f.Add("chat=john:doe&cursor=5&limit=20&reverse=true", []byte(nil))
	f.Add("", []byte(`{"chat":"john:doe","cursor":"5","limit":null,"reverse":"1","x":[{}]}`))
	f.Add("chat=%zz", []byte(`{"chat":"\ud800"}`))
	f.Add("limit=1&limit=2", []byte("{\"chat\":\"\xff\"} x"))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		p, err := parsePullParams(query, body)
		if err == nil {
			if !utf8.ValidString(p.request.Chat) || string(p.chat) != p.request.Chat {
				t.Errorf("chat = %q, name %q", p.request.Chat, p.chat)
			}
			return
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Code != fault.InvalidArgument || !strings.Contains(e.Message, ": ") {
			t.Errorf("error %v names no field and rule", err)
		}
		if ok && !utf8.ValidString(e.Message) {
			t.Errorf("error %q is not UTF-8", e.Message)
		}
	})
}
