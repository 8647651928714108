package test

import (
	"net/http"
	"strings"
	"testing"
)

// The API reads clients with leniency: curl -d sends a form's Content-Type, and newer
// clients send fields that are not known yet.
func testSendParsing(t *testing.T, c *client) {
	for name, tc := range map[string]struct {
		contentType string
		body        string
	}{
		"JSON":            {"application/json", `{"chat":CHAT,"sender":DOE,"text":"x"}`},
		"curl -d":         {"application/x-www-form-urlencoded", `{"chat":CHAT,"sender":DOE,"text":"x"}`},
		"multipart":       {"multipart/form-data; boundary=x", `{"chat":CHAT,"sender":DOE,"text":"x"}`},
		"no content type": {"", `{"chat":CHAT,"sender":DOE,"text":"x"}`},
		"unknown fields":  {"", `{"new":{"a":[1,{"b":null}]},"chat":CHAT,"sender":DOE,"send_time":"x","text":"x","z":1e999}`},
		"blanks":          {"", " \r\n{ \"chat\" : CHAT ,\t\"sender\":DOE,\"text\":\"x\"}\n\n"},
		"escaped names":   {"", `{"ch\u0061t":CHAT,"sender":DOE,"text":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chat := newChat()
			doe, _, _ := strings.Cut(chat, ":")
			body := strings.NewReplacer("CHAT", toJSON(chat), "DOE", toJSON(doe)).Replace(tc.body)
			sent := c.do(t, http.MethodPost, "/api/send", body, "Content-Type", tc.contentType).sent(t)
			if p := c.pull(t, "chat", chat); len(p.Messages) != 1 || p.Messages[0] != (message{chat, "x", doe, sent.SendTime}) {
				t.Errorf("stored is %+v", p.Messages)
			}
		})
	}
}

// sendsRefused are bodies, each with a part of the error's message.
var sendsRefused = map[string]struct{ body, want string }{
	"no body":                {``, "chat: must be written <member1>:<member2>, with one colon, or be a group's name, without: it is missing"},
	"not JSON":               {`chat`, "body: must be a JSON object"},
	"a form without text":    {`chat=a:b&sender=a`, "text: must not be empty"},
	"chat empty":             {`{"chat":"","sender":"a","text":"x"}`, "chat: must be written <member1>:<member2>, with one colon, or be a group's name, without: it is missing"},
	"cut off":                {`{"chat":"a:b","sender":"a","text":"x"`, "body: must be valid JSON"},
	"an array":               {`["a:b"]`, "body: must be a JSON object"},
	"null":                   {`null`, "body: must be a JSON object"},
	"two values":             {`{"chat":"a:b","sender":"a","text":"x"}{}`, "body: must be one JSON object"},
	"the same field twice":   {`{"chat":"a:b","sender":"a","text":"x","text":"y"}`, "text: must be valid JSON: duplicate"},
	"chat missing":           {`{"sender":"a","text":"x"}`, "chat: must be written"},
	"chat null":              {`{"chat":null,"sender":"a","text":"x"}`, "chat: "},
	"chat a number":          {`{"chat":1,"sender":"a","text":"x"}`, "chat: must be a string"},
	"chat an object":         {`{"chat":{},"sender":"a","text":"x"}`, "chat: must be a string"},
	"sender missing":         {`{"chat":"a:b","text":"x"}`, "sender: "},
	"sender null":            {`{"chat":"a:b","sender":null,"text":"x"}`, "sender: "},
	"sender a list":          {`{"chat":"a:b","sender":["a"],"text":"x"}`, "sender: must be a string"},
	"text missing":           {`{"chat":"a:b","sender":"a"}`, "text: "},
	"text null":              {`{"chat":"a:b","sender":"a","text":null}`, "text: "},
	"text a boolean":         {`{"chat":"a:b","sender":"a","text":true}`, "text: must be a string"},
	"sender not a member":    {`{"chat":"a:b","sender":"c","text":"x"}`, "sender: must be one of"},
	"sender both members":    {`{"chat":"a:b","sender":"a:b","text":"x"}`, "sender: "},
	"a group with a space":   {`{"chat":"a b","sender":"a","text":"x"}`, "chat: a group's name must not contain spaces"},
	"two colons":             {`{"chat":"a:b:c","sender":"a","text":"x"}`, "chat: must be written"},
	"one member":             {`{"chat":"a:","sender":"a","text":"x"}`, "must not be empty"},
	"a blank member":         {`{"chat":"a: \t","sender":"a","text":"x"}`, "must not be empty"},
	"a member too long":      {`{"chat":"a:` + strings.Repeat("é", 65) + `","sender":"a","text":"x"}`, "at most 64"},
	"an inner space":         {`{"chat":"a:b c","sender":"a","text":"x"}`, "spaces"},
	"a control character":    {`{"chat":"a:b\u0001","sender":"a","text":"x"}`, "control"},
	"an emoji":               {`{"chat":"a:b😀","sender":"a","text":"x"}`, "symbols"},
	"a full-width colon":     {`{"chat":"a:b：c","sender":"a","text":"x"}`, "colon in any width"},
	"invalid UTF-8 in chat":  {"{\"chat\":\"a:b\xff\",\"sender\":\"a\",\"text\":\"x\"}", "chat: "},
	"a surrogate in sender":  {`{"chat":"a:b","sender":"\ud800","text":"x"}`, "sender: "},
	"invalid UTF-8 anywhere": {"{\"chat\":\"a:b\",\"sender\":\"a\",\"text\":\"x\",\"new\":\"\xff\"}", ""},
}

func testSendsRefused(t *testing.T, c *client) {
	for name, tc := range sendsRefused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.do(t, http.MethodPost, "/api/send", tc.body).wantError(t, http.StatusBadRequest, "invalid_argument", tc.want)
		})
	}
}

// A pull's parameters may come in the query, the body of the GET, or both.
func testPullParsing(t *testing.T, c *client) {
	chat := newChat()
	sent := c.sendAll(t, chat, 5)
	second, third := sent[1].SendTime, sent[2].SendTime
	in := strings.NewReplacer("CHAT", toJSON(chat), "2ND", toJSON(second), "3RD", toJSON(third))
	for name, tc := range map[string]struct {
		query string
		body  string
		want  string // texts
	}{
		"query":                  {query("chat", chat, "cursor", second, "limit", 2), ``, "12"},
		"body":                   {"", `{"chat":CHAT,"cursor":2ND,"limit":2}`, "12"},
		"body in reverse":        {"", `{"chat":CHAT,"cursor":2ND,"limit":2,"reverse":true}`, "10"},
		"quoted":                 {"", `{"chat":CHAT,"cursor":"2ND","limit":"2","reverse":"true"}`, "10"},
		"nulls are absent":       {"", `{"chat":CHAT,"cursor":null,"limit":null,"reverse":null}`, "01234"},
		"nothing but the chat":   {query("chat", chat), "", "01234"},
		"unknown fields":         {query("chat", chat, "x", "%") + "&y", `{"z":[{}],"limit":1}`, "0"},
		"query beats body":       {query("chat", chat, "cursor", second, "limit", 1), `{"chat":"a:b","cursor":3RD,"limit":9}`, "1"},
		"query and body":         {query("chat", chat), `{"cursor":3RD}`, "234"},
		"query 0 beats body too": {query("chat", chat, "cursor", 0, "reverse", "false"), `{"cursor":3RD,"reverse":true}`, "01234"},
		"a blank body":           {query("chat", chat), " \n", "01234"},
		"reverse=1":              {query("chat", chat, "reverse", 1), "", "43210"},
		"reverse=False":          {query("chat", chat, "reverse", "False"), "", "01234"},
		"colon not escaped":      {"chat=" + chat, "", "01234"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/api/pull", "/api/pull/messages"} {
				p := c.do(t, http.MethodGet, path+"?"+tc.query, in.Replace(tc.body)).page(t)
				if got := p.texts(); got != tc.want {
					t.Errorf("%s: texts = %s; want %s", path, got, tc.want)
				}
			}
		})
	}
}

// pullsRefused are queries, each with a part of the error's message.
var pullsRefused = map[string]struct{ query, body, want string }{
	"no chat":                  {"", ``, "chat: must be written"},
	"empty chat":               {"chat=", ``, "chat: must be written"},
	"an inner space":           {"chat=a+b:c", ``, "chat: a member's name must not contain spaces"},
	"chat a number":            {"", `{"chat":7}`, "chat: must be a string"},
	"negative cursor":          {"chat=a:b&cursor=-1", ``, "cursor: must not be negative"},
	"negative limit":           {"chat=a:b&limit=-1", ``, "limit: must not be negative"},
	"very negative limit":      {"chat=a:b&limit=-99999999999", ``, "limit: must not be negative"},
	"cursor a word":            {"chat=a:b&cursor=x", ``, "cursor: must be an integer"},
	"cursor blank":             {"chat=a:b&cursor=+", ``, `cursor: must be an integer: it is " "`},
	"cursor a fraction":        {"", `{"chat":"a:b","cursor":1.5}`, "cursor: must be an integer"},
	"cursor a boolean":         {"", `{"chat":"a:b","cursor":true}`, "cursor: must be an integer"},
	"cursor a list":            {"", `{"chat":"a:b","cursor":[1]}`, "cursor: must be an integer"},
	"cursor beyond 64 bits":    {"chat=a:b&cursor=9223372036854775808", ``, "cursor: must be an integer"},
	"limit a word":             {"", `{"chat":"a:b","limit":"ten"}`, "limit: must be an integer"},
	"reverse a word":           {"chat=a:b&reverse=maybe", ``, "reverse: must be true or false"},
	"reverse a number":         {"", `{"chat":"a:b","reverse":2}`, "reverse: must be true or false"},
	"negative wait_ms":         {"chat=a:b&wait_ms=-1", ``, "wait_ms: must not be negative"},
	"very negative wait_ms":    {"", `{"chat":"a:b","wait_ms":"-99999999999999999999"}`, "wait_ms: must not be negative"},
	"wait_ms a word":           {"chat=a:b&wait_ms=soon", ``, "wait_ms: must be an integer"},
	"wait_ms a fraction":       {"", `{"chat":"a:b","wait_ms":0.5}`, "wait_ms: must be an integer"},
	"wait_ms with reverse":     {"chat=a:b&wait_ms=1&reverse=true", ``, "wait_ms: must not be given with reverse"},
	"waiting, negative cursor": {"chat=a:b&wait_ms=30000&cursor=-1", ``, "cursor: must not be negative"},
	"query given twice":        {"chat=a:b&chat=a:c", ``, "chat: must be given once"},
	"query not escaped":        {"chat=a:b&cursor=%zz", ``, "query: "},
	"invalid UTF-8":            {"chat=a:b%ff", ``, "chat: must be valid UTF-8"},
	"body not JSON":            {"chat=a:b", `limit`, "body: "},
	"body beaten but not JSON": {"chat=a:b&limit=1", `{"limit":}`, ""},
}

func testPullsRefused(t *testing.T, c *client) {
	for name, tc := range pullsRefused {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.do(t, http.MethodGet, "/api/pull?"+tc.query, tc.body)
			r.wantError(t, http.StatusBadRequest, "invalid_argument", tc.want)
		})
	}
}
