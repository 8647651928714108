package gateway

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
)

// FuzzSend posts messages of arbitrary strings. A message that keeps the rules is pulled
// as it was sent, unless it is to a group, for nobody makes one. For any other the answer
// names a field that breaks a rule.
func FuzzSend(f *testing.F) {
	f.Add("john:doe", "John", "hi", "", "")
	f.Add("  Doe : John ", " doe\n", "\u2028\"\\/\b</script>\U0001f44b", "k-1", "9f8a")
	f.Add("a\uff1ab:c", "a", "", "a b", "\u00e9")
	f.Add("a\xff:b", "a", "\xed\xa0\x80", strings.Repeat("k", 129), strings.Repeat("i", 129))
	f.Add("a:b:c", "c", "a\x00b", "\t", " i ")
	f.Add(" Team ", "c", "to nobody", "\tk-1\t", "\t9f8a\t")
	c := fuzzClient{g: startFuzzed(f)}
	f.Fuzz(func(t *testing.T, name, sender, text, key, id string) {
		if !isHeaderValue(key) || !isHeaderValue(id) {
			t.Skip("no value of a header")
		}
		body := `{"chat":` + quote(name) + `,"sender":` + quote(sender) + `,"text":` + quote(text) + `}`
		r := c.do(t, "POST", "/api/send", key, id, body)
		checkRequestID(t, r, id)
		broken := brokenFields(name, sender, text, key)
		want := http.StatusOK
		switch {
		case len(body) > request.MaxBodyBytes:
			want = http.StatusRequestEntityTooLarge
		case len(broken) > 0:
			want = http.StatusBadRequest
		case isGroup(name):
			want = http.StatusNotFound
		}
		if r.status != want {
			t.Fatalf("answer = %d %s; want %d, for the fields that break a rule are %q", r.status, r.body, want, broken)
		}
		switch want {
		case http.StatusOK:
			c.wantPulled(t, name, strings.TrimSpace(sender), text)
		case http.StatusBadRequest:
			if field := r.field(t); !slices.Contains(broken, field) {
				t.Errorf("answer = %s; the fields that break a rule are %q", r.body, broken)
			}
		}
	})
}

// wantPulled pulls the last message of a chat.
func (c *fuzzClient) wantPulled(t *testing.T, name, sender, text string) {
	t.Helper()
	canonical, err := chat.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	r := c.do(t, "GET", "/api/pull?reverse=true&limit=1&chat="+url.QueryEscape(name), "", "", "")
	var page struct {
		Messages []struct{ Chat, Sender, Text string }
	}
	if err := json.Unmarshal([]byte(r.body), &page); err != nil || r.status != http.StatusOK || len(page.Messages) != 1 {
		t.Fatalf("page = %d %s, %v", r.status, r.body, err)
	}
	if m := page.Messages[0]; m.Chat != string(canonical) || m.Sender != sender || m.Text != text {
		t.Errorf("pulled %+v; want chat %q, sender %q, text %q", m, canonical, sender, text)
	}
}

// isGroup reports whether a chat of this name is a group.
func isGroup(name string) bool {
	canonical, err := chat.Parse(name)
	return err == nil && canonical.IsGroup()
}

// brokenFields returns the fields that break a rule.
func brokenFields(name, sender, text, key string) []string {
	var fields []string
	note := func(field string, err error) {
		if err != nil {
			fields = append(fields, field)
		}
	}
	canonical, err := chat.Parse(name)
	note("chat", err)
	if err == nil {
		_, _, err = canonical.Sender(sender)
		note("sender", err)
	} else if !utf8.ValidString(sender) {
		fields = append(fields, "sender")
	}
	note("text", chat.CheckText(text))
	if key != "" {
		note(request.KeyHeader, chat.CheckKey(strings.Trim(key, whitespace)))
	}
	return fields
}

// FuzzRequest makes calls with arbitrary queries and bodies.
func FuzzRequest(f *testing.F) {
	f.Add(true, "", "k", "i", []byte(`{"chat":"john:doe","sender":"John","text":"hi"}`))
	f.Add(true, "x=y", "", "", []byte(`{"chat":"john:doe","sender":"John","text":"\ud83d\ude00","x":[{"y":1e999}]}`))
	f.Add(false, "chat=john%3Adoe&cursor=5&limit=20&reverse=true", "", "", []byte(nil))
	f.Add(false, "limit=-1&chat=a:b&chat=c:d&%zz", "", "", []byte(` {"chat":"john:doe","cursor":"5","limit":null,"reverse":"1"}`))
	f.Add(false, "", "", "", []byte(`{"chat":"a:b","cursor":9223372036854775808,"limit":-99999999999999999999}`))
	f.Add(false, "member=+John&chat=a:b&cursor=5", "", "", []byte(`{"limit":"2"}`))
	f.Add(false, "member=a&preview=5", "", "", []byte(`{"cursor":7}`))
	f.Add(true, "chat=team&by=a&add=b&add=c&send_time=5", "k", "", []byte(`{"member":" A","sender":"b","text":"x"}`))
	f.Add(true, "", "", "", []byte(`{"chat":"team","by":"a","add":["b",["c"]],"remove":[{"x":"]"},null,1e5,"\u0061"]}`))
	f.Add(true, "", "", "", []byte(`{"chat":"team","by":"a","add":"b","remove":[ "b" , "c" ],"member":"c","send_time":"9"}`))
	f.Add(true, "", "", "", []byte(`{"a:b" 1}`))
	f.Add(true, "sender=a&receiver=b", "", "", []byte(`text=hi`))
	f.Add(false, "chat=a:b&cursor=", "", "", []byte("\ufeffmember=a&limit=1\r\n"))
	f.Add(false, "chat=%ff", "", "", []byte("{\"chat\":\"\\ud800\",\"\xff\":0}{}"))
	c := fuzzClient{g: startFuzzed(f)}
	f.Fuzz(func(t *testing.T, send bool, query, key, id string, body []byte) {
		if !isHeaderValue(key) || !isHeaderValue(id) {
			t.Skip("no value of a header")
		}
		calls := []string{"GET /api/pull?", "GET /api/chats?", "GET /api/members?", "GET /api/sync?"}
		if send {
			calls = []string{"POST /api/members?", "POST /api/send?", "POST /api/read?"}
		}
		for _, call := range calls {
			method, path, _ := strings.Cut(call, " ")
			r := c.do(t, method, path+visible(query), key, id, string(body))
			checkRequestID(t, r, id)
			r.checkFuzzed(t, body)
		}
	})
}

// checkFuzzed checks the status of an answer to arbitrary parameters.
func (r reply) checkFuzzed(t *testing.T, body []byte) {
	t.Helper()
	switch r.status {
	case http.StatusOK:
		text := strings.TrimPrefix(string(body), "\ufeff")
		if strings.HasPrefix(strings.TrimSpace(text), "{") && !json.Valid([]byte(text)) {
			t.Errorf("answer = %s to what is not JSON", r.body)
		}
	case http.StatusRequestEntityTooLarge:
		if len(body) <= request.MaxBodyBytes {
			t.Errorf("answer = %s to %d bytes", r.body, len(body))
		}
	case http.StatusBadRequest:
		r.field(t)
	case http.StatusForbidden, http.StatusNotFound: // to a member of no group, or of another
	default:
		t.Errorf("answer = %d %s", r.status, r.body)
	}
}
