// Command jmeter runs the load plans beside it on a running system, by the installed
// JMeter. It prints what became of their requests, and exits with 1 if an assertion
// failed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// shownFailures is how many failed requests of a run are shown.
const shownFailures = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jmeter:", err)
		os.Exit(1)
	}
}

// run runs each plan at each rate, one after another, and writes the table of
// their requests to out.
func run(ctx context.Context, args []string, out io.Writer) error {
	c := &config{}
	parser, err := kong.New(c, kong.Name("jmeter"),
		kong.Description("Runs load plans on a running system, by JMeter 5 or Debian's 2.13. Times are milliseconds."))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return err
	}
	if _, err := fmt.Fprint(out, tableHeader); err != nil {
		return err
	}
	failed, total := 0, 0
	for _, plan := range c.Plans {
		for _, rate := range c.rates() {
			samples, err := runPlan(ctx, plan, c.at(rate))
			if err != nil {
				return err
			}
			if err := writeRows(out, plan, rate, samples); err != nil {
				return err
			}
			total += len(samples)
			failed += writeFailures(out, samples)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d requests failed", failed, total)
	}
	return nil
}

// writeFailures writes the first failures that differ, and returns the number of
// all.
func writeFailures(out io.Writer, samples []sample) (failed int) {
	var shown []string
	for _, s := range samples {
		if s.failure == "" {
			continue
		}
		failed++
		line := fmt.Sprintf("%s failed: %.500s", s.label, s.failure)
		if len(shown) < shownFailures && !slices.Contains(shown, line) {
			shown = append(shown, line)
			_, _ = fmt.Fprintln(out, line)
		}
	}
	return failed
}
