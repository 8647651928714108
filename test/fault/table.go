package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Table sums the results up, by fault and in the order of faults, in Markdown.
func Table(faults []Fault, results []Result) string {
	var text strings.Builder
	text.WriteString("| fault | times | requests failed | back while it lasted: median, longest | back after its end: median, longest | every part ready within |\n|---|---|---|---|---|---|\n")
	for _, f := range faults {
		var during, after []time.Duration
		var whole time.Duration
		failures := 0
		for _, r := range results {
			if r.fault.Name == f.Name {
				during, after = append(during, r.during), append(after, r.after)
				failures, whole = failures+r.failures, max(whole, r.whole)
			}
		}
		if len(after) == 0 {
			continue
		}
		lasted := "—"
		if f.Survivable {
			lasted = spread(during)
		}
		fmt.Fprintf(&text, "| %s | %d | %d | %s | %s | %.1f s |\n", f.Name, len(after), failures, lasted, spread(after), whole.Seconds())
	}
	return text.String()
}

// spread returns the median and the longest of some times, as text.
func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("%.2f s, %.2f s", times[len(times)/2].Seconds(), times[len(times)-1].Seconds())
}
