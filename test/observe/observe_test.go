package observe

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/process"
)

// dataTimeout is for how long each query may take until it has data.
const dataTimeout = time.Minute

// substitutes are what Grafana puts in the place of its variables.
var substitutes = strings.NewReplacer("$__rate_interval", "5s", "$instance", ".*")

// While the system works, Prometheus answers each query of the dashboard, and no alert
// fires. Its configuration is the composition's, with other addresses. Each metric in
// an alert exists.
func TestObserve(t *testing.T) {
	s := process.StartShipped(t, storetest.MySQL(t))
	debug := []string{s.Gateways[0].DebugAddr(), s.RPCServers[0].DebugAddr()}
	prometheus := startPrometheus(t, map[string][]string{"http-server": debug[:1], "rpc-server": debug[1:]})
	traffic, err := delivery.Start(t.Context(), delivery.Config{
		URLs: s.URLs(), Chats: 3, Groups: 1, Senders: 8, Followers: 1, Pause: 20 * time.Millisecond, Poll: 50 * time.Millisecond,
		Vigils: 4, Late: 7 * time.Second, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("dashboard", func(t *testing.T) { checkDashboard(t, prometheus) })
	t.Run("metrics", func(t *testing.T) { checkMetrics(t, prometheus, exposed(t, debug...)) })
	t.Run("alerts", func(t *testing.T) { checkAlerts(t, prometheus) })

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if report, err := traffic.Finish(ctx); err != nil || !report.OK() {
		t.Errorf("the traffic: %v, %v", report, err)
	}
}

// checkDashboard waits until each query of the dashboard has data.
func checkDashboard(t *testing.T, prometheus *server) {
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			query := substitutes.Replace(target.Expr)
			if strings.Contains(query, "$") {
				t.Errorf("%s: a variable is left in %s", p.Title, query)
			}
			process.Await(t, dataTimeout, fmt.Sprintf("%s: data of %s", p.Title, query), func() bool {
				samples, err := prometheus.query(query)
				if err != nil {
					t.Fatalf("%s: %s: %v", p.Title, query, err)
				}
				return slices.ContainsFunc(samples, hasNumber)
			})
		}
	}
}

// hasNumber reports whether a sample is a number, and not of a division by zero.
func hasNumber(s sample) bool {
	number, err := s.number()
	return err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
}

// checkMetrics checks that a service exports each metric of the dashboard and the
// alerts, with each label that selects it.
func checkMetrics(t *testing.T, prometheus *server, exposed map[string]bool) {
	for where, expression := range expressions(t) {
		for metric, labels := range metricsIn(expression) {
			if !exposed[metric] {
				t.Errorf("%s: neither service tells of %s", where, metric)
			}
			for _, label := range labels {
				samples, err := prometheus.query(fmt.Sprintf(`count(%s{%s!=""})`, metric, label))
				if err != nil || len(samples) == 0 {
					t.Errorf("%s: %s has no label %s: %v", where, metric, label, err)
				}
			}
		}
	}
}

// expressions returns all expressions, by where they are.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			all["dashboard: "+p.Title+" "+target.RefID] = substitutes.Replace(target.Expr)
		}
	}
	for _, a := range readAlerts(t) {
		all["alert: "+a.Alert] = a.Expr
	}
	return all
}

// checkAlerts checks that Prometheus has evaluated each alert with the present data,
// and that none is about to fire.
func checkAlerts(t *testing.T, prometheus *server) {
	begin := time.Now()
	var rules []rule
	process.Await(t, dataTimeout, "all alerts are evaluated", func() bool {
		var err error
		if rules, err = prometheus.rules(); err != nil {
			t.Fatal(err)
		}
		return len(rules) > 0 && !slices.ContainsFunc(rules, func(r rule) bool { return r.LastEvaluation.Before(begin) })
	})
	if want := len(readAlerts(t)); len(rules) != want {
		t.Errorf("%d alerts; want the %d of the file", len(rules), want)
	}
	for _, r := range rules {
		if r.Health != "ok" || r.State != "inactive" {
			t.Errorf("%s is %s, %s %s: %v", r.Name, r.State, r.Health, r.LastError, r.Alerts)
		}
	}
}

// scrape returns what /metrics at an address answers.
func scrape(t *testing.T, addr string) string {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("/metrics: %s, %v", resp.Status, err)
	}
	return string(body)
}
