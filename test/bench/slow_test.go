package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
	"example.com/im/test/slow"
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

// fillSlow makes the chat with the longest page.
func (w *world) fillSlow(s *system) {
	w.Helper()
	body := slow.Message()
	for range slow.Messages {
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
			conn, err := slow.Stall(w.ctx, &net.Dialer{}, strings.TrimPrefix(s.url, "http://"), request)
			if err != nil {
				w.Fatal(err)
			}
			conns = append(conns, conn)
		}
	}
	open(w.scale.slow, slow.GetFile)
	open(w.slowOfPages(), slow.GetPage)
	return func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
}
