// Package message makes the messages of the benchmark. They are the same for every
// subject and all of one length, so that answers are alike, too.
package message

import "strconv"

const (
	// Sender is the sender of every message, and a member of every chat.
	Sender = "b"
	// Chats is the number of chats there can be.
	Chats = 10_000

	textStart  = "message "
	textEnd    = ", about as long as a chat message is"
	textDigits = 12

	chatStart  = "a"
	chatEnd    = ":b"
	chatDigits = 4
)

// TextBytes is the length of each text, ChatBytes that of each chat's name.
const (
	TextBytes = len(textStart) + textDigits + len(textEnd)
	ChatBytes = len(chatStart) + chatDigits + len(chatEnd)
)

// AppendChat appends the name of chat n, modulo [Chats], in its canonical form.
func AppendChat(b []byte, n int) []byte {
	b = append(b, chatStart...)
	b = appendPadded(b, uint64(n%Chats), chatDigits)
	return append(b, chatEnd...)
}

// AppendText appends the text of message n, of which 12 digits show.
func AppendText(b []byte, n uint64) []byte {
	b = append(b, textStart...)
	b = appendPadded(b, n%1e12, textDigits)
	return append(b, textEnd...)
}

// Chat returns the name of chat n.
func Chat(n int) string { return string(AppendChat(nil, n)) }

// Text returns the text of message n.
func Text(n uint64) string { return string(AppendText(nil, n)) }

// appendPadded appends n with zeros before it.
func appendPadded(b []byte, n uint64, digits int) []byte {
	var number [20]byte
	s := strconv.AppendUint(number[:0], n, 10)
	for range digits - len(s) {
		b = append(b, '0')
	}
	return append(b, s...)
}
