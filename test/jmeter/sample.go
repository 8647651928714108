package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// sample is one request as JMeter saw it. Times are milliseconds.
type sample struct {
	label   string // which of the plan's requests it is
	thread  string
	start   int64 // since 1970
	elapsed int64
	failure string // "" for a request that met all assertions
}

// columns are those of JMeter's results that a sample is made of.
var columns = []string{
	"timeStamp", "elapsed", "label", "threadName", "success", "responseCode", "responseMessage", "failureMessage",
}

// readSamples reads JMeter's results. Their first line names the columns, which differ
// between versions, as does their order.
func readSamples(r io.Reader) ([]sample, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, errors.New("no request was made")
	}
	position := map[string]int{}
	for i, name := range rows[0] {
		position[name] = i
	}
	for _, name := range columns {
		if _, ok := position[name]; !ok {
			return nil, fmt.Errorf("there is no column %s", name)
		}
	}
	samples := make([]sample, len(rows)-1)
	for i, row := range rows[1:] {
		field := func(name string) string { return row[position[name]] }
		if samples[i], err = parseSample(field); err != nil {
			return nil, fmt.Errorf("request %d: %w", i+1, err)
		}
	}
	return samples, nil
}

// parseSample makes a sample of the fields of a row.
func parseSample(field func(column string) string) (sample, error) {
	s := sample{label: field("label"), thread: field("threadName")}
	var err error
	if s.start, err = strconv.ParseInt(field("timeStamp"), 10, 64); err != nil {
		return sample{}, fmt.Errorf("timeStamp: %w", err)
	}
	if s.elapsed, err = strconv.ParseInt(field("elapsed"), 10, 64); err != nil {
		return sample{}, fmt.Errorf("elapsed: %w", err)
	}
	if field("success") != "true" {
		why := field("responseCode") + " " + field("responseMessage") + ": " + field("failureMessage")
		s.failure = strings.Join(strings.Fields(why), " ") // it has many lines
	}
	return s, nil
}
