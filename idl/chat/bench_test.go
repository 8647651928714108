package chat_test

import (
	"strings"
	"testing"

	"example.com/im/idl/chat"
)

// names are chats as clients write them.
var names = map[string]string{
	"canonical":  "doe:john",
	"ASCII":      "  Doe : John ",
	"accents":    "José:Zoë",
	"Hebrew":     "שלום:doe",
	"full width": "ＪＯＨＮ:ＤＯＥ",
	"longest":    strings.Repeat("é", chat.MaxMemberRunes) + ":" + strings.Repeat("a", chat.MaxMemberRunes),
}

func BenchmarkParse(b *testing.B) {
	for name, written := range names {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := chat.Parse(written); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseRefuses(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := chat.Parse("john doe:ann"); err == nil {
			b.Fatal("no error")
		}
	}
}

func BenchmarkSender(b *testing.B) {
	name, err := chat.Parse("doe:john")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := name.Sender("John"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLane(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = chat.Name("doe:john").Lane()
	}
}

func BenchmarkCheckText(b *testing.B) {
	for name, text := range map[string]string{
		"short":   "Hello, Doe",
		"longest": strings.Repeat("é", chat.MaxTextBytes/2),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if err := chat.CheckText(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
