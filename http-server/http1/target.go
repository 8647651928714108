package http1

import "bytes"

// checkTarget checks the target of a request (RFC 9112, 3.2). A path is taken with any
// method. A URL is taken, too: its authority counts more than Host (3.2.2), for Hertz as
// well. "*" is for OPTIONS alone. CONNECT is for proxies.
func checkTarget(method, target []byte) error {
	switch {
	case !all(target, &isTarget), string(method) == "CONNECT":
		return errTarget
	case target[0] == '/', string(target) == "*" && string(method) == "OPTIONS":
		return nil
	}
	rest, ok := cutScheme(target)
	if !ok {
		return errTarget
	}
	if end := bytes.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[:end]
	}
	if !isAuthority(rest) {
		return errHost
	}
	return nil
}

// cutScheme returns a URL without its scheme, which must be http or https.
func cutScheme(url []byte) (rest []byte, ok bool) {
	for _, scheme := range [...]string{"http://", "https://"} {
		if len(url) > len(scheme) && isFold(url[:len(scheme)], scheme) {
			return url[len(scheme):], true
		}
	}
	return nil, false
}

// isAuthority reports whether b is a host with or without a port (RFC 9110, 4.2: the host
// is not empty, and there is no user).
func isAuthority(b []byte) bool {
	var end int // of the host
	if len(b) > 0 && b[0] == '[' {
		end = bytes.IndexByte(b, ']') + 1
		if end <= len("[]") || !all(b[1:end-1], &isAddress) {
			return false
		}
	} else {
		if end = bytes.IndexByte(b, ':'); end < 0 {
			end = len(b)
		}
		if end == 0 || !all(b[:end], &isHost) {
			return false
		}
	}
	port := b[end:]
	return len(port) == 0 || port[0] == ':' && all(port[1:], &isDigit)
}
