package http1test

import (
	"fmt"
	"strings"
)

// badLengths are heads that leave open where the body ends. After each comes the body of
// a send, then a hidden request.
func badLengths() []named {
	b := body(seen)
	short, long := length(b), length(b+hide())
	both := func(name, headers string) named {
		return named{name, line + host + headers + "\r\n" + b + hide()}
	}
	coded := func(name, headers string) named {
		return named{name, line + host + headers + "\r\n" + inChunks(b) + hide()}
	}
	return []named{
		both("two lengths, the shorter last", long+short),
		both("two lengths, the longer last", short+long),
		both("two equal lengths", short+short),
		both("a list of lengths", strings.TrimSuffix(short, "\r\n")+fmt.Sprintf(", %d\r\n", len(b))),
		both("a negative length", "Content-Length: -1\r\n"),
		both("a length with a plus", strings.Replace(short, ": ", ": +", 1)),
		both("a length in hexadecimal", fmt.Sprintf("Content-Length: 0x%x\r\n", len(b))),
		both("an empty length", "Content-Length:\r\n"),
		both("a length with a space inside", "Content-Length: 4 7\r\n"),
		both("a length that overflows", "Content-Length: 18446744073709551663\r\n"),
		coded("a length, then a coding", short+chunked),
		coded("a coding, then a length", chunked+"Content-Length: 0\r\n"),
		coded("chunked, identity", "Transfer-Encoding: chunked, identity\r\n"),
		coded("identity, chunked", "Transfer-Encoding: identity, chunked\r\n"),
		coded("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n"),
		coded("xchunked", "Transfer-Encoding: xchunked\r\n"),
		coded("quoted chunked", "Transfer-Encoding: \"chunked\"\r\n"),
		coded("identity", "Transfer-Encoding: identity\r\n"+short),
		coded("an empty coding", "Transfer-Encoding:\r\n"+short),
		coded("two codings", chunked+chunked),
		coded("two codings, one unknown", chunked+"Transfer-Encoding: x\r\n"),
		coded("a coding that goes on in a line", "Transfer-Encoding:\r\n chunked\r\n"),
		coded("a coding with a control character", "Transfer-Encoding: \x0bchunked\r\n"),
		{"a coding in HTTP/1.0", "POST /api/send HTTP/1.0\r\n" + host + chunked + "Connection: keep-alive\r\n\r\n" + inChunks(b) + hide()},
	}
}

