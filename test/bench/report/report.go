// Package report turns what the benchmark has measured into Markdown, JSON and
// plots.
package report

import (
	"encoding/json"
	"math"
	"time"
)

// Report is a run of the benchmark.
type Report struct {
	Taken    time.Time
	Commit   string            // of the repository; with "+" where files have been changed
	Args     string            // of the run
	Machine  Machine           // on which everything ran
	Database map[string]string // settings of the database, by name
	Sections []*Section
	Checks   []Check
}

// A Section is what one scenario has measured.
type Section struct {
	Name    string // of the scenario
	Title   string
	Note    string // what was done, and what it does not tell
	Rows    []*Row
	Figures []*Figure
	Plot    string `json:",omitempty"` // the file of its plot
}

// A Row is what one subject did under one load, in each trial.
type Row struct {
	Load    string // such as "64 connections"
	Subject string
	Trials  []Trial
}

// A Trial is a load once.
type Trial struct {
	Offered  float64 `json:",omitempty"` // requests a second, of an open loop
	Rate     float64 // answers with 200, a second
	P50      float64 // ms, as are the following
	P99      float64
	P999     float64
	Longest  float64
	Bytes    float64            // of an answer's body, on the average
	CPU      map[string]float64 // µs of all cores for each request, by process
	Outcomes map[string]int     // requests by status, or by what else became of them
	Example  string             `json:",omitempty"` // of what was not 200
}

// A Figure is a number that was measured or worked out in each trial.
type Figure struct {
	What   string
	Unit   string `json:",omitempty"`
	Trials []float64
}

// A Check is a promise that the run has held the product to.
type Check struct {
	What string
	OK   bool
	Text string // what was found
}

// OK reports whether no check has failed.
func (r *Report) OK() bool {
	for _, c := range r.Checks {
		if !c.OK {
			return false
		}
	}
	return true
}

// Row returns the row of a load and a subject, which it makes if need be.
func (s *Section) Row(load, subject string) *Row {
	for _, r := range s.Rows {
		if r.Load == load && r.Subject == subject {
			return r
		}
	}
	r := &Row{Load: load, Subject: subject}
	s.Rows = append(s.Rows, r)
	return r
}

// Add adds a figure.
func (s *Section) Add(what, unit string, trials ...float64) {
	s.Figures = append(s.Figures, &Figure{what, unit, trials})
}

// Put adds one trial to the figure of that name, which it makes if need be.
func (s *Section) Put(what, unit string, trial float64) {
	for _, f := range s.Figures {
		if f.What == what {
			f.Trials = append(f.Trials, trial)
			return
		}
	}
	s.Add(what, unit, trial)
}

// Failures counts the requests of a trial that were not answered 200.
func (t *Trial) Failures() (n int) {
	for outcome, count := range t.Outcomes {
		if outcome != "200" {
			n += count
		}
	}
	return n
}

// Of returns one number of each trial.
func (r *Row) Of(number func(*Trial) float64) []float64 {
	numbers := make([]float64, len(r.Trials))
	for i := range r.Trials {
		numbers[i] = number(&r.Trials[i])
	}
	return numbers
}

// Rates returns the rate of each trial.
func (r *Row) Rates() []float64 { return r.Of(func(t *Trial) float64 { return t.Rate }) }

// MarshalJSON writes the numbers that JSON has no word for as null.
func (f *Figure) MarshalJSON() ([]byte, error) {
	trials := make([]*float64, len(f.Trials))
	for i, t := range f.Trials {
		if !math.IsNaN(t) && !math.IsInf(t, 0) {
			trials[i] = &t
		}
	}
	return json.Marshal(struct {
		What   string
		Unit   string `json:",omitempty"`
		Trials []*float64
	}{f.What, f.Unit, trials})
}
