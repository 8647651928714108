package param_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/im/http-server/param"
)

// parseNames reads a list of strings, the parameter add.
func parseNames(source param.Source) ([]string, error) {
	ps, err := source.Parse("add")
	if err != nil {
		return nil, err
	}
	return ps.Texts("add")
}

func TestParseLists(t *testing.T) {
	t.Parallel()
	parts := part("name=add", "b") + part("name=x", "y") + part("name=add", "") + part("name=add", "c d") + "--b--\r\n"
	for name, tc := range map[string]struct{ query, body, want string }{
		"JSON":                  {"", `{"add":["b","c d"]}`, `["b" "c d"]`},
		"JSON, escapes":         {"", `{"\u0061dd" : [ "\u0062" , "\ud83d\ude00\n" ] , "x":[1]}`, `["b" "😀\n"]`},
		"JSON, empty strings":   {"", `{"add":["",""]}`, `["" ""]`},
		"JSON, one string":      {"", `{"add":"b"}`, `["b"]`},
		"JSON, an empty list":   {"", `{"add":[]}`, `[]`},
		"JSON, null":            {"", `{"add":null}`, `[]`},
		"JSON, an empty string": {"", `{"add":""}`, `[]`},
		"absent":                {"x=y", `{"x":["z"]}`, `[]`},
		"query":                 {"add=b&x=y&add=c+d", "", `["b" "c d"]`},
		"query, once":           {"add=b", "", `["b"]`},
		"query, empty":          {"add=&add=b&add&add=b", "", `["b" "b"]`},
		"query beats JSON":      {"add=b", `{"add":["c","d"]}`, `["b"]`},
		"query beats a form":    {"add=b&add=c", `add=d&add=e`, `["b" "c"]`},
		"an empty query":        {"add=", `add=d&add=e`, `["d" "e"]`},
		"form":                  {"", "add=b&add=c%20d&x[]=y", `["b" "c d"]`},
		"parts":                 {"", parts, `["b" "c d"]`},
	} {
		got, err := parseNames(param.Source{Query: tc.query, Body: []byte(tc.body), ContentType: withBoundary})
		if fmt.Sprintf("%q", got) != tc.want || err != nil {
			t.Errorf("%s: %q, %v; want %s", name, got, err, tc.want)
		}
	}
}

func TestParseRefusesLists(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ query, body, want string }{
		"a number":              {"", `{"add":5}`, "add: must be a list of strings: it is 5"},
		"a truth value":         {"", `{"add":true}`, "add: must be a list of strings: it is true"},
		"an object":             {"", `{"add":{"b":"c"}}`, "add: must be a list of strings: it is an object"},
		"with a number":         {"", `{"add":["b",1e3,true]}`, "add: must be a list of strings: it has 1e3"},
		"with null":             {"", `{"add":[null]}`, "add: must be a list of strings: it has null"},
		"with a truth value":    {"", `{"add":[false]}`, "add: must be a list of strings: it has false"},
		"with a list":           {"", `{"add":["b",["c"]]}`, "add: must be a list of strings: it has a list"},
		"with an object":        {"", `{"add":[{}]}`, "add: must be a list of strings: it has an object"},
		"with a long number":    {"", `{"add":[` + strings.Repeat("1", 50) + `]}`, "add: must be a list of strings: it has " + strings.Repeat("1", 40) + "…"},
		"not closed":            {"", `{"add":["b"`, "add: must be valid JSON: unexpected EOF"},
		"without a comma":       {"", `{"add":["b" "c"]}`, "add: must be valid JSON"},
		"with a comma too many": {"", `{"add":["b",]}`, "add: must be valid JSON"},
		"with a lone surrogate": {"", `{"add":["b","\ud800"]}`, "add: must be valid JSON: invalid surrogate"},
		"not UTF-8":             {"", "{\"add\":[\"\xff\"]}", "add: must be valid JSON: invalid UTF-8"},
		"a query not UTF-8":     {"add=b&add=%ff", "", `add: must be valid UTF-8: it is "\xff"`},
	} {
		got, err := parseNames(param.Source{Query: tc.query, Body: []byte(tc.body)})
		if checkRefused(t, got, err, tc.want); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// A list is no string, no number and no truth value, and neither is what was given several
// times.
func TestListsAreNothingElse(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`"chat":["a:b"]`:               "chat: must be a string: it is a list",
		`"chat":"a:b","cursor":["5"]`:  "cursor: must be an integer: it is a list",
		`"chat":"a:b","limit":["5",1]`: "limit: must be an integer: it is a list",
		`"chat":"a:b","reverse":[]`:    "reverse: must be true or false: it is a list",
	} {
		got, err := parse("", "{"+value+"}")
		checkRefused(t, got, err, want)
	}
	for form, want := range map[string]string{
		"chat=a:b&chat=a:b&chat=c":        `chat: must be given once: it is "a:b" and "a:b"`,
		"chat=a:b&cursor=5&cursor=6":      `cursor: must be given once: it is "5" and "6"`,
		"chat=a:b&limit=5&limit=6":        `limit: must be given once: it is "5" and "6"`,
		"chat=a:b&reverse=1&reverse=true": `reverse: must be given once: it is "1" and "true"`,
	} {
		got, err := parse(form, "")
		checkRefused(t, got, err, want)
		got, err = parse("", form)
		checkRefused(t, got, err, want)
	}
}
