package bench

import (
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// latencies measures how latency grows with the load.
func (w *world) latencies() {
	s := w.section("Latency against load", "Sends in an open loop, at parts of what each subject takes in a closed loop.")
	request := load.Send(w.scale.chats)
	most := w.scale.conns[len(w.scale.conns)-1]
	subjects := []string{"ceiling", "ours"}
	var contenders []contender
	for _, subject := range subjects {
		capacity := w.capacity(w.countedIf(subject == "ours", w.closed(subject, most, request)))
		s.Add(subject+", closed loop", "answers a second", capacity)
		for _, part := range w.scale.loads {
			contenders = append(contenders, w.countedIf(subject == "ours", w.opened(subject, part*capacity, request)))
		}
	}
	w.compare(s, contenders...)
	chart := report.Chart{Title: s.Title, X: "sends a second", Y: "ms", LogY: true}
	for _, subject := range subjects {
		lines := []report.Line{
			{Name: subject + ", 50 %", Colour: colours[subject]},
			{Name: subject + ", 99 %", Colour: colours[subject], Dash: 1},
			{Name: subject + ", 99.9 %", Colour: colours[subject], Dash: 2},
		}
		for _, row := range s.Rows {
			if row.Subject != subject {
				continue
			}
			for n, percentile := range []func(*report.Trial) float64{
				func(t *report.Trial) float64 { return t.P50 },
				func(t *report.Trial) float64 { return t.P99 },
				func(t *report.Trial) float64 { return t.P999 },
			} {
				lines[n].Add(row.Trials[0].Offered, report.Median(row.Of(percentile)))
			}
		}
		chart.Lines = append(chart.Lines, lines...)
	}
	w.draw(s, &chart, "load.svg")
}

// countedIf returns the contender, as [world.counted] does if it is ours.
func (w *world) countedIf(ours bool, c contender) contender {
	if ours {
		return w.counted(c)
	}
	return c
}
