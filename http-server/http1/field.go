package http1

import "bytes"

// maxDigits is how many digits a length may have. No number of so many, decimal or
// hexadecimal, overflows an int64.
const maxDigits = 15

// field takes a header field into account (RFC 9112, 5).
func (h *head) field(line []byte) error {
	name, value, err := splitField(line)
	if err != nil {
		return err
	}
	switch len(name) {
	case len("host"):
		if isFold(name, "host") {
			return h.addHost(value)
		}
	case len("expect"):
		if isFold(name, "expect") {
			h.expect(value)
		}
	case len("connection"):
		if isFold(name, "connection") {
			h.closes = h.closes || hasElement(value, "close")
		}
	case len("content-length"):
		if isFold(name, "content-length") {
			return h.addLength(value)
		}
	case len("transfer-encoding"):
		if isFold(name, "transfer-encoding") {
			return h.addCoding(value)
		}
	}
	return nil
}

// splitField returns the name and the value of a field. It refuses a space before the
// colon and a line that goes on with the value before (RFC 9112, 5.1 and 5.2). It makes
// spaces of the tabs around the value.
func splitField(line []byte) (name, value []byte, err error) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !all(line[:colon], &isToken) {
		return nil, nil, errField
	}
	name, value = line[:colon], line[colon+1:]
	if !all(value, &isText) {
		return nil, nil, errValue
	}
	for len(value) > 0 && isBlank(value[0]) {
		value[0] = ' '
		value = value[1:]
	}
	for len(value) > 0 && isBlank(value[len(value)-1]) {
		value[len(value)-1] = ' '
		value = value[:len(value)-1]
	}
	return name, value, nil
}

// addHost adds a Host field.
func (h *head) addHost(value []byte) error {
	switch {
	case h.host:
		return errHosts
	case !isAuthority(value):
		return errHost
	}
	h.host = true
	return nil
}

// addLength adds a Content-Length field. Even equal ones may be refused (RFC 9110, 8.6).
func (h *head) addLength(value []byte) error {
	switch {
	case h.length:
		return errLengths
	case len(value) == 0 || len(value) > maxDigits || !all(value, &isDigit):
		return errLength
	}
	h.length = true
	return nil
}

// addCoding adds a Transfer-Encoding field. Chunked is the only coding that every
// recipient must know (RFC 9112, 7).
func (h *head) addCoding(value []byte) error {
	if h.chunked || !isFold(value, "chunked") {
		return errCoding
	}
	h.chunked = true
	return nil
}

// expect writes "100-continue" as Hertz looks for it. HTTP/1.0 does not have it (RFC
// 9110, 10.1.1), and there nothing is left of it.
func (h *head) expect(value []byte) {
	const expectation = "100-continue"
	if !isFold(value, expectation) {
		return
	}
	copy(value, expectation)
	for i := range value {
		if h.old {
			value[i] = ' '
		}
	}
}

// hasElement reports whether a list (RFC 9110, 5.6.1) has an element, which is in lower
// case.
func hasElement(list []byte, element string) bool {
	for len(list) > 0 {
		n := bytes.IndexByte(list, ',')
		if n < 0 {
			n = len(list)
		}
		if isFold(bytes.Trim(list[:n], " \t"), element) {
			return true
		}
		list = list[min(n+1, len(list)):]
	}
	return false
}

// isFold reports whether b is s, which is in lower case, in any case of ASCII's letters.
func isFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != s[i] {
			return false
		}
	}
	return true
}