// badHeads are heads that are wrong in some other way.
func badHeads() []named {
	rest := withLength(body(seen)) + hide()
	start := func(name, start string) named { return named{name, start + rest} }
	field := func(name, field string) named { return named{name, line + host + field + rest} }
	return []named{
		start("no host", line),
		start("two hosts", line+host+host),
		start("an empty host", line+"Host:\r\n"),
		start("a host with a space", line+"Host: localhost y\r\n"),
		start("a host with a path", line+"Host: localhost/y\r\n"),
		start("a host with a user", line+"Host: y@x\r\n"),
		start("a host with a name for a port", line+"Host: localhost:y\r\n"),
		start("a host with an open bracket", line+"Host: [::1\r\n"),
		start("HTTP/9.9", "POST /api/send HTTP/9.9\r\n"+host),
		start("HTTP/2.0", "POST /api/send HTTP/2.0\r\n"+host),
		start("HTTP/1.10", "POST /api/send HTTP/1.10\r\n"+host),
		start("http in lower case", "POST /api/send http/1.1\r\n"+host),
		start("no version", "POST /api/send\r\n"+host),
		start("two spaces before the target", "POST  /api/send HTTP/1.1\r\n"+host),
		start("two spaces before the version", "POST /api/send  HTTP/1.1\r\n"+host),
		start("a tab before the version", "POST /api/send\tHTTP/1.1\r\n"+host),
		start("a space at the end of the line", "POST /api/send HTTP/1.1 \r\n"+host),
		start("a space before the method", " POST /api/send HTTP/1.1\r\n"+host),
		start("a method that is no token", "PO(ST /api/send HTTP/1.1\r\n"+host),
		start("a target without a slash", "POST api/send HTTP/1.1\r\n"+host),
		start("a target with a fragment", "POST /api/send#x HTTP/1.1\r\n"+host),
		start("a target with a control character", "POST /api/send?\x01 HTTP/1.1\r\n"+host),
		start("a URL without a host", "POST http:///api/send HTTP/1.1\r\n"+host),
		start("a URL of another scheme", "POST ftp://x/api/send HTTP/1.1\r\n"+host),
		start("a URL with a user", "POST http://y@x/api/send HTTP/1.1\r\n"+host),
		start("a URL without a Host header", "POST http://localhost/api/send HTTP/1.1\r\n"),
		start("an asterisk with POST", "POST * HTTP/1.1\r\n"+host),
		start("CONNECT", "CONNECT x:80 HTTP/1.1\r\n"+host),
		field("a space before the colon", "X : y\r\n"),
		field("a space before the colon of a length", "Content-Length : 0\r\n"),
		field("a line that goes on", "X: y\r\n z\r\n"),
		field("a line that goes on with a length", "X: y\r\n Content-Length: 0\r\n"),
		start("a line that goes on after the first line", line+" X: y\r\n"+host),
		field("a carriage return in a value", "X: y\rContent-Length: 0\r\n"),
		field("a NUL in a value", "X: y\x00\r\n"),
		field("a DEL in a value", "X: \x7f\r\n"),
		field("a name that is no token", "X(y): z\r\n"),
		field("a name that is not ASCII", "X\xc3\xa9: z\r\n"),
		field("no name", ": y\r\n"),
		field("no colon", "X\r\n"),
		field("a line feed alone", "X: y\n"),
		start("a line feed alone after the first line", strings.TrimSuffix(line, "\r\n")+"\n"+host),
		{"a line feed alone as the empty line", line + host + length(body(seen)) + "\n" + body(seen) + hide()},
	}
}

// badChunks are chunked bodies that are wrong. After each comes a hidden request.
func badChunks() []named {
	b := body(seen)
	size := fmt.Sprintf("%x", len(b))
	chunks := func(name, chunks string) named { return named{name, line + host + chunked + "\r\n" + chunks + hide()} }
	end := "\r\n" + b + "\r\n0\r\n\r\n"
	return []named{
		chunks("a chunk size with 0x", "0x"+size+end),
		chunks("a chunk size with a plus", "+"+size+end),
		chunks("a negative chunk size", "-"+size+end),
		chunks("a chunk size that is no number", "zz"+end),
		chunks("an empty chunk size", end),
		chunks("a chunk size after a space", " "+size+end),
		chunks("a chunk size before a space", size+" "+end),
		chunks("a chunk size that overflows", "1000000000000000000"+size+end),
		chunks("a chunk size with an underscore", "0_"+size+end),
		chunks("a chunk size that a line feed ends", size+"\n"+b+"\r\n0\r\n\r\n"),
		chunks("a chunk size that a carriage return ends", size+"\r"+b+"\r\n0\r\n\r\n"),
		chunks("a chunk that is longer than its size", size+"\r\n"+b+"x\r\n0\r\n\r\n"),
		chunks("a chunk without its end", size+"\r\n"+b+"0\r\n\r\n"),
		chunks("a chunk that two other bytes end", size+"\r\n"+b+"xx0\r\n\r\n"),
		chunks("a chunk that a line feed ends", size+"\r\n"+b+"\n0\r\n\r\n"),
		chunks("an extension with a carriage return", size+";x\ry"+end),
		chunks("an extension with a line feed", size+";x\ny"+end),
		chunks("an extension that is too long", size+";"+strings.Repeat("x", 64<<10)+end),
		chunks("a trailer that is no field", size+"\r\n"+b+"\r\n0\r\nX\r\n\r\n"),
		chunks("a trailer that goes on", size+"\r\n"+b+"\r\n0\r\nX: y\r\n z\r\n\r\n"),
		chunks("a trailer that a line feed ends", size+"\r\n"+b+"\r\n0\r\nX: y\n\r\n"),
		chunks("trailers that are too long", size+"\r\n"+b+"\r\n0\r\n"+strings.Repeat("X: y\r\n", 20_000)+"\r\n"),
	}
}
