package main

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// The widths of the table's columns.
const (
	tableHeader = "plan    rate/s  request      requests  failed   mean  median    p95    p99    max   done/s\n"
	tableRow    = "%-6s  %6s  %-10s  %9d  %6d  %5.1f  %6d  %5d  %5d  %5d  %7.1f\n"
)

// writeRows writes what became of the samples of one run: a line for each of the
// plan's requests. Times are milliseconds.
func writeRows(out io.Writer, plan, rate string, samples []sample) error {
	for _, label := range labels(samples) {
		s := summarise(samples, label)
		_, err := fmt.Fprintf(out, tableRow, plan, rate, label, len(s.times), s.failed,
			s.mean(), s.percentile(50), s.percentile(95), s.percentile(99), s.percentile(100), s.perSecond())
		if err != nil {
			return err
		}
	}
	return nil
}

// labels returns the labels of samples in the order in which they come.
func labels(samples []sample) []string {
	var found []string
	for _, s := range samples {
		if !slices.Contains(found, s.label) {
			found = append(found, s.label)
		}
	}
	return found
}

// summary is what became of the samples with one label.
type summary struct {
	times      []int64 // milliseconds, in ascending order
	failed     int
	start, end int64 // of the first and the last, milliseconds since 1970
}

func summarise(samples []sample, label string) summary {
	s := summary{start: math.MaxInt64}
	for _, one := range samples {
		if one.label != label {
			continue
		}
		s.times = append(s.times, one.elapsed)
		s.start, s.end = min(s.start, one.start), max(s.end, one.start+one.elapsed)
		if one.failure != "" {
			s.failed++
		}
	}
	slices.Sort(s.times)
	return s
}

func (s summary) mean() float64 {
	var sum int64
	for _, t := range s.times {
		sum += t
	}
	return float64(sum) / float64(len(s.times))
}

// percentile returns the time within which p percent of the requests were
// answered.
func (s summary) percentile(p int) int64 {
	return s.times[(len(s.times)*p+99)/100-1]
}

// perSecond returns how many requests were answered in a second.
func (s summary) perSecond() float64 {
	return float64(len(s.times)) / max(1, float64(s.end-s.start)) * 1000
}
