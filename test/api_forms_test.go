package test

import (
	"bytes"
	"compress/gzip"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"
)

// form is a way to write the parameters of a call.
type form struct {
	query, body string
	header      []string // names and values by turns
}

// forms returns all ways to write parameters, which are names and values by turns.
func forms(t *testing.T, params ...string) map[string]form {
	t.Helper()
	object, pairs := map[string]string{}, url.Values{}
	var parts, zipped bytes.Buffer
	w := multipart.NewWriter(&parts)
	for i := 0; i < len(params); i += 2 {
		object[params[i]] = params[i+1]
		pairs.Set(params[i], params[i+1])
		if err := w.WriteField(params[i], params[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte(toJSON(object))); err != nil || z.Close() != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return map[string]form{
		"query":             {query: pairs.Encode()},
		"query, empty body": {query: pairs.Encode(), body: "{}", header: []string{"Content-Type", "application/json"}},
		"JSON":              {body: toJSON(object), header: []string{"Content-Type", "application/json"}},
		"JSON as a text":    {body: toJSON(object), header: []string{"Content-Type", "text/plain"}},
		"JSON with a mark":  {body: "\ufeff" + toJSON(object)},
		"JSON by gzip":      {body: zipped.String(), header: []string{"Content-Encoding", "gzip"}},
		"form":              {body: pairs.Encode(), header: []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"form, no type":     {body: pairs.Encode()},
		"multipart":         {body: parts.String(), header: []string{"Content-Type", w.FormDataContentType()}},
		"query beats JSON":  {query: pairs.Encode(), body: `{"chat":"a:b","member":"a","sender":"a","text":"y","limit":1}`},
		"query beats form":  {query: pairs.Encode(), body: "chat=a:b&member=a&sender=a&text=y&limit=1"},
		"empty in query":    {query: "chat=&member=&sender=&text=&limit=&cursor=", body: pairs.Encode()},
	}
}

// Each call takes its parameters in each form, and with a slash at the end of its path.
func testForms(t *testing.T, c *client) {
	const text = "1 + 1 = 2 & so on; 100%\r\né😀"
	chat := newChat()
	sender := chat[:len("doe-")+12]
	for _, slash := range []string{"", "/"} {
		for name, f := range forms(t, "chat", chat, "sender", sender, "text", text) {
			sent := c.do(t, http.MethodPost, "/api/send"+slash+"?"+f.query, f.body, f.header...).sent(t)
			p := c.pull(t, "chat", chat, "cursor", sent.SendTime)
			if len(p.Messages) != 1 || p.Messages[0] != (message{chat, text, sender, sent.SendTime}) {
				t.Errorf("%s: stored is %+v", name, p.Messages)
			}
		}
		for _, path := range []string{"/api/pull", "/api/pull/messages"} {
			for name, f := range forms(t, "chat", chat, "limit", "2", "cursor", "", "reverse", "false") {
				if p := c.do(t, http.MethodGet, path+slash+"?"+f.query, f.body, f.header...).page(t); len(p.Messages) != 2 {
					t.Errorf("%s: %d messages; want 2", name, len(p.Messages))
				}
			}
		}
		for name, f := range forms(t, "member", sender, "limit", "2", "cursor", "") {
			var i inbox
			c.do(t, http.MethodGet, "/api/chats"+slash+"?"+f.query, f.body, f.header...).decode(t, http.StatusOK, &i)
			if len(i.Chats) != 1 || i.Chats[0].Chat != chat {
				t.Errorf("%s: chats = %+v", name, i)
			}
		}
	}
}

// formsRefused are sends, each with a part of the error's message.
var formsRefused = map[string]struct {
	form
	want string
}{
	"a receiver without sender": {form{query: "receiver=b&text=x"}, "sender: a member's name must not be empty: it is missing"},
	"an empty receiver":         {form{query: "receiver=&sender=a&text=x"}, "chat: must be written <member1>:<member2>, with one colon, or be a group's name, without: it is missing"},
	"another chat":              {form{query: "receiver=b&sender=a&text=x&chat=a:c"}, `receiver: must make the same chat as chat, or be left out: chat is "a:c", sender and receiver make "a:b"`},
	"a space in a query":        {form{query: "chat=a+b:c&sender=c&text=x"}, `"a b:c" (a + in a query or form is a space, %2B is a plus)`},
	"a space in a form":         {form{body: "receiver=a+b&sender=c&text=x"}, `"a b" (a + in a query or form is a space, %2B is a plus)`},
	"XML":                       {form{body: "<send/>"}, `body: must be a JSON object, a form, or empty: it begins with "<send/>"`},
	"a form in pieces":          {form{body: "chat=a:b&text=%"}, "body: must be name=value pairs"},
	"parts without a boundary":  {form{body: "--b--\r\n"}, `body: must be multipart/form-data with the boundary that its Content-Type names: it begins with "--b--\r\n"`},
	"parts cut off":             {form{body: "--b\r\n", header: []string{"Content-Type", "multipart/form-data; boundary=b"}}, "body: must be whole multipart/form-data"},
	"brotli":                    {form{body: "x", header: []string{"Content-Encoding", "br"}}, `Content-Encoding: must be gzip, identity or absent: it is "br"`},
	"broken gzip":               {form{body: "x", header: []string{"Content-Encoding", "gzip"}}, "body: must be valid gzip"},
}

func testFormsRefused(t *testing.T, c *client) {
	for name, tc := range formsRefused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.do(t, http.MethodPost, "/api/send?"+tc.query, tc.body, tc.header...)
			r.wantError(t, http.StatusBadRequest, "invalid_argument", tc.want)
		})
	}
}
