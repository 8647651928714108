package bench

import (
	"math"
	"slices"

	"example.com/im/test/bench/report"
)

// checkComplete fails the test unless the report of a whole run has a result
// wherever it should.
func (w *world) checkComplete() {
	w.Helper()
	if len(w.report.Sections) != len(scenarios()) || len(w.report.Checks) != 2 {
		w.Errorf("%d sections and %d checks; want %d and 2", len(w.report.Sections), len(w.report.Checks), len(scenarios()))
	}
	for _, s := range w.report.Sections {
		if len(s.Rows)+len(s.Figures) == 0 {
			w.Errorf("%s: nothing was measured", s.Title)
		}
		for _, r := range s.Rows {
			w.checkRow(s, r)
		}
		for _, f := range s.Figures {
			if slices.ContainsFunc(f.Trials, math.IsNaN) || len(f.Trials) == 0 {
				w.Errorf("%s: %s: %v", s.Title, f.What, f.Trials)
			}
		}
	}
	for name, value := range w.report.Database {
		if value == "" {
			w.Errorf("the database's %s is not known", name)
		}
	}
	if w.report.Machine.Fsyncs <= 0 || w.report.Machine.Cores <= 0 {
		w.Errorf("machine: %+v", w.report.Machine)
	}
}

// checkRow fails the test unless a subject was measured, and has answered every
// request.
func (w *world) checkRow(s *report.Section, r *report.Row) {
	w.Helper()
	if len(r.Trials) == 0 {
		w.Errorf("%s: %s, %s: no trials", s.Title, r.Load, r.Subject)
	}
	for _, t := range r.Trials {
		if t.Outcomes["200"] == 0 || t.P50 <= 0 || t.P50 > t.P99 || t.P99 > t.P999 || t.P999 > t.Longest {
			w.Errorf("%s: %s, %s: %+v", s.Title, r.Load, r.Subject, t)
		}
	}
}
