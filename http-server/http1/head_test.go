package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/test/mock"

	"example.com/im/http-server/http1/http1test"
)

// The heads of requests as they are common, by which the check's cost is measured.
const (
	browserHead = "GET /api/pull?chat=doe%3Ajohn&cursor=1795503862320345&wait_ms=25000 HTTP/1.1\r\nHost: im.example.org\r\n" +
		"Connection: keep-alive\r\nsec-ch-ua-platform: \"Linux\"\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\n" +
		"sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\nAccept: */*\r\n" +
		"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: https://im.example.org/\r\n" +
		"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\r\n"
	curlHead = "POST /api/send HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n" +
		"Content-Length: 47\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
)

func BenchmarkParseHead(b *testing.B) {
	for name, text := range map[string]string{"browser": browserHead, "curl": curlHead} {
		b.Run(name, func(b *testing.B) {
			head := []byte(text)
			b.ReportAllocs()
			b.SetBytes(int64(len(head)))
			for b.Loop() {
				if _, err := parseHead(head); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is common costs no memory.
func TestParseHeadAllocatesNothing(t *testing.T) {
	for _, text := range []string{browserHead, curlHead} {
		head := []byte(text)
		if n := testing.AllocsPerRun(100, func() { _, _ = parseHead(head) }); n > 0 {
			t.Errorf("%v allocations for %.20q", n, text)
		}
	}
}

// Of a head that is cut off nothing is said but that, wherever it is cut.
func TestIncompleteHead(t *testing.T) {
	t.Parallel()
	for n := range len(browserHead) {
		if _, err := parseHead([]byte(browserHead[:n])); !errors.Is(err, errIncomplete) {
			t.Fatalf("%q: %v", browserHead[:n], err)
		}
	}
}

// FuzzFraming holds the check and the reader of chunks against net/http. A request that
// they let through is one for net/http as well, its body is the same, and it ends where
// net/http says it does.
func FuzzFraming(f *testing.F) {
	for _, tc := range http1test.Cases() {
		f.Add([]byte(tc.Request + http1test.Last()))
	}
	f.Add([]byte(browserHead))
	f.Fuzz(func(t *testing.T, request []byte) {
		original := bytes.Clone(request)
		h, err := parseHead(request)
		if err != nil || h.end > 16<<10 {
			return
		}
		body, rest, err := readBody(h, request)
		if err != nil {
			return
		}
		r := bufio.NewReader(bytes.NewReader(withTarget(original[h.start:])))
		want, err := http.ReadRequest(r)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", original, err)
		}
		wantBody, err := io.ReadAll(want.Body)
		if isStricter(original, err) {
			return
		}
		if err != nil {
			t.Fatalf("net/http refuses the body of %q: %v", original, err)
		}
		wantRest, _ := io.ReadAll(r)
		if !bytes.Equal(body, wantBody) || !bytes.Equal(rest, wantRest) {
			t.Errorf("%q: body %q, then %q; net/http reads %q, then %q", original, body, rest, wantBody, wantRest)
		}
		if closes := h.closes || h.old; want.Close && !closes {
			t.Errorf("%q: net/http closes the connection", original)
		}
	})
}

// isStricter reports whether net/http refuses a request for what RFC 9112 has: a space
// before an extension of a chunk (7.1.1), or many small chunks.
func isStricter(request []byte, err error) bool {
	return err != nil && (bytes.Contains(request, []byte(" ;")) || bytes.Contains(request, []byte("\t;")) ||
		strings.Contains(err.Error(), "too much non-data") || strings.Contains(err.Error(), "line too long"))
}

// withTarget returns a request with a target that net/http takes. It refuses escapes that
// are none, which are no matter of framing.
func withTarget(request []byte) []byte {
	line, _, _ := bytes.Cut(request, crlf)
	from, to := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	target := "/"
	if line[from+1] == '*' {
		target = "*"
	}
	return append(append(bytes.Clone(line[:from+1]), target...), request[to:]...)
}

// lengthField is Content-Length in a head.
var lengthField = regexp.MustCompile(`(?i)\ncontent-length: *([0-9]+)`)

// readBody returns the body of a request with a head, and what follows it.
func readBody(h head, request []byte) (body, rest []byte, err error) {
	rest = request[h.end:]
	switch {
	case h.chunked:
		from := mock.NewZeroCopyReader(string(rest))
		if body, err = io.ReadAll(&chunked{from: from, spare: 16 << 10}); err != nil {
			return nil, nil, err
		}
		rest, _ = from.Peek(from.Len())
		return body, rest, nil
	case h.length:
		size, err := strconv.Atoi(string(lengthField.FindSubmatch(request[h.start:h.end])[1]))
		if err != nil || size > len(rest) {
			return nil, nil, io.ErrUnexpectedEOF
		}
		return rest[:size], rest[size:], nil
	}
	return nil, rest, nil
}

// The bounds of a chunked body hold to the byte.
func TestChunkedBounds(t *testing.T) {
	t.Parallel()
	const spare = 100
	for text, want := range map[string]error{
		"1;" + strings.Repeat("x", spare-1) + "\r\na\r\n0\r\n\r\n":         nil,
		"1;" + strings.Repeat("x", spare+maxDigits) + "\r\na\r\n0\r\n\r\n": errChunkMore,
		"1\r\na\r\n0\r\nX:" + strings.Repeat("x", spare-4) + "\r\n\r\n":    nil,
		"1\r\na\r\n0\r\nX:" + strings.Repeat("x", spare-1) + "\r\n\r\n":    errChunkMore,
		"fffffffffffffff\r\na":  io.ErrUnexpectedEOF,
		"1000000000000000\r\na": errChunkSize,
		"1\r\na":                io.ErrUnexpectedEOF,
		"1\r\na\r\n0\r\n":       io.ErrUnexpectedEOF,
		"":                      io.ErrUnexpectedEOF,
	} {
		_, err := io.ReadAll(&chunked{from: mock.NewZeroCopyReader(text), spare: spare})
		if !errors.Is(err, want) {
			t.Errorf("%q: %v; want %v", text, err, want)
		}
	}
}
