package observe

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// server is a Prometheus.
type server struct{ url string }

// startPrometheus starts a Prometheus with the composition's configuration and rules.
// It changes where each job's instances are, and reads them every second.
func startPrometheus(t *testing.T, instances map[string][]string) *server {
	t.Helper()
	storetest.Needs(t, "Prometheus")
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatalf("the tests need prometheus: apt-get install prometheus: %v", err)
	}
	addr, dir := storetest.Reserve(t), t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, configuration(t, instances), 0o600); err != nil {
		t.Fatal(err)
	}
	process.Start(t, "prometheus", []string{
		program, "--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + addr, "--log.level=warn",
	}, nil)
	s := &server{"http://" + addr}
	process.Await(t, time.Minute, "Prometheus is ready", func() bool { return process.Status(s.url+"/-/ready") == http.StatusOK })
	return s
}

// configuration returns prometheus.yml with these instances of the jobs.
func configuration(t *testing.T, instances map[string][]string) []byte {
	t.Helper()
	var c map[string]any
	readYAML(t, "prometheus.yml", &c)
	c["global"] = map[string]any{"scrape_interval": "1s", "evaluation_interval": "1s"}
	rules, err := filepath.Abs("alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	c["rule_files"] = []string{rules}
	for _, job := range c["scrape_configs"].([]any) {
		job := job.(map[string]any)
		delete(job, "dns_sd_configs")
		job["static_configs"] = []any{map[string]any{"targets": instances[job["job_name"].(string)]}}
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// get reads what the API answers into data.
func (s *server) get(path string, parameters url.Values, data any) error {
	client := http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.url + "/api/v1/" + path + "?" + parameters.Encode())
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", resp.Status, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", answer.Status, answer.Error)
	}
	return nil
}

// sample is an element of a query's result.
type sample struct {
	Metric map[string]string
	Value  [2]any // time, and the value as text
}

// number returns the sample's value.
func (s sample) number() (float64, error) {
	text, _ := s.Value[1].(string)
	return strconv.ParseFloat(text, 64)
}

// query returns what an expression is now.
func (s *server) query(expression string) ([]sample, error) {
	var data struct{ Result []sample }
	err := s.get("query", url.Values{"query": {expression}}, &data)
	return data.Result, err
}

// rule is what Prometheus says of an alert.
type rule struct {
	Name, State, Health, LastError string
	Alerts                         []struct{ Labels map[string]string }
	LastEvaluation                 time.Time
}

// rules returns the alerts.
func (s *server) rules() (rules []rule, err error) {
	var data struct{ Groups []struct{ Rules []rule } }
	err = s.get("rules", nil, &data)
	for _, g := range data.Groups {
		rules = append(rules, g.Rules...)
	}
	return rules, err
}

// exposed returns the names of the samples in what /metrics of the services answers.
func exposed(t *testing.T, addresses ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{"up": true} // Prometheus' own
	for _, addr := range addresses {
		for line := range strings.Lines(scrape(t, addr)) {
			if !strings.HasPrefix(line, "#") {
				names[name.FindString(line)] = true
			}
		}
	}
	return names
}
