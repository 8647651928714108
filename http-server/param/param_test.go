package param_test

import (
	"cmp"
	"math"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
)

// pull is a request with parameters of all kinds.
type pull struct {
	chat    string
	cursor  int64
	limit   int32
	reverse bool
}

// parse reads the parameters of a pull.
func parse(query, body string) (p pull, err error) {
	return parseSource(param.Source{Query: query, Body: []byte(body)})
}

// parseSource reads the parameters of a pull.
func parseSource(source param.Source) (p pull, err error) {
	ps, err := source.Parse("chat", "cursor", "limit", "reverse")
	if err != nil {
		return p, err
	}
	var chat, cursor, limit, reverse error
	p.chat, chat = ps.Text("chat")
	p.cursor, cursor = ps.Int64("cursor")
	p.limit, limit = ps.Int32("limit")
	p.reverse, reverse = ps.Bool("reverse")
	return p, cmp.Or(chat, cursor, limit, reverse)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		query, body string
		want        pull
	}{
		"query": {
			"chat=john:doe&cursor=5&limit=20&reverse=true", "",
			pull{chat: "john:doe", cursor: 5, limit: 20, reverse: true},
		},
		"body": {
			"", `{"chat":"john:doe","cursor":5,"limit":20,"reverse":true}`,
			pull{chat: "john:doe", cursor: 5, limit: 20, reverse: true},
		},
		"query beats body": {
			"chat=a:b&cursor=1&reverse=0", `{"chat":"c:d","cursor":2,"limit":3,"reverse":true}`,
			pull{chat: "a:b", cursor: 1, limit: 3},
		},
		"quoted": {
			"", `{"chat":"a:b","cursor":"1795503862320344","limit":"7","reverse":"true"}`,
			pull{chat: "a:b", cursor: 1795503862320344, limit: 7, reverse: true},
		},
		"an empty value is absent": {
			"chat=&limit", `{"chat":"a:b","cursor":"","limit":2,"reverse":""}`,
			pull{chat: "a:b", limit: 2},
		},
		"given twice, once empty":     {"chat=&chat=a:b", "", pull{chat: "a:b"}},
		"a semicolon is no separator": {"chat=a;x:b", "", pull{chat: "a;x:b"}},
		"a byte-order mark":           {"", "\ufeff" + `{"chat":"a:b"}`, pull{chat: "a:b"}},
		"defaults":                    {"", `{"chat":"a:b"}`, pull{chat: "a:b"}},
		"null is absent":              {"", `{"chat":"a:b","cursor":null,"limit":null,"reverse":null}`, pull{chat: "a:b"}},
		"unknown fields":              {"chat=a:b&x=1&x=2", `{"x":{"y":[1,{"cursor":"z"}]},"chats":3}`, pull{chat: "a:b"}},
		"blank body":                  {"chat=a:b", " \r\n", pull{chat: "a:b"}},
		"space around":                {"chat=a:b", " \n{\"limit\" : 2 }\n", pull{chat: "a:b", limit: 2}},
		"1":                           {"chat=a:b&reverse=1", "", pull{chat: "a:b", reverse: true}},
		"Python's True":               {"chat=a:b&reverse=True", "", pull{chat: "a:b", reverse: true}},
		"largest cursor":              {"chat=a:b&cursor=9223372036854775807", "", pull{chat: "a:b", cursor: math.MaxInt64}},
		"large limit":                 {"chat=a:b&limit=2147483648", "", pull{chat: "a:b", limit: math.MaxInt32}},
		"huge limit":                  {"", `{"chat":"a:b","limit":99999999999999999999}`, pull{chat: "a:b", limit: math.MaxInt32}},
		"negatives": { // refused by the rpc-server
			"chat=a:b&cursor=-1&limit=-99999999999999999999", "",
			pull{chat: "a:b", cursor: -1, limit: math.MinInt32},
		},
		"percent": {"chat=%20JOHN%3Adoe+", "", pull{chat: " JOHN:doe "}},
		"plus":    {"chat=a%2Bx:b", "", pull{chat: "a+x:b"}},
		"escapes": {"", `{"ch\u0061t":"\u006ao\u00e9:b"}`, pull{chat: "joé:b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := parse(tc.query, tc.body); err != nil || got != tc.want {
				t.Errorf("got %+v, error %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ query, body, want string }{
		"chat a number":         {"", `{"chat":1}`, "chat: must be a string: it is 1"},
		"chat an object":        {"", `{"chat":{"a":"b"}}`, "chat: must be a string: it is an object"},
		"cursor a word":         {"chat=a:b&cursor=x", "", `cursor: must be an integer: it is "x"`},
		"cursor blank":          {"chat=a:b&cursor=%20", "", `cursor: must be an integer: it is " "`},
		"cursor a fraction":     {"", `{"chat":"a:b","cursor":1.5}`, "cursor: must be an integer: it is 1.5"},
		"cursor with exponent":  {"", `{"chat":"a:b","cursor":1e3}`, "cursor: must be an integer: it is 1e3"},
		"cursor a bool":         {"", `{"chat":"a:b","cursor":true}`, "cursor: must be an integer: it is true"},
		"cursor a list":         {"", `{"chat":"a:b","cursor":[1]}`, "cursor: must be an integer: it is a list"},
		"cursor too high":       {"", `{"chat":"a:b","cursor":9223372036854775808}`, "cursor: must be an integer of at most 64 bits: it is 9223372036854775808"},
		"cursor too low":        {"chat=a:b&cursor=-9223372036854775809", "", "cursor: must be an integer of at most 64 bits: it is"},
		"limit a word":          {"", `{"chat":"a:b","limit":"ten"}`, `limit: must be an integer: it is "ten"`},
		"reverse a word":        {"chat=a:b&reverse=yes", "", `reverse: must be true or false: it is "yes"`},
		"reverse a number":      {"", `{"chat":"a:b","reverse":1}`, "reverse: must be true or false: it is 1"},
		"repeated in query":     {"chat=a:b&limit=1&limit=2", "", `limit: must be given once: it is "1" and "2"`},
		"repeated in body":      {"", `{"chat":"a:b","chat":"c:d"}`, "chat: must be valid JSON: duplicate"},
		"broken percent escape": {"chat=a:%zz", "", `query: must be name=value pairs, percent-encoded: invalid URL escape "%zz"`},
		"query not UTF-8":       {"chat=a%ff:b", "", `chat: must be valid UTF-8: it is "a\xff:b"`},
		"body not UTF-8":        {"", "{\"chat\":\"a\xff:b\"}", "chat: must be valid JSON: invalid UTF-8"},
		"unknown not UTF-8":     {"chat=a:b", "{\"x\":[\"\xff\"]}", "x: must be valid JSON: invalid UTF-8"},
		"a long name":           {"", `{"` + strings.Repeat("x", 41) + `":"` + "\xff" + `"}`, "body: must be valid JSON: invalid UTF-8"},
		"an unprintable name":   {"", "{\"x\u202e\":\"\xff\"}", "body: must be valid JSON: invalid UTF-8"},
		"lone surrogate":        {"", `{"chat":"a\ud800b"}`, "chat: must be valid JSON: invalid surrogate"},
		"surrogates reversed":   {"", `{"chat":"a\ude00\ud83d:b"}`, "chat: must be valid JSON: invalid surrogate"},
		"a list":                {"", `["a=b"]`, `body: must be a JSON object, a form, or empty: it begins with "[\"a=b\"]"`},
		"a string":              {"", `"chat"`, "body: must be a JSON object"},
		"null":                  {"", `null`, `body: must be a JSON object, a form, or empty: it begins with "null"`},
		"XML":                   {"", `<chat a="b"/>`, `body: must be a JSON object, a form, or empty: it begins with "<chat a=`},
		"a word":                {"", `chat`, "body: must be a JSON object, a form, or empty"},
		"a sentence":            {"", `hello you=me`, "body: must be a JSON object, a form, or empty"},
		"no name":               {"", `=a:b`, "body: must be a JSON object, a form, or empty"},
		"two byte-order marks":  {"", "\ufeff\ufeff{}", `body: must be a JSON object, a form, or empty: it begins with "\ufeff{}"`},
		"UTF-16":                {"", "\xff\xfe{\x00", `body: must be a JSON object, a form, or empty: it begins with "\xff\xfe{\x00"`},
		"cut off":               {"", `{"chat":"a:b"`, "body: must be valid JSON: unexpected EOF"},
		"cut off in a string":   {"", `{"chat":"a:b`, "chat: must be valid JSON: unexpected EOF"},
		"trailing comma":        {"", `{"chat":"a:b",}`, "body: must be valid JSON"},
		"trailing garbage":      {"", `{"chat":"a:b"} x`, `body: must be one JSON object and nothing after it: it goes on with "x"`},
		"two objects":           {"", `{"chat":"a:b"}{}`, "body: must be one JSON object and nothing after"},
		"single quotes":         {"", `{'chat':'a:b'}`, "body: must be valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(tc.query, tc.body)
			checkRefused(t, got, err, tc.want)
		})
	}
}

// checkRefused checks that err names the field and the rule that it breaks.
func checkRefused(t *testing.T, got any, err error, want string) {
	t.Helper()
	if e := fault.Of(err); e.Code != fault.InvalidArgument || !strings.HasPrefix(e.Message, want) {
		t.Errorf("got %+v, error %v; want %q", got, err, want)
	}
}
