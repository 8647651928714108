package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Markdown returns the report as a page.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmark\n\n")
	r.writeConditions(&b)
	for _, s := range r.Sections {
		s.write(&b)
	}
	b.WriteString("## Checks\n\n")
	if len(r.Checks) == 0 {
		b.WriteString("**None was made.**\n")
	}
	for _, c := range r.Checks {
		verdict := "passed"
		if !c.OK {
			verdict = "**FAILED**"
		}
		fmt.Fprintf(&b, "- %s: %s. %s\n", c.What, verdict, strings.ReplaceAll(strings.TrimSpace(c.Text), "\n", "; "))
	}
	return b.String()
}

// writeConditions writes under what conditions the run was made.
func (r *Report) writeConditions(b *strings.Builder) {
	m := r.Machine
	fmt.Fprintf(b, "%s, commit %s, `%s`. Everything ran on one machine, the load generator as well: %d cores (%s), %s of memory, "+
		"Linux %s, %s, %s fsyncs a second.\n\n",
		r.Taken.UTC().Format("2006-01-02 15:04 MST"), r.Commit, r.Args, m.Cores, m.CPU, m.Memory, m.Kernel, m.Go, Number(m.Fsyncs))
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(r.Database)) {
		settings = append(settings, fmt.Sprintf("`%s=%s`", name, r.Database[name]))
	}
	fmt.Fprintf(b, "Database: %s.\n\n", strings.Join(settings, ", "))
	b.WriteString("Each cell has the median of the trials, and then all of them. CPU is the time of all cores that a request takes, in " +
		"the process named. A ratio is worked out within each trial.\n\n")
}

// write writes a section.
func (s *Section) write(b *strings.Builder) {
	fmt.Fprintf(b, "## %s\n\n", s.Title)
	if s.Note != "" {
		fmt.Fprintf(b, "%s\n\n", s.Note)
	}
	if s.Plot != "" {
		fmt.Fprintf(b, "![%s](%s)\n\n", s.Title, s.Plot)
	}
	if len(s.Rows) > 0 {
		s.writeRows(b)
	}
	if len(s.Figures) > 0 {
		w := newTable(b, "figure", "median", "trials")
		for _, f := range s.Figures {
			unit := f.Unit
			if unit != "" {
				unit = " " + unit
			}
			w.row(f.What, "**"+Number(Median(f.Trials))+"**"+unit, numbers(f.Trials))
		}
		w.end()
	}
}

// processes are the columns of CPU, in this order.
var processes = []string{"gateway", "rpc-server", "database", "load"}

func (s *Section) writeRows(b *strings.Builder) {
	headers := []string{"load", "subject", "answers/s", "50 %, ms", "99 %, ms", "99.9 %, ms", "not 200"}
	for _, p := range processes {
		headers = append(headers, "µs of "+p)
	}
	w := newTable(b, headers...)
	for _, r := range s.Rows {
		failures := r.Of(func(t *Trial) float64 { return float64(t.Failures()) })
		mark := "0"
		if slices.Max(failures) > 0 {
			mark = "**" + numbers(failures) + "**"
		}
		cells := []string{
			r.Load, r.Subject, cell(r.Rates()),
			cell(r.Of(func(t *Trial) float64 { return t.P50 })), cell(r.Of(func(t *Trial) float64 { return t.P99 })),
			cell(r.Of(func(t *Trial) float64 { return t.P999 })), mark,
		}
		for _, p := range processes {
			text := "–"
			if _, ok := r.Trials[0].CPU[p]; ok {
				text = Number(Median(r.Of(func(t *Trial) float64 { return t.CPU[p] })))
			}
			cells = append(cells, text)
		}
		w.row(cells...)
	}
	w.end()
	s.writeExamples(b)
}

// writeExamples shows what was answered instead of 200.
func (s *Section) writeExamples(b *strings.Builder) {
	for _, r := range s.Rows {
		for i, t := range r.Trials {
			if t.Failures() > 0 {
				fmt.Fprintf(b, "- %s, %s, trial %d: %v, such as `%s`\n", r.Load, r.Subject, i+1, t.Outcomes, oneLine(t.Example))
			}
		}
	}
	b.WriteString("\n")
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "'")), " ")
}

// cell returns the median and all trials.
func cell(trials []float64) string {
	if len(trials) == 1 {
		return Number(trials[0])
	}
	return fmt.Sprintf("**%s** (%s)", Number(Median(trials)), numbers(trials))
}

func numbers(trials []float64) string {
	texts := make([]string, len(trials))
	for i, t := range trials {
		texts[i] = Number(t)
	}
	return strings.Join(texts, ", ")
}

// Number returns a number with three significant digits at least, and with commas.
func Number(x float64) string {
	switch abs := math.Abs(x); {
	case math.IsNaN(x), math.IsInf(x, 0):
		return "–"
	case x == math.Trunc(x) && abs < 1000, abs >= 100 && abs < 1000:
		return fmt.Sprintf("%.0f", x)
	case abs >= 1000:
		return commas(fmt.Sprintf("%.0f", x))
	case abs >= 10:
		return fmt.Sprintf("%.1f", x)
	case abs >= 0.1:
		return fmt.Sprintf("%.2f", x)
	default:
		return fmt.Sprintf("%.2g", x)
	}
}

// commas separates thousands.
func commas(digits string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// table writes a table whose columns are aligned.
type table struct {
	b *strings.Builder
	w *tabwriter.Writer
}

func newTable(b *strings.Builder, headers ...string) *table {
	t := &table{b, tabwriter.NewWriter(b, 0, 0, 1, ' ', 0)}
	t.row(headers...)
	t.row(slices.Repeat([]string{"---"}, len(headers))...)
	return t
}

func (t *table) row(cells ...string) {
	fmt.Fprintf(t.w, "| %s\t|\n", strings.Join(cells, "\t| "))
}

func (t *table) end() {
	_ = t.w.Flush() // to memory
	t.b.WriteString("\n")
}
