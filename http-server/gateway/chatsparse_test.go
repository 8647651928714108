package gateway

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

func TestParseChats(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query, body    string
		member, cursor string
		limit          int32
	}{
		"query":            {"member=john&cursor=abc&limit=20", "", "john", "abc", 20},
		"body":             {"", `{"member":"john","cursor":"abc","limit":20}`, "john", "abc", 20},
		"query beats body": {"member=a&cursor=b", `{"member":"c","cursor":"d","limit":3}`, "a", "b", 3},
		"quoted":           {"", `{"member":"a","limit":"7"}`, "a", "", 7},
		"defaults":         {"member=a", " \n", "a", "", 0},
		"null is absent":   {"", `{"member":"a","cursor":null,"limit":null}`, "a", "", 0},
		"empty cursor":     {"member=a&cursor=", `{"cursor":"d"}`, "a", "", 0},
		"unknown fields":   {"member=a&chat=x&x", `{"reverse":{}}`, "a", "", 0},
		"canonical":        {"member=%20%EF%BC%AA%C3%89%20", "", "jé", "", 0},
		"large limit":      {"member=a&limit=99999999999999999999", "", "a", "", math.MaxInt32},
		"a large negative": {"member=a&limit=-2147483649", "", "a", "", math.MinInt32}, // refused by the rpc-server
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseChatsParams(tc.query, []byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&im.ChatsRequest{Member: tc.member, Cursor: &tc.cursor, Limit: tc.limit}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzChatsParams(f *testing.F) {
	f.Add("member=John&cursor=AQAGYQjDmtGYYTpi&limit=20", []byte(nil))
	f.Add("", []byte(`{"member":" John","cursor":"x","limit":"5","x":[{}]}`))
	f.Add("member=%zz", []byte(`{"member":"\ud800"}`))
	f.Add("limit=1&limit=2", []byte("{\"member\":\"\xff\"} x"))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		req, err := parseChatsParams(query, body)
		if err == nil {
			if again, err := chat.Member(req.Member); err != nil || again != req.Member || !utf8.ValidString(req.GetCursor()) {
				t.Errorf("member = %q, again %q, %v; cursor = %q", req.Member, again, err, req.GetCursor())
			}
			return
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Code != fault.InvalidArgument || !strings.Contains(e.Message, ": ") || !utf8.ValidString(e.Message) {
			t.Errorf("error %q names no field and rule", err)
		}
	})
}
