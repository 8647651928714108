package hosts

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// parseIPv4 reads an IPv4 address as browsers read one in a URL, and inet_aton before
// them (https://url.spec.whatwg.org/#concept-ipv4-parser): one to four numbers, decimal,
// octal (017) or hexadecimal (0xf), of which the last fills all bytes that are left.
// Browsers call by the usual spelling, but other clients send what they were given.
func parseIPv4(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, part := range parts {
		n, ok := parseNumber(part)
		bytes := 1 // of this part
		if i == len(parts)-1 {
			bytes = 4 - i
		}
		if !ok || n >= 1<<(8*bytes) {
			return netip.Addr{}, false
		}
		sum = sum<<(8*bytes) | n
	}
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(sum)))), true
}

// parseNumber reads a part of an address.
func parseNumber(s string) (uint64, bool) {
	base, digits := 10, s
	switch {
	case strings.HasPrefix(s, "0x"):
		base, digits = 16, s[2:]
		if digits == "" {
			return 0, true
		}
	case len(s) > 1 && s[0] == '0':
		base, digits = 8, s[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return n, err == nil
}
