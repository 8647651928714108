package param_test

import (
	"strings"
	"testing"

	"example.com/im/http-server/param"
)

// part is a part of multipart/form-data as curl -F writes it.
func part(disposition, value string) string {
	return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
}

const withBoundary = "multipart/form-data; boundary=b"

// A body is read by what it begins with, whatever the Content-Type says.
func TestParseForms(t *testing.T) {
	t.Parallel()
	want := pull{chat: "a b:c", cursor: 5, limit: 2, reverse: true}
	for name, source := range map[string]param.Source{
		"form":             {Body: []byte("chat=a+b:c&cursor=5&limit=2&reverse=true")},
		"form, escaped":    {Body: []byte("ch%61t=%61%20b%3Ac&cursor=5&limit=2&reverse=1&x[]=%2B")},
		"form, lenient":    {Body: []byte("\r\nx&chat=a b:c&&limit=2&cursor=5&y=;&reverse=True\r\n")},
		"form as JSON":     {Body: []byte("chat=a+b:c&cursor=5&limit=2&reverse=true"), ContentType: "application/json"},
		"form as parts":    {Body: []byte("chat=a+b:c&cursor=5&limit=2&reverse=true"), ContentType: withBoundary},
		"JSON as parts":    {Body: []byte(`{"chat":"a b:c","cursor":5,"limit":2,"reverse":true}`), ContentType: withBoundary},
		"query beats form": {Query: "chat=a+b:c&limit=2", Body: []byte("chat=c:d&limit=3&cursor=5&reverse=t")},
		"empty in a query": {Query: "chat=&limit=", Body: []byte("chat=a+b:c&cursor=5&limit=2&reverse=true")},
		"empty in a form":  {Query: "reverse=1", Body: []byte("chat=a+b:c&cursor=5&limit=2&reverse=&cursor=")},
		"parts": {
			Body:        []byte(part(`name="chat"`, "a b:c") + part(`name="cursor"`, "5") + part(`name="limit"`, "2") + part(`name="reverse"`, "true") + "--b--\r\n"),
			ContentType: withBoundary,
		},
		"parts, lenient": {
			Body: []byte("\r\n" + part(`name=chat`, "a b:c") + part(`name="x"; filename="y"`, "\xff") + part(`name="cursor"`, "5") +
				part(`name="reverse"`, "") + "--b--"),
			Query: "reverse=true&limit=2", ContentType: `Multipart/Form-Data; charset=utf-8; boundary="b"`,
		},
		"no parts": {Query: "chat=a+b:c&cursor=5&limit=2&reverse=1", Body: []byte("--b--\r\n"), ContentType: withBoundary},
		"a part that is a file": {
			Body:        []byte(part(`name="chat"; filename="chat.txt"`, "a b:c") + "--b--\r\n"),
			Query:       "reverse=true&limit=2&cursor=5",
			ContentType: withBoundary,
		},
	} {
		if got, err := parseSource(source); err != nil || got != want {
			t.Errorf("%s: got %+v, error %v; want %+v", name, got, err, want)
		}
	}
}

func TestParseRefusesForms(t *testing.T) {
	t.Parallel()
	whole := part(`name="chat"`, "a:b") + "--b--\r\n"
	for name, tc := range map[string]struct{ body, contentType, want string }{
		"a broken escape":     {"chat=%zz", "", `body: must be name=value pairs, percent-encoded: invalid URL escape "%zz"`},
		"a form repeats":      {"chat=a:b&chat=c:d", "", `chat: must be given once: it is "a:b" and "c:d"`},
		"a form is not UTF-8": {"chat=a:%ff", "", `chat: must be valid UTF-8: it is "a:\xff"`},
		"a space":             {"limit=1+0", "", `limit: must be an integer: it is "1 0" (a + in a query or form is a space, %2B is a plus)`},
		"no Content-Type":     {whole, "", `body: must be multipart/form-data with the boundary that its Content-Type names: it begins with "--b\r\nContent-Dispo…", and the Content-Type is ""`},
		"no boundary":         {whole, "multipart/form-data", `body: must be multipart/form-data with the boundary`},
		"another type":        {whole, "multipart/mixed; boundary=b", `body: must be multipart/form-data with the boundary`},
		"another boundary":    {whole, "multipart/form-data; boundary=c", `body: must be whole multipart/form-data with the boundary`},
		"cut off":             {whole[:len(whole)-6], withBoundary, `body: must be whole multipart/form-data`},
		"cut off between":     {part("name=chat", "a:b") + "--b\r\n", withBoundary, `body: must be whole multipart/form-data`},
		"broken header":       {"--b\r\nno header\r\n\r\n\r\n--b--", withBoundary, `body: must be whole multipart/form-data`},
		"cut off in a value":  {whole[:len(whole)-10], withBoundary, `body: must be whole multipart/form-data`},
		"cut off in a header": {whole[:20], withBoundary, `body: must be whole multipart/form-data`},
		"a part repeats":      {part("name=chat", "c:d") + whole, withBoundary, `chat: must be given once: it is "c:d" and "a:b"`},
		"a part is not UTF-8": {part("name=limit", "\xff") + whole, withBoundary, `limit: must be valid UTF-8: it is "\xff"`},
	} {
		got, err := parseSource(param.Source{Body: []byte(tc.body), ContentType: tc.contentType})
		checkRefused(t, got, err, tc.want)
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// A refusal repeats little of a request, and only what can be printed.
func TestShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         `""`,
		`a"b\`:                     `"a\"b\\"`,
		"é😀":                       `"é😀"`,
		"a\n\u202e\xff":            `"a\n\u202e\xff"`,
		strings.Repeat("x", 40):    `"` + strings.Repeat("x", 40) + `"`,
		strings.Repeat("x", 41):    `"` + strings.Repeat("x", 40) + `…"`,
		strings.Repeat("é", 41):    `"` + strings.Repeat("é", 40) + `…"`,
		strings.Repeat("\xff", 11): `"` + strings.Repeat(`\xff`, 10) + `…"`,
	} {
		if got := param.Shown(text, 40); got != want {
			t.Errorf("Shown(%q) = %s; want %s", text, got, want)
		}
	}
}
