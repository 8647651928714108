package test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The spellings of a chat are one chat, and each answer names its canonical form.
func testChatNames(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	for _, spelling := range []string{
		chat, john + ":" + doe, strings.ToUpper(chat), "  " + doe + " :\t" + strings.ToTitle(john) + "\n", "ＤＯＥ" + doe[3:] + ":" + john,
	} {
		r := c.do(t, http.MethodPost, "/api/send", toJSON(map[string]string{"chat": spelling, "sender": john, "text": spelling}))
		if got := r.sent(t).Chat; got != chat {
			t.Errorf("send to %q: chat = %q; want %q", spelling, got, chat)
		}
		p := c.pull(t, "chat", spelling, "reverse", true, "limit", 1)
		if len(p.Messages) != 1 || p.Messages[0].Chat != chat || p.Messages[0].Text != spelling {
			t.Errorf("pull of %q = %+v; want that message, in %q", spelling, p, chat)
		}
	}
	if p := c.pull(t, "chat", "a+b:"+john); len(p.Messages) != 0 { // the plus arrives as %2B
		t.Errorf("the chat with a+b has %+v", p.Messages)
	}
	oneself := john + ":" + john
	if p := c.pull(t, "chat", oneself); len(p.Messages) != 0 {
		t.Errorf("the chat with oneself has %+v", p.Messages)
	}
	c.send(t, oneself, john, "a note")
	if p := c.pull(t, "chat", oneself); len(p.Messages) != 1 {
		t.Errorf("the chat with oneself = %+v; want the note", p)
	}
}

// A sender comes back as it was written, trimmed.
func testSenders(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	for written, want := range map[string]string{
		doe: doe, strings.ToUpper(john): strings.ToUpper(john), "  " + doe + "\t": doe, "ＤＯＥ" + doe[3:]: "ＤＯＥ" + doe[3:],
	} {
		c.send(t, chat, written, "x")
		if p := c.pull(t, "chat", chat, "reverse", true, "limit", 1); p.Messages[0].Sender != want {
			t.Errorf("sender = %q; want %q", p.Messages[0].Sender, want)
		}
	}
}

// texts come back byte for byte.
var texts = map[string]string{
	"a letter":          "x",
	"blanks":            "  \t ",
	"lines":             "one\ntwo\r\nthree\n",
	"emoji":             "👩‍👩‍👧‍👦 🇩🇪 😀",
	"right to left":     "שלום, مرحبا \u202e",
	"combining":         "e\u0301 is not é",
	"control":           "\x01\x1f\x7f\u0085\u2028\u2029\ufeff",
	"JSON and HTML":     `{"a":"\"\\/<>&'"}`,
	"SQL":               `'); DROP TABLE messages; -- \' " %_ ?`,
	"replacement":       "\ufffd",
	"not a character":   "\uffff\U0010ffff",
	"the longest":       strings.Repeat("x", 16_384),
	"the longest in é":  strings.Repeat("é", 8_192),
	"the longest in 😀":  strings.Repeat("😀", 4_096),
	"escapes, expanded": strings.Repeat("\x01", 16_384),
}

func testTexts(t *testing.T, c *client) {
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chat := newChat()
			doe, _, _ := strings.Cut(chat, ":")
			c.send(t, chat, doe, text)
			if got := c.pull(t, "chat", chat).Messages[0].Text; got != text {
				t.Errorf("text = %.100q; want %.100q", got, text)
			}
		})
	}
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	c.do(t, http.MethodPost, "/api/send", `{"chat":"`+chat+`","sender":"`+doe+`","text":"\ud83d\ude00\u0041"}`).sent(t)
	if got := c.pull(t, "chat", chat).Messages[0].Text; got != "😀A" {
		t.Errorf("an escaped pair of surrogates = %q; want 😀A", got)
	}
}

// The API refuses a text that it could not return as it is. It never replaces anything
// in it.
func testTextsRefused(t *testing.T, c *client) {
	for name, tc := range map[string]struct{ json, want string }{
		"empty":                 {`""`, "empty"},
		"too long":              {`"` + strings.Repeat("x", 16_385) + `"`, "16384"},
		"too long in bytes":     {`"` + strings.Repeat("é", 8_193) + `"`, "16384"},
		"U+0000":                {`"a\u0000b"`, "U+0000"},
		"invalid UTF-8":         {"\"a\xffb\"", "text: must be valid JSON: invalid UTF-8"},
		"UTF-8 of a surrogate":  {"\"a\xed\xa0\x80b\"", "text: must be valid JSON: invalid UTF-8"},
		"overlong UTF-8":        {"\"a\xc0\xafb\"", "text: must be valid JSON: invalid UTF-8"},
		"a lone high surrogate": {`"a\ud800b"`, "text: must be valid JSON: invalid surrogate"},
		"a lone low surrogate":  {`"a\udc00b"`, "text: must be valid JSON: invalid surrogate"},
		"surrogates swapped":    {`"\ude00\ud83d"`, "text: must be valid JSON: invalid surrogate"},
		"a bare control":        {"\"a\nb\"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chat := newChat()
			doe, _, _ := strings.Cut(chat, ":")
			r := c.do(t, http.MethodPost, "/api/send", `{"chat":"`+chat+`","sender":"`+doe+`","text":`+tc.json+`}`)
			r.wantError(t, http.StatusBadRequest, "invalid_argument", "text: ")
			r.wantError(t, http.StatusBadRequest, "invalid_argument", tc.want)
			if !utf8.Valid(r.body) || !json.Valid(r.body) {
				t.Errorf("the error is not valid JSON: %q", r.body)
			}
			if p := c.pull(t, "chat", chat); len(p.Messages) != 0 {
				t.Errorf("stored is %+v", p.Messages)
			}
		})
	}
}

// send_time is about now, in microseconds, and strictly increasing in a chat,
// through whatever gateway and instance.
func testSendTimes(t *testing.T, c *client) {
	chat := newChat()
	const slack = int64(time.Minute / time.Microsecond)
	before := time.Now().UnixMicro() - slack
	for _, m := range c.sendAll(t, chat, 50) {
		if m.SendTime <= before {
			t.Fatalf("send_time = %d after %d", m.SendTime, before)
		}
		before = m.SendTime
	}
	if now := time.Now().UnixMicro(); before > now+slack {
		t.Errorf("send_time = %d; it is %d now", before, now)
	}
}

// A pull that starts after a send was acknowledged sees the message (P3), in
// both directions, through another gateway as well.
func testFresh(t *testing.T, c *client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	for range 50 {
		sent := c.send(t, chat, doe, "x")
		for range c.urls {
			p := c.pull(t, "chat", chat, "cursor", sent)
			if len(p.Messages) != 1 || p.Messages[0].SendTime != sent {
				t.Fatalf("pull from %d = %+v; want what was sent then", sent, p)
			}
			if p := c.pull(t, "chat", chat, "reverse", true, "limit", 1); p.Messages[0].SendTime != sent {
				t.Fatalf("the newest = %+v; want that of %d", p, sent)
			}
		}
	}
}
