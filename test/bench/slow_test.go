package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

const (
	slowBuffer = 4 << 10 // of a slow reader's receive buffer
	slowPage   = "GET /api/pull?chat=slow:reader&limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
	slowFile   = "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
)

// slowReaders measures what others notice of clients that ask for much and do not read it.
func (w *world) slowReaders() {
	s := w.section("Beside slow readers", fmt.Sprintf("Sends in an open loop, alone, and beside %d connections that have asked for the "+
		"largest file and %d that have asked for the longest page, at once, and read nothing of it.", w.scale.slow, w.slowOfPages()))
	w.fillSlow(w.system("ours"))
	request := load.Send(w.scale.chats)
	rate := w.capacity(w.counted(w.closed("ours", w.scale.conns[0], request))) / 4
	alone, beside := w.counted(w.opened("ours", rate, request)), w.counted(w.opened("ours", rate, request))
	beside.subject = "ours, beside slow readers"
	run := beside.run
	beside.run = func(ctx context.Context, d time.Duration) *load.Result {
		defer w.stall(w.system("ours"))()
		return run(ctx, d)
	}
	w.compare(s, alone, beside)
	p99 := func(t *report.Trial) float64 { return t.P99 }
	s.Add("99 % beside slow readers / alone", "", report.Ratios(s.Row(beside.load, beside.subject).Of(p99), s.Row(alone.load, alone.subject).Of(p99))...)
}

// slowOfPages is how many ask for the longest page, of which each takes 6 MiB.
func (w *world) slowOfPages() int { return min(40, w.scale.slow) }

// fillSlow makes the chat with the longest page: JSON writes each byte of it with six.
func (w *world) fillSlow(s *system) {
	w.Helper()
	body := `{"chat":"slow:reader","sender":"slow","text":"` + strings.Repeat(`\u0001`, 16<<10) + `"}`
	for range 64 {
		resp, err := http.Post(s.url+"/api/send", "application/json", strings.NewReader(body))
		if err != nil {
			w.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			w.Fatalf("send: %s", resp.Status)
		}
	}
}

// stall opens the slow readers' connections, and returns how to close them.
func (w *world) stall(s *system) (end func()) {
	w.Helper()
	var conns []net.Conn
	open := func(n int, request string) {
		for range n {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
			if err == nil {
				conns = append(conns, conn)
				err = conn.(*net.TCPConn).SetReadBuffer(slowBuffer)
			}
			if err == nil {
				_, err = io.WriteString(conn, request)
			}
			if err != nil {
				w.Fatal(err)
			}
		}
	}
	open(w.scale.slow, slowFile)
	open(w.slowOfPages(), slowPage)
	return func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
}
