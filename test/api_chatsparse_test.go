package test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A member is found by each spelling, and its limits are those of pages.
func testInboxParsing(t *testing.T, c *client) {
	const chats = 12
	doe, john, _ := strings.Cut(newChat(), ":")
	for n := range chats {
		c.send(t, fmt.Sprintf("%s:%s-%d", doe, john, n), doe, "x")
	}
	second := c.inboxOf(t, "member", doe, "limit", 1).NextCursor
	upper := strings.ToUpper(doe)
	for name, tc := range map[string]struct {
		query, body string
		want        int
	}{
		"query":            {query("member", doe, "limit", 5), "", 5},
		"body":             {"", `{"member":` + toJSON(doe) + `,"limit":5}`, 5},
		"quoted":           {"", `{"member":` + toJSON(doe) + `,"limit":"5","cursor":` + toJSON(second) + `}`, 5},
		"query beats body": {query("member", doe, "limit", 5), `{"member":"x","limit":6}`, 5},
		"absent":           {query("member", doe), "", 10},
		"0":                {query("member", doe, "limit", 0), "", 10},
		"the most":         {query("member", doe, "limit", 1_000), "", chats},
		"beyond":           {query("member", doe, "limit", "9223372036854775808"), "", chats},
		"empty is absent":  {query("member", doe, "limit", "", "cursor", ""), `{"cursor":` + toJSON(second) + `,"limit":1000}`, chats - 1},
		"from the second":  {query("member", doe, "limit", 1_000, "cursor", second), "", chats - 1},
		"nulls are absent": {query("member", doe), `{"cursor":null,"limit":null}`, 10},
		"upper case":       {query("member", "\t"+upper+"  ", "limit", 5), "", 5},
		"full width":       {query("member", "ＤＯＥ"+doe[3:], "limit", 5), "", 5},
		"unknown fields":   {query("member", doe, "limit", 5, "chat", "x"), `{"reverse":[]}`, 5},
	} {
		var i inbox
		c.do(t, http.MethodGet, "/api/chats?"+tc.query, tc.body).decode(t, http.StatusOK, &i)
		if len(i.Chats) != tc.want {
			t.Errorf("%s: %d chats; want %d", name, len(i.Chats), tc.want)
		}
	}
}

// inboxesRefused are queries, each with a part of the error's message.
var inboxesRefused = map[string]struct{ query, body, want string }{
	"no member":             {"", ``, "member: a member's name must not be empty"},
	"a blank member":        {"member=+", ``, "member: a member's name must not be empty"},
	"a chat":                {"member=a:b", ``, "member: a member's name must not contain a colon"},
	"an inner space":        {"member=a+b", ``, "member: a member's name must not contain spaces"},
	"a member too long":     {"member=" + strings.Repeat("x", 65), ``, "member: a member's name must be at most 64"},
	"invalid UTF-8":         {"member=%ff", ``, "member: must be valid UTF-8"},
	"member a number":       {"", `{"member":7}`, "member: must be a string"},
	"negative limit":        {"member=a&limit=-1", ``, "limit: must not be negative"},
	"very negative limit":   {"member=a&limit=-99999999999999999999", ``, "limit: must not be negative"},
	"limit a word":          {"member=a&limit=x", ``, "limit: must be an integer"},
	"limit a fraction":      {"", `{"member":"a","limit":1.5}`, "limit: must be an integer"},
	"limit blank":           {"member=a&limit=+", ``, `limit: must be an integer: it is " "`},
	"a pull's cursor":       {"member=a&cursor=1795503862320344", ``, "cursor: must be the next_cursor"},
	"cursor a number":       {"", `{"member":"a","cursor":1795503862320344}`, "cursor: must be a string"},
	"cursor a word":         {"member=a&cursor=x", ``, "cursor: must be the next_cursor"},
	"cursor of a newer one": {"member=a&cursor=AgAGYQjDmtGYYTpi", ``, "cursor: must be the next_cursor"},
	"query given twice":     {"member=a&member=b", ``, "member: must be given once"},
	"query not escaped":     {"member=%zz", ``, "query: must be name=value"},
	"body not JSON":         {"member=a", `limit`, "body: must be a JSON object"},
	"body cut off":          {"", `{"member":"a"`, "body: must be valid JSON"},
	"a surrogate":           {"", `{"member":"\ud800"}`, "member: must be valid JSON: invalid surrogate"},
}

func testInboxesRefused(t *testing.T, c *client) {
	for name, tc := range inboxesRefused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.do(t, http.MethodGet, "/api/chats?"+tc.query, tc.body)
			r.wantError(t, http.StatusBadRequest, "invalid_argument", tc.want)
		})
	}
}
