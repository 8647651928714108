package asset

import (
	"strconv"
	"strings"
)

// acceptsGzip reports whether an Accept-Encoding names gzip, and not only to refuse it
// with a weight of 0 (RFC 9110, section 12.5.3). "*" is not enough: it says nothing about
// what the client can read.
func acceptsGzip(acceptEncoding string) bool {
	for entry := range strings.SplitSeq(acceptEncoding, ",") {
		coding, weight, weighted := strings.Cut(entry, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !weighted || !isZero(weight)
		}
	}
	return false
}

// isZero reports whether a weight is "q=0", with or without digits after the point.
func isZero(weight string) bool {
	name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(weight)), "=")
	q, err := strconv.ParseFloat(value, 64)
	return name == "q" && err == nil && q == 0
}
