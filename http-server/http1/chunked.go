package http1

import (
	"errors"
	"io"

	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
)

// What is wrong with a chunked body. The sections are those of RFC 9112.
const (
	errChunkSize Malformed = "a chunk does not begin with its size"         // 7.1
	errChunkEnd  Malformed = "a chunk is longer than its size"              // 7.1
	errChunkMore Malformed = "chunk extensions and trailers are too long"   // 7.1.1
	errTrailer   Malformed = "a trailer is not a name, a colon and a value" // 7.1.2
	errExtension Malformed = "a chunk extension has a control character"    // 7.1.1
)

// chunked reads a chunked body (RFC 9112, 7.1). It stands in for the reader of Hertz
// v0.10.4, which refuses extensions and takes trailers that are none. It ignores
// extensions, as it must (7.1.1), and trailers, as it may (7.1.2).
type chunked struct {
	from  network.Reader
	left  int64 // bytes of the chunk to read
	spare int   // bytes that extensions and trailers may still have
	err   error // io.EOF: the body has ended
}

// Read reads the body. A [Malformed] says what is wrong with it. At the error io.EOF the
// trailers are read, too, and the next request begins.
func (c *chunked) Read(p []byte) (n int, err error) {
	if c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	if n, c.err = c.data(p); c.err == nil && c.left == 0 {
		c.err = c.endChunk()
	}
	if errors.Is(c.err, io.EOF) {
		c.err = io.ErrUnexpectedEOF
	}
	if n > 0 {
		return n, nil // the error comes with the next call
	}
	return 0, c.err
}

// discard reads the rest of the body. It fails if that has more bytes than the limit.
func (c *chunked) discard(limit int) error {
	switch n, err := io.Copy(io.Discard, io.LimitReader(c, int64(limit)+1)); {
	case err != nil:
		return err
	case n > int64(limit):
		return hertzerrors.ErrBodyTooLarge
	}
	return nil
}

// data reads bytes of the chunk, as many as are there.
func (c *chunked) data(p []byte) (int, error) {
	if _, err := c.from.Peek(1); err != nil {
		return 0, err
	}
	b, err := c.from.Peek(min(len(p), c.from.Len(), int(c.left)))
	n := copy(p, b)
	c.left -= int64(n)
	return n, errors.Join(err, c.from.Skip(n), c.from.Release())
}

// endChunk reads the CRLF after a chunk.
func (c *chunked) endChunk() error {
	b, err := c.from.Peek(len(crlf))
	switch {
	case err != nil:
		return err
	case string(b) != string(crlf):
		return errChunkEnd
	}
	return c.from.Skip(len(crlf))
}

// next begins the next chunk. After the last it reads the trailers and returns io.EOF.
func (c *chunked) next() error {
	line, err := c.line(maxDigits)
	if err != nil {
		return err
	}
	size, digits := parseHex(line)
	if digits == 0 || digits > maxDigits {
		return errChunkSize
	}
	if err := c.extension(line[digits:]); err != nil {
		return err
	}
	if c.left = size; size > 0 {
		return nil
	}
	return c.trailers()
}

// extension checks what follows the size of a chunk: nothing, or ";" and an extension.
func (c *chunked) extension(b []byte) error {
	c.spare -= len(b)
	blanks := 0
	for blanks < len(b) && isBlank(b[blanks]) {
		blanks++
	}
	switch {
	case len(b) > 0 && (blanks == len(b) || b[blanks] != ';'):
		return errChunkSize
	case !all(b, &isText):
		return errExtension
	}
	return nil
}

// trailers reads the trailers, and returns io.EOF after them.
func (c *chunked) trailers() error {
	for {
		line, err := c.line(0)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			_ = c.from.Release() // gives memory back; never fails
			return io.EOF
		}
		c.spare -= len(line) + len(crlf)
		if _, _, err := splitField(line); err != nil {
			return errTrailer
		}
	}
}

// line consumes a line and returns it without its CRLF, until the next read. So many
// bytes of it cost nothing of what is spare.
func (c *chunked) line(free int) ([]byte, error) {
	limit := free + max(c.spare, 0) + len(crlf)
	for n := 1; ; n = c.from.Len() + 1 {
		if _, err := c.from.Peek(n); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		b, err := c.from.Peek(min(c.from.Len(), limit))
		if err != nil {
			return nil, err
		}
		line, end, err := nextLine(b, 0)
		switch {
		case err == nil:
			return line, c.from.Skip(end)
		case !errors.Is(err, errIncomplete):
			return nil, err
		case len(b) == limit:
			return nil, errChunkMore
		}
	}
}

// parseHex parses the hexadecimal digits with which b begins. With more than maxDigits
// the number is wrong.
func parseHex(b []byte) (number int64, digits int) {
	for _, c := range b {
		var digit byte
		switch {
		case isDigit[c]:
			digit = c - '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			digit = c | 0x20 - 'a' + 10
		default:
			return number, digits
		}
		number = number<<4 | int64(digit)
		digits++
	}
	return number, digits
}
