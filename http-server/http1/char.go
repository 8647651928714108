package http1

// class is a set of bytes.
type class [256]bool

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

var (
	isDigit   = classOf(digits)
	isToken   = classOf(digits + letters + "!#$%&'*+-.^_`|~")  // RFC 9110, 5.6.2
	isHost    = classOf(digits + letters + "-._~%!$&'()*+,;=") // RFC 3986, 3.2.2: reg-name
	isAddress = classOf(digits + letters + ":.")               // RFC 3986, 3.2.2: between brackets
	// isText is what a field's value may have (RFC 9110, 5.5): all but control characters.
	isText = func() (c class) {
		for i := range c {
			c[i] = i >= ' ' && i != 0x7f || i == '\t'
		}
		return c
	}()
	// isTarget is what a target may have. It has more than RFC 3986 allows, but no space,
	// control character or fragment: clients send names in UTF-8 as they are, and bytes
	// such as '|' leave no doubt about where the target ends.
	isTarget = func() (c class) {
		for i := range c {
			c[i] = i > ' ' && i != 0x7f && i != '#'
		}
		return c
	}()
)

// classOf returns the set of the bytes of s.
func classOf(s string) (c class) {
	for i := range len(s) {
		c[s[i]] = true
	}
	return c
}

// all reports whether all bytes of b are in c.
func all(b []byte, c *class) bool {
	for _, x := range b {
		if !c[x] {
			return false
		}
	}
	return true
}

// isBlank reports whether c is what may stand around a value (RFC 9110, 5.6.3).
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
