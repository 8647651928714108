package load

import (
	"bytes"
	"slices"
	"strconv"

	"example.com/im/test/bench/message"
)

// A Request appends the nth request to b. Requests are numbered over all loads of
// a pool, so that none is like another.
type Request func(b []byte, n uint64) []byte

// Send returns sends to one of so many chats at a time, picked at random.
func Send(chats int) Request {
	return SendTo(func(n uint64) int { return Pick(n, chats) })
}

// SendTo returns sends, the nth to the chat that it is for.
func SendTo(chat func(n uint64) int) Request {
	const (
		bodyStart, senderAndText, bodyEnd = `{"chat":"`, `","sender":"` + message.Sender + `","text":"`, `"}`

		length = len(bodyStart) + message.ChatBytes + len(senderAndText) + message.TextBytes + len(bodyEnd)
	)
	head := "POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
		strconv.Itoa(length) + "\r\n\r\n" + bodyStart
	return func(b []byte, n uint64) []byte {
		b = append(b, head...)
		b = message.AppendChat(b, chat(n))
		b = append(b, senderAndText...)
		b = message.AppendText(b, n)
		return append(b, bodyEnd...)
	}
}

// Newest returns pulls of the newest messages, at most limit, of one of so many
// chats at a time, picked at random.
func Newest(chats, limit int) Request {
	tail := "&limit=" + strconv.Itoa(limit) + "&reverse=true" + pullEnd
	return func(b []byte, n uint64) []byte {
		b = append(b, pullStart...)
		b = message.AppendChat(b, Pick(n, chats))
		return append(b, tail...)
	}
}

const (
	pullStart = "GET /api/pull?chat="
	pullEnd   = " HTTP/1.1\r\nHost: localhost\r\n\r\n"
)

// Page returns pulls of at most limit messages, from the cursor in the chat that
// where names for the nth.
func Page(limit int, where func(n uint64) (chat int, cursor int64)) Request {
	tail := "&limit=" + strconv.Itoa(limit) + pullEnd
	return func(b []byte, n uint64) []byte {
		chat, cursor := where(n)
		b = append(b, pullStart...)
		b = message.AppendChat(b, chat)
		b = append(b, "&cursor="...)
		b = strconv.AppendInt(b, cursor, 10)
		return append(b, tail...)
	}
}

// Wait returns pulls that wait for at most waitMS milliseconds, otherwise as those
// of [Page].
func Wait(waitMS int, where func(n uint64) (chat int, cursor int64)) Request {
	page := Page(20, where)
	tail := "&wait_ms=" + strconv.Itoa(waitMS) + pullEnd
	return func(b []byte, n uint64) []byte {
		b = page(b, n)
		return append(b[:len(b)-len(pullEnd)], tail...)
	}
}

// Inbox returns reads of a member's newest chats, at most limit.
func Inbox(member string, limit int) Request {
	whole := "GET /api/chats?member=" + member + "&limit=" + strconv.Itoa(limit) + pullEnd
	return func(b []byte, _ uint64) []byte { return append(b, whole...) }
}

// Alternate returns requests of each kind by turns.
func Alternate(kinds ...Request) Request {
	return func(b []byte, n uint64) []byte {
		return kinds[n%uint64(len(kinds))](b, n)
	}
}

// Bearer returns the requests with a token (RFC 6750, section 2.1).
func Bearer(request Request, token string) Request {
	line := []byte("Authorization: Bearer " + token + "\r\n")
	return func(b []byte, n uint64) []byte {
		start := len(b)
		b = request(b, n)
		end := bytes.IndexByte(b[start:], '\n') + 1 // of the request line
		return slices.Insert(b, start+end, line...)
	}
}

// Pick returns a number below limit that n decides, as if at random (SplitMix64).
func Pick(n uint64, limit int) int {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return int((n ^ n>>31) % uint64(limit))
}

// Get returns GETs, the nth of the target that it is for.
func Get(target func(n uint64) string) Request {
	return func(b []byte, n uint64) []byte {
		return append(append(append(b, "GET "...), target(n)...), pullEnd...)
	}
}

// Post returns POSTs to a path, the nth with the JSON that it is for.
func Post(path string, body func(n uint64) string) Request {
	head := "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
	return func(b []byte, n uint64) []byte {
		content := body(n)
		b = strconv.AppendInt(append(b, head...), int64(len(content)), 10)
		return append(append(b, "\r\n\r\n"...), content...)
	}
}
