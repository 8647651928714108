package http1

import (
	"bytes"
	"errors"
)

// Malformed is the error of a request that RFC 9112 forbids. It says what is wrong, and
// names no bytes of the request.
type Malformed string

// Error returns what is wrong.
func (m Malformed) Error() string { return string(m) }

// What is wrong with a head. The sections are those of RFC 9112, if none other is named.
const (
	errLineEnd     Malformed = "a line ends without CRLF"                                 // 2.2
	errRequestLine Malformed = "the first line is not a method, a target and a version"   // 3
	errVersion     Malformed = "the version is not HTTP/1.1 or HTTP/1.0"                  // 2.3
	errTarget      Malformed = "the target is neither a path nor a URL of http"           // 3.2
	errNoHost      Malformed = "it has no Host header"                                    // 3.2
	errHosts       Malformed = "it has more than one Host header"                         // 3.2
	errHost        Malformed = "its host is not a name or an address"                     // 3.2
	errField       Malformed = "a header is not a name, a colon and a value, in one line" // 5.1, 5.2
	errValue       Malformed = "a header has a control character"                         // RFC 9110, 5.5
	errLengths     Malformed = "it has more than one Content-Length header"               // 6.3
	errLength      Malformed = "its Content-Length is not a number"                       // 6.3
	errCoding      Malformed = "its Transfer-Encoding is not chunked alone"               // 6.1, 6.3
	errBothLengths Malformed = "it has both Content-Length and Transfer-Encoding"         // 6.1
	errOldCoding   Malformed = "it has Transfer-Encoding in HTTP/1.0"                     // 6.1
)

// errIncomplete is the error of bytes that lack the end of a line or of a head.
const errIncomplete Malformed = "it is cut off"

// head is the head of a request: the request line and the header fields, up to the empty
// line.
type head struct {
	start, end int // of its bytes; before it there may be empty lines (RFC 9112, 2.2)

	old     bool // it is HTTP/1.0
	host    bool
	length  bool // it has Content-Length
	chunked bool // it has Transfer-Encoding: chunked
	closes  bool // its Connection says "close": no other request follows
}

// parseHead parses the head with which b begins. It returns errIncomplete if b has not
// all of it, and another [Malformed] if RFC 9112 forbids what b has. A line ends with
// CRLF: the RFC allows to refuse LF alone (2.2), and so no two readers disagree on it.
//
// It rewrites in place, at the same length, what Hertz v0.10.4 would misread though the
// RFC allows it: later versions of HTTP/1, tabs around a value, and Expect.
func parseHead(b []byte) (h head, err error) {
	for bytes.HasPrefix(b[h.start:], crlf) {
		h.start += len(crlf)
	}
	line, at, err := nextLine(b, h.start)
	if err != nil {
		if errors.Is(err, errIncomplete) && !mayBeMethod(b[h.start:]) {
			err = errRequestLine
		}
		return h, err
	}
	if err = h.requestLine(line); err != nil {
		return h, err
	}
	for {
		if line, at, err = nextLine(b, at); err != nil {
			return h, err
		}
		if len(line) == 0 {
			h.end = at
			return h, h.check()
		}
		if err = h.field(line); err != nil {
			return h, err
		}
	}
}

var crlf = []byte("\r\n")

// nextLine returns the line that begins at, without its CRLF, and where the next begins.
func nextLine(b []byte, at int) (line []byte, next int, err error) {
	n := bytes.IndexByte(b[at:], '\n')
	switch {
	case n < 0:
		return nil, at, errIncomplete
	case n == 0 || b[at+n-1] != '\r':
		return nil, at, errLineEnd
	}
	return b[at : at+n-1], at + n + 1, nil
}

// mayBeMethod reports whether a request line may begin with b. A client that speaks
// another protocol, such as TLS, is answered before it has sent a line.
func mayBeMethod(b []byte) bool {
	for i, c := range b {
		if c == ' ' || c == '\r' && i == 0 {
			return true
		}
		if !isToken[c] {
			return false
		}
	}
	return true
}

// requestLine parses the request line (RFC 9112, 3): method SP target SP version.
func (h *head) requestLine(line []byte) error {
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first <= 0 || last <= first+1 || !all(line[:first], &isToken) {
		return errRequestLine
	}
	if err := checkTarget(line[:first], line[first+1:last]); err != nil {
		return err
	}
	return h.version(line[last+1:])
}

// version parses the version. A later one of HTTP/1 counts as 1.1 (RFC 9110, 2.5); Hertz
// takes it for 1.0.
func (h *head) version(v []byte) error {
	if len(v) != len("HTTP/1.1") || string(v[:len("HTTP/1.")]) != "HTTP/1." || v[7] < '0' || v[7] > '9' {
		return errVersion
	}
	if h.old = v[7] == '0'; !h.old {
		v[7] = '1'
	}
	return nil
}

// check checks the head as a whole.
func (h *head) check() error {
	switch {
	case !h.host && !h.old:
		return errNoHost
	case h.chunked && h.length:
		return errBothLengths
	case h.chunked && h.old:
		return errOldCoding
	}
	return nil
}
