package param_test

import (
	"cmp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
)

// Whatever a request has, what is read of it is UTF-8, and an error names a field. It can
// be printed on a line.
func FuzzParse(f *testing.F) {
	f.Add("chat=john:doe&cursor=5&limit=20&reverse=true", "", "")
	f.Add("", `{"chat":"john:doe","cursor":"5","limit":null,"reverse":"1","x":[{}]}`, "")
	f.Add("chat=%zz", `{"chat":"\ud800"}`, "")
	f.Add("limit=1&limit=2", "{\"chat\":\"\xff\"} x", "text/plain")
	f.Add("chat=+a%2B:b&limit=", "cursor=5&reverse=1&x", "")
	f.Add("", "--b\r\nContent-Disposition: form-data; name=chat\r\n\r\na:b\r\n--b--", "multipart/form-data; boundary=b")
	f.Add("add=b&add=c", `{"add":["b",1,[{"x":"]"}],"\ud83d\ude00",null],"add":0}`, "")
	f.Fuzz(func(t *testing.T, query, body, contentType string) {
		source := param.Source{Query: query, Body: []byte(body), ContentType: contentType}
		got, err := parseSource(source)
		names, listErr := parseNames(source)
		for _, text := range append(names, got.chat) {
			if !utf8.ValidString(text) {
				t.Errorf("there is a string %q", text)
			}
		}
		if err = cmp.Or(err, listErr); err == nil {
			return
		}
		e := fault.Of(err)
		if e.Code != fault.InvalidArgument || !strings.Contains(e.Message, ": ") || !utf8.ValidString(e.Message) {
			t.Errorf("error %q names no field and rule", err)
		}
		if len(e.Message) > 500 || strings.ContainsFunc(e.Message, func(r rune) bool { return !strconv.IsPrint(r) }) {
			t.Errorf("error %q is long or not printable", err)
		}
	})
}
