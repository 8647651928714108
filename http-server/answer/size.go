package answer

import "example.com/im/idl/gen/im"

const (
	// sizeOfPage is at most what a page has beside its messages and marks. A cursor has at
	// most 1,024 characters, and an inbox has two.
	sizeOfPage = 4 << 10
	// sizeOfMessage is what a message has beside its strings. The other two are what an entry
	// of an inbox, and a mark, have beside theirs.
	sizeOfMessage = len(`{"chat":"","text":"","sender":"","send_time":-9223372036854775808,"added":[],"removed":[]},`)
	sizeOfEntry   = len(`{"chat":"","last_message":,"unread":-2147483648,"read":-9223372036854775808},`)
	sizeOfMark    = len(`{"chat":"","member":"","send_time":-9223372036854775808},`)
)

// sizeOfAll returns at most how many bytes messages take.
func sizeOfAll(messages []*im.Message) (size int) {
	for _, m := range messages {
		size += sizeOf(m)
	}
	return size
}

// sizeOf returns at most how many bytes a message takes.
func sizeOf(m *im.Message) int {
	size := sizeOfMessage + quoted(m.Chat) + quoted(m.Sender) + quoted(m.Text)
	for _, names := range [...][]string{m.Added, m.Removed} {
		for _, name := range names {
			size += quoted(name) + len(`"",`)
		}
	}
	return size
}

// quoted returns at most how many bytes a string takes between quotation marks.
func quoted(s string) int {
	size := len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ':
			size += len(`\u0001`) - 1
		case c == '"' || c == '\\':
			size++
		}
	}
	return size
}
