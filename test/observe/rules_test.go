package observe

import (
	"os/exec"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// Prometheus accepts its configuration and the alerts. On the series of alerts_test.yml
// the alerts do what that file says.
func TestPromtool(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "promtool")
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"test", "rules", "alerts_test.yml"}} {
		if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// Each alert waits for a while, and says what has happened and what to do.
// alerts_test.yml has it silent and firing.
func TestAlertsAreWhole(t *testing.T) {
	t.Parallel()
	silent, fires := testedAlerts(t)
	for _, a := range readAlerts(t) {
		if a.For == "" || a.Labels["severity"] == "" {
			t.Errorf("%s: for %q, severity %q; want both", a.Alert, a.For, a.Labels["severity"])
		}
		for _, annotation := range []string{"summary", "description", "runbook"} {
			if a.Annotations[annotation] == "" {
				t.Errorf("%s has no %s", a.Alert, annotation)
			}
		}
		if !silent[a.Alert] || !fires[a.Alert] {
			t.Errorf("%s: tested as silent: %t, as firing: %t; want both", a.Alert, silent[a.Alert], fires[a.Alert])
		}
	}
}

// testedAlerts returns the alerts that alerts_test.yml expects to be silent, and to
// fire, at some time.
func testedAlerts(t *testing.T) (silent, fires map[string]bool) {
	t.Helper()
	var file struct {
		Tests []struct {
			Queries []struct {
				Expr    string `yaml:"expr"`
				Samples []any  `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		} `yaml:"tests"`
	}
	readYAML(t, "alerts_test.yml", &file)
	silent, fires = make(map[string]bool), make(map[string]bool)
	for _, test := range file.Tests {
		for _, q := range test.Queries {
			_, rest, _ := strings.Cut(q.Expr, `alertname="`)
			alertname, _, _ := strings.Cut(rest, `"`)
			if len(q.Samples) == 0 {
				silent[alertname] = true
			} else {
				fires[alertname] = true
			}
		}
	}
	return silent, fires
}
