package answer

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

func BenchmarkWritePage(b *testing.B) {
	for name, text := range map[string]string{
		"ASCII":     "Shall we meet at eight, at the usual place? I bring the book.",
		"non-ASCII": "Treffen wir uns um acht, am üblichen Ort? 👋 להתראות",
		"quotes":    "\"Shall we meet at eight?\"\n\"At the usual place.\"",
	} {
		for _, size := range []int{0, 20, chat.MaxLimit} {
			b.Run(fmt.Sprintf("%s/messages=%d", name, size), func(b *testing.B) {
				page := Page{NextCursor: 1795503862320345}
				for i := range size {
					page.Messages = append(page.Messages,
						&im.Message{Chat: "doe:john", Sender: "john", Text: text, SendTime: 1795503862320344 + int64(i)})
				}
				w, c := &Writer{}, app.NewContext(0)
				b.ReportAllocs()
				for b.Loop() {
					w.JSON(b.Context(), c, http.StatusOK, page)
				}
				b.SetBytes(int64(len(c.Response.Body())))
			})
		}
	}
}

func BenchmarkWriteSent(b *testing.B) {
	w, c := &Writer{}, app.NewContext(0)
	b.ReportAllocs()
	for b.Loop() {
		w.JSON(b.Context(), c, http.StatusOK, Sent{"doe:john", 1795503862320344})
	}
}
