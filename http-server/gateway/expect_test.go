package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
)

// A client that asks before it sends its body is told to go on, in whatever case it asks
// (RFC 9110, 10.1.1). One that speaks HTTP/1.0 is not: it would not understand.
func TestContinue(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	const body = `{"chat":"a:b","sender":"a","text":"t"}`
	for head, goesOn := range map[string]bool{
		"HTTP/1.1\r\nHost: x\r\nExpect: 100-continue":     true,
		"HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue":     true,
		"HTTP/1.1\r\nHost: x\r\nexpect:\t100-CONTINUE\t ": true,
		"HTTP/1.1\r\nHost: x\r\nExpect: 100-continued":    false,
		"HTTP/1.0\r\nExpect: 100-continue":                false,
	} {
		t.Run(head, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", g.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(rawLimit))
			answers := bufio.NewReader(conn)
			write := func(s string) {
				if _, err := io.WriteString(conn, s); err != nil {
					t.Fatal(err)
				}
			}
			write(fmt.Sprintf("POST /api/send %s\r\nContent-Length: %d\r\n\r\n", head, len(body)))
			if goesOn {
				if line, _ := answers.ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 100") {
					t.Fatalf("first line = %q; want 100", line)
				}
				_, _ = answers.ReadString('\n')
			}
			write(body)
			resp, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusOK {
				t.Errorf("status = %d; want 200", resp.StatusCode)
			}
		})
	}
}
