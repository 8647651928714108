package observe

import (
	"maps"
	"regexp"
	"slices"
	"testing"
)

// What of an expression in PromQL names no metric: texts, selectors, ranges, and
// lists of labels.
var (
	quoted    = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
	selector  = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)?\{([^}]*)\}`)
	notMetric = regexp.MustCompile(`\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\boffset\s+\w+`)
	name      = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*(\s*\()?`)
	keywords  = []string{"and", "or", "unless", "bool"}
)

// metricsIn returns the names of the metrics in an expression, each with the labels
// by which it is selected.
func metricsIn(expression string) map[string][]string {
	metrics := make(map[string][]string)
	bare := quoted.ReplaceAllString(expression, "''")
	for _, match := range selector.FindAllStringSubmatch(bare, -1) {
		metrics[match[1]] = append(metrics[match[1]], name.FindAllString(match[2], -1)...)
	}
	bare = notMetric.ReplaceAllString(selector.ReplaceAllString(bare, ""), "")
	for _, match := range name.FindAllStringSubmatch(bare, -1) {
		if match[1] == "" && !slices.Contains(keywords, match[0]) && metrics[match[0]] == nil {
			metrics[match[0]] = nil
		}
	}
	return metrics
}

func TestMetricsIn(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]map[string][]string{
		`up`: {"up": nil},
		`rate(a_total{x="y", z=~"b(c)"}[5m]) > 0.05`:                                       {"a_total": {"x", "z"}},
		`sum by (le, x) (rate(a_bucket[1m])) / b > 1`:                                      {"a_bucket": nil, "b": nil},
		`label_replace(absent(a == 1), "job", "b", "", "") or c`:                           {"a": nil, "c": nil},
		`min_over_time(a{x="{y}"}[1h] offset 6h) and on (job) b unless c`:                  {"a": {"x"}, "b": nil, "c": nil},
		`histogram_quantile(0.99, sum by (le) (rate(a{i=~"$instance"}[5s]))) > 512 * 1024`: {"a": {"i"}},
	} {
		if got := metricsIn(expression); !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("metrics in %s: %v; want %v", expression, got, want)
		}
	}
}
