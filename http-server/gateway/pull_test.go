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
		"defaults":       {"", `{"chat":"a:b"}`, im.PullRequest{Chat: "a:b", Reverse: &no}},
		"percent":        {"chat=%20JOHN%3Adoe+", "", im.PullRequest{Chat: "doe:john", Reverse: &no}},
		"plus in a name": {"chat=a%2Bx:b", "", im.PullRequest{Chat: "a+x:b", Reverse: &no}},
		"escapes":        {"", `{"ch\u0061t":"\u006ao\u00e9:b"}`, im.PullRequest{Chat: "b:joé", Reverse: &no}},
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
		"no chat":   {"", "", "chat: must be written"},
		"chat rule": {"chat=a+b:c", "", "chat: a member's name must not contain spaces"},
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
