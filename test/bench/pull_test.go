package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// pageSize is the limit of the pulls.
const pageSize = 20

// pulls measures how many pages a second can be read of chats that are in use.
func (w *world) pulls() {
	s := w.section("Pulls of the newest messages", fmt.Sprintf("Each client reads the newest %d messages of one of %d chats at a time. "+
		"The ceiling's handler answers the same page to everybody.", pageSize, w.scale.chats))
	request := load.Newest(w.scale.chats, pageSize)
	conns := w.scale.conns[0]
	ours := w.closed("ours", conns, request)
	w.compare(s, w.closed("ceiling", conns, request), w.closed("hops", conns, request), w.closed("naive", conns, request), ours)
	rates := func(subject string) []float64 { return s.Row(ours.load, subject).Rates() }
	s.Add("ours / ceiling", "", report.Ratios(rates("ours"), rates("ceiling"))...)
	s.Add("ours / naive", "", report.Ratios(rates("ours"), rates("naive"))...)
	for _, r := range s.Rows {
		s.Add("an answer of "+r.Subject, "bytes", r.Of(func(t *report.Trial) float64 { return t.Bytes })...)
	}
}

// polls measures what readers that have read all cost the database.
func (w *world) polls() {
	s := w.section("Readers at the end of a chat", fmt.Sprintf("%d readers poll one chat from where they have read all of it, "+
		"each as fast as it is answered. Database reads are those of rpc-server that the database counts; what it reads without "+
		"any reader is shown, and subtracted.", w.scale.pollers))
	for _, subject := range []string{"naive", "ours"} {
		ours := w.system(subject)
		idle := w.idleReads()
		s.Add(subject+", without readers", "database reads a second", idle)
		end := w.end(ours, 0)
		c := w.closed(subject, w.scale.pollers, load.Page(pageSize, func(uint64) (int, int64) { return 0, end }))
		_ = c.run(w.ctx, w.scale.warm)
		for range w.scale.trials {
			var t report.Trial
			reads := w.reads(func() { t = w.once(s, c) }) - idle*w.scale.length.Seconds()
			s.Put(subject+", "+c.load, "database reads a millisecond", reads/ms(w.scale.length))
			s.Put(subject+", pulls for each database read", "", float64(t.Outcomes["200"])/max(reads, 1))
		}
	}
}

// reads returns how many SELECTs the database executes while f runs, prepared ones
// among them.
func (w *world) reads(f func()) float64 {
	w.Helper()
	status := w.sql("")
	count := func() (n float64) {
		var name string
		if err := status.QueryRow("SHOW GLOBAL STATUS LIKE 'Com_select'").Scan(&name, &n); err != nil {
			w.Fatal(err)
		}
		return n
	}
	before := count()
	f()
	return count() - before
}

// idleTime is several times the interval of the services' health checks.
const idleTime = 3 * time.Second

// idleReads returns how many reads a second there are without a load.
func (w *world) idleReads() float64 {
	w.Helper()
	return w.reads(func() { w.pause(idleTime) }) / idleTime.Seconds()
}

// end returns the cursor that follows the last message of a chat.
func (w *world) end(s *system, chat int) int64 {
	w.Helper()
	resp, err := http.Get(fmt.Sprintf("%s/api/pull?chat=%s&reverse=true&limit=1", s.url, message.Chat(chat)))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var page struct {
		Messages []struct {
			SendTime int64 `json:"send_time"`
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil || len(page.Messages) != 1 {
		w.Fatalf("chat %d: %v, %d messages; want 1", chat, err, len(page.Messages))
	}
	return page.Messages[0].SendTime + 1
}
