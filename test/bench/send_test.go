package bench

import (
	"fmt"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// sends measures how many messages a second can be sent.
func (w *world) sends() {
	s := w.section("Sends", fmt.Sprintf("Each client sends, waits for the acknowledgement, and sends again, to one of %d chats at a time. "+
		"Store is the sequencer and the database alone, called by as many goroutines.", w.scale.chats))
	request := load.Send(w.scale.chats)
	for _, conns := range w.scale.conns {
		w.compare(s,
			w.closed("ceiling", conns, request),
			w.closed("hops", conns, request),
			w.store(conns),
			w.closed("naive", conns, request),
			w.counted(w.closed("ours", conns, request)),
		)
		name := fmt.Sprintf("%d connections", conns)
		rates := func(subject string) []float64 { return s.Row(name, subject).Rates() }
		ours, ceiling := rates("ours"), rates("ceiling")
		s.Add(name+": ours / ceiling", "", report.Ratios(ours, ceiling)...)
		s.Add(name+": ours / (1 / (1/ceiling + 1/store))", "", report.Ratios(ours, report.Serial(ceiling, rates("store")))...)
		s.Add(name+": ours / naive", "", report.Ratios(ours, rates("naive"))...)
	}
	w.hotChat(s)
	w.halfLoad(s, max(best(s, "ours"), leastRate)/2)
}

// hotChat measures sends that all go to one chat.
func (w *world) hotChat(s *report.Section) {
	conns := w.scale.conns[0]
	one := w.counted(w.closed("ours", conns, load.Send(1)))
	many := w.counted(w.closed("ours", conns, load.Send(w.scale.chats)))
	one.load += ", one chat"
	many.load += ", beside one chat"
	w.compare(s, one, many)
	s.Add("ours, one chat / many", "", report.Ratios(s.Row(one.load, "ours").Rates(), s.Row(many.load, "ours").Rates())...)
}

// halfLoad measures latencies at half of what ours can take.
func (w *world) halfLoad(s *report.Section, rate float64) {
	request := load.Send(w.scale.chats)
	ceiling, ours := w.opened("ceiling", rate, request), w.counted(w.opened("ours", rate, request))
	w.compare(s, ceiling, ours)
	p99 := func(t *report.Trial) float64 { return t.P99 }
	s.Add(ours.load+": 99 % of ours / of ceiling", "",
		report.Ratios(s.Row(ours.load, "ours").Of(p99), s.Row(ceiling.load, "ceiling").Of(p99))...)
}

// best returns the highest rate that a subject has shown in closed loops.
func best(s *report.Section, subject string) (rate float64) {
	for _, r := range s.Rows {
		if r.Subject == subject && r.Trials[0].Offered == 0 {
			rate = max(rate, report.Median(r.Rates()))
		}
	}
	return rate
}
