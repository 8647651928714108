package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

func BenchmarkParseSend(b *testing.B) {
	for name, body := range map[string]string{
		"short":     `{"chat": "john:doe", "sender": "john", "text": "Hello, Doe"}`,
		"non-ASCII": `{"chat": "José:שלום", "sender": "José", "text": "Hi! 👋 \ud83d\ude00"}`,
		"longest":   `{"chat": "john:doe", "sender": "john", "text": "` + strings.Repeat("x", chat.MaxTextBytes) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			c := app.NewContext(0)
			c.Request.SetBodyString(body)
			c.Request.Header.SetContentLength(len(body))
			c.Request.Header.Set(keyHeader, "7f9c24e8-3b12-4fef-91e0-56a2d5a0d1f3")
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, _, err := parseSend(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParsePull(b *testing.B) {
	for name, tc := range map[string]struct{ query, body string }{
		"query":     {query: "chat=john:doe&cursor=1795503862320344&limit=20&reverse=true"},
		"escaped":   {query: "chat=jos%C3%A9%3Adoe&cursor=0"},
		"body":      {body: `{"chat": "john:doe", "cursor": 1795503862320344, "limit": 20, "reverse": true}`},
		"quoted":    {body: `{"chat": "john:doe", "cursor": "1795503862320344", "limit": "20"}`},
		"chat only": {query: "chat=john:doe"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parsePullParams(param.Source{Query: tc.query, Body: []byte(tc.body)}, caller{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWritePage(b *testing.B) {
	for name, text := range map[string]string{
		"ASCII":     "Shall we meet at eight, at the usual place? I bring the book.",
		"non-ASCII": "Treffen wir uns um acht, am üblichen Ort? 👋 להתראות",
		"quotes":    "\"Shall we meet at eight?\"\n\"At the usual place.\"",
	} {
		for _, size := range []int{0, 20, chat.MaxLimit} {
			b.Run(fmt.Sprintf("%s/messages=%d", name, size), func(b *testing.B) {
				page := pullReply{NextCursor: 1795503862320345}
				for i := range size {
					page.Messages = append(page.Messages,
						&im.Message{Chat: "doe:john", Sender: "john", Text: text, SendTime: 1795503862320344 + int64(i)})
				}
				c := app.NewContext(0)
				b.ReportAllocs()
				for b.Loop() {
					writeJSON(c, http.StatusOK, page)
				}
				b.SetBytes(int64(len(c.Response.Body())))
			})
		}
	}
}

func BenchmarkWriteSent(b *testing.B) {
	c := app.NewContext(0)
	b.ReportAllocs()
	for b.Loop() {
		writeJSON(c, http.StatusOK, sendReply{"doe:john", 1795503862320344})
	}
}
