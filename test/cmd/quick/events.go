package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of go test -json (see go doc test2json). It is about a package if it
// names no test.
type event struct{ Action, Package, Test, Output string }

// result is what the tests of a package have said so far.
type result struct {
	said  map[string]string // by each test that has not ended
	shown string            // by the package, and by tests that failed
}

// show writes what go test would without -json: a line for each package, and all that
// failed tests have said. It returns what the skipped tests need.
func show(out io.Writer, events io.Reader) (skips, error) {
	skipped, results := skips{}, map[string]*result{}
	for decoder := json.NewDecoder(events); ; {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			return skipped, nil
		} else if err != nil {
			return nil, fmt.Errorf("go test -json: %w", err)
		}
		r := results[e.Package]
		if r == nil {
			r = &result{said: map[string]string{}}
			results[e.Package] = r
		}
		switch {
		case e.Action == "output" || e.Action == "build-output":
			r.hear(e)
		case e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
			r.end(e, skipped)
		case e.Action == "pass" || e.Action == "fail" || e.Action == "skip" || e.Action == "build-fail":
			_, _ = io.WriteString(out, r.text())
			delete(results, e.Package)
		}
	}
}

// hear takes in a line of a test, of its package or of the compiler.
func (r *result) hear(e event) {
	switch {
	case strings.HasPrefix(e.Output, "=== "): // the progress of a test
	case e.Test != "":
		r.said[e.Test] += e.Output
	case e.Output != "PASS\n" && !strings.HasSuffix(e.Output, "[no test files]\n"):
		r.shown += e.Output
	}
}

// end ends a test.
func (r *result) end(e event, skipped skips) {
	switch e.Action {
	case "fail":
		r.shown += r.said[e.Test]
	case "skip":
		if _, need, found := strings.Cut(r.said[e.Test], "-short: needs "); found {
			need, _, _ = strings.Cut(need, "\n")
			skipped[need]++
		}
	}
	delete(r.said, e.Test)
}

// text is what is to be shown of a package at its end. Tests that have not ended were in
// the way of a panic.
func (r *result) text() string {
	var text strings.Builder
	for _, test := range slices.Sorted(maps.Keys(r.said)) {
		text.WriteString(r.said[test])
	}
	return text.String() + r.shown
}

// skips counts the tests that -short has skipped, by what they need.
type skips map[string]int

// String sums the skipped tests up, those first of which there are most.
func (s skips) String() string {
	total, needs := 0, slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		return cmp.Or(s[b]-s[a], cmp.Compare(a, b))
	})
	for i, need := range needs {
		total += s[need]
		needs[i] = fmt.Sprintf("%s (%d)", need, s[need])
	}
	if total == 0 {
		return "No test was skipped."
	}
	return fmt.Sprintf("%d tests were skipped. They need %s. To run all: make test", total, strings.Join(needs, ", "))
}
