package http1test

import (
	"fmt"
	"strings"
)

// goodHeads are requests that a server is to take, though they look odd.
func goodHeads() []named {
	rest := withLength(body(seen))
	return []named{
		{"as usual", line + host + rest},
		{"an empty line before", "\r\n" + line + host + rest},
		{"empty lines before", "\r\n\r\n\r\n" + line + host + rest},
		{"HTTP/1.2", "POST /api/send HTTP/1.2\r\n" + host + rest},
		{"HTTP/1.0 that stays", "POST /api/send HTTP/1.0\r\nConnection: Keep-Alive\r\n" + rest},
		{"a URL", "POST http://localhost:80/api/send HTTP/1.1\r\n" + host + rest},
		{"a URL in capitals", "POST HTTP://LOCALHOST/api/send HTTP/1.1\r\n" + host + rest},
		{"a host with a port", line + "Host: localhost:8080\r\n" + rest},
		{"a host with an empty port", line + "Host: localhost:\r\n" + rest},
		{"an address for a host", line + "Host: [::1]:8080\r\n" + rest},
		{"tabs around values", line + "Host:\t localhost \t\r\n" + strings.Replace(rest, ": ", ":\t", 1)},
		{"no space before a value", line + "Host:localhost\r\n" + strings.Replace(rest, ": ", ":", 1)},
		{"names in any case", line + "hOST: x\r\n" + strings.Replace(rest, "Content-Length", "cONTENT-lENGTH", 1)},
		{"an empty value", line + host + "X:\r\n" + rest},
		{"a value that is not ASCII", line + host + "X: \xff\r\n" + rest},
		{"a length with zeros before it", line + host + strings.Replace(rest, ": ", ": 000", 1)},
		{"a query with bytes of UTF-8", "POST /api/send?x=\xc3\xa9 HTTP/1.1\r\n" + host + rest},
		{"an expectation", line + host + "Expect: 100-continue\r\n" + rest},
		{"an expectation in capitals", line + host + "Expect: 100-Continue\r\n" + rest},
		{"an expectation that nobody knows", line + host + "Expect: x\r\n" + rest},
	}
}

// goodBodies are chunked bodies that a server is to take.
func goodBodies() []named {
	b := body(seen)
	chunks := func(name, chunks string) named { return named{name, line + host + chunked + "\r\n" + chunks} }
	size := fmt.Sprintf("%x", len(b))
	end := "\r\n" + b + "\r\n0\r\n\r\n"
	before, after, _ := strings.Cut(b, seen)
	return []named{
		chunks("one chunk", inChunks(b)),
		chunks("chunks of a byte", inBytes(before)+fmt.Sprintf("%x\r\n%s\r\n", len(seen), seen)+inBytes(after)+"0\r\n\r\n"),
		chunks("a chunk size in capitals", strings.ToUpper(size)+end),
		chunks("a chunk size with zeros before it", "000"+size+end),
		chunks("last chunk with zeros", size+"\r\n"+b+"\r\n000\r\n\r\n"),
		chunks("an extension", size+";x"+end),
		chunks("an extension with a value", size+" ; x = \"y;z\" ;v=1"+end),
		chunks("an extension of the last chunk", size+"\r\n"+b+"\r\n0;x=y\r\n\r\n"),
		chunks("trailers", size+"\r\n"+b+"\r\n0\r\nX: y\r\nContent-Length: 5\r\nHost: z\r\n\r\n"),
		{"chunked in capitals", line + host + "Transfer-Encoding: CHUNKED\r\n\r\n" + inChunks(b)},
		{"chunked with tabs", line + host + "Transfer-Encoding:\tchunked\t\r\n\r\n" + inChunks(b)},
		{"an expectation before chunks", line + host + "Expect: 100-CONTINUE\r\n" + chunked + "\r\n" + inChunks(b)},
	}
}

// inBytes returns a part of a body with a chunk for each byte.
func inBytes(part string) string {
	var b strings.Builder
	for _, c := range []byte(part) {
		fmt.Fprintf(&b, "1\r\n%c\r\n", c)
	}
	return b.String()
}

// goodCloses are requests after which no other may follow.
func goodCloses() []named {
	rest := withLength(body(seen))
	return []named{
		{"close", line + host + "Connection: close\r\n" + rest},
		{"close in capitals", line + host + "Connection: CLOSE\r\n" + rest},
		{"close in a list", line + host + "Connection: x ,\tClose\r\n" + rest},
		{"close before keep-alive", line + host + "Connection: close\r\nConnection: keep-alive\r\n" + rest},
		{"HTTP/1.0", "POST /api/send HTTP/1.0\r\n" + rest},
		{"HTTP/1.0 with an expectation", "POST /api/send HTTP/1.0\r\nExpect: 100-continue\r\n" + rest},
	}
}
