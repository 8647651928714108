package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// depths are where pages are read, as parts of a chat. None is near the end, which
// may be in memory.
var depths = []float64{0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9}

// spread is the part of a chat around a depth that its pages are read from.
const spread = 0.01

// A deepTable has [tableFactor] chats of many messages each.
type deepTable struct {
	filling
	begin int64
}

// cursor returns a cursor between two parts of a chat that n decides, and the chat.
func (d deepTable) cursor(from, to float64, n uint64) (number int, cursor int64) {
	number = load.Pick(n, d.chats)
	if to == 0 {
		return number, 0
	}
	first, last := int(from*float64(d.each)), int(to*float64(d.each))
	return number, d.time(d.begin, first+load.Pick(n*n+1, max(last-first, 1)))
}

// depth measures whether a page's time depends on where it is.
func (w *world) depth() {
	sys := w.start(w.T, spec{database: "deep", rpcServers: 1})
	d := deepTable{filling: filling{chats: tableFactor, each: w.scale.deepChat, lanes: true}}
	d.begin = w.fill(sys.dsn, d.filling)
	w.must(w.sql("deep").Exec("DO (SELECT SUM(LENGTH(text)) FROM messages)")) // warms the buffer pool
	s := w.section("Pull time against depth", fmt.Sprintf("Pages of %d messages in chats of %s messages, in a table of %s, read "+
		"by one reader, far from the chats' ends; the buffer pool is warm. Over HTTP, and by the store in this process.",
		pageSize, report.Number(float64(d.each)), report.Number(float64(d.chats*d.each))))
	st := w.open("deep")
	var contenders []contender
	add := func(name string, from, to float64) {
		ours := w.closedOn(sys, "ours", 1, load.Page(pageSize, func(n uint64) (int, int64) { return d.cursor(from, to, n) }))
		ours.load = name
		contenders = append(contenders, ours, w.inProcess(name, 1, d.reader(st, from, to)))
	}
	for _, depth := range depths {
		to := depth + spread
		if depth == 0 {
			to = 0
		}
		add(depthName(d, depth), depth, to)
	}
	const anywhere = "anywhere"
	add(anywhere, spread, depths[len(depths)-1])
	w.scale.length /= 3 // a page takes a fraction of a millisecond
	w.compare(s, contenders...)
	p50 := func(t *report.Trial) float64 { return t.P50 }
	for _, subject := range []string{"ours", "store"} {
		s.Add(subject+", 50 %: anywhere / first page", "",
			report.Ratios(s.Row(anywhere, subject).Of(p50), s.Row(depthName(d, 0), subject).Of(p50))...)
	}
	w.plotDepth(s, d)
}

func depthName(d deepTable, depth float64) string {
	if depth == 0 {
		return "first page"
	}
	return "from message " + report.Number(depth*float64(d.each))
}

// reader returns calls that read a page each.
func (d deepTable) reader(st *store.Store, from, to float64) func(context.Context) error {
	var next atomic.Uint64
	return func(ctx context.Context) error {
		number, cursor := d.cursor(from, to, next.Add(1))
		page, err := st.Page(ctx, store.Query{Chat: chat.Name(message.Chat(number)), Cursor: cursor, Limit: pageSize})
		if err == nil && len(page.Messages) != pageSize {
			return fmt.Errorf("%d messages from %d in chat %d", len(page.Messages), cursor, number)
		}
		return err
	}
}

// plotDepth draws the times against the depths.
func (w *world) plotDepth(s *report.Section, d deepTable) {
	w.Helper()
	chart := report.Chart{Title: s.Title, X: "messages before the page", Y: "ms"}
	for _, subject := range []string{"ours", "store"} {
		p50 := report.Line{Name: subject + ", 50 %", Colour: colours[subject]}
		p99 := report.Line{Name: subject + ", 99 %", Colour: colours[subject], Dash: 1}
		for _, depth := range depths {
			row, x := s.Row(depthName(d, depth), subject), depth*float64(d.each)
			p50.Add(x, report.Median(row.Of(func(t *report.Trial) float64 { return t.P50 })))
			p99.Add(x, report.Median(row.Of(func(t *report.Trial) float64 { return t.P99 })))
		}
		chart.Lines = append(chart.Lines, p50, p99)
	}
	w.draw(s, &chart, "depth.svg")
}

// colours of the subjects, in all charts.
var colours = map[string]int{"ours": 1, "ceiling": 0, "store": 2}

// draw saves a chart beside the report.
func (w *world) draw(s *report.Section, chart *report.Chart, name string) {
	w.Helper()
	if err := chart.Save(filepath.Join(w.out, name)); err != nil {
		w.Fatal(err)
	}
	s.Plot = name
}
