package param

import (
	"bytes"
	"strings"

	"example.com/im/http-server/fault"
)

// byteOrderMark is U+FEFF in UTF-8. Some editors and clients put it before a text. RFC
// 8259, section 8.1 lets who parses JSON ignore it.
const byteOrderMark = "\ufeff"

// Source is where a request has its parameters.
type Source struct {
	Query       string
	Body        []byte
	ContentType string // only asked for the boundary of multipart/form-data
}

// Parse reads the parameters that are among names. A query value beats the body. The body
// may be empty. What it begins with tells what it is, because many clients send a
// Content-Type that is not that of their body. An error is a fault.
func (s Source) Parse(names ...string) (Set, error) {
	ps, err := parsePairs(nil, "query", s.Query, names)
	if err != nil {
		return nil, err
	}
	body := bytes.TrimLeft(bytes.TrimPrefix(s.Body, []byte(byteOrderMark)), " \t\r\n")
	switch {
	case len(body) == 0:
		return ps, nil
	case body[0] == '{':
		return parseJSON(ps, body, names)
	case bytes.HasPrefix(body, []byte("--")):
		return parseMultipart(ps, body, s.ContentType, names)
	case isForm(string(body)):
		// A line break at the end is that of a file or an editor: a form has it escaped.
		return parsePairs(ps, "body", strings.TrimRight(string(body), "\r\n"), names)
	}
	return nil, fault.Invalid("body", "must be a JSON object, a form, or empty: it begins with "+Shown(string(body), maxShown/2))
}

// isForm reports whether text begins with the name of a pair, as browsers and other
// clients write it, and "=".
func isForm(text string) bool {
	name, _, found := strings.Cut(text, "=")
	return found && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || '9' < r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r) && !strings.ContainsRune("*-._%+&[]$", r)
	})
}
