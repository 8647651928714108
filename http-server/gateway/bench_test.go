package gateway

import (
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
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
			c.Request.Header.Set(request.KeyHeader, "7f9c24e8-3b12-4fef-91e0-56a2d5a0d1f3")
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := parseSend(c); err != nil {
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
				if _, err := parsePullParams(param.Source{Query: tc.query, Body: []byte(tc.body)}, request.Caller{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
