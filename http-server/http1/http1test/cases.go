// Package http1test has requests, as bytes, that readers of HTTP/1 may take for
// different ones: what RFC 9112 forbids, and what it asks servers to tolerate.
//
// A case is what a client sends on one connection. Each request that it has, or seems to
// have, is a send to a chat of its own, so that a test can tell which were handled. A
// hidden request is one that only a wrong reader sees.
package http1test

import (
	"fmt"
	"strings"
)

// The chats of a case. "last:x" is that of the request that a test sends after it.
const (
	seen   = "seen:x"
	hidden = "hide:x"
	last   = "last:x"
)

// Case is what a client sends.
type Case struct {
	Name    string
	Request string
	Refused bool // the answer is 400, and the connection closes; else every answer is 200
	// Handled are the chats of the sends that are handled, in order.
	Handled []string
	Closes  bool // the connection closes, though nothing is refused
}

// Last returns a further send on the same connection, which asks to close it.
func Last() string {
	return "POST /api/send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + withLength(body(last))
}

// LastChat is the chat of [Last].
const LastChat = last

// Number returns s, which is a part of a case, with chats that no other number has. The
// length stays the same for numbers below 1,000.
func Number(s string, i int) string {
	for _, chat := range []string{seen, hidden, last} {
		s = strings.ReplaceAll(s, chat, fmt.Sprintf("%c%03d:x", chat[0], i))
	}
	return s
}

// Cases returns all cases.
func Cases() []Case {
	var cases []Case
	for _, refused := range [][]named{badLengths(), badHeads(), badChunks()} {
		for _, r := range refused {
			cases = append(cases, Case{Name: r.name, Request: r.request, Refused: true})
		}
	}
	for _, r := range append(goodHeads(), goodBodies()...) {
		cases = append(cases, Case{Name: r.name, Request: r.request, Handled: []string{seen}})
	}
	for _, r := range goodCloses() {
		cases = append(cases, Case{Name: r.name, Request: r.request, Handled: []string{seen}, Closes: true})
	}
	return cases
}

type named struct{ name, request string }

const (
	line    = "POST /api/send HTTP/1.1\r\n"
	host    = "Host: localhost\r\n"
	chunked = "Transfer-Encoding: chunked\r\n"
)

// body returns the body of a send.
func body(chat string) string { return `{"chat":"` + chat + `","sender":"x","text":"t"}` }

// length returns the header of a body's length.
func length(body string) string { return fmt.Sprintf("Content-Length: %d\r\n", len(body)) }

// withLength returns a body after the header of its length.
func withLength(body string) string { return length(body) + "\r\n" + body }

// hide returns the hidden request.
func hide() string { return line + host + withLength(body(hidden)) }

// inChunks returns a body as one chunk with the last chunk after it.
func inChunks(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
