package test

import (
	"net/http"
	"strings"
	"testing"
)

// writers are sends as users of the API wrote them for their tools, with DOE for the
// sender and JOHN for the other. Each is sent as the tool sends it.
var writers = map[string]struct {
	form
	text string
}{
	"curl -X POST, query":             {form{query: "sender=DOE&receiver=JOHN&text=hi"}, "hi"},
	"curl -X POST, query with a chat": {form{query: "chat=DOE:JOHN&sender=DOE&text=hello"}, "hello"},
	"curl -X POST, escaped":           {form{query: "chat=JOHN%3ADOE&sender=DOE&text=hi"}, "hi"},
	"curl -d, JSON":                   {form{body: `{"chat":"DOE:JOHN","text":"hi","sender":"DOE"}`, header: []string{"Content-Type", formType}}, "hi"},
	"curl -d, a form":                 {form{body: "chat=DOE:JOHN&text=hi there&sender=DOE", header: []string{"Content-Type", formType}}, "hi there"},
	"curl -F": {
		form{
			body: "--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name=\"sender\"\r\n\r\nDOE\r\n" +
				"--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name=\"receiver\"\r\n\r\nJOHN\r\n" +
				"--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\n\r\n" +
				"--------------------------d74496d66958873e--\r\n",
			header: []string{"Content-Type", "multipart/form-data; boundary=------------------------d74496d66958873e"},
		}, "hi\n",
	},
	"Postman, form-data": {
		form{
			body: "----------------------------postman\r\nContent-Disposition: form-data; name=\"chat\"\r\n\r\nDOE:JOHN\r\n" +
				"----------------------------postman\r\nContent-Disposition: form-data; name=\"sender\"\r\n\r\nDOE\r\n" +
				"----------------------------postman\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n" +
				"----------------------------postman--\r\n",
			header: []string{"Content-Type", "multipart/form-data; boundary=--------------------------postman"},
		}, "hi",
	},
	"Postman, parameters":          {form{query: "sender=DOE&receiver=JOHN&text=How are you?", body: ""}, "How are you?"},
	"Postman, raw text":            {form{body: "{\r\n    \"chat\": \"DOE:JOHN\",\r\n    \"text\": \"hi\",\r\n    \"sender\": \"DOE\"\r\n}", header: []string{"Content-Type", "text/plain"}}, "hi"},
	"k6, query":                    {form{query: "sender=DOE&receiver=JOHN&text=Hi!%20How%20are%20you?"}, "Hi! How are you?"},
	"k6, JSON":                     {form{body: `{"sender":"DOE","receiver":"JOHN","text":"hi"}`, header: []string{"Content-Type", "application/json"}}, "hi"},
	"k6, an object":                {form{body: "chat=DOE%3AJOHN&sender=DOE&text=load+test", header: []string{"Content-Type", formType}}, "load test"},
	"locust, query":                {form{query: "sender=DOE&receiver=JOHN&text=hello"}, "hello"},
	"locust, json=":                {form{body: `{"chat": "DOE:JOHN", "text": "hi", "sender": "DOE"}`, header: []string{"Content-Type", "application/json"}}, "hi"},
	"axios, an object":             {form{body: `{"chat":"DOE:JOHN","sender":"DOE","text":"hi"}`, header: []string{"Content-Type", "application/json"}}, "hi"},
	"axios, null and params":       {form{query: "sender=DOE&receiver=JOHN&text=hi", header: []string{"Content-Type", formType}}, "hi"},
	"axios, URLSearchParams":       {form{body: "sender=DOE&receiver=JOHN&text=1+%2B+1", header: []string{"Content-Type", formType + ";charset=utf-8"}}, "1 + 1"},
	"fetch, JSON.stringify":        {form{body: `{"sender":"DOE","receiver":"JOHN","text":"hi"}`, header: []string{"Content-Type", "text/plain;charset=UTF-8"}}, "hi"},
	"requests, params=":            {form{query: "sender=DOE&receiver=JOHN&text=hi+there"}, "hi there"},
	"requests, data= of a dict":    {form{body: "chat=DOE%3AJOHN&text=hi&sender=DOE", header: []string{"Content-Type", formType}}, "hi"},
	"requests, data= of a string":  {form{body: `{"chat": "DOE:JOHN", "text": "hi \u00e9", "sender": "DOE"}`}, "hi é"},
	"PowerShell, a file with mark": {form{body: "\ufeff{\"chat\":\"DOE:JOHN\",\"text\":\"hi\",\"sender\":\"DOE\"}\r\n", header: []string{"Content-Type", "application/json"}}, "hi"},
	"JMeter, parameters":           {form{body: "sender=DOE&receiver=JOHN&text=hi", header: []string{"Content-Type", formType + "; charset=UTF-8"}}, "hi"},
}

// formType is the Content-Type of a form in which values are escaped.
const formType = "application/x-www-form-urlencoded"

// What users of the API wrote is stored, and pulled as they pull it.
func testWriters(t *testing.T, c *client) {
	for name, tc := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chat := newChat()
			doe, john, _ := strings.Cut(chat, ":")
			in := strings.NewReplacer("DOE", doe, "JOHN", john, " ", "%20")
			query := in.Replace(tc.query)
			body := strings.NewReplacer("DOE", doe, "JOHN", john).Replace(tc.body)
			sent := c.do(t, http.MethodPost, "/api/send?"+query, body, tc.header...).sent(t)
			for _, pull := range []string{
				doe + ":" + john + "&cursor=0&limit=10&reverse=false", john + "%3A" + doe, doe + ":" + john + "&cursor=0000000&reverse=true",
			} {
				p := c.do(t, http.MethodGet, "/api/pull?chat="+pull, "").page(t)
				if len(p.Messages) != 1 || p.Messages[0] != (message{chat, tc.text, doe, sent.SendTime}) {
					t.Errorf("pull of %s: %+v", pull, p.Messages)
				}
			}
		})
	}
}
